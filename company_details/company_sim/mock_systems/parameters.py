"""Request parameters as Prometheus and Loki take them: of the address, and of a form posted to the same address."""

import re
from urllib.parse import parse_qsl

from starlette.requests import Request

type Parameters = dict[str, list[str]]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


async def read_parameters(request: Request) -> Parameters:
    """All values of every parameter; those of a posted form come first, as with Go's `Request.Form`."""
    pairs: list[tuple[str, str]] = []
    if request.method == "POST" and "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        pairs += parse_qsl((await request.body()).decode("utf-8", errors="replace"), keep_blank_values=True)
    pairs += request.query_params.multi_items()
    parameters: Parameters = {}
    for name, value in pairs:
        parameters.setdefault(name, []).append(value)
    return parameters


def first(parameters: Parameters, name: str) -> str:
    """The first value of a parameter, or the empty text when it is not there."""
    values = parameters.get(name)
    return values[0] if values else ""


def parse_number(text: str) -> float | None:
    """A finite decimal number, or None: without Python's extras (spaces, underscores, `inf`)."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if abs(number) != float("inf") else None
