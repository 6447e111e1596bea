"""Time zones as people write them: offsets, letters, names and cities. Letters in use for several zones stay several."""

import re
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from core.reading.calendar_words import zone_of
from tools.dates.values import Found
from tools.dates.words import piece

# Abbreviations in use and their minutes from UTC: https://www.iana.org/time-zones, and for the several meanings of one
# https://en.wikipedia.org/wiki/List_of_time_zone_abbreviations
_LETTERS: dict[str, tuple[int, ...]] = {
    "z": (0,), "utc": (0,), "gmt": (0,), "wet": (0,), "west": (60,), "cet": (60,), "cest": (120,), "eet": (120,),
    "eest": (180,), "msk": (180,), "bst": (60, 360), "ist": (60, 120, 330), "jst": (540,), "kst": (540,),
    "hkt": (480,), "sgt": (480,), "pkt": (300,), "ict": (420,), "wib": (420,), "pht": (480,), "sast": (120,),
    "cat": (120,), "eat": (180,), "wat": (60,), "est": (-300,), "edt": (-240,), "cst": (-360, 480), "cdt": (-300, -240),
    "mst": (-420,), "mdt": (-360,), "pst": (-480,), "pdt": (-420,), "pdst": (-420,), "akst": (-540,), "akdt": (-480,),
    "hst": (-600,), "aest": (600,), "aedt": (660,), "acst": (570,), "acdt": (630,), "awst": (480,), "nzst": (720,),
    "nzdt": (780,), "brt": (-180,), "art": (-180,), "clt": (-240,), "cot": (-300,), "pet": (-300,), "vet": (-240,),
    "nst": (-210,), "ndt": (-150,), "ast": (-240, 180), "adt": (-180,), "trt": (180,), "gst": (240,), "npt": (345,),
    "tot": (780,), "tost": (840,), "chst": (600,), "sst": (-660,), "uzt": (300,), "almt": (360,), "irst": (210,),
}  # fmt: skip
_AREAS = {
    "eastern": ("America/New_York", -300), "central": ("America/Chicago", -360), "mountain": ("America/Denver", -420),
    "pacific": ("America/Los_Angeles", -480), "atlantic": ("America/Halifax", -240), "alaska": ("America/Anchorage", -540),
    "hawaii": ("Pacific/Honolulu", -600), "central europe": ("Europe/Berlin", 60), "central european": ("Europe/Berlin", 60),
    "western european": ("Europe/Lisbon", 0), "eastern european": ("Europe/Athens", 120), "uk": ("Europe/London", 0),
    "british": ("Europe/London", 0), "india": ("Asia/Kolkata", 330), "indian": ("Asia/Kolkata", 330),
    "japan": ("Asia/Tokyo", 540), "china": ("Asia/Shanghai", 480), "beijing": ("Asia/Shanghai", 480),
    "korea": ("Asia/Seoul", 540), "colombia": ("America/Bogota", -300),
    "australian western": ("Australia/Perth", 480), "australian eastern": ("Australia/Sydney", 600),
    "australian central": ("Australia/Adelaide", 570), "pt": ("America/Los_Angeles", -480), "et": ("America/New_York", -300),
    "ct": ("America/Chicago", -360), "mt": ("America/Denver", -420),
}  # fmt: skip
_BY_LENGTH = sorted(_LETTERS, key=len, reverse=True)
_OFFSET = piece(
    r"(?P<base>utc|gmt|msk)\s?(?P<sign>[+±−-])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?!\d|:\d)"
    r"|(?P<alone>[+-])(?P<alone_hours>0\d|1[0-4]):?(?P<alone_minutes>[0-5]\d)(?![\d:])"
)
_WORDS = piece(rf"(?:{'|'.join(letters for letters in _BY_LENGTH if letters != 'z')})(?:\stime)?(?!\w)")
_ZULU = re.compile(r"[zZ](?!\w)")
_AREA = "|".join(sorted(_AREAS, key=len, reverse=True))
_SPELLED = piece(
    rf"(?P<area>{_AREA})(?P<form>\s(?:standard|std|daylight(?:\ssavings?)?|summer))?(?:\s(?P<time>time))?(?:\s\((?P<where>[a-z ]{{2,20}})\))?(?!\w)"
)
_SHORT = frozenset({"pt", "et", "ct", "mt"})
_CITY = re.compile(r"(?P<city>[A-Z][\w.]{2,20}(?:\s[A-Z]\w{1,20}){0,2})\s(?:local\s)?time(?!\w)")
_NAME = re.compile(r"(?P<city>[A-Z][A-Za-z]{2,12}/[A-Z][A-Za-z_]{2,25}(?:/[A-Z][A-Za-z_]{2,25})?)(?!\w)")
_HOUR_MINUTES = 60


def read_zone(text: str, at: int, moment: datetime, *, behind_clock: bool = False) -> Found[tuple[int, ...]] | None:
    """The minutes from UTC that the zone written there may mean at a moment; short forms only right behind a clock time."""
    if match := _OFFSET.match(text, at):
        if match["alone"]:
            return (
                Found(match.end(), (_signed(match["alone"], match["alone_hours"], match["alone_minutes"]),))
                if behind_clock
                else None
            )
        base = 180 if match["base"].lower() == "msk" else 0
        return Found(match.end(), (base + _signed(match["sign"], match["hours"], match["minutes"]),))
    if match := _WORDS.match(text, at):
        letters = match[0].split()[0].lower()
        if (
            match[0][:1].isupper()
            or behind_clock
            or letters not in {"cat", "art", "pet", "eat", "west", "vet", "wet", "tot", "cot"}
        ):
            return Found(match.end(), _LETTERS[letters])
    if behind_clock and _ZULU.match(text, at):
        return Found(at + 1, (0,))
    if (match := _SPELLED.match(text, at)) and (offset := _area(match, moment, behind_clock=behind_clock)) is not None:
        return Found(match.end(), (offset,))
    if match := _NAME.match(text, at) or _CITY.match(text, at):
        zone = zone_of(match["city"])
        return None if zone is None else Found(match.end(), (_minutes(zone, moment),))
    return None


def _area(match: re.Match[str], moment: datetime, *, behind_clock: bool) -> int | None:
    area, form = match["area"].lower(), (match["form"] or "").lower()
    if not (match["time"] or behind_clock) or (area in _SHORT and not behind_clock):
        return None
    name, standard = _AREAS[area]
    if "daylight" in form or "summer" in form:
        return standard + 60
    return standard if form else _offset_of(name, moment)


def _signed(sign: str, hours: str, minutes: str | None) -> int:
    total = int(hours) * _HOUR_MINUTES + int(minutes or 0)
    return -total if sign in "-−" else total


def _offset_of(name: str, moment: datetime) -> int:
    return _minutes(ZoneInfo(name), moment)


def _minutes(zone: tzinfo, moment: datetime) -> int:
    offset = zone.utcoffset(moment.replace(tzinfo=None))
    return 0 if offset is None else int(offset.total_seconds() // _HOUR_MINUTES)
