"""Earlier investigations of this program's own, searched beside an index without being written into it."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import cast

import numpy as np

from core.base import JsonObject
from core.window import iso
from retrieval.chunks import Chunk
from retrieval.closeness import closeness
from retrieval.columns import COMPARED, condition_values
from retrieval.issue_filters import Conditions
from retrieval.postings import K1, TITLE_WEIGHT, B, Rows
from retrieval.records import IssueRecord
from retrieval.word_index import Terms
from retrieval.words import telling_words

PAST_TASKS = "past_tasks"
KIND = "past_task"
MAX_TASKS = 20_000
_MAX_TITLE_CHARS = 120
_MAX_TEXT_CHARS = 900
_MIN_TELLING_WORDS = 3
_SPARE_PLACES = 1_000


@dataclass(frozen=True, kw_only=True)
class Investigation:
    """What is remembered of a finished task. `verdict` is that of the verifier; `cause` is one it counts as confirmed.

    A cause that was only suspected is not remembered in words: it must never be quoted as if it had been shown.
    """

    task_id: str
    asked: str
    verdict: str
    passed: bool
    cause: str | None = None
    service: str | None = None
    severity: str | None = None
    project: str | None = None
    sources: tuple[str, ...] = ()
    helpful: int = 0
    created: datetime
    opened: datetime | None = None

    def record(self) -> IssueRecord:
        """As a record; its text says of every cause whether it was confirmed."""
        first = " ".join(self.asked.split())
        title = first if len(first) <= _MAX_TITLE_CHARS else first[:_MAX_TITLE_CHARS].rsplit(" ", 1)[0] + " …"
        lines = [first[:_MAX_TEXT_CHARS]]
        if not self.passed:
            lines.append("Its report did not pass verification.")
        elif self.cause is not None:
            lines.append(f"Cause confirmed then: {' '.join(self.cause.split())}")
        else:
            lines.append("No cause was confirmed then.")
        metadata: JsonObject = {
            "kind": KIND,
            "title": title,
            "verdict": self.verdict,
            "passed": self.passed,
            "cause": "confirmed" if self.passed and self.cause is not None else "not confirmed",
            "helpful": self.helpful,
            "sources": list(self.sources),
            "services": [self.service] if self.service else [],
            "severity": self.severity,
            "time": iso(self.created),
        }
        chunk = Chunk(
            source_id=self.task_id,
            title=" ".join(part for part in (title, self.service) if part),
            text="\n".join(lines),
            first_line=1,
            url=f"tasks/{self.task_id}",
            services=(self.service,) if self.service else (),
            severity=self.severity,
            time=self.created,
            metadata=metadata
            | {
                "source": PAST_TASKS,
                "collection": PAST_TASKS,
                "project": self.project,
                "incident_state": None,
                "created": iso(self.created),
                "opened": None if self.opened is None else iso(self.opened),
            },
        )
        return IssueRecord(
            record_id=self.task_id,
            source=PAST_TASKS,
            collection=PAST_TASKS,
            title=title,
            chunks=(chunk,),
            severity=self.severity,
            project=self.project,
            created=self.created,
            opened=self.opened,
        )


@dataclass(frozen=True)
class Remembered:
    """A past task that fits a question: `plain` is its score by words as in the index, `score` the refined one."""

    chunk: Chunk
    plain: float
    score: float


class PastTasks:
    """The investigations that may be found, at most MAX_TASKS of them; adding and removing one takes microseconds.

    Words weigh what they weigh in the index that is searched beside it, so that the scores of both compare. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._records: dict[str, int] = {}  # task → place
        self._places: list[IssueRecord | None] = []
        self._texts: list[Rows] = []
        self._numbers: dict[str, int] = {}
        self._held: dict[int, tuple[array[int], array[int]]] = {}  # word → places and counts

    def __len__(self) -> int:
        return len(self._records)

    @property
    def places(self) -> int:
        """How many are held, those included that were replaced or removed and not yet given back."""
        return len(self._places)

    def put(self, investigation: Investigation) -> None:
        """Remembers it, in place of what was known of the task before."""
        record = investigation.record()
        (chunk,) = record.chunks
        title, body = telling_words(chunk.title), telling_words(chunk.text)
        with self._lock:
            self._drop(record.record_id)
            if len(set(body)) < _MIN_TELLING_WORDS:
                return
            if len(self._records) >= MAX_TASKS:
                self._drop(next(iter(self._records)))
            if len(self._places) > 2 * len(self._records) + _SPARE_PLACES:
                self._compact()
            self._add(record, title, body)

    def remove(self, task_id: str) -> None:
        """Forgets it; a task that is not there is no error."""
        with self._lock:
            self._drop(task_id)

    def ranked(self, terms: Terms, mean_length: float, conditions: Conditions, limit: int) -> list[Remembered]:
        """The investigations that fit a question best, best first."""
        with self._lock:
            scores = self._scores(terms, mean_length)
            order = np.lexsort((-np.arange(len(scores)), -scores))
            found: list[tuple[int, IssueRecord]] = []
            for place in cast("list[int]", order.tolist()):
                record = self._places[place]
                if len(found) == limit or scores[place] <= 0:
                    break
                if record is not None and _meets(record, conditions):
                    found.append((place, record))
            near = closeness(terms, self._numbers, [self._texts[place] for place, _ in found])
        ranked = [
            Remembered(record.chunks[0], float(scores[place]), float(scores[place]) * closer)
            for (place, record), closer in zip(found, near, strict=True)
        ]
        return sorted(ranked, key=lambda found: -found.score)

    def _scores(self, terms: Terms, mean_length: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        scores = np.zeros(len(self._places))
        lengths = np.array([len(text) - 1 + (TITLE_WEIGHT - 1) * int(text[0]) for text in self._texts])
        for word, weight in terms.weights.items():
            held = self._held.get(self._numbers.get(word, 0))
            if held is None:
                continue
            places, counts = np.array(held[0]), np.array(held[1])
            norms = K1 * (1 - B + B * lengths[places] / mean_length)
            scores[places] += weight * counts * (K1 + 1) / (counts + norms)
        return scores

    def _add(self, record: IssueRecord, title: list[str], body: list[str]) -> None:
        place = len(self._places)
        codes = [self._numbers.setdefault(word, len(self._numbers) + 1) for word in (*title, *body)]
        counts: dict[int, int] = {}
        for at, code in enumerate(codes):
            counts[code] = counts.get(code, 0) + (TITLE_WEIGHT if at < len(title) else 1)
        for code, count in counts.items():
            places, found = self._held.setdefault(code, (array("I"), array("I")))
            places.append(place)
            found.append(count)
        self._records[record.record_id] = place
        self._places.append(record)
        self._texts.append(np.array([len(title), *codes], dtype=np.uint32))

    def _compact(self) -> None:
        """Writes it all anew, without what was replaced and removed."""
        kept = [record for record in self._places if record is not None]
        self._records, self._places, self._texts, self._numbers, self._held = {}, [], [], {}, {}
        for record in kept:
            (chunk,) = record.chunks
            self._add(record, telling_words(chunk.title), telling_words(chunk.text))

    def _drop(self, task_id: str) -> None:
        place = self._records.pop(task_id, None)
        if place is not None:
            self._places[place] = None


def _meets(record: IssueRecord, conditions: Conditions) -> bool:
    if not conditions:
        return True
    values = condition_values(record)
    return all(
        any(_compares(record, values, name, *pair) for pair in zip(COMPARED[name], given, strict=True))
        for name, given in conditions.items()
    )


def _compares(record: IssueRecord, values: dict[str, str], name: str, column: str, value: str | float) -> bool:
    if isinstance(value, str):
        return bool(value) and values[column] == value.casefold()
    moment = cast("datetime | None", getattr(record, column))
    if moment is None:
        return False
    return moment.timestamp() >= value if name.endswith("_from") else moment.timestamp() <= value


type Known = Callable[[Terms, float, Conditions, int], Sequence[Remembered]]
