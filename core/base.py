from typing import Any

from pydantic import BaseModel, ConfigDict

type Json = str | bool | int | float | list[Json] | dict[str, Json] | None
"""Text first: pydantic tries the kinds in this order, and most values are text."""

type JsonObject = dict[str, Json]


class Model(BaseModel):
    """A strict, immutable value; a field it does not know is an error.

    Strict models take `str` for times and enums in JSON mode only: read JSON with `model_validate_json`.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    def to_json(self) -> dict[str, Any]:
        """The value as plain JSON types, times as ISO 8601."""
        return self.model_dump(mode="json")
