"""The window that `metrics_query` and `logs_search` ask over."""

from datetime import datetime

from pydantic import Field, model_validator

from core.base import Model
from core.window import Window, iso
from tools.arguments import IsoTime, Name


class WindowInput(Model):
    """A service and a span of time, which core.window.Window holds to its order and length."""

    service: Name = Field(description="The name of the service, such as it is in the service catalogue.")
    start_time: IsoTime = Field(description="Start of the window, ISO 8601 with a zone.")
    end_time: IsoTime = Field(description="End of the window, after its start, ISO 8601 with a zone.")

    @model_validator(mode="after")
    def _window_is_sound(self) -> "WindowInput":
        _ = self.window
        return self

    @property
    def window(self) -> Window:
        return Window(start=self.start_time, end=self.end_time)


def check_order(start_name: str, start: datetime | None, end_name: str, end: datetime | None) -> None:
    """ValueError where both are given and the end lies before the start."""
    if start is not None and end is not None and end < start:
        raise ValueError(f"{end_name} {iso(end)} lies before {start_name} {iso(start)}: swap them")
