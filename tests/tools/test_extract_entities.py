import pytest

from tests.tools.reading import read
from tools.extract_entities import TOOL


async def found(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.text) for entity in (await read(TOOL, text=text)).entities]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ledger-api is slow", [("service", "ledger-api")]),
        ("`pay-hub`, not pay-hub.", [("service", "pay-hub"), ("service", "pay-hub")]),
        ("order_service restarted", [("service", "order_service")]),
        ('{service="payments"}', [("service", "payments")]),
        ("service: Checkout", [("service", "Checkout")]),
        ("pod ledger-7d4f9c8b5-x2x9z and web-03", [("host", "ledger-7d4f9c8b5-x2x9z"), ("host", "web-03")]),
        (
            "db-01.prod.internal:5432 and shop.example.com",
            [("host", "db-01.prod.internal:5432"), ("host", "shop.example.com")],
        ),
        ("10.0.0.12 in 10.0.0.0/8", [("ip", "10.0.0.12"), ("ip", "10.0.0.0/8")]),
        ("at 2001:db8::1, ::1", [("ip", "2001:db8::1"), ("ip", "::1")]),
        ("OPS-142 blocks PAY_X-7", [("ticket", "OPS-142"), ("ticket", "PAY_X-7")]),
        ("commit 3f2a9bc, abc1234..def5678", [("commit", "3f2a9bc"), ("commit", "abc1234"), ("commit", "def5678")]),
        (
            "up 2.5% to 12 %, by 3 percent",
            [("percentage", "2.5%"), ("percentage", "12 %"), ("percentage", "3 percent")],
        ),
        ("fell -0,5 %", [("percentage", "-0,5 %")]),
        ("for 6 minutes, 250ms, 1h30m", [("duration", "6 minutes"), ("duration", "250ms"), ("duration", "1h30m")]),
        ("1 hour and 30 minutes", [("duration", "1 hour and 30 minutes")]),
        ("half an hour or two hours", [("duration", "half an hour"), ("duration", "two hours")]),
        ("@carol.b and <@U123ABC> but not @here", [("person", "@carol.b"), ("person", "<@U123ABC>")]),
        ("Owner: Ana López-García, assigned to Bob", [("person", "Ana López-García"), ("person", "Bob")]),
        ("owner: TBD; Owner: Payments Team", []),
        ("see #inc-checkout", [("channel", "#inc-checkout")]),
        ("#123, #ff0000, a&#39;b, [x](#this)", []),
        ("(https://x.example/a(b)?q=1).", [("url", "https://x.example/a(b)?q=1")]),
        ("<https://chat.example/x|label>", [("url", "https://chat.example/x")]),
        ("mail ana.b+c@ops.example.org now", [("email", "ana.b+c@ops.example.org")]),
        (
            "v2.14.1-rc.1, 3.13.0, release 3.13",
            [("version", "v2.14.1-rc.1"), ("version", "3.13.0"), ("version", "3.13")],
        ),
        ("P1, SEV-2, severity: critical", [("severity", "P1"), ("severity", "SEV-2"), ("severity", "critical")]),
        ("p99 on P10 and AP1", []),
        ("2026-02-14T10:00:00Z", [("time", "2026-02-14T10:00:00Z")]),
        ("2026-02-14 10:00:00.5+01:00", [("time", "2026-02-14 10:00:00.5+01:00")]),
        ("2026-02-14 10:00:00-05:00", [("time", "2026-02-14 10:00:00-05:00")]),
        ("on 2026-02-14, 16 February 2026", [("date", "2026-02-14"), ("date", "16 February 2026")]),
        ("10:42 and 5pm UTC", [("time", "10:42"), ("time", "5pm UTC")]),
        ("open 10:00-17:00", [("time", "10:00"), ("time", "17:00")]),
        ("id 123e4567-e89b-12d3-a456-426614174000", [("uuid", "123e4567-e89b-12d3-a456-426614174000")]),
        ("HTTP 503, status code 404, 5xx", [("http_status", "503"), ("http_status", "404"), ("http_status", "5xx")]),
        ("504 Gateway Timeout and 500 errors", [("http_status", "504 Gateway Timeout"), ("http_status", "500")]),
        ("lots of 502s", [("http_status", "502")]),
        ("cost $500, 500 pods", [("money", "$500")]),
        (
            "$1,200.50, 3 million euros, EUR 40k",
            [("money", "$1,200.50"), ("money", "3 million euros"), ("money", "EUR 40k")],
        ),
        (
            "ECONNREFUSED, SQLSTATE 23505, exit code 137",
            [("error_code", "ECONNREFUSED"), ("error_code", "23505"), ("error_code", "137")],
        ),
        ("OOMKilled, then DEADLINE_EXCEEDED", [("error_code", "OOMKilled"), ("error_code", "DEADLINE_EXCEEDED")]),
        ("the error code handling of EAST", []),
        ("CVE-2026-12345 is not ABC-123", [("vulnerability", "CVE-2026-12345"), ("ticket", "ABC-123")]),
        ("UTF-8, SHA-256, ISO-8601", []),
        ("README.md, deploy.sh, user.id, e.g. this", []),
        ("end-to-end on-call follow-up, well-known, user-reported", []),
        ("in eu-west-1", []),
        ("std::vector and a :: b", []),
        ("1e10000 and deadbeef and 1234567", []),
        ("", []),
    ],
)
async def test_named_things_are_found_with_their_kind(text: str, expected: list[tuple[str, str]]) -> None:
    assert await found(text) == expected


async def test_of_two_that_overlap_the_longer_one_stays() -> None:
    assert await found("https://ledger-api.example.com/OPS-1") == [("url", "https://ledger-api.example.com/OPS-1")]
    assert await found("mail db-01@pay-hub.example.com") == [("email", "db-01@pay-hub.example.com")]


async def test_positions_point_at_the_words() -> None:
    text = "⚠️ P1: ledger-api at 2.5 % since 10:42 — ask @ana"
    entities = (await read(TOOL, text=text)).entities
    assert [text[entity.start : entity.end] for entity in entities] == ["P1", "ledger-api", "2.5 %", "10:42", "@ana"]
