"""One question to a model, answered in a strict JSON schema or not at all.

Behind the breaker that company systems have, too: while the model does not answer nobody waits for it, and only so many ask
it at once.
"""

import asyncio
import json
import random
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from bot.clients.breaker import Breaker
from core.errors import OrchError, ToolUnavailableError

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletion

_MAX_WAIT_S = 30.0
_MAX_REASON_CHARS = 300
_TRANSIENT = frozenset({408, 409, 429})


class ModelError(OrchError):
    """The model gave no usable answer; the message says why, without what it was asked."""


class ModelSilentError(ModelError):
    """It cannot be reached, or said that it is overloaded: the breaker counts this, and no other, as a failure."""


def is_silence(error: BaseException) -> bool:
    """What a breaker before a model is to count as no answer."""
    return isinstance(error, ModelSilentError | TimeoutError)


@dataclass(frozen=True, kw_only=True)
class ModelAccess:
    """Where the model is and how patiently it is asked."""

    api_key: str
    base_url: str
    model: str
    max_retries: int
    backoff_s: float


class ModelClient:
    """Asks a model over HTTP; the library is imported by the first question. Close it at the end.

    A `breaker` made with `is_silence` guards each question as a whole, its retries included.
    """

    def __init__(self, access: ModelAccess, *, breaker: Breaker | None = None) -> None:
        self._access = access
        self._breaker = breaker
        self._client: openai.AsyncOpenAI | None = None

    @property
    def model(self) -> str:
        return self._access.model

    @property
    def place(self) -> str:
        """Which model this is, and where, in words."""
        return f"{self.model} at {self._access.base_url}"

    @property
    def breaker(self) -> Breaker | None:
        return self._breaker

    async def ask(
        self, *, system: str, user: str, name: str, schema: Mapping[str, Any], timeout_s: float
    ) -> dict[str, Any]:
        """The answer as an object of the schema, within `timeout_s`, retries included. Raises ModelError.

        Shape: https://platform.openai.com/docs/guides/structured-outputs
        """
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.to_thread(
                    import_module, "openai"
                )  # half a second, spent only where a model is configured
                async with self._breaker.call() if self._breaker is not None else nullcontext():
                    completion = await self._ask_patiently(system, user, name, schema)
            return _read(completion)
        except TimeoutError:
            raise ModelError(f"{self.model} did not answer within {timeout_s:g} s") from None
        except ToolUnavailableError as error:  # the breaker's own: it rests, or no place came free
            raise ModelError(f"the model was not asked: {error}") from None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _ask_patiently(self, system: str, user: str, name: str, schema: Mapping[str, Any]) -> "ChatCompletion":
        import openai  # noqa: PLC0415 -- imported by now

        attempt = 0
        while True:
            try:
                return await self._opened().chat.completions.create(
                    model=self._access.model,
                    messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
                    response_format={
                        "type": "json_schema",
                        "json_schema": {"name": name, "strict": True, "schema": dict(schema)},
                    },
                )
            except openai.APIStatusError as error:
                passing = _may_pass(error.status_code)
                if attempt >= self._access.max_retries or not passing:
                    kind = ModelSilentError if passing else ModelError
                    raise kind(f"{self.model} answered {error.status_code}: {_brief(error.message)}") from None
                told = error.response.headers.get("retry-after")
            except openai.OpenAIError as error:
                lost = isinstance(error, openai.APIConnectionError)
                if attempt >= self._access.max_retries or not lost:
                    kind = ModelSilentError if lost else ModelError
                    raise kind(f"{self.model} cannot be asked: {_brief(str(error))}") from None
                told = None
            except ValueError as error:  # the library lets a body that is no JSON through as it is
                raise ModelError(f"the answer of {self.model} cannot be read: {_brief(str(error))}") from None
            await asyncio.sleep(self._wait_s(attempt, told))
            attempt += 1

    def _opened(self) -> "openai.AsyncOpenAI":
        if self._client is None:
            import openai  # noqa: PLC0415 -- likewise

            self._client = openai.AsyncOpenAI(
                api_key=self._access.api_key, base_url=self._access.base_url, max_retries=0
            )
        return self._client

    def _wait_s(self, attempt: int, told: str | None) -> float:
        """As long as the server tells, else twice as long after each failure, spread by a half."""
        if told is not None and told.strip().isdecimal():
            return min(float(told), _MAX_WAIT_S)
        return min(self._access.backoff_s * 2**attempt, _MAX_WAIT_S) * random.uniform(0.5, 1.0)


def _read(completion: "ChatCompletion | object") -> dict[str, Any]:
    choices = cast("Any", getattr(completion, "choices", None))
    if not choices:  # a body of another shape comes through as it is
        raise ModelError("the answer has no choices: is the base URL that of an OpenAI API?")
    choice = choices[0]
    if choice.finish_reason != "stop":
        raise ModelError(f"the answer was cut off ({choice.finish_reason})")
    if choice.message.refusal:
        raise ModelError(f"the model refused: {_brief(str(choice.message.refusal))}")
    try:
        value = json.loads(choice.message.content or "")
    except ValueError:
        raise ModelError("the answer is no JSON") from None
    if not isinstance(value, dict):
        raise ModelError("the answer is no JSON object")
    return cast("dict[str, Any]", value)


def _may_pass(status: int) -> bool:
    return status in _TRANSIENT or status >= 500  # noqa: PLR2004 - failures of the server


def _brief(text: str) -> str:
    return " ".join(text.split())[:_MAX_REASON_CHARS]
