"""Structured log lines on stderr: JSON, or coloured lines where a person watches."""

import logging
import sys
from collections.abc import Sequence
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.redaction import redact_values

_QUIET = (
    "httpx",
    "httpcore",
    "uvicorn.access",
    "asyncio",
    "alembic",
    "slack_bolt",
    "slack_sdk",
    "stamina",
    "procrastinate",
)


class Redactor:
    """A structlog processor: the last look at a log line before it is rendered."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._secrets = tuple(secrets)

    def __call__(self, _logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
        for key, value in event_dict.items():
            if not key.startswith("_"):  # structlog's own, dropped before rendering
                event_dict[key] = redact_values({key: value}, self._secrets)[key]  # type: ignore[index]
        return event_dict


def configure_logging(secrets: Sequence[str] = (), *, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every line, ours and the libraries', through one chain that ends with redaction. Call it once a process."""
    output = sys.stderr if stream is None else stream
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=True) if output.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *(processor for processor in shared if not isinstance(processor, structlog.stdlib.ExtraAdder)),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _drop_colours,
                Redactor(secrets),
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Its lines of start and end say nothing that ours do not.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True


def _drop_colours(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
    """Without uvicorn's second, coloured copy of its message."""
    event_dict.pop("color_message", None)
    return event_dict
