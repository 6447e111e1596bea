"""Questions to two companies, with no language model: the answers were read out of the files by hand."""

import pytest

from tests.acceptance.asking import Answer, Question, cited, report
from tests.acceptance.companies import brightwater, larkfield
from tests.acceptance.conftest import OpenCompany
from tests.acceptance.questions import QUESTIONS as TASKS_OF_THE_CONTRACT

ASKED = [
    pytest.param(company, name, question, id=f"{company}-{name}")
    for company, questions in (("larkfield", larkfield.QUESTIONS), ("brightwater", brightwater.QUESTIONS))
    for name, question in questions.items()
]
CONTRACT = [pytest.param("larkfield", name, question, id=name) for name, question in TASKS_OF_THE_CONTRACT.items()]
UNANSWERABLE = {"off_topic", "impossible_citation"}  # nothing to quote; a citation that no file can give


def spoken(answer: Answer) -> str:
    """What a person reads first: the answer, and what to do, who and by when."""
    actions = (f"{item['text']} {item['owner']} {item['due']}" for item in report(answer)["actions"])
    return "\n".join((report(answer)["answer"], *actions)).lower()


@pytest.mark.parametrize(("company", "name", "question"), ASKED)
def test_the_answer_is_the_one_that_the_files_give(
    company: str, name: str, question: Question, company_of: OpenCompany
) -> None:
    answer = company_of(company).answer(name, question)
    said = spoken(answer)
    assert [words for words in question.says if words.lower() not in said] == [], said
    assert [words for words in question.never if words.lower() in said] == [], said
    assert set(question.cites) <= cited(answer)
    if question.verdict is not None:
        assert answer["verification_json"]["verdict"] == question.verdict
    if question.cause is not None:
        assert question.cause in report(answer)["hypotheses"][0]["cause"]


@pytest.mark.parametrize(("company", "name", "question"), [*ASKED, *CONTRACT])
def test_every_quote_from_a_file_stands_in_it_at_the_lines_named(
    company: str, name: str, question: Question, company_of: OpenCompany
) -> None:
    opened = company_of(company)
    for citation in report(opened.answer(name, question))["citations"]:
        path, _, lines = citation["locator"].rpartition(":")
        if path.startswith(("policies/", "docs/", "configs/")):
            text = (opened.root / path).read_text(encoding="utf-8")
            start, end = (int(number) for number in lines.split("-"))
            assert citation["quote"] in "\n".join(text.split("\n")[start - 1 : end])


@pytest.mark.parametrize(("company", "name", "question"), [*ASKED, *CONTRACT])
def test_no_statement_is_unsupported(company: str, name: str, question: Question, company_of: OpenCompany) -> None:
    answer = company_of(company).answer(name, question)
    known = {item["citation_id"] for item in report(answer)["citations"]}
    for claim in report(answer)["claims"]:
        assert set(claim["citation_ids"]) <= known
        assert claim["citation_ids"] or claim["kind"] == "recommendation"
    if name not in UNANSWERABLE:
        failed = [check["reason"] for check in answer["verification_json"]["checks"] if not check["passed"]]
        assert failed == []
