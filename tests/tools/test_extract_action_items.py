import pytest

from tests.tools.reading import read
from tools.extract_action_items import TOOL

type Row = tuple[str, str | None, str | None]


async def found(text: str) -> list[Row]:
    return [(item.text, item.owner, item.due) for item in (await read(TOOL, text=text)).action_items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [ ] Ana to rotate certs by Friday", ("Ana to rotate certs by Friday", "Ana", "Friday")),
        ("* [ ] Dan: write the review by 2026-03-01", ("Dan: write the review by 2026-03-01", "Dan", "2026-03-01")),
        ("Action: restart the pods", ("restart the pods", None, None)),
        ("**Action item 2:** Ana and Bob to check", ("Ana and Bob to check", "Ana and Bob", None)),
        ("TODO(bob): fix the flaky test by EOD", ("fix the flaky test by EOD", "bob", "EOD")),
        ("# TODO(bob): fix it", ("fix it", "bob", None)),
        ("Next step: page the secondary (Ana)", ("page the secondary (Ana)", "Ana", None)),
        ("Action: rotate certs. Owner: Ana. Due: Friday.", ("rotate certs.", "Ana", "Friday")),
        (
            "Action: rotate certs\nOwner: Platform team\nDue: 2026-02-20",
            ("rotate certs", "Platform team", "2026-02-20"),
        ),
        ("Action: rotate certs (owner: Ana, due: Friday)", ("rotate certs", "Ana", "Friday")),
        ("Rotate the certificate.\nOwner: X", ("Rotate the certificate.", "X", None)),
        ("Action: purge the cache\nOwner: none", ("purge the cache", None, None)),
        (
            "@carol please restart the worker within 10 minutes",
            ("@carol please restart the worker within 10 minutes", "@carol", "within 10 minutes"),
        ),
        ("@carol, can you look?", ("@carol, can you look?", "@carol", None)),
        ("@here please look", ("@here please look", None, None)),
        ("Please check the queue.", ("Please check the queue.", None, None)),
        ("Please check the queue @dan.", ("Please check the queue @dan.", "@dan", None)),
        ("Bob should restart the pods.", ("Bob should restart the pods.", "Bob", None)),
        ("We need to roll back.", ("We need to roll back.", None, None)),
        (
            "The on-call engineer must acknowledge within 5 minutes.",
            ("The on-call engineer must acknowledge within 5 minutes.", "on-call engineer", "within 5 minutes"),
        ),
        (
            "The payments team needs to confirm by EOD",
            ("The payments team needs to confirm by EOD", "payments team", "EOD"),
        ),
        ("Certs must be rotated before Friday", ("Certs must be rotated before Friday", None, "Friday")),
        ("Alerts should page the team.", ("Alerts should page the team.", None, None)),
        ("- Ana to check the logs", ("Ana to check the logs", "Ana", None)),
        ("- [ ] Ana to rotate\n  certs by\n  Friday", ("Ana to rotate certs by Friday", "Ana", "Friday")),
    ],
)
async def test_an_action_item_has_its_words_owner_and_due_time(text: str, expected: Row) -> None:
    assert await found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Owner: Ana",
        "- [x] Ana to rotate certs",
        "Traffic to checkout dropped.",
        "- Traffic to update dropped by half.",
        "It should have paged.",
        "This should look like the following.",
        "We must not deploy on Friday.",
        "You don't need to page anybody.",
        "There is no need to worry, nothing has to change.",
        "Should we roll back?",
        "thanks @carol, all good",
        "Please note that it is fine.",
        "If you have to restart, wait.",
        "Service: ledger-api\nOwner: payments\nSeverity: P1",
        "everything should be fine",
    ],
)
async def test_what_asks_nobody_for_anything_is_left(text: str) -> None:
    assert await found(text) == []


async def test_bullets_under_a_heading_are_actions_until_the_next_paragraph() -> None:
    text = "# Review\n- Rates were high\n\n## Action items\n\n- Rotate certs – Ana\n2. Update the runbook - @bob\n\nThe team met.\n"
    assert await found(text) == [
        ("Rotate certs – Ana", "Ana", None),
        ("Update the runbook - @bob", "@bob", None),
    ]


async def test_a_sentence_that_comes_twice_is_one_action() -> None:
    assert len(await found("We must roll back.\n\nIt was said: fine.\n\nWe must roll back.")) == 1


async def test_rows_of_a_table_are_actions_with_owner_and_due_time() -> None:
    text = """
| Action | Owner | Due | Status |
| --- | --- | --- | --- |
| Alert on queue depth | Ana Ruiz | 2026-03-01 | open |
| Raise the pool to 200 | **@bob** | TBD | in progress |
| Rotate certs | Dan | Friday | done |
"""
    assert await found(text) == [
        ("Alert on queue depth", "Ana Ruiz", "2026-03-01"),
        ("Raise the pool to 200", "@bob", None),
    ]


async def test_a_table_of_something_else_has_none() -> None:
    assert await found("| Service | Owner |\n| --- | --- |\n| cart | Ana |") == []


async def test_in_a_chat_a_promise_is_its_speakers() -> None:
    text = "[10:02] ana: @bob can you roll back checkout?\n[10:03] bob: on it. I'll roll back by 10:15\n[10:04] <@U123ABC> please page the DBA"
    assert await found(text) == [
        ("@bob can you roll back checkout?", "@bob", None),
        ("I'll roll back by 10:15", "bob", "10:15"),
        ("<@U123ABC> please page the DBA", "<@U123ABC>", None),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bob is going to file a ticket.", [("Bob is going to file a ticket.", "Bob", None)]),
        ("Ana agreed to check the logs by Friday.", [("Ana agreed to check the logs by Friday.", "Ana", "Friday")]),
        ("Kim: check disk usage", [("Kim: check disk usage", "Kim", None)]),
        ("Assigned to Ivan: upgrade the broker", [("upgrade the broker", "Ivan", None)]),
        ("AI: Carol - draft the note by EOD", [("Carol - draft the note by EOD", "Carol", "EOD")]),
        (
            "Ana to restart pods; Bob will page the DBA; Carol will tell support.",
            [
                ("Ana to restart pods", "Ana", None),
                ("Bob will page the DBA", "Bob", None),
                ("Carol will tell support.", "Carol", None),
            ],
        ),
        ("@ana @bob please review", [("@ana @bob please review", "@ana @bob", None)]),
        ("Kubernetes will restart the pod.", []),
        ("I will send the report.", []),
    ],
)
async def test_people_are_given_something_to_do_in_many_ways(text: str, expected: list[Row]) -> None:
    assert await found(text) == expected
