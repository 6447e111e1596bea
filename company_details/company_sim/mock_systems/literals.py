"""String literals and durations as Go programs write them, which is how PromQL and LogQL do."""

import re

_SIMPLE = {
    "a": b"\a",
    "b": b"\b",
    "f": b"\f",
    "n": b"\n",
    "r": b"\r",
    "t": b"\t",
    "v": b"\v",
    "\\": b"\\",
}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)|\\\Z", re.DOTALL)
_MAX_OCTAL = 0o377
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
_UNITS_MS = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1_000, 1)


def unquote(literal: str) -> str:
    """The text inside a quoted literal, quotes included in the argument; backquotes take everything as it is.

    Raises ValueError for an unknown escape. https://go.dev/ref/spec#String_literals
    """
    quote, body = literal[0], literal[1:-1]
    if quote == "`":
        return body
    if "\n" in body:
        raise ValueError("a quoted string has no line breaks: use backquotes")

    def bytes_of(match: re.Match[str]) -> str:
        code = match[1] or ""
        if code in _SIMPLE:
            raw = _SIMPLE[code]
        elif code == quote:
            raw = code.encode()
        elif code[:1] == "x" and len(code) > 1:
            raw = bytes([int(code[1:], 16)])
        elif code[:1] in {"u", "U"} and len(code) > 1:
            raw = _encode(int(code[1:], 16))
        elif code.isdigit() and len(code) == len("777") and int(code, 8) <= _MAX_OCTAL:
            raw = bytes([int(code, 8)])
        else:
            raise ValueError(f"unknown escape sequence \\{code}")
        return raw.decode("latin-1")

    # Escapes may spell single bytes of a character, so the text is put together as bytes (in latin-1) and then decoded.
    pieces: list[str] = []
    position = 0
    for match in _ESCAPE.finditer(body):
        pieces += [_as_latin1(body[position : match.start()]), bytes_of(match)]
        position = match.end()
    pieces.append(_as_latin1(body[position:]))
    return "".join(pieces).encode("latin-1").decode("utf-8", errors="replace")


def _as_latin1(text: str) -> str:
    return text.encode("utf-8", errors="replace").decode("latin-1")


def _encode(code_point: int) -> bytes:
    try:
        return chr(code_point).encode()
    except (ValueError, UnicodeEncodeError):
        raise ValueError(f"{code_point:#x} is no Unicode character") from None


def parse_duration_ms(text: str) -> int:
    """Milliseconds of a Prometheus duration such as `1h30m`; else ValueError.

    https://prometheus.io/docs/prometheus/latest/querying/basics/#time-durations
    """
    if text == "0":
        return 0
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ValueError(f"not a valid duration string: {text!r}")
    return sum(int(amount) * unit for amount, unit in zip(match.groups(), _UNITS_MS, strict=True) if amount)
