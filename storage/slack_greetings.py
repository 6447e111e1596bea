"""Greetings, each said once."""

from storage.database import Database


class SlackGreetings:
    """Keeps them in the table `slack_greetings`. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_first(self, key: str) -> bool:
        """Whether this one was never said before; it counts as said from now on."""
        added = await self._database.execute(
            "insert into slack_greetings (key) values (%(key)s) on conflict (key) do nothing", {"key": key}
        )
        return added == 1
