from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, field_validator, model_validator

from core.base import Model

MAX_WINDOW = timedelta(days=31)


def iso(moment: datetime) -> str:
    """The moment in ISO 8601, UTC, with `Z`; fractions of a second only where there are any."""
    text = moment.astimezone(UTC).isoformat(timespec="auto")
    return text.replace("+00:00", "Z")


class Window(Model):
    """A closed span of time in UTC: `start` < `end`, at most `MAX_WINDOW` long."""

    start: AwareDatetime
    end: AwareDatetime

    @field_validator("start", "end")
    @classmethod
    def _in_utc(cls, value: datetime) -> datetime:
        return value.astimezone(UTC)

    @model_validator(mode="after")
    def _in_order(self) -> "Window":
        if self.end <= self.start:
            raise ValueError(f"the window ends at {iso(self.end)}, not after its start {iso(self.start)}: swap them")
        if self.end - self.start > MAX_WINDOW:
            days = (self.end - self.start).days
            raise ValueError(f"the window is {days} days long; at most {MAX_WINDOW.days} days can be asked: narrow it")
        return self

    @property
    def minutes(self) -> float:
        return (self.end - self.start).total_seconds() / 60

    def before(self, minutes: float) -> "Window":
        """The window of that length which ends where this one starts: the baseline."""
        return Window(start=self.start - timedelta(minutes=minutes), end=self.start)

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment <= self.end

    def __str__(self) -> str:
        return f"{iso(self.start)}..{iso(self.end)}"
