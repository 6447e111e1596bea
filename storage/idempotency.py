"""Answers kept by `Idempotency-Key`, so that a request sent again gets the first one's answer.

https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2.6: 422 where a key comes with
another payload (Mismatch), 409 while the first request is at work (InProgress).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from storage.database import Database
from storage.rows import IdempotencyRow

IN_PROGRESS_S = 60
"""A request that has no answer after this many seconds died with its process; its key is free again."""
KEPT_S = 24 * 3600
"""An answer is kept this long; later its key is free again."""


@dataclass(frozen=True)
class Fresh:
    """The key is new and claimed: do the work, then `complete` or `abandon` with this value."""

    scope: str
    key: str
    claimed_at: datetime


@dataclass(frozen=True)
class Replay:
    """The first request was answered so: answer the same."""

    status: int
    body: Any


@dataclass(frozen=True)
class Mismatch:
    """The key came with another payload before."""


@dataclass(frozen=True)
class InProgress:
    """The first request is at work, since then."""

    claimed_at: datetime


class IdempotencyStore:
    """Keeps keys and answers in the table `idempotency_keys`. Raises StorageError, InvalidInputError for a bad key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, scope: str, key: str, fingerprint: str) -> Fresh | Replay | Mismatch | InProgress:
        """What to do with a request: `scope` is its method and path, `fingerprint` a digest of its payload."""
        values = {"scope": scope, "key": key, "fingerprint": fingerprint, "progress_s": IN_PROGRESS_S, "kept_s": KEPT_S}
        while True:
            claimed = await self._database.fetch_one(
                "insert into idempotency_keys as old (scope, key, fingerprint) values (%(scope)s, %(key)s, %(fingerprint)s) "
                "on conflict (scope, key) do update set fingerprint = excluded.fingerprint, response_status = null, "
                "response_body = null, created_at = now() where old.created_at < now() - make_interval(secs => "
                "case when old.response_status is null then %(progress_s)s else %(kept_s)s end) "
                "returning scope, key, fingerprint, created_at",
                values,
                class_row(IdempotencyRow),
            )
            if claimed is not None:
                return Fresh(scope, key, claimed.created_at)
            found = await self._database.fetch_one(
                "select scope, key, fingerprint, response_status, response_body, created_at from idempotency_keys "
                "where scope = %(scope)s and key = %(key)s",
                values,
                class_row(IdempotencyRow),
            )
            if found is not None:  # else it was given up between the two statements: it is free
                break
        if found.fingerprint != fingerprint:
            return Mismatch()
        if found.response_status is None:
            return InProgress(found.created_at)
        return Replay(found.response_status, found.response_body)

    async def complete(self, claim: Fresh, status: int, body: Any) -> None:
        """Keep the answer, plain JSON. Without effect when the claim ran out and another request has the key."""
        await self._database.execute(
            "update idempotency_keys set response_status = %(status)s, response_body = %(body)s::jsonb "
            "where scope = %(scope)s and key = %(key)s and created_at = %(claimed_at)s and response_status is null",
            {"status": status, "body": json.dumps(body), **vars(claim)},
        )

    async def abandon(self, claim: Fresh) -> None:
        """Free the key: the request failed in a way that sending it again may mend."""
        await self._database.execute(
            "delete from idempotency_keys "
            "where scope = %(scope)s and key = %(key)s and created_at = %(claimed_at)s and response_status is null",
            vars(claim),
        )

    async def prune(self) -> int:
        """How many keys were dropped because their time was over."""
        return await self._database.execute(
            "delete from idempotency_keys where created_at < now() - make_interval(secs => %(kept_s)s)",
            {"kept_s": KEPT_S},
        )
