"""POST /tasks per second, beside a bare app that only inserts."""

import asyncio
import json
from time import perf_counter

from bench.pipeline import EXAMPLE
from bench.side_by_side import Beside, first_line, process

CONNECTIONS = 16
ROUNDS, SLICE_S = 8, 1.0


async def measure_posts(environment: dict[str, str], *, seconds: float = SLICE_S) -> Beside:
    """POST /tasks per second of orch beside those of a bare app that only inserts."""
    found = Beside()
    served = {**environment, "ORCHESTRATOR_PORT": "0", "ORCHESTRATOR_WORKERS": "separate"}
    async with (
        process("bot", "serve", environment=served) as ours,
        process("bench.bare", environment=environment) as bare,
    ):
        places = [_place(await first_line(started)) for started in (ours, bare)]
        await asyncio.sleep(3.0)
        for place in places:
            await _post_for(place, seconds)  # connections are open, statements prepared
        for _ in range(ROUNDS):
            found.add(*[await _post_for(place, seconds) for place in places])
    return found


def _place(line: str) -> str:
    return next(word for word in line.split() if word.startswith("http://")).removeprefix("http://")


async def _post_for(place: str, seconds: float) -> float:
    """Requests per second, over connections of our own: a client library would cost more than the server."""
    body = json.dumps(EXAMPLE).encode()
    head = f"POST /tasks HTTP/1.1\r\nHost: {place}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    host, _, port = place.partition(":")
    until = perf_counter() + seconds

    async def post() -> int:
        reader, writer = await asyncio.open_connection(host, int(port))
        sent = 0
        while perf_counter() < until:
            writer.write(head.encode() + body)
            answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            if not answer.startswith("http/1.1 201"):
                raise SystemExit(f"POST /tasks was answered {answer.splitlines()[0]}")
            length = next(line for line in answer.splitlines() if line.startswith("content-length:"))
            await reader.readexactly(int(length.split(":")[1]))
            sent += 1
        writer.close()
        return sent

    began = perf_counter()
    counts = await asyncio.gather(*(post() for _ in range(CONNECTIONS)))
    return sum(counts) / (perf_counter() - began)
