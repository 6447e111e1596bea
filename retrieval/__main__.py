"""`python -m retrieval build`: writes the index of earlier issues."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import ToolError
from retrieval.build import build_issue_index
from retrieval.company_records import CompanyRecords
from retrieval.reference_files import CompanyReferenceFiles

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def main() -> None:
    """Index of earlier issues and incidents."""


@app.command()
def build(
    company: Annotated[Path, typer.Option(help="The company's folder: policies/, docs/, mock_systems/data/ …")],
    index: Annotated[Path, typer.Option(help="The index file to write.")] = Path("data/rag_index.sqlite"),
) -> None:
    """Write the index of a company's Jira issues and incident reviews."""
    if not company.is_dir():
        typer.echo(f"there is no folder {company}: give the company's folder with --company", err=True)
        raise typer.Exit(2)
    reading = CompanyRecords(CompanyReferenceFiles(company)).read()
    try:
        report = build_issue_index(index, reading.records, signature=reading.signature, problems=reading.problems)
    except ToolError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{report.path}: {report.records} records in {report.chunks} chunks, {report.bad_count} left out")
    for sentence in report.bad:
        typer.echo(f"  {sentence}", err=True)


if __name__ == "__main__":
    app()
