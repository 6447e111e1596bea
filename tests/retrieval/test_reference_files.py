import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ToolBrokenError, ToolRefusedError
from retrieval.reference_files import SOURCES, CompanyReferenceFiles


async def test_without_a_query_the_excerpt_begins_at_the_top(files: CompanyReferenceFiles) -> None:
    excerpt = await files.excerpt("policy_v2", None, 100)

    assert excerpt.path == "policies/policy_v2.md"
    assert [passage.start_line for passage in excerpt.passages] == [1, 6, 12]
    assert excerpt.truncated


async def test_a_whole_file_is_not_truncated(files: CompanyReferenceFiles) -> None:
    excerpt = await files.excerpt("policy_v2", None, 10_000)

    assert not excerpt.truncated
    assert excerpt.passages == files.passages("policy_v2")


@pytest.mark.parametrize(
    ("source", "query", "words"),
    [
        ("policy_v2", "Is a rollback mandatory when the error rate exceeded 2.5%?", "A rollback is mandatory"),
        ("policy_v2", "who is paged for a P2", "| P2 |"),
        ("policy_v2", "acknowledgement of P1 alerts", "| **P1** |"),
        ("policy_v2", "unowned after 20 minutes", "After 20 minutes"),
        ("oncall_rota", "primary in the week that starts 2025-11-10", "week_start: 2025-11-10"),
        ("github_actions", "guard", "./guard --max-error-rate 2"),
    ],
)
async def test_the_passage_that_fits_best_is_in_a_short_excerpt(
    files: CompanyReferenceFiles, source: str, query: str, words: str
) -> None:
    excerpt = await files.excerpt(source, query, 90)

    assert any(words in passage.text for passage in excerpt.passages)
    assert excerpt.truncated
    starts = [passage.start_line for passage in excerpt.passages]
    assert starts == sorted(starts)


async def test_rows_that_match_stay_together(files: CompanyReferenceFiles) -> None:
    excerpt = await files.excerpt("policy_v2", "minutes to acknowledge by severity", 120)

    assert [passage.text[:6] for passage in excerpt.passages if passage.block == "row"] == [
        "| **P1",
        "| P2 |",
        "| P3 |",
    ]


async def test_a_query_without_a_match_brings_nothing(files: CompanyReferenceFiles) -> None:
    excerpt = await files.excerpt("policy_v2", "giraffe", 1000)

    assert excerpt.passages == ()
    assert excerpt.truncated


async def test_every_passage_supports_its_own_citation(files: CompanyReferenceFiles) -> None:
    excerpt = await files.excerpt("policy_v2", "rollback", 1000)

    assert all(excerpt.supports(excerpt.cite(passage)) for passage in excerpt.passages)


async def test_a_passage_longer_than_the_room_is_cut(pack: Path) -> None:
    (pack / "policies/policy_v1.md").write_text("word " * 500, encoding="utf-8")

    excerpt = await CompanyReferenceFiles(pack).excerpt("policy_v1", None, 60)

    assert len(excerpt.passages[0].text) == 60
    assert excerpt.truncated


async def test_a_changed_file_is_read_again(files: CompanyReferenceFiles, pack: Path) -> None:
    path = pack / "policies/policy_v2.md"
    before = files.passages("policy_v2")
    assert files.passages("policy_v2") is before

    path.write_text("# New\n\nOther rules.\n", encoding="utf-8")

    assert files.passages("policy_v2")[0].text == "Other rules."


async def test_the_other_ending_of_yaml_serves_as_well(files: CompanyReferenceFiles, pack: Path) -> None:
    (pack / "configs/oncall_rota.yaml").rename(pack / "configs/oncall_rota.yml")

    assert (await files.excerpt("oncall_rota", None, 1000)).path == "configs/oncall_rota.yml"


async def test_a_missing_file_is_named_with_the_remedy(files: CompanyReferenceFiles) -> None:
    with pytest.raises(ToolBrokenError, match=r"has no policies/policy_v1\.md: put the file at"):
        await files.excerpt("policy_v1", None, 100)


async def test_a_file_that_is_not_utf8_is_named(files: CompanyReferenceFiles, pack: Path) -> None:
    (pack / "policies/policy_v1.md").write_bytes(b"caf\xe9")

    with pytest.raises(ToolBrokenError, match=r"policy_v1\.md is not UTF-8 at byte 3"):
        await files.excerpt("policy_v1", None, 100)


async def test_a_folder_in_place_of_a_file_is_an_error_in_words(files: CompanyReferenceFiles, pack: Path) -> None:
    (pack / "policies/policy_v1.md").mkdir()

    with pytest.raises(ToolBrokenError, match="cannot be read"):
        await files.excerpt("policy_v1", None, 100)


@pytest.mark.parametrize(
    "name", ["../secret.md", "/etc/passwd", "policies/../../x", "policy_v9", "", "docs/runbook_pool"]
)
async def test_a_name_that_is_no_source_is_refused(files: CompanyReferenceFiles, name: str) -> None:
    with pytest.raises(ToolRefusedError, match="there is no reference source"):
        await files.excerpt(name, None, 100)


async def test_broken_yaml_can_be_quoted_and_is_reported(files: CompanyReferenceFiles, pack: Path) -> None:
    (pack / "configs/slack_config.yaml").write_text("channels:\n  - '#alerts\n", encoding="utf-8")

    excerpt = await files.excerpt("slack_config", "alerts", 100)

    assert "#alerts" in excerpt.passages[0].text
    assert any("slack_config.yaml, line" in problem for problem in files.problems())


async def test_documents_are_those_of_policies_and_docs(files: CompanyReferenceFiles) -> None:
    await files.prepare()

    assert [document.path for document in files.documents()] == [
        "policies/policy_v2.md",
        "docs/review_2025-11-03_labels.md",
        "docs/runbook_pool.md",
    ]
    assert files.passages("docs/runbook_pool.md")
    assert files.sources == tuple(SOURCES)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(query=st.none() | st.text(max_size=60) | st.sampled_from(["rollback", "P1 minutes"]), room=st.integers(1, 900))
async def test_an_excerpt_is_within_its_room_and_verbatim(
    files: CompanyReferenceFiles, pack: Path, query: str | None, room: int
) -> None:
    text = (pack / "policies/policy_v2.md").read_text(encoding="utf-8")

    excerpt = await files.excerpt("policy_v2", query, room)

    assert sum(len(passage.text) for passage in excerpt.passages) <= room
    lines = text.split(os.linesep)
    for passage in excerpt.passages:
        assert passage.text in "\n".join(lines[passage.start_line - 1 : passage.end_line])
