import pytest

from bot.alerts.colour import Colour, name_colour
from bot.alerts.markup import links_in, plain, show, without_emoji
from bot.alerts.message import SlackMessage, read_message
from bot.alerts.pairs import field_pairs, find_value, shared_labels, text_pairs
from bot.alerts.times import parse_time
from core.alert_lifecycle import DeliveryKind
from core.base import JsonObject
from tests.bot.alerts.posts import attachment, blocks, edited, event, fields, human, section


def read(envelope: JsonObject) -> SlackMessage:
    message = read_message(envelope)
    assert message is not None
    return message


def test_words_are_found_wherever_a_post_hides_them() -> None:
    rich = {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "deep"}, {"type": "emoji", "name": "fire"}]},
            {"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "item"}]}]},
        ],
    }  # fmt: skip
    message = read(
        event(
            text="top",
            blocks=[rich, {"type": "context", "elements": [{"type": "mrkdwn", "text": "context"}]}],
            attachments=[
                {"pretext": "pre", "title": "title", "text": "words", "fields": [{"title": "key", "value": "value"}]},
                {"blocks": [section("nested"), fields("*Field*\nnested value")]},
            ],
        )
    )
    for word in ("top", "deep", "item", "context", "pre", "title", "words", "key: value", "nested", "nested value"):
        assert word in message.body


def test_links_are_unescaped_and_leave_out_footers_fallbacks_and_pictures() -> None:
    button = {
        "type": "actions",
        "elements": [{"type": "button", "text": {"text": "x"}, "url": "https://b.example"}],
    }
    message = read(
        event(
            text="<https://a.example/?x=1&amp;y=2|here>",
            blocks=[button],
            attachments=[
                {
                    "title_link": "https://t.example",
                    "footer": "https://footer.example",
                    "fallback": "<https://fallback.example>",
                    "image_url": "https://image.example",
                    "actions": [{"url": 'https://act.example/?f={a="b"}'}],
                }
            ],
        )
    )
    assert message.links == (
        "https://a.example/?x=1&y=2",
        "https://b.example",
        "https://t.example",
        'https://act.example/?f={a="b"}',
    )


def test_an_edit_is_told_by_its_inner_message_whatever_the_subtype_says() -> None:
    before, now = attachment(title="one"), attachment(title="two")
    change = edited(now, before)
    inner = change["event"]
    assert isinstance(inner, dict)
    del inner["subtype"]
    message = read(change)
    assert message.kind is DeliveryKind.EDIT
    assert message.body.strip() == "two"
    assert not message.is_unchanged
    assert read(edited(now, now)).is_unchanged


def test_a_deletion_names_the_deleted_message() -> None:
    message = read(event(deleted_ts="1.5", previous_message={"text": "x"}))
    assert (message.kind, message.ts) == (DeliveryKind.DELETE, "1.5")


def test_the_previews_slack_adds_to_links_are_not_the_message() -> None:
    message = read(
        human("see", attachments=[{"from_url": "https://g.example", "title": "Dashboard", "text": "2 firing"}])
    )
    assert message.cards == ()


@pytest.mark.parametrize(
    ("parts", "own"),
    [
        ({"app_id": "A0US"}, True),
        ({"user": "U0US"}, True),
        ({"app_id": "A0THEM", "user": "U0THEM"}, False),
        ({}, False),
    ],
)
def test_own_messages_are_known_by_app_or_bot_user(parts: dict[str, str], *, own: bool) -> None:
    assert read(event(text="x", **parts)).is_own is own


def test_a_message_is_a_persons_only_without_a_bot() -> None:
    assert read(human("hi")).is_human
    assert not read(event(text="x", user="U1")).is_human
    assert not read(event(text="x", user="USLACKBOT", bot_id=None)).is_human


def test_a_post_without_end_is_read_in_part() -> None:
    nested: JsonObject = section("bottom")
    for _ in range(200):
        nested = {"type": "container", "blocks": [nested]}
    message = read(blocks(section("top"), nested))
    assert "top" in message.body
    assert "bottom" not in message.body
    wide = read(event(attachments=[{"text": "x" * 50_000} for _ in range(500)]))
    assert len(wide.body) < 100_000


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a &amp; b &lt; c &gt; d &amp;lt;", "a & b < c > d &lt;"),
        ("<https://x.example|label>", "label"),
        ("<https://x.example>", "https://x.example"),
        ("<!here> <!subteam^S1|@ops> <@U1> <@U1|ann> <#C1|ops>", "@here @ops @U1 @ann #ops"),
        ("<!date^1794492240^Since {date} at {time}|x>", "Since 2026-11-12T14:04:00Z"),
        ("a < b and c > d", "a < b and c > d"),
    ],
)
def test_slack_markup_is_shown_as_a_reader_sees_it(raw: str, shown: str) -> None:
    assert show(raw) == shown


def test_marks_and_emoji_go_and_words_stay() -> None:
    assert plain("*bold* _it_ `code` snake_case 2*3*4") == "bold it code snake_case 2*3*4"
    assert without_emoji(":fire: a:b:c 🔥 host:web:80 ✅") == "a:b:c host:web:80"


def test_bare_addresses_end_before_punctuation() -> None:
    assert links_in("see https://a.example/x. (https://b.example)") == ["https://a.example/x", "https://b.example"]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (" - env = prod\n - team = a b", {"env": "prod", "team": "a b"}),
        ("• *Severity:* `critical`\n• *Env*: gprd", {"Severity": "critical", "Env": "gprd"}),
        ("environment: `prod`  release: `web@1`", {"environment": "prod", "release": "web@1"}),
        ("● pod `a-1`", {"pod": "a-1"}),
        ("```\nalertname: X\napp: y\n```", {"alertname": "X", "app": "y"}),
        ("*Alert:* a is down - `critical`\n*Graph:* x", {"Graph": "x"}),
        ("State: *New*   First Seen: *now*", {"State": "New", "First Seen": "now"}),
        ("see https://x.example/a and 10:30 today", {}),
    ],
)
def test_keys_and_values_are_found_in_texts(text: str, pairs: dict[str, str]) -> None:
    found = {pair.key: pair.value for pair in text_pairs(text)}
    assert pairs.items() <= found.items()
    assert pairs or not found


def test_a_section_field_is_a_key_above_its_value() -> None:
    assert [(pair.key, pair.value) for pair in field_pairs("*Started at:*\n<today>")] == [("Started at", "<today>")]


def test_keys_are_one_whatever_their_case_and_separators() -> None:
    pairs = text_pairs("Start time: 1\nservice_name: web")
    assert find_value(pairs, "starttime") == "1"
    assert find_value(pairs, "servicename") == "web"


def test_a_label_with_two_values_is_not_shared() -> None:
    assert shared_labels(text_pairs("pod: a\nteam: x\npod: b\nteam: x")) == {"team": "x"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-14T21:06:03Z", "2026-11-14T21:06:03+00:00"),
        ("2026-11-14 21:06:03.512 UTC", "2026-11-14T21:06:03+00:00"),
        ("2026-11-14T23:06:03+02:00", "2026-11-14T21:06:03+00:00"),
        ("2026.11.08 03:17:44", "2026-11-08T03:17:44"),
        ("November 12th, 2026  7:00AM UTC", "2026-11-12T07:00:00+00:00"),
        ("Nov 12, 2026 at 12:05 pm UTC", "2026-11-12T12:05:00+00:00"),
        ("12 Nov 2026 07:00", "2026-11-12T07:00:00"),
        ("1794730462", "2026-11-15T08:14:22+00:00"),
        ("Nov 19 at 4:00 am UTC", None),
        ("2026-13-40 99:99", None),
        ("five minutes ago", None),
    ],
)
def test_times_are_read_as_written_and_get_no_zone_they_lack(text: str, moment: str | None) -> None:
    read_moment = parse_time(text)
    assert (read_moment.isoformat() if read_moment else None) == moment


@pytest.mark.parametrize(
    ("value", "colour"),
    [
        ("danger", Colour.RED), ("a30200", Colour.RED), ("#E01E5A", Colour.RED), ("good", Colour.GREEN), ("36a64f", Colour.GREEN),
        ("warning", Colour.YELLOW), ("f4c030", Colour.YELLOW), ("24292f", Colour.OTHER), ("0DADEA", Colour.OTHER),
        ("", None), ("puce", None),
    ],
)  # fmt: skip
def test_bars_have_the_colour_a_reader_sees(value: str, colour: Colour | None) -> None:
    assert name_colour(value) is colour
