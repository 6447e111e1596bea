"""The policies, documents and config files of a company, as passages that can be quoted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from core.errors import ToolBrokenError, ToolRefusedError
from core.evidence import Passage, ReferenceExcerpt
from retrieval.markdown import Section, lines_of, read_markdown
from retrieval.ranking import PassageRanking
from retrieval.yaml_passages import yaml_passages

MAX_FILE_BYTES = 2_000_000

SOURCES = {
    "policy_v1": "policies/policy_v1.md",
    "policy_v2": "policies/policy_v2.md",
    "governance_notes": "policies/governance_notes.md",
    "company_profile": "docs/company_profile.md",
    "jira_config": "configs/jira_config.yaml",
    "slack_config": "configs/slack_config.yaml",
    "oncall_rota": "configs/oncall_rota.yaml",
    "github_actions": "configs/github_actions.yml",
    "postgres_config": "configs/postgres_config.yaml",
}
_OTHER_ENDING = {".yaml": ".yml", ".yml": ".yaml"}
_TOGETHER = 0.4  # share of the best row's score from which a row beside it comes along
_FOLDERS = ("policies", "docs")


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file as passages; `name` is its stem, `path` is relative to the company's folder, `problem` what is wrong.

    `lines` are those that the passages quote; `sections` are the headings of a Markdown file.
    """

    name: str
    path: str
    lines: tuple[str, ...]
    passages: tuple[Passage, ...]
    sections: tuple[Section, ...]
    ranking: PassageRanking
    problem: str | None = None


class CompanyReferenceFiles:
    """Reads the files of a company's folder; each is parsed once and again when it has changed (time or size)."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = Lock()
        self._cache: dict[Path, tuple[tuple[int, int], Document]] = {}

    @property
    def root(self) -> Path:
        return self._root

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(SOURCES)

    async def excerpt(self, source: str, query: str | None, max_chars: int) -> ReferenceExcerpt:
        """The passages that fit the query best, in the order of the file, up to `max_chars` characters of text in all.

        Passages that match come first, rows of a table and items of a list beside their matching neighbours; what room is
        left goes to the others from the top. No passages at all when none matches. Without a query: from the top.
        `truncated` when a passage was left out or cut. Raises ToolRefusedError for an unknown source, ToolBrokenError
        when its file cannot be read.
        """
        document = await asyncio.to_thread(self.document, source)
        passages = _choose(document, query, max_chars)
        whole = sum(len(passage.text) for passage in document.passages)
        return ReferenceExcerpt(
            source=source,
            path=document.path,
            query=query,
            passages=passages,
            truncated=sum(len(passage.text) for passage in passages) < whole,
        )

    async def prepare(self) -> None:
        """Parses every file that is there, so that the first task need not wait for it."""
        await asyncio.to_thread(self._parse_all)

    def document(self, source_or_path: str) -> Document:
        """A source by its name, or a file of policies/ or docs/ by its path. Errors as `excerpt`."""
        path = self._known(source_or_path)
        return self._read(path)

    def passages(self, source_or_path: str) -> tuple[Passage, ...]:
        """The passages of a document, in its order. Errors as `excerpt`."""
        return self.document(source_or_path).passages

    def documents(self) -> tuple[Document, ...]:
        """Every readable Markdown file of policies/ and docs/, by path; `problems` tells of the others."""
        return tuple(found for path in self.document_paths() if (found := self._try(path)[0]) is not None)

    def document_paths(self) -> tuple[Path, ...]:
        """The Markdown files of policies/ and docs/, in order."""
        return tuple(path for folder in _FOLDERS for path in sorted((self._root / folder).glob("*.md")))

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the sources and documents: a sentence each."""
        paths = dict.fromkeys((*(self._known(source) for source in SOURCES), *self.document_paths()))
        return tuple(problem for path in paths if (problem := self._try(path)[1]) is not None)

    def _parse_all(self) -> None:
        self.documents()
        self.problems()

    def _try(self, path: Path) -> tuple[Document | None, str | None]:
        try:
            document = self._read(path)
        except ToolBrokenError as error:
            return None, str(error)
        return document, document.problem

    def _known(self, source_or_path: str) -> Path:
        """The path of what is named. Only names of the table and files found by listing: no name leads elsewhere."""
        if (relative := SOURCES.get(source_or_path)) is not None:
            path = self._root / relative
            other = path.with_suffix(_OTHER_ENDING.get(path.suffix, path.suffix))
            return other if other.is_file() and not path.is_file() else path
        for path in self.document_paths():
            if path.relative_to(self._root).as_posix() == source_or_path:
                return path
        raise ToolRefusedError(f"there is no reference source {source_or_path!r}: ask for one of {', '.join(SOURCES)}")

    def _read(self, path: Path) -> Document:
        relative = path.relative_to(self._root).as_posix()
        try:
            status = path.stat()
            signature = (status.st_mtime_ns, status.st_size)
            with self._lock:
                known = self._cache.get(path)
            if known is not None and known[0] == signature:
                return known[1]
            if status.st_size > MAX_FILE_BYTES:
                raise ToolBrokenError(
                    f"{path} has {status.st_size:,} bytes; at most {MAX_FILE_BYTES:,} are read: divide the file"
                )
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise ToolBrokenError(
                f"the company folder has no {relative}: put the file at {path}, or point the folder elsewhere"
            ) from None
        except UnicodeDecodeError as error:
            raise ToolBrokenError(f"{path} is not UTF-8 at byte {error.start}: save it as UTF-8") from None
        except OSError as error:
            raise ToolBrokenError(f"{path} cannot be read ({error.strerror}): check the file and its rights") from None
        document = _parse(path, relative, text)
        with self._lock:
            self._cache[path] = (signature, document)
        return document


def _parse(path: Path, relative: str, text: str) -> Document:
    problem = None
    sections: tuple[Section, ...] = ()
    if path.suffix == ".md":
        passages, sections = read_markdown(text)
    else:
        passages, wrong = yaml_passages(text)
        if wrong is not None:
            problem = f"{path}, line {wrong.line}: {wrong.reason}; only its plain text can be quoted: mend the YAML"
    return Document(
        name=path.stem,
        path=relative,
        lines=tuple(lines_of(text)),
        passages=passages,
        sections=sections,
        ranking=PassageRanking(passages),
        problem=problem,
    )


def _choose(document: Document, query: str | None, max_chars: int) -> tuple[Passage, ...]:
    everything = document.passages
    order = list(range(len(everything)))
    if query is not None and query.strip():
        scores = document.ranking.scores(query)
        if not any(scores):
            return ()
        order = _best_first(everything, scores)
    chosen: dict[int, Passage] = {}
    room = max_chars
    for at in order:
        passage = everything[at]
        if len(passage.text) <= room:
            chosen[at] = passage
            room -= len(passage.text)
        elif not chosen and room > 0:  # the best passage alone is too long: better its beginning than nothing
            chosen[at] = _beginning(passage, room)
            break
        elif query is None:
            break
    return tuple(chosen[at] for at in sorted(chosen))


def _best_first(passages: Sequence[Passage], scores: list[float]) -> list[int]:
    """All positions: the best match with the neighbours that match about as well, the next best …; then the others."""
    place: dict[int, tuple[float, float]] = {}
    for group in _groups(passages, scores):
        best = max(scores[at] for at in group)
        for at in group:
            place[at] = (best if scores[at] >= _TOGETHER * best else scores[at], scores[at])
    return sorted(range(len(passages)), key=lambda at: place.get(at, (0.0, 0.0)), reverse=True)


def _groups(passages: Sequence[Passage], scores: list[float]) -> list[list[int]]:
    """The positions that match, those of neighbouring rows of a table or items of a list together."""
    groups: list[list[int]] = []
    for at, score in enumerate(scores):
        if not score:
            continue
        last = groups[-1][-1] if groups else -2
        if last == at - 1 and _siblings(passages[last], passages[at]):
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups


def _siblings(one: Passage, other: Passage) -> bool:
    return one.block == other.block and one.block in {"row", "item"} and one.heading == other.heading


def _beginning(passage: Passage, max_chars: int) -> Passage:
    """As many lines of a passage as fit; of its first line as many characters as fit."""
    text = passage.text[: max_chars + 1]
    text = text[: text.rfind("\n")] if "\n" in text else text[:max_chars]
    return passage.model_copy(update={"text": text, "end_line": passage.start_line + text.count("\n"), "data": None})
