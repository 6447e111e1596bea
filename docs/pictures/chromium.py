"""HTML → PNG: drawn by a Chromium without a window, made small by pngquant."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
_MEASURE = "<script>document.title = Math.ceil(document.querySelector('main').getBoundingClientRect().height)</script>"
_PATIENCE_S = 60
_COLOURS = "40"
"""So few are enough for text and lines, and keep the pictures small."""


def measure(html: str, *, width_px: int) -> int:
    """The height of the page's `main`, in pixels."""
    shown = _run(html + _MEASURE, "--dump-dom", width_px=width_px, height_px=800)
    found = re.search(r"<title>(\d+)</title>", shown)
    assert found is not None, "the page's own script has put its height into the title"
    return int(found[1])


def shoot(html: str, picture: Path, *, width_px: int, height_px: int, scale: float = 1) -> None:
    """Write the page's upper left `width_px` × `height_px` to a PNG with `scale` dots a pixel."""
    flags = (f"--force-device-scale-factor={scale:g}", f"--screenshot={picture.resolve()}")
    _run(html, *flags, width_px=width_px, height_px=height_px)
    quantise = [_find("pngquant"), "--force", "--strip", "--speed=1", "--ext=.png", _COLOURS, str(picture)]
    subprocess.run(quantise, check=True, timeout=_PATIENCE_S)  # noqa: S603 -- our own picture


def _find(*names: str) -> str:
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit(f"pictures need {names[0]}, which is not on the PATH: install it first")
    return found


def _run(html: str, *flags: str, width_px: int, height_px: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, encoding="utf-8")
        command = [
            _find(*_CHROMIUMS),
            *_FLAGS,
            f"--user-data-dir={folder}/profile",
            f"--window-size={width_px},{height_px}",
            *flags,
            page.as_uri(),
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PATIENCE_S).stdout  # noqa: S603 -- our own page
