"""The Prefer header: how long a caller wants to wait (RFC 7240, https://www.rfc-editor.org/rfc/rfc7240)."""

import re
from dataclasses import dataclass

MAX_WAIT_S = 30.0
_PREFERENCE = re.compile(r"\s*([\w-]+)\s*(?:=\s*\"?([^\";]*)\"?\s*)?(?:;[^,]*)?\s*")


@dataclass(frozen=True, kw_only=True)
class Preference:
    """`wait_s` is 0 for `respond-async`; `applied` is the `Preference-Applied` header, None where nothing was asked."""

    wait_s: float = MAX_WAIT_S
    applied: str | None = None


def read_preference(header: str) -> Preference:
    """What was preferred; what cannot be read is not an error but ignored, as section 2 of the RFC says."""
    asked: dict[str, str] = {}
    for part in header.split(","):
        match = _PREFERENCE.fullmatch(part)
        if match:
            asked.setdefault(match[1].lower(), (match[2] or "").strip())
    wait = asked.get("wait", "")
    if wait.isascii() and wait.isdecimal():
        seconds = min(int(wait[:9]), int(MAX_WAIT_S))
        return Preference(wait_s=float(seconds), applied=f"wait={seconds}")
    if "respond-async" in asked:
        return Preference(wait_s=0.0, applied="respond-async")
    return Preference()
