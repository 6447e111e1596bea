"""What `/orch help` says."""

from dataclasses import dataclass
from difflib import get_close_matches

from bot.slack.commands.answers import Answer, say
from bot.slack.commands.words import COMMAND, NAMES, Unknown, read_command
from bot.slack.render.limits import cut
from bot.slack.render.parts import Heading, Listing, Note, Part, paragraph, text

_WORD_CHARS = 40
_TYPED_CHARS = 200


@dataclass(frozen=True, kw_only=True)
class _Help:
    usage: str
    does: str
    more: tuple[str, ...] = ()


_HELP: dict[str, _Help] = {
    "analyze": _Help(
        usage="analyze <what to look into>",
        does="I ask the sources, and answer in a thread with the plan, the evidence with its citations, and a verdict.",
        more=(
            (
                "Services, severities and times are read from your words: “web-api P1 last 30 min”, "
                "“checkout errors from 2026-02-14 10:00 to 10:30”. Without a time I look at the last 30 minutes."
            ),
            f"{COMMAND} analyze alone opens a form with fields for service, window and severity.",
        ),
    ),
    "status": _Help(usage="status", does="whether everything is up, and what is running and waiting; only you see it."),
    "show": _Help(
        usage="show [task id]",
        does="a verdict, only for you, with a button that posts it here. Six characters of the id are enough.",
        more=("Without an id: the last task of this channel.",),
    ),
    "rerun": _Help(
        usage="rerun [task id]",
        does="asks the same again, now, in a thread here.",
        more=("Without an id: the last task of this channel. What still runs is not begun twice.",),
    ),
    "cancel": _Help(
        usage="cancel [task id]",
        does="stops a task that is queued or running.",
        more=("Without an id: the last task of this channel.",),
    ),
    "oncall": _Help(
        usage="oncall [week or name]",
        does="who is primary and secondary now and next, from the rota.",
        more=(
            "A week: “next week”, “2026-W08”, “week 8 2026”, or any day of it, “2026-02-18”.",
            "A name, or a part of one: when this person is on call.",
        ),
    ),
    "digest": _Help(usage="digest [team]", does="the weekly on-call digest as it would be sent now; only you see it."),
    "help": _Help(usage="help [command]", does="these lines, or more about one command."),
}


def tell_help(topic: str = "") -> Answer:
    """All commands, or one with its details; a topic that is none is answered with the nearest."""
    if topic:
        name = topic.strip().lower().removeprefix(COMMAND).strip()
        if name not in _HELP:
            name = next(iter(get_close_matches(name, NAMES, n=1, cutoff=0.6)), "")
        if name:
            found = _HELP[name]
            lines = tuple((text(line),) for line in found.more)
            parts: list[Part] = [_line(name, found)]
            return Answer(reason="helped", parts=(*parts, *([Listing(items=lines)] if lines else [])))
    listing = Listing(
        items=tuple((text(f"{COMMAND} {it.usage}", code=True), text(f": {it.does}")) for it in _HELP.values())
    )
    return Answer(
        reason="helped",
        parts=(
            Heading(text="What I do"),
            listing,
            paragraph(
                "Alerts in the channels I am in are looked into by themselves. Mention me anywhere, also below one of my "
                "answers to ask on: I keep its service and window. The message menu has “Investigate this message”."
            ),
            Note(text="The same words work after a mention of me, and in a message to me alone."),
        ),
    )


def tell_unknown(unknown: Unknown) -> Answer:
    """What may have been meant."""
    return say(
        "unknown_command",
        f"I do not know “{cut(unknown.word, _WORD_CHARS)}”. Did you mean {cut(unknown.suggestion, _TYPED_CHARS)} ?",
        note=f"{COMMAND} help lists what I do.",
        refused=True,
    )


def tell_at_once(typed: str) -> Answer | None:
    """The answer that needs nothing but the words typed: help, or what may have been meant; None for all else."""
    command = read_command(typed)
    if isinstance(command, Unknown):
        return tell_unknown(command)
    return tell_help(command.argument) if command.name == "help" else None


def _line(name: str, found: _Help) -> Part:
    return paragraph(text(f"{COMMAND} {_HELP[name].usage}", code=True), text(f": {found.does}"))
