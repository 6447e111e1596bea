"""The files of the page, read once, below an address that changes with their content."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file with its content type and a strong ETag of its content."""

    body: bytes
    media_type: str
    etag: str


class Assets:
    """The files of a folder by name; `version` is a digest of them all.

    Modules import each other by relative address, so one version for the whole folder keeps a browser from mixing two
    releases: below a new version it asks for every file anew.
    """

    def __init__(self, folder: Path) -> None:
        paths = sorted(path for path in folder.iterdir() if path.suffix in MEDIA_TYPES)
        self._assets = {path.name: _read(path) for path in paths}
        names = "\n".join(f"{name} {asset.etag}" for name, asset in self._assets.items())
        self.version = hashlib.sha256(names.encode()).hexdigest()[:16]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._assets)

    def get(self, name: str) -> Asset | None:
        return self._assets.get(name)


def etag_of(body: bytes) -> str:
    """A strong validator (RFC 9110, https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3)."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(body=body, media_type=MEDIA_TYPES[path.suffix], etag=etag_of(body))
