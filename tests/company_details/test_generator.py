"""The generator makes the committed pack, the same bytes each time."""

from pathlib import Path

import pytest

from company_details.generator.__main__ import DEFAULT_ROOT, README, main
from company_details.generator.incidents.model import Effect
from company_details.generator.metrics import frame_values
from company_details.generator.pack import build, gunzip_bytes, gzip_bytes, stale_files, write_file
from company_details.generator.prose import readme
from company_details.generator.tickets import numbered

SIZE_LIMIT_BYTES = 12_000_000


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, int]]]:
    root = tmp_path_factory.mktemp("company")
    return root, build(root)


def _content(path: Path) -> bytes:
    packed = path.read_bytes()
    return gunzip_bytes(packed) if path.suffix == ".gz" else packed


def test_a_rebuild_gives_the_committed_pack_byte_for_byte(rebuilt: tuple[Path, list[tuple[str, int]]]) -> None:
    root, written = rebuilt
    # Compressed files are compared by content: another build of zlib packs the same content into other bytes.
    differing = [name for name, _ in written if _content(root / name) != _content(DEFAULT_ROOT / name)]
    assert differing == []


def test_the_committed_pack_holds_no_leftovers(rebuilt: tuple[Path, list[tuple[str, int]]]) -> None:
    assert stale_files(DEFAULT_ROOT, [name for name, _ in rebuilt[1]]) == []


def test_the_committed_pack_stays_small(rebuilt: tuple[Path, list[tuple[str, int]]]) -> None:
    assert sum((DEFAULT_ROOT / name).stat().st_size for name, _ in rebuilt[1]) < SIZE_LIMIT_BYTES


def test_the_readme_states_the_figures_of_this_build() -> None:
    assert README.read_text(encoding="utf-8") == readme(numbered())


def test_a_compressed_file_with_the_right_content_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    otherwise_packed = gzip_bytes(b"a,b\n")[:8] + b"\x00\xff" + gzip_bytes(b"a,b\n")[10:]
    path.write_bytes(otherwise_packed)
    write_file(path, b"a,b\n")
    assert path.read_bytes() == otherwise_packed
    write_file(path, b"a,b,c\n")
    assert gunzip_bytes(path.read_bytes()) == b"a,b,c\n"


def test_gzip_bytes_carry_no_time_and_no_name() -> None:
    assert gzip_bytes(b"x")[:10] == bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255))


def test_frames_are_joined_by_straight_lines() -> None:
    effect = Effect("s", "m", "add", (("2026-02-11T00:00", 0.0), ("2026-02-11T00:04", 8.0), ("2026-02-11T00:05", 0.0)))
    assert frame_values(effect) == {0: 0.0, 1: 2.0, 2: 4.0, 3: 6.0, 4: 8.0, 5: 0.0}


def test_more_than_one_argument_is_refused_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["here", "there"]) == 2
    assert "usage:" in capsys.readouterr().err
