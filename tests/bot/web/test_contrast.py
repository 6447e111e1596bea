"""Text against its ground, in both colour schemes, by WCAG 2.2 (https://www.w3.org/TR/WCAG22/#contrast-minimum)."""

import re

import pytest

from bot.web import STATIC

ENOUGH_FOR_TEXT = 4.5
ENOUGH_FOR_EDGES = 3.0
TONES = ["good", "open", "calm", "bad", "refused", "busy", "mute"]
TEXTS = [
    *((ink, ground) for ink in ("text", "soft", "link", "bad") for ground in ("page", "panel", "sunken", "mark")),
    *((tone, f"{tone}-bg") for tone in TONES),
    *((tone, "panel") for tone in TONES),
    ("text", "bad-bg"),
    ("text", "mute-bg"),
    ("soft", "mute-bg"),
    ("accent-text", "accent"),
    ("accent-text", "accent-hover"),
]


def schemes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", (STATIC / "style.css").read_text(), re.DOTALL)[:2]
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in (light, dark)]
    return {"light": found[0], "dark": {**found[0], **found[1]}}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_its_ground(scheme: str) -> None:
    colours = schemes()[scheme]
    weak = {
        f"{ink} on {ground}": round(contrast(colours[ink], colours[ground]), 2)
        for ink, ground in TEXTS
        if contrast(colours[ink], colours[ground]) < ENOUGH_FOR_TEXT
    }
    assert not weak


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_a_field_can_be_seen(scheme: str) -> None:
    colours = schemes()[scheme]
    assert contrast(colours["field-line"], colours["panel"]) >= ENOUGH_FOR_EDGES


def test_the_dark_scheme_names_every_colour_of_the_light_one() -> None:
    light, dark = re.findall(r":root \{(.*?)\}", (STATIC / "style.css").read_text(), re.DOTALL)[:2]
    names = [set(re.findall(r"--([\w-]+): #", block)) for block in (light, dark)]
    assert names[0] == names[1]
