"""The digest for a terminal, and what `python -m bot digest` does."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from bot.app import announce_on_stderr, open_database
from bot.company import open_company
from bot.digest_ticker import build_digests
from bot.settings import Settings
from bot.slack.render.digest import title_of, told_until, trend
from bot.sources import open_sources
from bot.terminal import plain
from core.digest.model import Digest, Section, SectionStatus, Source, Statement

_INDENT = (0, 0, 0, 2)


async def make_digest(settings: Settings, *, team: str | None, week: str | None) -> Digest:
    """The digest; nothing is posted. Raises OrchError for a team, a week, or a database that there is not."""
    async with (
        open_database(settings, announce_on_stderr) as database,
        open_company(settings) as company,
        open_sources(settings, company) as sources,
    ):
        digests = await build_digests(settings, database, company, sources.references)
        return await digests.build(team=team, week=week)


def is_whole(digest: Digest) -> bool:
    """Whether every section could be looked up."""
    return all(section.status is not SectionStatus.FAILED for section in digest.sections)


def render_digest(digest: Digest) -> Group:
    """Every section, with what each statement rests on."""
    return Group(*_parts(digest))


def _parts(digest: Digest) -> Iterator[RenderableType]:
    yield _text(title_of(digest), "bold")
    yield _text(digest.headline)
    yield _text(told_until(digest), "dim")
    for section in digest.sections:
        yield _text(f"\n{section.title}", "bold")
        yield from _section(section)


def _section(section: Section) -> Iterator[RenderableType]:
    for statement in section.statements:
        yield Padding(_statement(statement), _INDENT)
    match section.status:
        case SectionStatus.EMPTY:
            yield Padding(_text("none", "dim"), _INDENT)
        case SectionStatus.FAILED:
            yield Padding(_text(f"could not be looked up: {section.note}", "red"), _INDENT)
        case SectionStatus.PARTIAL:
            yield Padding(_text(f"not whole: {section.note}", "yellow"), _INDENT)
        case SectionStatus.OK:
            pass


def _statement(statement: Statement) -> Text:
    change = trend(statement)
    words = f"{'! ' if statement.is_pressing else '- '}{statement.text}" + (f" ({change})" if change else "")
    sources = ", ".join(_tell(source) for source in statement.sources)
    return Text.assemble(_text(words, "bold" if statement.is_pressing else ""), _text(f"  [{sources}]", "dim"))


def _tell(source: Source) -> str:
    match source.kind:
        case "task":
            return f"task {source.text}"
        case "ticket" if source.url:
            return source.url
        case _:
            return source.text


def _text(text: str, style: str = "") -> Text:
    return Text(plain(text), style=style)
