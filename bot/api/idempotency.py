"""A repeated POST with the same Idempotency-Key does its work once and gets the first answer again."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from bot.api.problems import Fault, ProblemError
from core.errors import InvalidInputError
from storage.idempotency import Fresh, IdempotencyStore, InProgress, Mismatch, Replay

_SCOPE = "POST /tasks"
_MAX_KEY_CHARS = 255
_POINTER = "header Idempotency-Key"


@dataclass(frozen=True, kw_only=True)
class KeyedAnswer:
    """A status and a JSON document, which can be stored and given again."""

    status: int
    document: dict[str, Any]
    replayed: bool = False

    def response(self, headers: Mapping[str, str]) -> JSONResponse:
        extra = {"Idempotency-Replayed": "true"} if self.replayed else {}
        return JSONResponse(self.document, self.status, {**headers, **extra})


async def answer_once(
    store: IdempotencyStore,
    key: str | None,
    body: BaseModel,
    work: Callable[[str | None], Awaitable[KeyedAnswer]],
) -> KeyedAnswer:
    """What `work` answers, or what it answered to the first request of this key.

    `work` is given a key of the task, so that a first request which died half-way leaves one task and not two.
    Raises ProblemError 422 where the key came with another body or is malformed, 409 while the first is at work.
    """
    if key is None:
        return await work(None)
    check_key(key)
    fingerprint = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    match await store.begin(_SCOPE, key, fingerprint):
        case Replay(status=status, body=document):
            return KeyedAnswer(status=status, document=document, replayed=True)
        case Mismatch():
            detail = "this Idempotency-Key came with another body before: use a new key for a new request"
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                detail,
                faults=[Fault(pointer=_POINTER, detail=detail)],
            )
        case InProgress():
            raise ProblemError(
                HTTPStatus.CONFLICT,
                "idempotency-key-in-use",
                "the first request with this Idempotency-Key is still at work: send this one again in a moment",
                headers={"Retry-After": "1"},
            )
        case Fresh() as claim:
            task_key = hashlib.sha256(f"{key}\n{fingerprint}".encode()).hexdigest()
            try:
                answer = await work(f"api:{task_key}")
            except BaseException:
                await store.abandon(claim)
                raise
            await store.complete(claim, answer.status, answer.document)
            return answer


def check_key(key: str) -> None:
    """InvalidInputError where it cannot be a key."""
    if not key or len(key) > _MAX_KEY_CHARS or not key.isascii() or not key.isprintable():
        raise InvalidInputError(
            f"the Idempotency-Key must be 1 to {_MAX_KEY_CHARS} printable ASCII characters: use a UUID",
            pointer=_POINTER,
        )
