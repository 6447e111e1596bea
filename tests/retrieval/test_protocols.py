"""What the tools ask for is what retrieval offers; the type checker holds this page to it."""

from pathlib import Path

from retrieval.company_records import CompanyRecords
from retrieval.issues import IssueSearch
from retrieval.knowledge import KnowledgeSearch
from retrieval.reference_files import CompanyReferenceFiles
from tools.deps import IssueFilters, IssueIndex, KnowledgeIndex, ReferenceFiles


async def test_retrieval_serves_the_tools(pack: Path, tmp_path: Path) -> None:
    files = CompanyReferenceFiles(pack)
    company = CompanyRecords(files)
    knowledge = KnowledgeSearch(company)
    references: ReferenceFiles = files
    index: KnowledgeIndex = knowledge
    issues: IssueIndex = IssueSearch(tmp_path / "index.sqlite", company)

    excerpt = await references.excerpt("policy_v2", "rollback", 500)
    known = await index.search(
        "rollback", service=None, severity=None, time_start=None, time_end=None, top_k=3, max_snippet_chars=200
    )
    earlier = await issues.search(
        "blank page", IssueFilters(project="HELP"), top_k=3, max_snippet_chars=200, index_path=None
    )

    assert excerpt.passages
    assert known.hits
    assert [hit.source_id for hit in earlier.hits] == ["HELP-7"]
    knowledge.close()
