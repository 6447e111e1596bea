"""`python -m bot`: serve, the manual proxy alone, or one task in the terminal."""

import asyncio
import json
import logging
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path as FilePath
from typing import Annotated
from uuid import UUID

import typer
from fastapi import FastAPI
from pydantic import ValidationError
from rich.console import Console

from bot.logs import configure_logging
from bot.server import Server, bind, url_of
from bot.settings import Settings, load_settings
from bot.terminal import plain, render_event, render_task
from core.errors import InvalidInputError, OrchError, SettingsError
from core.events import Event
from core.task import Context, Origin, Request, Task, check_text

_RUN_TIMEOUT_S = 3600.0
_HOST = re.compile(r"[\w.-]+(:\d+)?(/[\w./-]+)?")
_PASSED, _FAILED, _UNUSABLE = 0, 1, 2

program = typer.Typer(
    help="orch, an incident investigator.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@program.command()
def serve() -> None:
    """Serve the API, the page and the manual proxy; ORCHESTRATOR_HOST and ORCHESTRATOR_PORT say where."""
    settings = _settings()
    from bot.app import create_app  # noqa: PLC0415 -- a wrong setting is told before the heavy imports

    app = create_app(settings, lasting=True)

    async def drain() -> None:
        await app.state.runtime.worker.stop(grace_s=settings.stop_grace_s)

    def hurry() -> None:
        app.state.runtime.worker.hurry()

    _serve(app, settings.host, settings.port, "orch listens on {url} (API: {url}/docs)", drain, hurry)


@program.command()
def worker() -> None:
    """Run tasks without serving anything, beside other processes on the same ORCHESTRATOR_DATABASE_URL."""
    settings = _settings()
    from bot.separate import work  # noqa: PLC0415 -- a wrong setting is told before the heavy imports

    try:
        asyncio.run(work(settings, _announcer("orch runs tasks")))
    except OrchError as error:
        _complain(str(error))
        raise typer.Exit(1) from None


@program.command()
def manual(port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen.")] = 8010) -> None:
    """Serve the manual proxy to the company's systems alone."""
    settings = _settings()
    from bot.manual import create_manual_app  # noqa: PLC0415 -- likewise

    _serve(create_manual_app(settings), settings.host, port, "the manual proxy listens on {url} (try {url}/docs)")


@program.command()
def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Tell what is missing and how to mend it, without starting anything. Exit code 1: something fails."""
    from bot.doctor import Finding, examine  # noqa: PLC0415 -- the other commands need none of it
    from bot.doctor.printing import failed, show, to_json, to_lines  # noqa: PLC0415 -- likewise

    try:
        settings = load_settings()
    except SettingsError as error:
        findings = [Finding.fail("settings", line, "as it says") for line in str(error).splitlines()]
    else:
        configure_logging(settings.secrets, level=logging.CRITICAL)  # the findings say all of it
        findings = asyncio.run(examine(settings))
    if as_json:
        print(to_json(findings))
    elif sys.stdout.isatty():
        show(findings, Console())
    else:
        print(to_lines(findings))
    raise typer.Exit(_FAILED if failed(findings) else _PASSED)


@program.command()
def policies(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reading as JSON.")] = False,
) -> None:
    """Print the rules that are read from the company's policies and rota, and the lines left unread."""
    settings = _settings(logging.WARNING)
    from bot.policies import read_policies, to_lines  # noqa: PLC0415 -- a wrong setting is told before the heavy imports
    from retrieval.reference_files import CompanyReferenceFiles  # noqa: PLC0415 -- likewise

    reading = read_policies(CompanyReferenceFiles(settings.company_root))
    if as_json:
        print(json.dumps(asdict(reading), indent=2, ensure_ascii=False))
    else:
        for line in to_lines(reading):
            print(plain(line))


@program.command()
def manifest(
    *,
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode, where orch connects to Slack.")] = False,
    host: Annotated[str, typer.Option(help="The host at which Slack reaches orch, over HTTP.")] = "",
) -> None:
    """Print the manifest of the Slack app, to create it from: see docs/installing-slack.md."""
    from bot.slack.manifest import NO_HOST, render_manifest  # noqa: PLC0415 -- the other commands need none of it

    bare = host.strip().removeprefix("https://").rstrip("/") or NO_HOST
    if not _HOST.fullmatch(bare):
        _complain(f"--host is {host!r}: give a host such as orch.example.com")
        raise typer.Exit(_UNUSABLE)
    sys.stdout.write(render_manifest(socket=socket, host=bare))


@program.command()
def analyze(
    text: Annotated[str, typer.Argument(help="What to look into, in plain words.")],
    service: Annotated[str | None, typer.Option(help="The service it is about.")] = None,
    start: Annotated[str | None, typer.Option(help="Begin of the window, e.g. 2026-02-14T10:00:00Z.")] = None,
    end: Annotated[str | None, typer.Option(help="End of the window.")] = None,
    severity: Annotated[str | None, typer.Option(help="e.g. P1.")] = None,
    project: Annotated[str | None, typer.Option(help="The tracker's project key.")] = None,
    cite: Annotated[list[str] | None, typer.Option(help="A source that must be cited; may be given again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the task as JSON.")] = False,  # noqa: FBT002 -- an option
    charts: Annotated[
        FilePath | None,
        typer.Option(file_okay=False, writable=True, help="A folder for pictures of the series that matter."),
    ] = None,
) -> None:
    """Run one task and print its report. Exit code 0: verified, 1: not verified, 2: the input cannot be taken."""
    settings = _settings(logging.WARNING)  # the report and the lines of progress say the rest
    given = {
        "service": service,
        "project_key": project,
        "start_time": start,
        "end_time": end,
        "severity": severity,
        "required_citations": cite or None,
    }
    try:
        context = Context.model_validate_json(
            json.dumps({name: value for name, value in given.items() if value is not None})
        )
        request = Request(text=check_text(text), context=context, origin=Origin(door="terminal"))
        task = asyncio.run(_analyze(settings, request))
    except ValidationError as error:
        for item in error.errors(include_url=False):
            _complain(f"{'.'.join(map(str, item['loc'])) or 'the window'}: {item['msg'].removeprefix('Value error, ')}")
        raise typer.Exit(_UNUSABLE) from None
    except (InvalidInputError, SettingsError) as error:
        _complain(str(error))
        raise typer.Exit(_UNUSABLE) from None
    except OrchError as error:
        _complain(str(error))
        raise typer.Exit(_FAILED) from None
    if as_json:
        print(task.model_dump_json(indent=2))
    else:
        Console().print(render_task(task))
    if charts is not None:
        _write_charts(task, charts)
    raise typer.Exit(_PASSED if task.verification is not None and task.verification.passed else _FAILED)


@program.command()
def forget(
    task_id: Annotated[UUID, typer.Argument(help="The id of a finished task.")],
    undo: Annotated[bool, typer.Option("--undo", help="Let it be found again.")] = False,  # noqa: FBT002 -- an option
) -> None:
    """Keep later searches from finding a finished task; the task itself stays stored."""
    settings = _settings(logging.WARNING)
    try:
        asyncio.run(_forget(settings, task_id, forgotten=not undo))
    except OrchError as error:
        _complain(str(error))
        raise typer.Exit(_FAILED) from None
    print(f"task {task_id} {'may be found again' if undo else 'will not be found by later searches'}")


async def _forget(settings: Settings, task_id: UUID, *, forgotten: bool) -> None:
    from bot.app import announce_on_stderr, open_database  # noqa: PLC0415 -- a wrong setting is told before the heavy imports
    from storage.past_tasks import PastTasksStore  # noqa: PLC0415 -- likewise

    async with open_database(settings, announce_on_stderr) as database:
        await PastTasksStore(database).forget(task_id, forgotten=forgotten)


async def _analyze(settings: Settings, request: Request) -> Task:
    from bot.app import open_runtime  # noqa: PLC0415 -- a wrong setting is told before the heavy imports

    progress = Console(stderr=True)

    class Progress:
        async def notice(self, event: Event) -> None:
            line = render_event(event)
            if line is not None:
                progress.print(line)

    async with open_runtime(settings) as runtime:
        runtime.observers.add(Progress())
        submission = await runtime.service.submit(request)
        task_id = submission.task.task_id
        await runtime.service.run(task_id)
        await runtime.service.wait(task_id, _RUN_TIMEOUT_S)
        return await runtime.service.get(task_id)


def _write_charts(task: Task, folder: FilePath) -> None:
    """Writes the task's charts as `<task id>-<n>.png` and says where, or that there are none."""
    from bot.charts import render_charts  # noqa: PLC0415 -- only who asks for pictures waits for what draws them

    drawn = render_charts(task)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, chart in enumerate(drawn, start=1):
            path = folder / f"{task.task_id}-{number}.png"
            path.write_bytes(chart.png)
            print(f"orch: chart {path}: {plain(chart.title)}", file=sys.stderr)
    except OSError as error:
        _complain(f"the charts cannot be written to {folder}: {error.strerror}; name a folder that you may write to")
    if not drawn:
        print("orch: no chart: the report rests on no metrics", file=sys.stderr)


@program.command()
def digest(
    team: Annotated[str | None, typer.Option(help="A team of ORCHESTRATOR_DIGESTS; the first one by default.")] = None,
    week: Annotated[str | None, typer.Option(help="e.g. 2026-W08, or a day in it; the latest one by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the digest as JSON.")] = False,  # noqa: FBT002 -- an option
) -> None:
    """Print the weekly on-call digest; nothing is posted. Exit code 1: part of it could not be looked up."""
    settings = _settings(logging.WARNING)
    from bot.digest_terminal import is_whole, make_digest, render_digest  # noqa: PLC0415 -- a wrong setting is told first

    try:
        made = asyncio.run(make_digest(settings, team=team, week=week))
    except (InvalidInputError, SettingsError) as error:
        _complain(str(error))
        raise typer.Exit(_UNUSABLE) from None
    except OrchError as error:
        _complain(str(error))
        raise typer.Exit(_FAILED) from None
    if as_json:
        print(made.model_dump_json(indent=2))
    else:
        Console().print(render_digest(made))
    raise typer.Exit(_PASSED if is_whole(made) else _FAILED)


def _serve(
    app: FastAPI,
    host: str,
    port: int,
    announcement: str,
    drain: Callable[[], Awaitable[None]] | None = None,
    hurry: Callable[[], None] = lambda: None,
) -> None:
    try:
        listener = bind(host, port)
    except SettingsError as error:
        _complain(str(error))
        raise typer.Exit(1) from None
    server = Server(app, _announcer(announcement.format(url=url_of(listener))), drain, hurry)
    try:
        asyncio.run(server.serve(sockets=[listener]))
    except (
        KeyboardInterrupt,
        SystemExit,
    ):  # uvicorn hands a signal on once it has stopped, and exits where it cannot start
        pass
    finally:
        listener.close()
    if not server.started:
        _complain(getattr(app.state, "failure", None) or "orch could not start: the log says why")
        raise typer.Exit(1)


def _announcer(sentence: str) -> Callable[[], None]:
    return lambda: print(sentence, flush=True)


def _settings(level: int = logging.INFO) -> Settings:
    """The settings, with logging set up; a wrong one ends the program with its message."""
    try:
        settings = load_settings()
    except SettingsError as error:
        _complain(str(error))
        raise typer.Exit(_UNUSABLE) from None
    configure_logging(settings.secrets, level=level)
    return settings


def _complain(message: str) -> None:
    for line in message.splitlines():
        print(f"orch: {plain(line)}", file=sys.stderr)


if __name__ == "__main__":
    program()
