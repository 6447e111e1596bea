"""Names of services and hosts, told from the hyphenated words of English."""

import re

NAME = r"(?<![\w.@/#:'’-])[a-z][a-z0-9]{0,30}(?:-[a-z0-9]{1,30}){1,6}(?![\w-])(?!\.\w)"
SNAKE_NAME = (
    r"(?<![\w.@/#:-])[a-z][a-z0-9]{1,30}(?:_[a-z0-9]{1,30}){0,4}"
    r"_(?:service|svc|api|worker|gateway|server|proxy|db|app|backend|frontend)(?![\w-])"
)
LABELLED_NAME = (
    r"(?<![\w-])(?:service|component|deployment|app|job)\s{0,2}[=:]\s{0,2}[\"'`]?(?P<name>[A-Za-z][\w-]{1,60})"
)

_SYSTEMS = frozenset(
    {"admin", "api", "apis", "app", "auth", "backend", "billing", "bot", "broker", "bus", "cache", "cdn", "client"}
    | {"cluster", "collector", "connector", "consumer", "controller", "cron", "database", "db", "dns", "engine"}
    | {"exporter", "frontend", "gateway", "ingest", "ingress", "job", "kafka", "lb", "ledger", "loader", "mysql"}
    | {"notifier", "operator", "orchestrator", "payments", "pipeline", "portal", "postgres", "processor", "producer"}
    | {"proxy", "queue", "rabbitmq", "redis", "registry", "relay", "replica", "router", "runner", "scheduler", "server"}
    | {"service", "services", "store", "svc", "ui", "web", "webhook", "webhooks", "worker", "workers"}
)
_ENGLISH = frozenset(
    {"a", "able", "access", "action", "ago", "ahead", "all", "an", "and", "around", "as", "at", "aware", "away", "back"}
    | {
        "based",
        "be",
        "best",
        "book",
        "budget",
        "build",
        "by",
        "case",
        "cause",
        "check",
        "class",
        "code",
        "cross",
        "cut",
    }
    | {"data", "date", "day", "days", "deep", "do", "down", "due", "duty", "early", "end", "error", "errors", "ever"}
    | {"facing", "fast", "file", "first", "five", "for", "four", "free", "friendly", "front", "full", "go", "good"}
    | {"graded", "half", "hand", "hard", "heavy", "high", "hoc", "hot", "hour", "hours", "house", "in", "it", "key"}
    | {"known", "large", "last", "late", "latency", "left", "less", "level", "life", "like", "line", "lived", "long"}
    | {
        "look",
        "low",
        "made",
        "man",
        "many",
        "name",
        "info",
        "quote",
        "utilisation",
        "utilization",
        "usage",
        "mid",
        "minute",
        "minutes",
        "mode",
        "month",
        "months",
        "more",
        "mortem",
    }
    | {"most", "multi", "new", "next", "no", "non", "not", "now", "of", "off", "old", "on", "one", "only", "or", "out"}
    | {"over", "own", "part", "party", "peer", "per", "plan", "point", "post", "pre", "prone", "quick", "quo", "rate"}
    | {"ready", "real", "related", "right", "robin", "root", "round", "run", "running", "safe", "scale", "second"}
    | {"seconds", "self", "semi", "set", "short", "side", "sign", "sized", "slow", "small", "so", "soon", "specific"}
    | {"start", "state", "step", "stop", "take", "team", "term", "than", "the", "then", "third", "three", "through"}
    | {"time", "times", "to", "today", "top", "turn", "two", "under", "up", "upon", "user", "week", "weeks", "well"}
    | {"while", "white", "wide", "wise", "with", "word", "work", "world", "write", "year", "years", "yes", "zero"}
)
_PREFIXES = frozenset(
    {"anti", "co", "cross", "de", "ex", "inter", "intra", "mid", "multi", "non", "post", "pre", "re", "self", "semi"}
    | {"sub", "un"}
)
_COMMANDS = frozenset(  # what command lines, keyboards and code begin with
    {"add", "alt", "apply", "cmd", "create", "ctrl", "delete", "describe", "disable", "enable", "exec", "get", "list"}
    | {"pause", "put", "remove", "reset", "restore", "set", "shift", "show", "undo", "unpause", "unset", "update"}
)
_REGION = re.compile(r"[a-z]{2,9}-(?:gov-)?(?:north|south|east|west|central)(?:north|south|east|west)?-?\d{1,2}[a-z]?")
_POD_SUFFIX = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{5,10}")
_PARTICIPLE = re.compile(r"[a-z]{3,}(?:ed|ly)")


def kind_of(name: str) -> str | None:
    """`service` or `host` for a kebab-case name; None for hyphenated English such as `follow-up` or `end-to-end`."""
    parts = name.split("-")
    if parts[0] in _PREFIXES or parts[0] in _COMMANDS or _REGION.fullmatch(name):
        return None
    is_system = any(part in _SYSTEMS for part in parts)
    if not is_system and (any(part in _ENGLISH for part in parts) or _PARTICIPLE.fullmatch(parts[-1])):
        return None
    if all(len(part) == 1 for part in parts):
        return None
    return "host" if parts[-1].isdigit() or _POD_SUFFIX.fullmatch(parts[-1]) else "service"
