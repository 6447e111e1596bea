"""`python -m company_details.company_sim.mock_systems`: the Jira, metrics and logs servers on 8001, 8002 and 8003."""

import argparse
import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from company_details.company_sim.mock_systems.files import default_data_dir
from company_details.company_sim.mock_systems.jira.app import create_app as create_jira
from company_details.company_sim.mock_systems.logs.app import create_app as create_logs
from company_details.company_sim.mock_systems.metrics.app import create_app as create_metrics

_SYSTEMS: dict[str, tuple[int, Callable[[Path], Starlette]]] = {
    "jira": (8001, create_jira),
    "metrics": (8002, create_metrics),
    "logs": (8003, create_logs),
}


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted. Exits with a message when an address cannot be listened on."""
    parser = argparse.ArgumentParser(prog="mock_systems", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help="default: %(default)s")
    parser.add_argument("--only", choices=_SYSTEMS, action="append", help="serve this one; may be given again")
    for name, (port, _) in _SYSTEMS.items():
        parser.add_argument(f"--{name}-port", type=int, default=port, help="default: %(default)s; 0 for any free one")
    options = parser.parse_args(arguments)
    servers: list[tuple[uvicorn.Server, socket.socket]] = []
    for name in options.only or _SYSTEMS:
        listener = _listen(name, options.host, getattr(options, f"{name}_port"))
        app = _SYSTEMS[name][1](options.data_dir)
        servers.append((uvicorn.Server(uvicorn.Config(app, log_level="warning")), listener))
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        print(f"{name}: http://{shown}:{port} (its state: http://{shown}:{port}/health)", flush=True)
    print(f"data: {options.data_dir}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(servers))


def _listen(name: str, host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        sys.exit(f"{name}: cannot listen on {host}:{port}: {error.strerror}; choose another with --{name}-port")


async def _serve(servers: list[tuple[uvicorn.Server, socket.socket]]) -> None:
    await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in servers))


if __name__ == "__main__":
    main()
