"""What may happen to an index on a disk: a build that is killed, a full disk, damage, an older format."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import ToolBrokenError
from core.evidence import IssueHits
from retrieval.build import build_issue_index
from retrieval.company_records import CompanyRecords
from retrieval.issues import IssueSearch
from retrieval.text_records import TextRecord
from tests.retrieval.test_issues import Filters

CHECKOUT = Path(__file__).resolve().parents[2]
RECORDS = [
    TextRecord(record_id=f"R{n}", source="jira", title=f"checkout fails {n}", text="pool " * n) for n in range(5)
]
_BUILD = """
    import sys
    from pathlib import Path
    from core.errors import ToolBrokenError
    from retrieval.build import build_issue_index
    from retrieval.text_records import TextRecord

    def told(what, done, total):
        if what == sys.argv[2]:
            print("at it", flush=True)
            sys.stdin.read(1)

    records = [
        TextRecord(record_id=f"N{n}", source="jira", title=f"new {n}", text="disk full " * 200).record() for n in range(400)
    ]
    try:
        build_issue_index(Path(sys.argv[1]), records, engine=sys.argv[3], progress=told)
    except ToolBrokenError as error:
        print(error)
        sys.exit(7)
"""


def start_build(
    path: Path, *, stop_at: str = "nowhere", engine: str = "sqlite", limit_bytes: int | None = None
) -> "subprocess.Popen[str]":
    def limit() -> None:
        if limit_bytes is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then the write fails, as on a full disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_BUILD), str(path), stop_at, engine],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=limit,  # noqa: PLW1509 - this suite starts no threads beside it
    )


async def ask(path: Path) -> IssueHits:
    search = IssueSearch(path, dense=False)
    return await search.search("checkout fails", Filters(), top_k=5, max_snippet_chars=100, index_path=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    build_issue_index(tmp_path / "index", [record.record() for record in RECORDS])
    return tmp_path / "index"


@pytest.mark.parametrize("stop_at", ["records", "large engine"])
async def test_a_build_that_is_killed_leaves_the_old_index_to_serve(path: Path, stop_at: str) -> None:
    before = content(path)
    with start_build(path, stop_at=stop_at, engine="large") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at it\n"
        process.kill()

    assert content(path) == before
    assert len((await ask(path)).hits) == 5

    left = [file for file in path.parent.iterdir() if file.name.endswith(".part")]
    assert left
    for file in left:
        os.utime(file, (0, 0))
    build_issue_index(path, [record.record() for record in RECORDS[:3]])

    assert [file.name for file in path.parent.iterdir()] == ["index"]
    assert len((await ask(path)).hits) == 3


@pytest.mark.parametrize(("engine", "limit_bytes"), [("sqlite", 100_000), ("large", 900_000)])
async def test_a_full_disk_is_told_of_and_leaves_the_old_index_to_serve(
    path: Path, engine: str, limit_bytes: int
) -> None:
    process = start_build(path, engine=engine, limit_bytes=limit_bytes)
    told, _ = process.communicate(timeout=60)

    assert process.returncode == 7
    assert "cannot be written" in told
    assert [file.name for file in path.parent.iterdir()] == ["index"]
    assert len((await ask(path)).hits) == 5


def content(path: Path) -> bytes:
    return path.read_bytes()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5_000])


def scramble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4_096:] = b"\x5a" * (len(content) - 4_096)
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def write_text(path: Path) -> None:
    path.write_text("no index at all, but words")


def age(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("UPDATE about SET value = 'orch issue index 4' WHERE name = 'format'")
    database.close()


def rob(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE chunk_words")
    database.close()


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (cut, "cannot be read"),
        (scramble, "cannot be read"),
        (empty, "cannot be read"),
        (write_text, "cannot be read"),
        (rob, "cannot be read"),
        (age, "has the format 'orch issue index 4'"),
    ],
)
async def test_an_index_that_cannot_be_used_is_named_with_the_remedy(
    path: Path, harm: Callable[[Path], None], says: str
) -> None:
    harm(path)

    with pytest.raises(ToolBrokenError, match=says) as raised:
        await ask(path)

    assert str(path) in str(raised.value)
    assert "python -m retrieval build" in str(raised.value)


async def test_what_is_damaged_while_it_serves_is_told_and_mended_by_the_next_build(path: Path) -> None:
    search = IssueSearch(path, dense=False)
    assert (await search.search("pool", Filters(), top_k=5, max_snippet_chars=100, index_path=None)).hits
    scramble(path)
    with pytest.raises(ToolBrokenError, match="cannot be read"):
        await search.search("pool", Filters(), top_k=5, max_snippet_chars=100, index_path=None)

    build_issue_index(path, [record.record() for record in RECORDS])

    assert (await search.search("pool", Filters(), top_k=5, max_snippet_chars=100, index_path=None)).hits


async def test_the_running_program_builds_an_index_of_an_older_format_anew(
    company: CompanyRecords, tmp_path: Path
) -> None:
    path = tmp_path / "index"
    await IssueSearch(path, company, dense=False).prepare()
    age(path)
    search = IssueSearch(path, company, dense=False)

    found = await search.search("parcel tracker", Filters(), top_k=5, max_snippet_chars=100, index_path=None)

    assert found.hits
    assert search.report is not None
