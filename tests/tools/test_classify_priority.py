import pytest

from tests.tools.reading import read
from tools.classify_priority import TOOL


@pytest.mark.parametrize(
    ("text", "priority", "words"),
    [
        ("P1 alert: latency increased", "P1", '"P1"'),
        ("SEV1", "P1", '"SEV1"'),
        ("SEV-2: degraded", "P2", '"SEV-2"'),
        ("p3 ticket", "P3", '"p3"'),
        ("severity: critical", "P1", '"severity: critical"'),
        ("Critical: look at once", "P1", '"Critical"'),
        ("low priority: typo", "P4", '"low priority"'),
        ("Complete outage of checkout", "P1", '"outage"'),
        ("checkout is down", "P1", '"is down"'),
        ("the API is unreachable", "P1", '"unreachable"'),
        ("partial outage in one zone", "P2", '"partial outage"'),
        ("All customers are affected", "P1", '"All customers are affected"'),
        ("customers cannot log in", "P2", '"customers cannot log in"'),
        ("impact on customers", "P2", '"impact on customers"'),
        ("data loss in orders", "P1", '"data loss"'),
        ("we lost 40 payments", "P1", '"lost 40 payments"'),
        ("security breach", "P1", '"security breach"'),
        ("credentials were leaked", "P1", '"credentials were leaked"'),
        ("elevated error rate", "P2", '"elevated error rate"'),
        ("pods in CrashLoopBackOff", "P2", '"CrashLoopBackOff"'),
        ("a warning in the log", "P3", '"warning"'),
        ("typo in the docs", "P4", '"typo"'),
        ("nothing of note", "P3", "taken as P3"),
        ("", "P3", "taken as P3"),
        ("Downgraded from P1 to P3", "P3", '"P3"'),
        ("risk of data loss", "P2", '"risk of data loss"'),
        ("outage in staging", "P2", '"staging"'),
    ],
)
async def test_words_lead_to_a_priority_and_are_quoted(text: str, priority: str, words: str) -> None:
    answer = await read(TOOL, text=text)
    assert answer.priority == priority
    assert words in answer.reasons[0] or words in answer.reasons[-1]


@pytest.mark.parametrize(
    ("text", "priority", "denied"),
    [
        ("No customer impact, not an outage", "P3", '"No customer impact"'),
        ("no customer impact, data loss or outage", "P3", '"data loss"'),
        ("The API isn't unavailable; a timeout was seen", "P3", "n't unavailable"),
        ("customer impact: none, elevated errors", "P2", '"customer impact: none"'),
        ("The outage was ruled out; errors remain", "P3", '"outage was ruled out"'),
        ("no data loss and customers cannot pay", "P2", '"no data loss"'),
        ("without any data loss", "P3", '"without any data loss"'),
        ("not a P1, just a P3", "P3", '"not a P1"'),
    ],
)
async def test_denied_words_do_not_count_and_are_told(text: str, priority: str, denied: str) -> None:
    answer = await read(TOOL, text=text)
    assert answer.priority == priority
    assert any(denied in reason and "denies" in reason for reason in answer.reasons)


async def test_a_denial_reaches_no_further_than_its_clause() -> None:
    assert (await read(TOOL, text="No alerts fired, checkout is down")).priority == "P1"
    assert (await read(TOOL, text="No alerts fired but checkout is down")).priority == "P1"


async def test_a_stated_severity_outweighs_other_words() -> None:
    assert (await read(TOOL, text="P3: outage of the coffee machine")).priority == "P3"
    assert (await read(TOOL, text="P3 for us, P1 for them")).priority == "P1"


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("Scheduled maintenance of the database tonight, the API may be slow", "P4"),
        ("We are investigating reports of degraded performance", "P3"),
        ("Nobody can reach anything: the entire platform is offline", "P1"),
    ],
)
async def test_how_far_it_reaches_weighs_in(text: str, priority: str) -> None:
    assert (await read(TOOL, text=text)).priority == priority


DEFINITIONS = """
| Severity | Meaning |
| --- | --- |
| SEV1 | tills in shops stop taking cards |
| SEV2 | refunds are late |
| SEV3 | a printer jams or a label is wrong |
"""


@pytest.mark.parametrize(
    ("text", "priority", "words"),
    [
        ("The label printer in shop 4 jams", "P3", "SEV3 a printer jams or a label is wrong"),
        ("Refunds go out two days late, customers are complaining", "P2", "shares"),
        ("Card tills stopped in all shops", "P1", "tills"),
        ("SEV2: card tills stopped", "P2", "stated severity"),
        ("data loss in the archive", "P1", "data may be lost"),
        ("no refunds are late, but a label is wrong", "P3", "SEV3"),
    ],
)
async def test_the_policys_own_definitions_win_over_general_words(text: str, priority: str, words: str) -> None:
    answer = await read(TOOL, text=text, definitions=DEFINITIONS)
    assert answer.priority == priority
    assert words in " ".join(answer.reasons)
