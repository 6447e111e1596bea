"""The bar beside an attachment, as a name."""

import colorsys
import re
from enum import StrEnum

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_NAMES = {"good": "2eb886", "warning": "daa038", "danger": "a30200"}
_GREY_BELOW = 0.25
_DARK_BELOW = 0.15


class Colour(StrEnum):
    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    OTHER = "other"

    @property
    def is_trouble(self) -> bool:
        return self in {Colour.RED, Colour.YELLOW}


def name_colour(value: str) -> Colour | None:
    """Red, yellow (orange with it), green or another; None where there is no colour.

    Slack turns the names good, warning and danger into hexadecimal, and older posts keep them:
    https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments.
    """
    match = _HEX.fullmatch(_NAMES.get(value.lower(), value))
    if match is None:
        return None
    red, green, blue = (int(match.group(1)[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, saturation, brightness = colorsys.rgb_to_hsv(red, green, blue)
    if saturation < _GREY_BELOW or brightness < _DARK_BELOW:
        return Colour.OTHER
    degrees = hue * 360
    for limit, colour in ((22, Colour.RED), (68, Colour.YELLOW), (172, Colour.GREEN), (318, Colour.OTHER)):
        if degrees < limit:
            return colour
    return Colour.RED
