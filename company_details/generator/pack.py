"""The pack on disk: which files it has, and how their bytes are made the same on every machine."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from company_details.generator.logs import log_lines
from company_details.generator.metrics import metric_lines
from company_details.generator.prose import documents
from company_details.generator.rota import rota_yaml
from company_details.generator.tickets import numbered, tickets_json

# RFC 1952: magic, deflate, no flags, no time, best compression, unknown system. https://www.rfc-editor.org/rfc/rfc1952
_GZIP_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255))
DATA = "mock_systems/data"


def gzip_bytes(plain: bytes) -> bytes:
    """A gzip file without name, time or system, so that the same content gives the same bytes."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(plain) + deflate.flush()
    return _GZIP_HEADER + body + struct.pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)


def gunzip_bytes(packed: bytes) -> bytes:
    """The content of a gzip file; raises zlib.error when it is damaged."""
    return zlib.decompress(packed, wbits=zlib.MAX_WBITS | 16)


def pack_files() -> Iterator[tuple[str, bytes]]:
    """Each file of the pack, its path and its bytes before compression; a path that ends in `.gz` is to be compressed."""
    numbering = numbered()
    for path, text in documents(numbering).items():
        yield path, text.encode()
    yield "configs/oncall_rota.yaml", rota_yaml().encode()
    yield f"{DATA}/jira_tickets.json", tickets_json(numbering).encode()
    yield f"{DATA}/metrics.csv.gz", "".join(metric_lines()).encode()
    yield f"{DATA}/logs.ndjson.gz", "".join(log_lines()).encode()


def write_file(path: Path, plain: bytes) -> int:
    """Writes one file and returns its size on disk.

    A compressed file whose content is already right stays as it is: another build of zlib packs the same content into
    other bytes, and that is no change.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        if path.exists() and gunzip_bytes(path.read_bytes()) == plain:
            return path.stat().st_size
        plain = gzip_bytes(plain)
    path.write_bytes(plain)
    return len(plain)


def stale_files(root: Path, written: list[str]) -> list[Path]:
    """Files in the pack's folders under `root` that this build does not make."""
    keep = {root / name for name in written}
    found = [path for folder in ("policies", "docs", "configs", DATA) for path in sorted((root / folder).glob("*.*"))]
    return [path for path in found if path.is_file() and path not in keep]


def build(root: Path) -> list[tuple[str, int]]:
    """Writes the whole pack under `root` and returns each file with its size; other files there are left alone."""
    return [(name, write_file(root / name, plain)) for name, plain in pack_files()]
