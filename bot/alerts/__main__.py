"""`python -m bot.alerts evaluate FILE`: how well labelled posts are understood."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.alerts import understand
from bot.alerts.evaluation import Score, evaluate, evaluate_lifecycle
from bot.alerts.json_values import as_items, as_object, as_text
from bot.alerts.storms import evaluate_storms
from core.alert import Alert

program = typer.Typer(add_completion=False, no_args_is_help=True)


@program.callback()
def alerts() -> None:
    """Reads alert posts, and says how well."""


@program.command("evaluate")
def run_evaluation(
    file: Annotated[Path, typer.Argument(help="Labelled rows, one JSON object a line.", exists=True, dir_okay=False)],
    *,
    rows_as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row instead of figures.")] = False,
    lifecycle: Annotated[
        Path | None, typer.Option(help="Sequences of deliveries with the action each should end in.", exists=True)
    ] = None,
    complaints: Annotated[bool, typer.Option(help="Name every row and item that is not as expected.")] = False,
) -> None:
    """Print recall, precision and field F1 of alerts; with --lifecycle, expected actions met and the threads of storms."""
    rows = [as_object(json.loads(line)) for line in file.read_text("utf-8").splitlines() if line.strip()]
    if rows_as_json:
        for row in rows:
            typer.echo(json.dumps(_as_json(row), ensure_ascii=False))
        return
    result = evaluate(rows)
    typer.echo(f"rows {result.rows}")
    typer.echo(f"alert recall {result.alerts.recall:.4f}")
    typer.echo(f"alert precision {result.alerts.precision:.4f}")
    fields = result.all_fields
    typer.echo(f"field F1 {fields.f1:.4f}  precision {fields.precision:.4f}  recall {fields.recall:.4f}")
    for title, scores in (("field", result.fields), ("vendor", result.vendors)):
        for name, score in sorted(scores.items()):
            typer.echo(_line(f"{title} {name}", score))
    told = list(result.complaints)
    if lifecycle is not None:
        document = as_object(json.loads(lifecycle.read_text("utf-8")))
        steps = evaluate_lifecycle(as_items(document.get("sequences"), limit=None))
        typer.echo(f"lifecycle {steps.right} of {steps.deliveries}")
        told += steps.complaints
        for storm in evaluate_storms(as_items(document.get("sequences"), limit=None)):
            typer.echo(
                f"storm {storm.name}: {storm.counted} of {storm.alerts} alerts counted, {storm.causes} causes, "
                f"{storm.threads} threads, causes in more than one thread: {len(storm.split_causes)}"
            )
            told += [f"{storm.name}: {cause} stands in more than one thread" for cause in storm.split_causes]
    if complaints:
        for complaint in told:
            typer.echo(f"- {complaint}")


def _as_json(row: dict[str, object]) -> dict[str, object]:
    reading = understand(row.get("envelope", row))
    if isinstance(reading, Alert):
        return {"id": as_text(row.get("id")), "alert": reading.to_json(), "reason": None}
    return {"id": as_text(row.get("id")), "alert": None, "reason": reading.reason.value}


def _line(name: str, score: Score) -> str:
    return f"{name:<32} F1 {score.f1:.4f}  right {score.right}  wrong {score.wrong}  missed {score.missed}"


if __name__ == "__main__":
    program()
