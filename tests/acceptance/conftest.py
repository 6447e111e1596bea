from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.asking import Company, open_company
from tests.conftest import MakeDatabase

COMPANIES = {
    "larkfield": Path(__file__).parents[2] / "company_details" / "company_sim",
    "brightwater": Path(__file__).parent / "companies" / "brightwater",
}

type OpenCompany = Callable[[str], Company]


@pytest.fixture(scope="session")
def company_of(make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Generator[OpenCompany]:
    """The program over a company's files, started when it is first asked for, once a session."""
    opened: dict[str, Company] = {}
    with ExitStack() as stack:

        def open_once(name: str) -> Company:
            if name not in opened:
                folder = tmp_path_factory.mktemp(name)
                opened[name] = stack.enter_context(open_company(COMPANIES[name], make_database(), folder))
            return opened[name]

        yield open_once


@pytest.fixture(scope="session")
def larkfield(company_of: OpenCompany) -> Company:
    return company_of("larkfield")
