"""How well log lines are grouped by shape: `python -m bench.log_shapes`, with drain3 beside where it is installed.

The sample below was written and labelled by hand, one block a kind of line, in the forms that trip grouping: lists of any
length, hex and paths, quoted values, `key=value`, JSON, stack traces, names without a digit. Grouping accuracy is the share
of lines whose group holds exactly the lines of their label (https://arxiv.org/abs/1811.03509, section 4.1).
"""

import importlib
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from core.findings.logs import shapes_of

type Grouping = Callable[[Sequence[str]], Sequence[object]]

SAMPLE: tuple[tuple[str, ...], ...] = (
    ("retry 1 of 5 for job 8812", "retry 2 of 5 for job 8812", "retry 5 of 5 for job 91"),
    ("slow shards [3, 7, 9]", "slow shards [3]", "slow shards [1, 2, 3, 4, 5, 11]"),
    ("dropped columns (name, city)", "dropped columns (street)", "dropped columns (name, city, zip, street)"),
    ("object 0xdeadbeef freed twice", "object 0x7ffe12aa freed twice", "object 0xcafebabe freed twice"),
    ("span deadbeefcafe lost its parent", "span 7f3a9900bb11 lost its parent", "span abcdefabcdef lost its parent"),
    ("cannot open /etc/ferry/route.conf", "cannot open /var/lib/ferry/state", "cannot open /tmp/x"),
    ("GET /v1/users/anna/cart 500", "GET /v1/users/berta/cart 500", "GET /v2/orders 500", "GET / 500"),
    ('user "Anna Berg" has no role', 'user "Bo" has no role', 'user "Carla de la Cruz" has no role'),
    ("unknown coupon 'SPRING'", "unknown coupon 'two words'", "unknown coupon 'x'"),
    ("login failed user=anna ip=10.1.2.3", "login failed user=bo ip=10.9.9.9", "login failed user=carla ip=10.0.0.1"),
    ("upload failed file=a b.txt size=3", "upload failed file=c.txt size=4", "upload failed file=d.txt size=5"),
    ('{"event":"pay","ok":false,"id":1}', '{"event":"pay","ok":false,"id":22}', '{"event":"pay","ok":false,"id":333}'),
    ('{"event":"ship","to":"Oslo"}', '{"event":"ship","to":"Rome"}', '{"event":"ship","to":"New York"}'),
    (
        'Traceback (most recent call last):\n  File "/a/b.py", line 3, in f\n    g()\nKeyError: 5',
        'Traceback (most recent call last):\n  File "/a/b.py", line 9, in f\n    g()\n  File "/c.py", line 1, in g\n    h()\nKeyError: 77',
    ),
    (
        'Traceback (most recent call last):\n  File "/a/b.py", line 3, in f\n    g()\nTimeoutError: 30 s',
        'Traceback (most recent call last):\n  File "/z.py", line 8, in q\n    g()\nTimeoutError: 12 s',
    ),
    (
        "java.lang.IllegalStateException: closed\n\tat a.B.c(B.java:3)\n\tat a.D.e(D.java:9)",
        "java.lang.IllegalStateException: closed\n\tat x.Y.z(Y.java:77)",
    ),
    ("session of anna ended", "session of bo ended", "session of carla ended", "session of dora ended", "session of emil ended"),
    ("mail to anna@a.example bounced", "mail to bo@b.example bounced", "mail to c@c.example bounced"),
    ("see https://a.example/x?y=z for more", "see https://b.example/ for more", "see http://c.example for more"),
    ("job 5f1e0c9a-7a1b-4a38-9a55-0a9d0c9d7a10 lost", "job 0a9d0c9d-7a1b-4a38-9a55-5f1e0c9a7a10 lost"),
    ("took 12ms", "took 3.5s", "took 1m3s"),
    ("[2026-02-14T10:00:01Z] worker-3 died", "[2026-02-14T10:00:09Z] worker-7 died"),
    ("queue orders is full", "queue invoices is full", "queue mails is full", "queue refunds is full"),
    ("memory at 93 %, limit 4096 MB", "memory at 97 %, limit 4096 MB"),
    ("connection reset by peer", "connection reset by peer"),
    ("connection refused by peer", "connection refused by peer"),
    ("disk full", "disk full"),
    ("disk slow", "disk slow"),
    ("payment accepted", "payment accepted"),
    ("payment declined", "payment declined"),
)  # fmt: skip


def sample() -> tuple[list[str], list[int]]:
    """The lines in the order in which a busy service would write them, and the label of each."""
    turns = max(map(len, SAMPLE))
    pairs = [(block[turn], label) for turn in range(turns) for label, block in enumerate(SAMPLE) if turn < len(block)]
    return [line for line, _ in pairs], [label for _, label in pairs]


def accuracy(groups: Sequence[object], labels: Sequence[int]) -> float:
    """The share of lines whose group is exactly the lines of their label."""
    by_group, by_label = defaultdict[object, set[int]](set), defaultdict[object, set[int]](set)
    for at, (group, label) in enumerate(zip(groups, labels, strict=True)):
        by_group[group].add(at)
        by_label[label].add(at)
    right = sum(by_group[group] == by_label[label] for group, label in zip(groups, labels, strict=True))
    return right / len(labels)


def drain3() -> Grouping | None:
    """Grouping by drain3 with its defaults; None where it is not installed."""
    try:
        miner: Any = importlib.import_module("drain3")
        config: Any = importlib.import_module("drain3.template_miner_config")
    except ImportError:
        return None

    def group(lines: Sequence[str]) -> list[object]:
        miners = miner.TemplateMiner(config=config.TemplateMinerConfig())
        return [miners.add_log_message(" ".join(line.split()))["cluster_id"] for line in lines]

    return group


def main(
    files: Annotated[list[Path] | None, typer.Argument(help="Logs (.ndjson) to time the grouping on.")] = None,
) -> None:
    """Print the grouping accuracy on the labelled sample, and groups and time on the files given."""
    console = Console(width=110)
    lines, labels = sample()
    groupings: list[tuple[str, Grouping]] = [("orch", shapes_of)]
    if (other := drain3()) is not None:
        groupings.append(("drain3, its defaults", other))
    table = Table(title=f"{len(lines)} lines of {len(SAMPLE)} kinds, labelled by hand")
    for column in ("grouping", "groups", "accuracy", *(path.parent.name for path in files or ())):
        table.add_column(column)
    for name, group in groupings:
        found = group(lines)
        timed: list[str] = []
        for path in files or ():
            stored = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            messages = [str(item.get("message") or item.get("msg") or "") for item in stored]
            start = perf_counter()
            count = len(set(group(messages)))
            timed.append(f"{count} groups, {(perf_counter() - start) * 1e6 / len(messages):.1f} µs/line")
        table.add_row(name, str(len(set(found))), f"{accuracy(found, labels):.0%}", *timed)
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
