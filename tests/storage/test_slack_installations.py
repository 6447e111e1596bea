from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import SettingsError
from storage.database import Database
from storage.sealing import Seal
from storage.slack_installations import Installation, SlackInstallations

KEY = "k" * 32
ACME = Installation(
    team="T1", team_name="Acme", token="xoxb-secret-1", bot_user="U0", scopes=frozenset({"commands", "chat:write"})
)


@pytest.fixture
def installations(database: Database) -> SlackInstallations:
    return SlackInstallations(database, Seal(KEY))


async def test_an_installation_is_found_by_its_team_and_replaced_by_the_next(installations: SlackInstallations) -> None:
    await installations.put(ACME)
    found = await installations.get("T1")
    assert found is not None
    assert replace(found, installed_at=None) == ACME
    await installations.put(replace(ACME, token="xoxb-secret-2", scopes=frozenset()))
    found = await installations.get("T1")
    assert found is not None
    assert (found.token, found.scopes) == ("xoxb-secret-2", frozenset())
    assert await installations.teams() == ("T1",)
    assert await installations.get("T2") is None


async def test_tokens_are_sealed_in_the_table_and_shown_by_nothing(
    installations: SlackInstallations, database: Database
) -> None:
    await installations.put(ACME)
    (row,) = await database.fetch_all("select * from slack_installations", {})
    assert b"xoxb" not in row["token"]
    assert "xoxb" not in repr(ACME)
    with pytest.raises(SettingsError, match="ORCHESTRATOR_SECRET_KEY"):
        await SlackInstallations(database, Seal("x" * 32)).get("T1")


async def test_a_late_word_of_an_uninstallation_leaves_the_new_installation(installations: SlackInstallations) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    await installations.put(ACME)
    assert not await installations.remove("T1", before=before)
    assert await installations.remove("T1", before=datetime.now(UTC) + timedelta(seconds=5))
    assert await installations.teams() == ()


async def test_a_state_is_good_once_and_for_a_while(installations: SlackInstallations) -> None:
    state, late = await installations.begin(expires_s=60), await installations.begin(expires_s=0)
    assert not await installations.consume(late)
    assert not await installations.consume("guessed")
    assert await installations.consume(state)
    assert not await installations.consume(state)
