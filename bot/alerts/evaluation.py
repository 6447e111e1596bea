"""How well posts are understood: recall, precision and field F1 on labelled rows, and the lifecycle's actions.

A row: `{id, vendor, envelope, expect: {is_alert, status, title, service, severity, starts_at, labels, links, dedup_key_group,
*_accept, severity_unkeyed}}`. Labels and links are compared as subsets of what was read; a value among `*_accept`
counts as right; a severity that stands nowhere under a key may be left out. An item that was expected and found otherwise
is both missed and wrong.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from bot.alerts import read_delivery, understand
from bot.alerts.json_values import as_items, as_object, as_text
from core.alert import Alert
from core.alert_lifecycle import Action, AlertState, decide
from core.base import Model

FIELDS = ("status", "title", "service", "severity", "starts_at", "labels", "links", "group")


class Score(Model):
    """Items right, wrong (read but not expected so) and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def plus(self, other: "Score") -> "Score":
        return Score(right=self.right + other.right, wrong=self.wrong + other.wrong, missed=self.missed + other.missed)

    @property
    def recall(self) -> float:
        total = self.right + self.missed
        return self.right / total if total else 1.0

    @property
    def precision(self) -> float:
        total = self.right + self.wrong
        return self.right / total if total else 1.0

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0


class Evaluation(Model):
    """`alerts` is about telling alerts from the rest; `fields` and `vendors` about what was read of those taken."""

    rows: int
    alerts: Score
    fields: dict[str, Score]
    vendors: dict[str, Score]
    complaints: tuple[str, ...]

    @property
    def all_fields(self) -> Score:
        return _total(self.fields.values())


class LifecycleScore(Model):
    right: int
    deliveries: int
    complaints: tuple[str, ...]


def evaluate(rows: Iterable[Mapping[str, object]]) -> Evaluation:
    """The figures over labelled rows; `complaints` name every row and item that is not as expected."""
    alerts = Score()
    fields: dict[str, Score] = defaultdict(Score)
    vendors: dict[str, Score] = defaultdict(Score)
    complaints: list[str] = []
    keyed: list[tuple[str, str, str]] = []
    count = 0
    for row in rows:
        count += 1
        name, vendor = as_text(row.get("id")), as_text(row.get("vendor"))
        expect = as_object(row.get("expect"))
        expected = expect.get("is_alert") is True
        reading = understand(row.get("envelope"))
        taken = isinstance(reading, Alert)
        alerts = alerts.plus(
            Score(right=int(taken and expected), wrong=int(taken and not expected), missed=int(expected and not taken))
        )
        if taken is not expected:
            said = f"taken as {reading.title!r}" if isinstance(reading, Alert) else f"refused: {reading.reason}"
            complaints.append(f"{name}: {said}")
        if not isinstance(reading, Alert) or not expected:
            continue
        keyed.append((name, as_text(expect.get("dedup_key_group")), reading.group_key))
        for field, score in _compare(reading, expect).items():
            fields[field] = fields[field].plus(score)
            vendors[vendor] = vendors[vendor].plus(score)
            if score.wrong or score.missed:
                complaints.append(f"{name}: {field}: {_shown(reading, field)!r}, expected {expect.get(field)!r}")
    fields["group"] = _grouping(keyed, complaints)
    return Evaluation(
        rows=count, alerts=alerts, fields=dict(fields), vendors=dict(vendors), complaints=tuple(complaints)
    )


def evaluate_lifecycle(sequences: Iterable[object]) -> LifecycleScore:
    """How many deliveries end in the expected action, each sequence from an empty memory."""
    right = total = 0
    complaints: list[str] = []
    for item in sequences:
        sequence = as_object(item)
        states: dict[tuple[str, str], AlertState] = {}
        for step in as_items(sequence.get("deliveries"), limit=None):
            expected = as_text(as_object(as_object(step).get("expect")).get("action"))
            decision = decide(states.values(), read_delivery(as_object(step).get("envelope")))
            if decision.state is not None:
                states[decision.state.channel, decision.state.group_key] = decision.state
            total += 1
            if decision.action == expected or (expected == "open_or_join" and decision.action is Action.OPEN):
                right += 1
            else:
                where = f"{as_text(sequence.get('id'))} #{as_text(as_object(step).get('n'))}"
                complaints.append(f"{where}: {decision.action} ({decision.reason}), expected {expected}")
    return LifecycleScore(right=right, deliveries=total, complaints=tuple(complaints))


def _compare(alert: Alert, expect: Mapping[str, object]) -> dict[str, Score]:
    shown = {field: _shown(alert, field) for field in ("status", "title", "service", "severity", "starts_at")}
    scores = {field: _item(field, value, expect) for field, value in shown.items()}
    labels = {key.casefold(): value for key, value in alert.labels.items()}
    wanted = as_object(expect.get("labels"))
    hits = sum(1 for key, value in wanted.items() if labels.get(key.casefold()) == as_text(value))
    scores["labels"] = Score(right=hits, missed=len(wanted) - hits)
    urls = [as_text(url) for url in as_items(expect.get("links"))]
    found = sum(1 for url in urls if url in alert.links)
    scores["links"] = Score(right=found, missed=len(urls) - found)
    return scores


def _item(field: str, value: str | None, expect: Mapping[str, object]) -> Score:
    wanted = expect.get(field)
    accepted = as_items(expect.get(f"{field}_accept"))
    if field == "starts_at":
        value = _instant(value)
        wanted = _instant(as_text(wanted) or None)
        accepted = [_instant(as_text(one)) for one in accepted]
    right = value == wanted or value in accepted
    if value is None and field == "severity" and expect.get("severity_unkeyed") is True:
        return Score()
    if right:
        return Score(right=int(value is not None or wanted is not None))
    return Score(wrong=int(value is not None), missed=int(wanted is not None))


def _shown(alert: Alert, field: str) -> str | None:
    return alert.to_json().get(field)


def _instant(text: str | None) -> str | None:
    """One way to write a point in time; one without zone stays so."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).isoformat() if moment.tzinfo else moment.isoformat()


def _grouping(keyed: list[tuple[str, str, str]], complaints: list[str]) -> Score:
    """Pairs of rows that are one alert and got one key (right), did not (missed), or got one and are two (wrong)."""
    score = Score()
    for at, (name, group, key) in enumerate(keyed):
        for other, other_group, other_key in keyed[:at]:
            same, read_same = group == other_group, key == other_key
            if not same and not read_same:
                continue
            score = score.plus(
                Score(right=int(same and read_same), wrong=int(not same), missed=int(same and not read_same))
            )
            if same is not read_same:
                complaints.append(f"{name} and {other}: {'one alert, two keys' if same else 'two alerts, one key'}")
    return score


def _total(scores: Iterable[Score]) -> Score:
    total = Score()
    for score in scores:
        total = total.plus(score)
    return total
