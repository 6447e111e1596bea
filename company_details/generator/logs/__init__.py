"""A week of log lines: ordinary talk in step with the load, bursts of the incidents, deployments."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from company_details.generator.incidents.deploys import DEPLOYS, version_at
from company_details.generator.logs.bursts import BURSTS, LINES
from company_details.generator.logs.phrases import ORDINARY, PER_MINUTE, Phrase, fill
from company_details.generator.metrics import LOAD
from company_details.generator.scenario import WEEK_MINUTES, WEEK_START, at, minute_of, stream
from company_details.generator.services import BY_NAME, SERVICES, Service

type Record = tuple[datetime, str, str, str, dict[str, str]]

_UNTRACED = {"orders-db", "session-cache"}


def _count(expected: float, dice: Random) -> int:
    """A whole number of lines whose mean is `expected`."""
    whole = int(expected)
    return whole + (dice.random() < expected - whole)


def _moment(minute: int, dice: Random) -> datetime:
    return WEEK_START + timedelta(minutes=minute, milliseconds=dice.randrange(60_000))


def _choose(phrases: tuple[Phrase, ...], dice: Random) -> Phrase:
    mark = dice.randrange(sum(weight for weight, _, _ in phrases))
    for phrase in phrases:
        mark -= phrase[0]
        if mark < 0:
            return phrase
    return phrases[-1]


def _origin(service: Service, dice: Random) -> dict[str, str]:
    fields = {"host": f"{service.name}-{dice.randrange(service.hosts) + 1}"}
    if service.name not in _UNTRACED:
        fields["trace_id"] = f"{dice.getrandbits(64):016x}"
    return fields


def _ordinary(service: Service) -> Iterator[Record]:
    dice = stream("logs", "ordinary", service.name)
    phrases = ORDINARY[service.name]
    for minute in range(WEEK_MINUTES):
        for _ in range(_count(PER_MINUTE[service.name] * (0.35 + 0.65 * LOAD[minute]), dice)):
            _, level, text = _choose(phrases, dice)
            yield _moment(minute, dice), service.name, level, fill(text, dice), _origin(service, dice)


def _bursts() -> Iterator[Record]:
    for number, burst in enumerate(BURSTS):
        dice = stream("logs", "burst", str(number))
        for minute in range(minute_of(at(burst.frm)), minute_of(at(burst.to))):
            for _ in range(_count(burst.per_minute * (0.7 + 0.6 * dice.random()), dice)):
                text = fill(dice.choice(burst.texts), dice)
                yield _moment(minute, dice), burst.service, burst.level, text, _origin(BY_NAME[burst.service], dice)


def _deployments() -> Iterator[Record]:
    for deploy in DEPLOYS:
        word = "rollback" if deploy.rollback else "deployment"
        fields = {"host": "deploy-runner-1", "deployed_by": deploy.author}
        begin, end = deploy.moment + timedelta(seconds=11), deploy.moment + timedelta(seconds=98)
        yield begin, deploy.service, "INFO", f"{word} v{deploy.to} started (from v{deploy.frm})", fields
        yield end, deploy.service, "INFO", f"{word} v{deploy.to} completed: all instances replaced", fields


def log_records() -> list[Record]:
    """All lines of the week in time order."""
    records = [record for service in SERVICES for record in _ordinary(service)]
    records += _bursts()
    records += _deployments()
    dice = stream("logs", "lines")
    for line in LINES:
        records.append((at(line.time), line.service, line.level, line.text, _origin(BY_NAME[line.service], dice)))
    week_end = WEEK_START + timedelta(minutes=WEEK_MINUTES)
    inside = [record for record in records if WEEK_START <= record[0] < week_end]
    return sorted(inside, key=lambda record: record[:4])


def log_lines() -> Iterator[str]:
    """The lines of `logs.ndjson`."""
    for moment, service, level, message, fields in log_records():
        time = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        document = {"timestamp": time, "service": service, "level": level, "message": message}
        document["version"] = version_at(service, moment, BY_NAME[service].version)
        yield json.dumps(document | fields, ensure_ascii=False) + "\n"
