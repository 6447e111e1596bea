from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Status(StrEnum):
    """`fail`: orch, or a part that was configured, cannot work; `warn`: it works, but not as somebody would expect."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` is empty where nothing is to be done."""

    name: str
    status: Status
    detail: str
    remedy: str = ""

    @classmethod
    def ok(cls, name: str, detail: str) -> Self:
        return cls(name, Status.OK, detail)

    @classmethod
    def warn(cls, name: str, detail: str, remedy: str) -> Self:
        return cls(name, Status.WARN, detail, remedy)

    @classmethod
    def fail(cls, name: str, detail: str, remedy: str) -> Self:
        return cls(name, Status.FAIL, detail, remedy)
