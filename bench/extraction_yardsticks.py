# /// script
# requires-python = ">=3.13"
# dependencies = [
#     "recognizers-text-date-time==1.0.2a2",
#     "emoji<2",  # the package above asks it for a name that later versions dropped
#     "dateparser>=1.2",
#     "ctparse>=0.3.6",
#     "parsedatetime>=2.6",
#     "timefhuman>=0.1.4",
#     "scikit-learn>=1.5",
# ]
# ///
"""Other people's libraries with their stock settings, in an environment of their own: some pin what the product needs newer.

Reads `{"name": …, "rows": […]}` on standard input and prints `{"answers": […], "seconds": …}`.
Sentences are `{"text", "now"}`, answers `[[start, end, kind or null, [values]], …]`; for `tf-idf` rows are `{"text", "label"}`
and answers are labels out of a stratified cross-validation.
"""

import contextlib
import io
import json
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from time import perf_counter
from typing import Any, cast

type Span = list[Any]
type Read = Callable[[str, datetime], list[Span]]


def recognizers_text() -> Read:
    """Microsoft's own, whose specification the cases are: its Python port."""
    module: Any = import_module("recognizers_date_time")
    model = module.DateTimeRecognizer(module.Culture.English).get_datetime_model()

    def read(text: str, now: datetime) -> list[Span]:
        found: list[Span] = []
        for item in model.parse(text, now):
            resolution: dict[str, list[dict[str, str]]] = item.resolution or {}
            values = [
                value["value"] if "value" in value else f"{value.get('start')}..{value.get('end')}"
                for value in resolution.get("values", [])
            ]
            found.append([item.start, item.end + 1, item.type_name.split(".")[-1], values])
        return found

    return read


def dateparser() -> Read:
    """`search_dates`, English, relative to the given time."""
    search: Any = import_module("dateparser.search")

    def read(text: str, now: datetime) -> list[Span]:
        found: list[Span] = []
        after = 0
        settings = {"RELATIVE_BASE": now}
        hits: list[tuple[str, datetime]] | None = search.search_dates(text, languages=["en"], settings=settings)
        for words, moment in hits or ():
            start = text.find(words, after)
            if start >= 0:
                after = start + len(words)
                found.append([start, after, None, _formats(moment)])
        return found

    return read


def parsedatetime() -> Read:
    """`Calendar.nlp`."""
    module: Any = import_module("parsedatetime")
    calendar = module.Calendar()

    def read(text: str, now: datetime) -> list[Span]:
        return [[start, end, None, _formats(moment)] for moment, _, start, end, _ in calendar.nlp(text, now) or ()]

    return read


def timefhuman() -> Read:
    """Its reading with the matched text."""
    module: Any = import_module("timefhuman")

    def read(text: str, now: datetime) -> list[Span]:
        found: list[Span] = []
        config = module.tfhConfig(now=now, return_matched_text=True)
        for _, (start, end), value in module.timefhuman(text, config):
            if isinstance(value, tuple):
                pair = cast("tuple[Any, ...]", value)
                found.append(
                    [
                        start,
                        end,
                        None,
                        [f"{one}..{two}" for one, two in zip(_formats(pair[0]), _formats(pair[1]), strict=False)],
                    ]
                )
            else:
                found.append([start, end, None, _formats(value)])
        return found

    return read


def ctparse() -> Read:
    """Its best parse, one a sentence, within two seconds."""
    module: Any = import_module("ctparse")

    def read(text: str, now: datetime) -> list[Span]:
        parse = module.ctparse(text, ts=now, timeout=2)
        if parse is None:
            return []
        value = parse.resolution
        if type(value).__name__ == "Interval":
            values = [f"{one}..{two}" for one in _artifact(value.t_from) for two in _artifact(value.t_to)]
        elif type(value).__name__ == "Duration":
            unit = {"minutes": 60, "hours": 3600, "days": 86400, "nights": 86400, "weeks": 604800, "months": 2592000}
            values = [f"{value.value * unit.get(value.unit.value, 0):g}"]
        else:
            values = _artifact(value)
        return [[value.mstart, value.mend, None, values]]

    return read


def tf_idf(rows: list[dict[str, str]]) -> list[str]:
    """Labels by logistic regression over TF-IDF of words and pairs, trained on the other folds of five."""
    pipeline: Any = import_module("sklearn.pipeline")
    text: Any = import_module("sklearn.feature_extraction.text")
    linear: Any = import_module("sklearn.linear_model")
    selection: Any = import_module("sklearn.model_selection")
    labels = [row["label"] for row in rows]
    folds = max(2, min(5, *(count for count in Counter(labels).values() if count > 1)))
    model = pipeline.make_pipeline(
        text.TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        linear.LogisticRegression(max_iter=2000, class_weight="balanced"),
    )
    splits = selection.StratifiedKFold(n_splits=folds, shuffle=True, random_state=0)
    return [
        str(label) for label in selection.cross_val_predict(model, [row["text"] for row in rows], labels, cv=splits)
    ]


def _formats(moment: Any) -> list[str]:
    """A moment in every form that the gold values have: these libraries do not say which part of it was in the words."""
    if isinstance(moment, datetime):
        return [f"{moment:%Y-%m-%d}", f"{moment:%Y-%m-%d %H:%M:%S}", f"{moment:%H:%M:%S}"]
    seconds = getattr(moment, "total_seconds", None)
    return [f"{seconds():g}"] if seconds else [str(moment)]


def _artifact(value: Any) -> list[str]:
    """A ctparse time, of which parts may be open."""
    if value is None:
        return ["None"]
    day = f"{value.year:04}-{value.month:02}-{value.day:02}" if value.year and value.month and value.day else None
    clock = f"{value.hour:02}:{value.minute or 0:02}:00" if value.hour is not None else None
    return [f"{day} {clock}" if day and clock else day or clock or str(value)]


READERS: dict[str, Callable[[], Read]] = {
    "recognizers-text 1.0.2a2": recognizers_text,
    "dateparser": dateparser,
    "parsedatetime": parsedatetime,
    "timefhuman": timefhuman,
    "ctparse": ctparse,
}


def main() -> None:
    """Answer on standard output; what a library prints by itself goes nowhere."""
    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    rows = asked["rows"]
    with contextlib.redirect_stdout(io.StringIO()):
        if asked["name"] == "tf-idf":
            began = perf_counter()
            answers: list[Any] = list(tf_idf(rows))
        else:
            read = READERS[asked["name"]]()
            began = perf_counter()
            answers = []
            for row in rows:
                try:
                    answers.append(read(row["text"], datetime.fromisoformat(row["now"])))
                except Exception:  # noqa: BLE001 - a library that gives up on a sentence has found nothing in it
                    answers.append([])
        seconds = perf_counter() - began
    json.dump({"answers": answers, "seconds": seconds}, sys.stdout, default=str)


if __name__ == "__main__":
    main()
