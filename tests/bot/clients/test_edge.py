import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

import httpx
import pytest
from pydantic import BaseModel, model_validator

from bot.clients import edge as edge_module
from bot.clients.breaker import Breaker, BreakerLimits
from bot.clients.edge import BadQuestionError, Edge
from core.errors import ToolBrokenError, ToolError, ToolRefusedError, ToolUnavailableError

type Handler = Callable[[httpx.Request], httpx.Response]

BASE_URL = "https://robot:hunter2@metrics.example:9090/prefix?token=s3cret"


class Answer(BaseModel):
    value: int


class Words(BaseModel):
    words: list[str]


def make_edge(handler: Handler, base_url: str = BASE_URL, **options: str) -> Edge:
    client = httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url=base_url, headers=options)
    return Edge(client, system="Prometheus", setting="COMPANY_METRICS_BASE_URL")


async def fail(handler: Handler, **options: str) -> ToolError:
    with pytest.raises(ToolError) as caught:
        await make_edge(handler, **options).get("/api", {"query": "up"}, Answer)
    return caught.value


def raising(error: Exception) -> Handler:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error

    return handle


async def test_an_answer_comes_as_its_model_from_below_the_prefix_of_the_base_url() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"value": 3, "more": "ignored"})

    edge = make_edge(handler=handle, base_url="http://metrics.example/prefix/")
    assert (await edge.get("/api", {"query": 'a b&c="d"'}, Answer)).value == 3
    assert seen[0].url.path == "/prefix/api"
    assert dict(seen[0].url.params) == {"query": 'a b&c="d"'}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (300, ToolBrokenError),
        (302, ToolBrokenError),
        (304, ToolBrokenError),
        (400, BadQuestionError),
        (401, ToolRefusedError),
        (403, ToolRefusedError),
        (404, ToolRefusedError),
        (408, ToolUnavailableError),
        (410, ToolRefusedError),
        (414, ToolRefusedError),
        (422, ToolRefusedError),
        (425, ToolUnavailableError),
        (429, ToolUnavailableError),
        (500, ToolUnavailableError),
        (502, ToolUnavailableError),
        (503, ToolUnavailableError),
        (504, ToolUnavailableError),
    ],
)
async def test_each_status_becomes_the_error_that_says_who_must_act(status: int, expected: type[ToolError]) -> None:
    headers = {"location": "https://login.example/"} if status in {300, 302} else {}
    error = await fail(lambda _: httpx.Response(status, headers=headers))
    assert type(error) is expected
    assert str(error).startswith(f"Prometheus at https://metrics.example:9090/prefix answered {status} ")


@pytest.mark.parametrize(
    ("error", "expected", "words"),
    [
        (httpx.ConnectError("All connection attempts failed"), ToolUnavailableError, "cannot be reached (All conn"),
        (httpx.ConnectTimeout("x"), ToolUnavailableError, "did not answer in time"),
        (httpx.ReadTimeout("x"), ToolUnavailableError, "did not answer in time"),
        (httpx.WriteTimeout("x"), ToolUnavailableError, "did not answer in time"),
        (httpx.PoolTimeout("x"), ToolUnavailableError, "all connections were busy"),
        (httpx.ReadError("x"), ToolUnavailableError, "broke off the exchange (ReadError)"),
        (httpx.RemoteProtocolError("x"), ToolUnavailableError, "broke off the exchange (RemoteProtocolError)"),
        (httpx.ProxyError("x"), ToolUnavailableError, "broke off the exchange (ProxyError)"),
        (httpx.LocalProtocolError("Illegal header b'hunter2'"), ToolUnavailableError, "broke off the exchange"),
        (httpx.UnsupportedProtocol("x"), ToolBrokenError, "set COMPANY_METRICS_BASE_URL to an http:// or https:// URL"),
        (httpx.DecodingError("x"), ToolBrokenError, "its compression is broken"),
    ],
)
async def test_each_break_of_the_transport_becomes_a_tool_error(
    error: Exception, expected: type[ToolError], words: str
) -> None:
    raised = await fail(raising(error))
    assert type(raised) is expected
    assert words in str(raised)
    assert "COMPANY_METRICS_BASE_URL" in str(raised)
    assert "hunter2" not in str(raised)
    assert raised.__suppress_context__


async def test_an_address_without_a_protocol_names_the_setting() -> None:
    async with httpx.AsyncClient() as client:
        edge = Edge(client, system="Loki", setting="COMPANY_LOGS_BASE_URL")
        with pytest.raises(ToolBrokenError, match="Loki at no address cannot be asked: set COMPANY_LOGS_BASE_URL"):
            await edge.get("/loki", {}, Answer)


async def test_a_request_too_long_for_a_url_is_refused() -> None:
    with pytest.raises(ToolRefusedError, match="too long: shorten the arguments"):
        await make_edge(lambda _: httpx.Response(200)).get("/api", {"query": "x" * 70_000}, Answer)


async def test_a_port_where_nobody_listens_is_unavailable() -> None:
    server = await asyncio.start_server(lambda _, __: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        edge = Edge(client, system="Jira", setting="COMPANY_JIRA_BASE_URL")
        with pytest.raises(ToolUnavailableError, match=f"Jira at http://127.0.0.1:{port} cannot be reached"):
            await edge.get("/x", {}, Answer)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"status":"error","errorType":"bad_data","error":"parse error"}', ": parse error;"),
        (b'{"errorMessages":["No project OPZ."],"errors":{"jql":"bad"}}', ": No project OPZ.; jql: bad;"),
        (b'{"message":"too many\\noutstanding   requests"}', ": too many outstanding requests;"),
        (b"parse error at line 1,\r\n col 3\x00", ": parse error at line 1, col 3;"),
        (b"<!DOCTYPE html><h1>Sign in</h1>", ": an HTML page;"),
        (b"", "answered 400 Bad Request;"),
        (b'{"errorMessages":[],"errors":{}}', ': {"errorMessages":[],"errors":{}};'),
        (b"\xff\xfe broken", ": \ufffd\ufffd broken;"),
        (b"y" * 100_000, "y…;"),
    ],
)
async def test_a_refusal_carries_the_words_of_the_system_in_one_bounded_line(body: bytes, reason: str) -> None:
    message = str(await fail(lambda _: httpx.Response(400, content=body)))
    assert reason in message
    assert message.isprintable()
    assert len(message) < 600


@pytest.mark.parametrize("status", [400, 401, 500, 302])
async def test_credentials_reach_no_message_even_when_the_system_repeats_them(status: int) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=f"bad {request.headers['authorization']} for {request.url}")

    for options in ({}, {"authorization": "Bearer abc.def"}):
        message = str(await fail(handle, **options))
        assert not any(secret in message for secret in ("hunter2", "abc.def", "s3cret", "robot", "cm9ib3Q6aHVudGVyMg"))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "(it is not JSON)"),
        (b"<html>", "(it is not JSON)"),
        (b'{"value":', "(it is not JSON)"),
        (b"[" * 100_000, "(it is not JSON)"),
        (b'{"value":"many"}', "(value: Input should be a valid integer"),
        (b"{}", "(value: Field required)"),
        (b"[]", "(Input should be an object)"),
    ],
)
async def test_an_answer_of_another_shape_is_broken_and_says_where(body: bytes, reason: str) -> None:
    error = await fail(lambda _: httpx.Response(200, content=body))
    assert type(error) is ToolBrokenError
    assert reason in str(error)


async def test_half_a_surrogate_pair_in_an_answer_is_mended() -> None:
    edge = make_edge(lambda _: httpx.Response(200, content=b'{"words":["a\\ud800b","\\ud83d\\ude00"]}'))
    assert (await edge.get("/api", {}, Words)).words == ["a\ufffdb", "😀"]


async def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_module, "MAX_BODY_BYTES", 3 * 1024**2)
    sent = 0

    async def endless() -> AsyncGenerator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 1024**2

    error = await fail(lambda _: httpx.Response(200, content=endless()))
    assert type(error) is ToolBrokenError
    assert "answered more than 3 MB: narrow the window" in str(error)
    assert sent == 4


async def test_a_byte_now_and_then_is_no_answer_in_time_and_the_system_is_named() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    breaker = Breaker("Prometheus", timeout_s=0.2, limits=BreakerLimits(failures=2, over_s=0.0))
    async with httpx.AsyncClient(base_url=base_url, timeout=0.2) as client:
        edge = Edge(client, system="Prometheus", setting="COMPANY_METRICS_BASE_URL", breaker=breaker)
        for _ in range(2):
            with pytest.raises(ToolUnavailableError) as caught:
                await edge.get("/api", {}, Answer)
            assert f"Prometheus at {base_url} did not answer within 0.19 s" in str(caught.value)
    assert breaker.state.phase == "open"
    server.close()


class Heavy(BaseModel):
    """Notes the thread in which it is read, and how many are being read at once."""

    text: str
    thread: int = 0
    beside: int = 0

    @model_validator(mode="after")
    def _note(self) -> "Heavy":
        _heavy.append(threading.get_ident())
        self.thread, self.beside = threading.get_ident(), len(_heavy)
        time.sleep(0.01)
        _heavy.pop()
        return self


_heavy: list[int] = []


@pytest.mark.parametrize(("length", "beside_the_loop"), [(10, False), (600_000, True)])
async def test_what_is_large_is_read_beside_the_event_loop_one_after_the_other(
    length: int, *, beside_the_loop: bool
) -> None:
    edge = make_edge(lambda _: httpx.Response(200, json={"text": "x" * length}))
    found = await asyncio.gather(*(edge.get("/api", {}, Heavy) for _ in range(4)))
    assert all((one.thread != threading.get_ident()) is beside_the_loop for one in found)
    assert {one.beside for one in found} == {1}
