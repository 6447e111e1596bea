import asyncio
from collections.abc import Callable, Iterable

import httpx

from bot.clients.jira import JiraTickets
from core.evidence import Ticket

MAX_INDEXED_TICKETS = 5_000
_LOAD_TIMEOUT_S = 120.0


def ticket_loader(client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> Callable[[], Iterable[Ticket]]:
    """Loads the newest tickets of a real tracker for the search indexes, which are built in threads beside `loop`.

    Raises as `core.errors` says of tools: an index without the tickets would hide that they are missing.
    """
    tickets = JiraTickets(client, max_tickets=MAX_INDEXED_TICKETS)

    def load() -> Iterable[Ticket]:
        search = tickets.search(project_key=None, status=None, severity=None, text=None)
        return asyncio.run_coroutine_threadsafe(search, loop).result(_LOAD_TIMEOUT_S).tickets

    return load
