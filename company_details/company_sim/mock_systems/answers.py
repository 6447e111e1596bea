"""JSON answers that any text survives."""

import json
from typing import Any

from starlette.responses import JSONResponse


class Json(JSONResponse):
    """A JSON answer in ASCII: text that is no valid Unicode (half a surrogate pair, say) is escaped and not an error."""

    def render(self, content: Any) -> bytes:
        """The content as bytes."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")
