"""`python -m retrieval build`: writes the index of earlier issues."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.errors import ToolError
from retrieval.build import Engine, build_issue_index
from retrieval.company_records import CompanyRecords
from retrieval.encoder import installed_encoder
from retrieval.gathering import gather
from retrieval.reference_files import CompanyReferenceFiles

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def main() -> None:
    """Index of earlier issues and incidents."""


@app.command()
def build(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(help="Exports (Jira or GitHub JSON, JSONL, CSV, XML) and folders of Markdown pages."),
    ] = None,
    *,
    company: Annotated[
        Path | None,
        typer.Option(
            envvar="ORCHESTRATOR_COMPANY_SIM_ROOT", help="The company's folder; its reviews and tickets come in."
        ),
    ] = Path("company_details/company_sim"),
    index: Annotated[Path, typer.Option(envvar="ORCHESTRATOR_RAG_INDEX_PATH", help="The index file to write.")] = Path(
        "data/rag_index.sqlite"
    ),
    dense: Annotated[bool, typer.Option(help="Vectors too, where the extra `dense` is installed.")] = True,
    engine: Annotated[
        Engine,
        typer.Option(
            envvar="ORCHESTRATOR_RAG_ENGINE",
            help="`large` writes a folder for tantivy (the extra `large`) beside the file; `auto` does so for large collections.",
        ),
    ] = "auto",
    only_sources: Annotated[bool, typer.Option("--only-sources", help="Leave the company's own records out.")] = False,
) -> None:
    """Write the index of a company's issues and incident reviews, and of the sources named.

    What did not change since the last build is taken over; a build that was broken off goes on where it was.
    """
    console = Console(stderr=True)
    own = None if only_sources else company
    if own is not None and not own.is_dir():
        typer.echo(f"there is no folder {own}: give the company's folder with --company", err=True)
        raise typer.Exit(2)
    reading = None if own is None else CompanyRecords(CompanyReferenceFiles(own)).read()
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )
    with bars:
        reading_bar = bars.add_task("reading", total=len(sources or []))
        rows = {name: bars.add_task(name, total=None) for name in ("records", "vectors", "large engine")}

        def show(what: str, done: int, total: int) -> None:
            bars.update(rows[what], completed=done, total=total)

        try:
            gathered = gather(
                sources or [], lambda name: bars.update(reading_bar, advance=1, description=f"reading {name}")
            )
            report = build_issue_index(
                index,
                [*(reading.records if reading else ()), *gathered.records],
                signature=reading.signature if reading else "",
                problems=[*(reading.problems if reading else ()), *gathered.problems],
                sources=sources or (),
                encoder=installed_encoder() if dense else None,
                engine=engine,
                progress=show,
            )
        except ToolError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
    typer.echo(
        f"{report.path}: {report.records} records in {report.chunks} chunks, {report.vectors} vectors, engine {report.engine},"
        f" {report.bad_count} left out; {report.new} new, {report.changed} changed, {report.deleted} deleted"
    )
    for sentence in report.bad:
        typer.echo(f"  {sentence}", err=True)


if __name__ == "__main__":
    app()
