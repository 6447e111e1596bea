from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.oncall import OnCall, Post, RotaBook
from retrieval.reference_files import CompanyReferenceFiles

ROTA = """
timezone: Europe/Berlin
handover: {day: Monday, time: "09:00"}
rotations:
  edge:
    shifts:
      - {week_start: 2026-03-02, primary: Ada Byron, secondary: Bo Ek}
      - {week_start: 2026-03-09, primary: Cy Dahl, secondary: Ada Byron}
  data:
    shifts:
      - {week_start: 2026-03-02, primary: Di Eng}
overrides:
  - {start: 2026-03-04, end: 2026-03-05, rotation: edge, role: primary, person: Flo Gad, instead_of: Ada Byron}
"""


@pytest.fixture
def book(tmp_path: Path) -> RotaBook:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/oncall_rota.yaml").write_text(ROTA)
    return RotaBook(CompanyReferenceFiles(tmp_path))


def names(found: OnCall) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    now, following = (
        {turn.rotation: [post.person for post in turn.posts] for turn in turns}
        for turns in (found.now, found.following)
    )
    return now, following


def test_who_is_on_call_and_who_takes_over(book: RotaBook) -> None:
    found = book.at(datetime(2026, 3, 3, 12, tzinfo=UTC))
    assert names(found) == ({"edge": ["Ada Byron", "Bo Ek"], "data": ["Di Eng"]}, {"edge": ["Cy Dahl", "Ada Byron"]})
    assert found.problem is None
    assert found.now[0].ends_at.isoformat() == "2026-03-09T09:00:00+01:00"
    assert found.now[0].citation.locator.startswith("configs/oncall_rota.yaml:")


def test_before_the_hour_of_the_handover_the_old_shift_holds(book: RotaBook) -> None:
    assert names(book.at(datetime(2026, 3, 9, 7, 59, tzinfo=UTC)))[0]["edge"] == ["Ada Byron", "Bo Ek"]
    assert names(book.at(datetime(2026, 3, 9, 8, 0, tzinfo=UTC)))[0]["edge"] == ["Cy Dahl", "Ada Byron"]


def test_who_stands_in_is_named_with_whom_for(book: RotaBook) -> None:
    (edge, _) = book.at(datetime(2026, 3, 4, 12, tzinfo=UTC)).now
    assert edge.posts[0] == Post(role="primary", person="Flo Gad", instead_of="Ada Byron")


def test_a_week_shows_what_begins_in_it_and_its_exceptions(book: RotaBook) -> None:
    found = book.week(date(2026, 3, 6))
    assert names(found) == ({"edge": ["Ada Byron", "Bo Ek"], "data": ["Di Eng"]}, {})
    assert "Flo Gad" in found.now[0].exceptions[0]


def test_a_moment_outside_the_rota_says_so_and_what_comes(book: RotaBook) -> None:
    early = book.at(datetime(2026, 2, 1, tzinfo=UTC))
    assert names(early) == ({}, {"edge": ["Ada Byron", "Bo Ek"], "data": ["Di Eng"]})
    assert early.problem is not None
    late = book.at(datetime(2027, 2, 1, tzinfo=UTC))
    assert (late.now, late.following) == ((), ())
    assert "2026-03-02 to 2026-03-16" in (late.problem or "")


def test_a_missing_rota_says_where_it_should_be(tmp_path: Path) -> None:
    found = RotaBook(CompanyReferenceFiles(tmp_path)).at(datetime(2026, 3, 3, tzinfo=UTC))
    assert "configs/oncall_rota.yaml" in (found.problem or "")


def test_a_rota_that_changes_is_read_anew(book: RotaBook, tmp_path: Path) -> None:
    book.at(datetime(2026, 3, 3, 12, tzinfo=UTC))
    (tmp_path / "configs/oncall_rota.yaml").write_text(ROTA.replace("Ada Byron", "Zoe Young"))
    assert names(book.at(datetime(2026, 3, 3, 12, tzinfo=UTC)))[0]["edge"][0] == "Zoe Young"
