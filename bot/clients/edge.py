"""The one place where company systems are called over HTTP, and where what goes wrong there becomes a tool error."""

import asyncio
import json
import re
from collections.abc import Mapping

import httpx
from pydantic import BaseModel, ValidationError

from bot.clients.breaker import Breaker
from bot.clients.quoting import clean
from core.base import Json
from core.errors import ToolBrokenError, ToolError, ToolRefusedError, ToolUnavailableError

MAX_BODY_BYTES = 32 * 1024 * 1024
"""The largest answer that is read; our own bound, against a system that sends without end."""

_LARGE_BYTES = 512 * 1024
"""What is larger is read in a thread, one after the other, so that the event loop goes on meanwhile."""
_OWN_SHARE = 0.95
"""An exchange ends a little before the tool's own time is up: here it is known which system was silent."""
_MAX_REASON_CHARS = 300
_MAX_ERROR_BYTES = 64 * 1024
_TRY_AGAIN_STATUSES = frozenset({408, 425, 429})
_DENIED_STATUSES = frozenset({401, 403, 407})
_FIRST_CLIENT_ERROR = 400
_HTML = re.compile(r"\s*<(?:!doctype|html)", re.IGNORECASE)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]+")


class BadQuestionError(ToolRefusedError):
    """The system finds the question itself wrong (400), rather than who asks it."""


class Edge:
    """GET requests to one system; retries are the Toolbox's affair.

    `system` names it to people (`Jira`), `setting` is the environment variable that holds its address. Credentials belong
    in the client (headers, `auth`, or the user part of its base URL) and never reach a message. A `breaker` is shared by all
    who ask the system.
    """

    def __init__(self, client: httpx.AsyncClient, *, system: str, setting: str, breaker: Breaker | None = None) -> None:
        self._client = client
        self._breaker = breaker
        self._system = system
        self._setting = setting
        self._reading = asyncio.Semaphore(1)

    @property
    def base_url(self) -> str:
        """The address without credentials, query and trailing slash."""
        url = self._client.base_url
        return str(url.copy_with(userinfo=b"", query=None, fragment=None)).rstrip("/")

    @property
    def where(self) -> str:
        """The system and its address, as messages name it."""
        return f"{self._system} at {self.base_url or 'no address'}"

    async def get[T: BaseModel](self, path: str, parameters: Mapping[str, str], answer: type[T]) -> T:
        """The JSON answer of `GET path` as `answer`.

        Raises ToolUnavailableError when nothing came in time, or for 5xx, 408, 425 and 429; ToolRefusedError for any other
        4xx; ToolBrokenError when what came cannot be read as `answer`; ToolRestingError while the breaker is open.
        """
        if self._breaker is None:
            body = await self._ask(path, parameters)
        else:
            async with self._breaker.call():
                body = await self._ask(path, parameters)
        try:
            if len(body) < _LARGE_BYTES:
                return _read(body, answer)
            async with self._reading:
                return await asyncio.to_thread(_read, body, answer)
        except ValidationError as error:
            raise self.unreadable(describe(error)) from None
        except (ValueError, RecursionError):
            raise self.unreadable("it is not JSON") from None

    async def _ask(self, path: str, parameters: Mapping[str, str]) -> bytes:
        limit_s = self._breaker.timeout_s * _OWN_SHARE if self._breaker is not None else None
        try:
            # httpx limits the wait for each piece: a system that sends a byte a second would hold on for ever.
            async with (
                asyncio.timeout(limit_s),
                self._client.stream("GET", path, params=dict(parameters)) as response,
            ):
                if not response.is_success:
                    raise await self._status_error(response)
                return await self._read_body(response)
        except TimeoutError:
            raise ToolUnavailableError(
                f"{self.where} did not answer within {limit_s:g} s: check that it runs and that {self._setting} is right"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            # Some of these quote headers or the whole URL: neither their words nor their chain go on.
            raise self._transport_error(error) from None

    def unreadable(self, reason: str) -> ToolBrokenError:
        """The error for an answer that is not what the system's API promises."""
        return ToolBrokenError(
            f"{self.where} answered something that cannot be read ({reason}): "
            f"check that {self._setting} is the address of {self._system} and not of a page before it"
        )

    async def _read_body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise ToolBrokenError(
                    f"{self.where} answered more than {MAX_BODY_BYTES // 1024**2} MB: narrow the window or the search"
                )
        return bytes(body)

    async def _status_error(self, response: httpx.Response) -> ToolError:
        status = f"{response.status_code} {response.reason_phrase}".strip()
        if response.status_code < _FIRST_CLIENT_ERROR:
            return ToolBrokenError(
                f"{self.where} answered {status}, a redirect: set {self._setting} to the address it leads to, "
                "or give the credentials that keep it from a sign-in page"
            )
        reason = await self._read_reason(response)
        said = f"{self.where} answered {status}" + (f": {reason}" if reason else "")
        if response.status_code in _TRY_AGAIN_STATUSES or response.is_server_error:
            return ToolUnavailableError(f"{said}; try again in a while")
        if response.status_code in _DENIED_STATUSES:
            return ToolRefusedError(f"{said}; check the credentials for {self._system} and what they may read")
        refused = BadQuestionError if response.status_code == _FIRST_CLIENT_ERROR else ToolRefusedError
        return refused(f"{said}; change the arguments, or check {self._setting} when they are right")

    async def _read_reason(self, response: httpx.Response) -> str:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _MAX_ERROR_BYTES:
                break
        text = body[:_MAX_ERROR_BYTES].decode("utf-8", errors="replace")
        for secret in _secrets(self._client, response.request):
            text = text.replace(secret, "***")
        return _pick_reason(text)

    def _transport_error(self, error: httpx.HTTPError | httpx.InvalidURL | httpx.StreamError) -> ToolError:
        match error:
            case httpx.UnsupportedProtocol():
                return ToolBrokenError(
                    f"{self.where} cannot be asked: set {self._setting} to an http:// or https:// URL"
                )
            case httpx.InvalidURL():
                return ToolRefusedError(
                    f"{self.where} cannot be asked this, the request is too long: shorten the arguments"
                )
            case httpx.DecodingError():
                return self.unreadable("its compression is broken")
            case httpx.PoolTimeout():
                what = "was not asked, all connections were busy"
            case httpx.TimeoutException():
                what = "did not answer in time"
            case httpx.ConnectError():
                what = f"cannot be reached ({_one_line(str(error)) or 'no connection'})"
            case _:
                what = f"broke off the exchange ({type(error).__name__})"
        return ToolUnavailableError(f"{self.where} {what}: check that it runs and that {self._setting} is right")


def _read[T: BaseModel](body: bytes, answer: type[T]) -> T:
    try:
        return answer.model_validate_json(body)
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] != "json_invalid":
            raise
    # Half of a surrogate pair is legal JSON and no legal text: mended rather than refused.
    return answer.model_validate(clean(json.loads(body)))


def describe(error: ValidationError) -> str:
    """Where a value departs from its shape and how, one line, without the value."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return _one_line(f"{place}: {first['msg']}" if place else first["msg"])


def _secrets(client: httpx.AsyncClient, request: httpx.Request) -> list[str]:
    """What must not be repeated, longest first: the header as sent, the user part and the query of the base URL."""
    header = request.headers.get("authorization", "")
    base = client.base_url
    found = {header, header.partition(" ")[2], base.username, base.password, *base.params.values()}
    return sorted(found - {""}, key=len, reverse=True)


class _ErrorBody(BaseModel):
    """What the systems say in JSON when they refuse: Prometheus and Loki `error`/`message`, Jira the other two."""

    error: Json = None
    message: Json = None
    errorMessages: Json = None  # noqa: N815 - the name on the wire
    errors: Json = None


def _pick_reason(text: str) -> str:
    if _HTML.match(text):
        return "an HTML page"
    try:
        body = _ErrorBody.model_validate_json(text)
    except ValidationError:
        return _one_line(text)
    parts = [part for value in (body.error, body.message, body.errorMessages, body.errors) for part in _texts(value)]
    return _one_line("; ".join(parts) or text)


def _texts(value: Json) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        return [f"{name}: {text}" for name, item in value.items() for text in _texts(item)]
    return []


def _one_line(text: str) -> str:
    line = _BLANK.sub(" ", text).strip()
    return line if len(line) <= _MAX_REASON_CHARS else f"{line[: _MAX_REASON_CHARS - 1]}…"
