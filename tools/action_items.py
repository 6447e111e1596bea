"""Action items in running text: what makes a sentence one, who is to do it, and by when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tools.action_sources import Told, chat_lines, table_actions
from tools.deadlines import find_deadlines
from tools.owners import LABEL, is_crowd, labelled_owner, leading_owner, only_handle, role, trailing_owner
from tools.sentences import Block, Mark, blocks, sentences

_LABELLED = re.compile(
    r"[\W_]{0,6}(?:action(?:\sitem)?s?|next\ssteps?|to-?\s?dos?|fixme|follow-?\s?ups?|tasks?|(?-i:AIs?))(?:\s?#?\d{1,3})?"
    r"(?:\s?[(\[](?P<who>[^()\[\]]{1,60})[)\]])?[*_]{0,3}\s?(?::|\s[-–—]\s)[*_]{0,3}\s{0,4}(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_HEADING = re.compile(
    r"[\W_]{0,6}(?:(?:follow-?\s?up|next|open|immediate|remaining|corrective|recommended)\s)?"
    r"(?:action(?:\sitem)?s?|next\ssteps|to-?\s?dos?|follow-?\s?ups|tasks)[\W_]{0,6}",
    re.IGNORECASE,
)
_DONE = re.compile(r"[\W_]{0,4}(?:done|completed?|resolved|closed)(?!\w)\s?(?:[:–-]|$)", re.IGNORECASE)
_DETAIL = re.compile(
    r"[\s.;,(\[*_–—|-]{0,6}(?<![\w-])(?:(?:owners?|assignees?|responsible|DRI|due(?:\sdate)?|deadline|ETA|priority|status)\s?[:=]"
    r"|(?<=[(\[])due\s).*",
    re.IGNORECASE | re.DOTALL,
)
_REQUEST = re.compile(
    r"[,:]?\s(?:to|please|pls|kindly|will|must|should|shall|needs?\sto|has\sto|have\sto|can\syou|could\syou|would\syou"
    r"|will\syou)\s|\s?[:–—]\s|\s-\s",
    re.IGNORECASE,
)
_PLEASE = re.compile(
    r"(?:please|pls|kindly)\s(?!(?:note|see|feel|refer|be\saware|find|do\snot|don['’]t|wait)(?!\w))"
    r"|(?:can|could|would|will)\s(?:you|someone|somebody|anyone)\s",
    re.IGNORECASE,
)
_AGREED = r"(?:is|are)\s(?:going\s)?to|(?:agreed|volunteered|promised|offered)\sto"
_VERBS = (
    r"(?:acknowledge|add|agree|alert|analy[sz]e|apply|approve|ask|assign|audit|automate|block|book|bump|call|change|check"
    r"|clean|clear|close|collect|communicate|compare|confirm|contact|coordinate|create|cut|define|delete|deploy|disable"
    r"|document|drain|draft|drill|drop|enable|ensure|escalate|estimate|evaluate|export|file|fill|find|fix|follow|freeze|get"
    r"|gather|give|handle|identify|implement|improve|increase|inform|inspect|install|introduce|investigate|join|keep|lead"
    r"|limit|look|lower|make|measure|merge|migrate|monitor|move|notify|open|order|own|page|patch|pause|ping|plan|post"
    r"|prepare|propose|provide|publish|purge|put|raise|rebuild|reconcile|reduce|refactor|remove|rename|repair|replace"
    r"|reply|report|reproduce|request|reset|resize|resolve|restart|restore|retry|revert|review|revoke|rewrite|roll"
    r"|rollback|rotate|run|scale|schedule|search|send|set|share|shut|split|start|stop|submit|switch|sync|take|talk|tell"
    r"|test|throttle|tidy|track|train|triage|tune|turn|unblock|update|upgrade|validate|verify|watch|write)"
)
_TO_VERB = re.compile(rf"\s(?P<way>to|will|{_AGREED})\s(?:also\s)?{_VERBS}(?!\w)", re.IGNORECASE)
_NAMED = re.compile(rf"\s?:\s(?={_VERBS}\s)", re.IGNORECASE)
_PROMISED = re.compile(
    rf"(?:(?:ok(?:ay)?|sure|yes|yep|yeah|right|on\sit|will\sdo)[,.!]?\s)?(?:I['’]ll|I\swill|I\sam\sgoing\sto|I['’]m\sgoing\sto|let\sme|I\scan|I['’]m)\s(?:also\s|now\s|just\s)?"
    rf"(?:{_VERBS}(?!\w)|\w{{2,14}}ing\s)",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"(?:assigned\sto|owned\sby)\s(?P<who>[^:–—\n]{2,60}?)\s?(?::|\s[–—-])\s(?P<what>.{2,})", re.IGNORECASE | re.DOTALL
)
_IMPERATIVE = re.compile(rf"{_VERBS}\s(?!(?:is|are|was|were|has|had|have|will|of|to)\s|\w{{1,20}}ed\s)", re.IGNORECASE)
_MODAL = re.compile(
    r"(?<![\w'’\"-])(?:must|should|shall|needs?\sto|has\sto|have\sto|ought\sto)(?=[*_]{0,3}\s)"
    r"(?![*_]{0,3}\s(?:not|never|have|also\snot|(?:now\s|all\s)?be\s(?:fine|good|ok|okay|back|able|resolved|healthy|stable|noted"
    r"|the\ssame)|appear|contain|equal|look|match|return|see|show)(?!\w))",
    re.IGNORECASE,
)
_NOT_NEEDED = re.compile(  # denied, or on a condition
    r"(?:\b(?:not|never|no|nothing|nobody|longer|if|when|whenever|whether|what|who|why|how)|n['’]t)(?:\s[\w'’]{1,20}){0,2}\s$"
    r"|\b(?:which|may|might|would|could|that\syou)\s$",
    re.IGNORECASE,
)
_EXPECTED = re.compile(r"(?:again,?\s)?(?:it|this|that|there|these|which)\sshould", re.IGNORECASE)
_PASSIVE = re.compile(r"\s(?:be|have)\s", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w'’-]{0,39}")
_SUBJECT_CHARS = 90


@dataclass(frozen=True, kw_only=True)
class Action:
    text: str
    owner: str | None
    due: str | None


def find_action_items(text: str) -> list[Action]:
    """The action items of a text in order, each once; what is ticked off is left out.

    Tables come first, then what stands in lines; in a chat `I'll …` is a promise of the speaker.
    """
    plain_words = frozenset(_WORD.findall(text))
    rows, rest = table_actions(text)
    found = [Action(text=row.action, owner=row.owner, due=row.due) for row in rows]
    for part in chat_lines(rest):
        if not isinstance(part, Told):
            _from_blocks(found, part, plain_words)
            continue
        for sentence in sentences(" ".join(part.said.split())):
            if _PROMISED.match(sentence):
                _collect(found, _action(sentence, part.speaker))
            else:
                _from_blocks(found, sentence, plain_words)
    return list({action.text: action for action in reversed(found)}.values())[::-1]


def _from_blocks(found: list[Action], text: str, plain_words: frozenset[str]) -> None:
    listed = False
    instruction: str | None = None
    for block in blocks(text):
        if block.mark is not Mark.TICKED_BOX and _HEADING.fullmatch(block.text):
            listed = True
            continue
        if block.mark is Mark.HEADING or (block.mark is Mark.NONE and block.after_gap):
            listed = False
        if block.mark is Mark.TICKED_BOX or _DONE.match(block.text):
            continue
        if block.mark is Mark.OPEN_BOX or (listed and block.mark is not Mark.NONE):
            labelled = _LABELLED.fullmatch(block.text)
            words, who = (labelled["rest"], labelled["who"]) if labelled else (block.text, None)
            _collect(found, _told(words, plain_words, who=who))
            continue
        for sentence, mark in _statements(block):
            for action in _in_sentence(sentence, mark, instruction, plain_words):
                _collect(found, action)
            instruction = sentence if _IMPERATIVE.match(sentence) else None


def _statements(block: Block) -> Iterator[tuple[str, Mark]]:
    """The sentences of a block; one that gives several people something to do is a list, parted at its semicolons."""
    for sentence in sentences(block.text):
        parts = sentence.split("; ")
        if len(parts) > 1 and all((owner := leading_owner(part)) and _TO_VERB.match(part, owner[1]) for part in parts):
            yield from ((part, Mark.BULLET) for part in parts)
        else:
            yield sentence, block.mark


def _collect(found: list[Action], action: Action) -> None:
    """An action without words, `Owner: Ana` alone, speaks of the one before it."""
    if found and action.text in {"", found[-1].text}:
        last = found[-1]
        found[-1] = replace(last, owner=last.owner or action.owner, due=last.due or action.due)
    elif action.text:
        found.append(action)


def _in_sentence(sentence: str, mark: Mark, instruction: str | None, plain_words: frozenset[str]) -> Iterator[Action]:
    """The action of a sentence; `instruction` is what an owner's label alone makes an action of."""
    detail = _DETAIL.search(sentence)
    if labelled := _LABELLED.fullmatch(sentence):
        yield _told(labelled["rest"], plain_words, who=labelled["who"])
    elif (assigned := _ASSIGNED.fullmatch(sentence)) and labelled_owner(assigned["who"]):
        yield _action(assigned["what"], labelled_owner(assigned["who"]))
    elif (owner := _asked(sentence, mark, plain_words)) is not None:
        yield _action(sentence, owner or only_handle(sentence))
    elif detail and detail.start() == 0:
        details = _detail(sentence)
        if instruction is not None and details.owner is not None:
            yield _action(instruction, None)
        yield details
    elif _IMPERATIVE.match(sentence) and (detail or mark is Mark.BULLET):
        action = _told(sentence, plain_words, who=None)
        if action.owner is not None or action.due is not None:
            yield action


def _asked(sentence: str, mark: Mark, plain_words: frozenset[str]) -> str | None:
    """Whom a sentence asks to do something, "" where it asks nobody in particular; None where it asks nothing."""
    leading = leading_owner(sentence)
    if leading is not None:
        name, end = leading
        if name.startswith(("@", "<@")) and _REQUEST.match(sentence, end):
            return "" if is_crowd(name) else name
        if not sentence.endswith("?") and not _is_thing(name, plain_words) and _is_told(sentence, end, mark):
            return name
    if _PLEASE.match(sentence):
        return ""
    if sentence.endswith("?") or _EXPECTED.match(sentence):
        return None
    modal = _MODAL.search(sentence)
    if modal is None or _NOT_NEEDED.search(sentence[max(0, modal.start() - 60) : modal.start()]):
        return None
    return _subject(sentence, modal, plain_words)


def _is_told(sentence: str, end: int, mark: Mark) -> bool:
    """Whether what stands behind a name gives its bearer something to do; `will` alone is a forecast, unless listed or due."""
    if _NAMED.match(sentence, end):
        return True
    way = _TO_VERB.match(sentence, end)
    if way is None:
        return False
    return mark is Mark.BULLET or way["way"].lower() != "will" or bool(find_deadlines(sentence))


def _subject(sentence: str, modal: re.Match[str], plain_words: frozenset[str]) -> str:
    """The person, role or team in front of `must`; "" where it is a thing, or where the sentence is passive."""
    subject = sentence[: modal.start()].strip()
    if len(subject) > _SUBJECT_CHARS or _PASSIVE.match(sentence, modal.end()):
        return ""
    leading = leading_owner(subject)
    if leading is not None and leading[1] == len(subject) and not _is_thing(leading[0], plain_words):
        return subject
    return role(subject) or ""


def _is_thing(name: str, plain_words: frozenset[str]) -> bool:
    """Whether a capital at the start of a sentence is all that makes a word look like a name."""
    if name.startswith(("@", "<@")) or " " in name:
        return False
    word = name.lower()
    if word in _THINGS or word.removesuffix("s") in _THINGS or word.endswith(("tion", "ment", "ity")):
        return True
    return word in plain_words


def _told(words: str, plain_words: frozenset[str], *, who: str | None) -> Action:
    """An action that a mark or a label makes one, with the owner wherever it names one."""
    action = _action(words, who)
    if action.owner is not None:
        return action
    owner = _leading_owner(action.text, plain_words) or trailing_owner(action.text) or only_handle(action.text)
    return replace(action, owner=owner)


def _leading_owner(text: str, plain_words: frozenset[str]) -> str | None:
    """Who is told something at the start: `Ana to …`, `@bob please …`, `Ana: …`, but not the title `Rotate Certs: …`."""
    leading = leading_owner(text)
    if leading is None or is_crowd(leading[0]) or _is_thing(leading[0], plain_words) or _IMPERATIVE.match(text):
        return None
    return leading[0] if _REQUEST.match(text, leading[1]) else None


def _action(words: str, who: str | None) -> Action:
    """The action without its labels; the owner of a label goes before `who`."""
    words = words.strip()
    detail = _DETAIL.search(words)
    text = words[: detail.start()].strip() if detail else words
    details = _detail(words if detail is None else words[detail.start() :])
    due = details.due or next((item.due for item in find_deadlines(text)), None)
    return Action(text=text, owner=details.owner or who, due=due)


def _detail(words: str) -> Action:
    """The owner and the due time that labels name."""
    label = LABEL.search(words)
    owner = labelled_owner(words[label.end() : label.end() + 130]) if label else None
    due = next((item.due for item in find_deadlines(words)), None)
    return Action(text="", owner=owner, due=due)


_THINGS = frozenset(
    {
        "access",
        "action",
        "alert",
        "backup",
        "cache",
        "capacity",
        "change",
        "checkout",
        "code",
        "config",
        "data",
        "database",
    }
    | {"deploy", "error", "failover", "fix", "incident", "issue", "key", "latency", "load", "log", "monitor", "network"}
    | {"outage", "owner", "patch", "policy", "problem", "queue", "release", "response", "rollback", "root", "runbook"}
    | {"server", "service", "storage", "system", "task", "team", "test", "ticket", "traffic", "update", "work"}
    | {
        "and",
        "any",
        "as",
        "at",
        "both",
        "but",
        "by",
        "each",
        "every",
        "failure",
        "first",
        "for",
        "from",
        "however",
        "in",
    }
    | {"next", "on", "once", "or", "since", "so", "some", "such", "then", "these", "those", "what", "while", "with"}
)
