"""Search among earlier issues and incidents, in an index file."""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import cast

from core.errors import ToolBrokenError, ToolRefusedError
from core.evidence import IssueHits
from retrieval.asking import Asking
from retrieval.build import FORMAT, BuildReport, Engine, build_issue_index
from retrieval.columns import Mask
from retrieval.company_records import CompanyRecords
from retrieval.encoder import Encoder, installed_encoder
from retrieval.fusion import Ranked
from retrieval.gathering import gather
from retrieval.index_files import HOW_TO_BUILD, IndexFiles, OpenIndex, open_database, read_about
from retrieval.issue_filters import Conditions, IssueFilters, read_conditions
from retrieval.large import EngineDamagedError, LargeEngine, is_installed
from retrieval.meaning import MeaningRanking
from retrieval.past_tasks import PastTasks
from retrieval.word_index import Terms, read_terms, repeated

CHECK_EVERY_S = 2.0
_QUESTION_THREADS = 1  # a question is short: more of them wait for each other longer than they save
MAX_NEW_VECTORS = 200  # that many are made while a search waits; more take `python -m retrieval build`

_log = logging.getLogger(__name__)


class IssueSearch:
    """Ranks issues and incident records of an index file. Holds no connection between searches.

    With a company, the default index is built when it is missing and built anew when the company's files changed; a file
    that is no index of ours is never overwritten. Where an index holds vectors and their model is installed (the extra
    `dense`), meaning counts beside words; `encoder` is another model, `dense=False` none.
    `past` holds this program's own earlier investigations, which are searched beside the default index.
    """

    def __init__(
        self,
        default_index_path: Path,
        company: CompanyRecords | None = None,
        *,
        seconds: Callable[[], float] = monotonic,
        encoder: Encoder | None = None,
        dense: bool = True,
        engine: Engine = "auto",
    ) -> None:
        self._default = default_index_path
        found = encoder or (installed_encoder(_QUESTION_THREADS) if dense else None)
        self._encoder = found
        self._meaning = None if found is None else MeaningRanking(found)
        self._files = IndexFiles()
        self._engine: Engine = engine
        self._large = None if engine == "sqlite" or not is_installed() else LargeEngine()
        self.past = PastTasks()
        self._complained: set[str] = set()
        self._company = company
        self._seconds = seconds
        self._lock = Lock()
        self._checked_at: float | None = None
        self._report: BuildReport | None = None

    @property
    def report(self) -> BuildReport | None:
        """What this process wrote into the default index; None when it was there already."""
        return self._report

    async def prepare(self) -> None:
        """Makes sure of the default index. Raises ToolBrokenError when it is missing, foreign or cannot be written."""
        await asyncio.to_thread(self._ensure)

    async def search(
        self, query: str, filters: IssueFilters, *, top_k: int, max_snippet_chars: int, index_path: str | None
    ) -> IssueHits:
        """The issues that fit best; where the filters leave nothing, with fewer of them, named in `relaxed_filters`.

        Raises ToolRefusedError when there is no file at `index_path`, ToolBrokenError when an index cannot be read.
        """
        return await asyncio.to_thread(self._search, query, filters, top_k, max_snippet_chars, index_path)

    def _search(
        self, query: str, filters: IssueFilters, top_k: int, max_snippet_chars: int, index_path: str | None
    ) -> IssueHits:
        if index_path is None:
            self._ensure()
            path = self._default
        else:
            path = Path(index_path)
            if not path.is_file():
                raise ToolRefusedError(f"there is no index at {path}: {HOW_TO_BUILD}, or leave index_path out")
        try:
            with self._files.open(path) as index:
                terms = read_terms(index.postings, query)
                asking = Asking(
                    index=index,
                    terms=terms,
                    meaning=self._meaning_of(index, query),
                    finder=self._finder_of(index),
                    past=self.past if index_path is None else None,
                    top_k=top_k,
                    max_snippet_chars=max_snippet_chars,
                )
                found = asking.find(read_conditions(filters))
        except (sqlite3.Error, ValueError, KeyError) as error:
            raise ToolBrokenError(f"the index {path} cannot be read ({error}): delete it and {HOW_TO_BUILD}") from None
        sure = found.listed.confidence
        return IssueHits(
            query=query,
            hits=tuple(found.listed.hits),
            confidence=sure.value,
            recommend_fallback=sure.recommends_fallback,
            fallback_reason=sure.reason,
            relaxed_filters=found.relaxed,
            reranked_by=None,
        )

    def _meaning_of(self, index: OpenIndex, query: str) -> Callable[[Mask | None], list[Ranked]] | None:
        """The ranking by meaning of a question; None without a model or without its vectors in the index."""
        meaning, encoder = self._meaning, self._encoder
        if meaning is None or encoder is None or index.about.get("encoder") != encoder.name or not query.strip():
            return None
        return lambda admitted: meaning.ranked(index, query, admitted)

    def _finder_of(self, index: OpenIndex) -> Callable[[Terms, Conditions, int], list[int] | None] | None:
        """What asks the large engine, where the index has its folder; None where the file's own postings are to be used."""
        large, name = self._large, index.about.get("large")
        if large is None or name is None:
            if self._engine == "large":
                self._complain(
                    f"the index {index.path} was built without the large engine: build it with --engine large"
                )
            return None

        def find(terms: Terms, conditions: Conditions, limit: int) -> list[int] | None:
            entries = index.postings.entries(terms.asked)
            asked = [(entries[word].number, repeated(terms.counts.get(word, 1))) for word in terms.asked]
            try:
                return large.rows(index.path, name, asked, conditions, limit)
            except EngineDamagedError as error:
                self._complain(
                    f"the large engine of the index {index.path} cannot be used ({error}): its own postings answer, more "
                    "slowly; build the index anew"
                )
                return None

        return find

    def _complain(self, sentence: str) -> None:
        if sentence not in self._complained:
            self._complained.add(sentence)
            _log.warning("%s", sentence)

    def _ensure(self) -> None:
        with self._lock:
            now = self._seconds()
            if self._checked_at is not None and now - self._checked_at < CHECK_EVERY_S and self._default.is_file():
                return
            if self._company is None:
                if not self._default.is_file():
                    raise ToolBrokenError(f"there is no index at {self._default}: {HOW_TO_BUILD}")
            elif not self._is_current(self._company.signature()):
                reading = self._company.read()
                sources = _sources(self._default)
                gathered = gather(sources, lambda _name: None)
                self._report = build_issue_index(
                    self._default,
                    [*reading.records, *gathered.records],
                    signature=reading.signature,
                    problems=[*reading.problems, *gathered.problems],
                    sources=sources,
                    encoder=self._encoder,
                    max_new_vectors=MAX_NEW_VECTORS,
                    engine=self._engine,
                )
            self._checked_at = now

    def _is_current(self, signature: str) -> bool:
        """Whether the default index is that of the company's files. Raises ToolBrokenError for a foreign file."""
        if not self._default.is_file():
            return False
        try:
            with closing(open_database(self._default)) as database:
                about = read_about(database)
        except sqlite3.Error as error:
            raise ToolBrokenError(
                f"{self._default} is no issue index ({error}): delete it and it is built anew, or {HOW_TO_BUILD}"
            ) from None
        return about.get("format") == FORMAT and about.get("signature") == signature


def _sources(path: Path) -> list[Path]:
    """The exports and folders that an index was built from beside the company; none without an index of this format."""
    if not path.is_file():
        return []
    with suppress(sqlite3.Error, ValueError), closing(open_database(path)) as database:
        return [Path(name) for name in cast("list[str]", json.loads(read_about(database).get("sources", "[]")))]
    return []
