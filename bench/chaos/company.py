"""The company's mock systems behind a delay, so that runs last long enough to be killed in the middle of a step."""

import argparse
import asyncio
import random
import socket
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from company_details.company_sim.mock_systems.jira.app import create_app as create_jira
from company_details.company_sim.mock_systems.logs.app import create_app as create_logs
from company_details.company_sim.mock_systems.metrics.app import create_app as create_metrics

_SYSTEMS = (create_jira, create_metrics, create_logs)


def slowed(app: ASGIApp, delay_s: float) -> ASGIApp:
    """The app, answering after up to twice the delay, once it this on average."""

    async def wait_first(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await asyncio.sleep(random.uniform(0.0, 2 * delay_s))
        await app(scope, receive, send)

    return wait_first


async def _serve(data_dir: Path, ports: list[int], delay_s: float) -> None:
    servers = [
        uvicorn.Server(uvicorn.Config(slowed(create(data_dir), delay_s), log_level="error")) for create in _SYSTEMS
    ]
    listeners = [socket.create_server(("127.0.0.1", port)) for port in ports]
    await asyncio.gather(*(server.serve(sockets=[it]) for server, it in zip(servers, listeners, strict=True)))


def main() -> None:
    """Serve Jira, metrics and logs on the three ports until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--ports", type=int, nargs=3, required=True)
    parser.add_argument("--delay", type=float, default=0.0)
    options = parser.parse_args()
    asyncio.run(_serve(options.data_dir, options.ports, options.delay))


if __name__ == "__main__":
    main()
