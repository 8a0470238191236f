"""Log events, for people and programs: lines in a terminal, JSON elsewhere, always to stderr."""

from __future__ import annotations

import io
import json
import logging
import sys
from textwrap import indent
from typing import Any

from pipeline.printable import json_to_printable, to_lines, to_printable

Log = Any
"""A structlog logger: log.info("tables written", stage="export", read=3)."""


def start_logs() -> None:
    """Set up logging in this process. Warnings and errors of other libraries go the same way."""
    import structlog

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(getattr(sys.stderr, "unguarded", sys.stderr))  # colours are its own
    handler.addFilter(_is_worth_saying)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers()],
        )
    )
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def _is_worth_saying(record: logging.LogRecord) -> bool:
    """Whether a record is shown: of libraries only warnings and errors. A filter, as some libraries set
    their loggers' levels."""
    ours = record.name.startswith("pipeline.")
    return record.levelno >= (logging.INFO if ours else logging.WARNING)


def get_log(name: str) -> Log:
    """Return a logger of this program."""
    import structlog

    return structlog.stdlib.get_logger(f"pipeline.{name}")


def _renderers() -> list[Any]:
    """Return the last processors: for a terminal, or for JSON."""
    import structlog

    if sys.stderr.isatty():
        return [_to_printable_values, structlog.dev.ConsoleRenderer(exception_formatter=_print_traceback)]
    # Without the values of variables: they are long, and one holds the passwords.
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        structlog.processors.ExceptionRenderer(frames),
        structlog.processors.JSONRenderer(_to_json, ensure_ascii=False, sort_keys=True),
    ]


def _to_json(values: Any, **options: Any) -> str:
    """Return the values as JSON that is safe to show."""
    return json_to_printable(json.dumps(values, **options))


def _to_printable_values(logger: Any, method: str, values: Any) -> Any:
    """Return the values as safe texts. An exception is printed below the line."""
    shown = {name: to_printable(str(value)) for name, value in values.items() if name != "exc_info"}
    return {**values, **shown}


def _print_traceback(stream: Any, exc_info: Any) -> None:
    """Print a traceback indented, so that no line of a message looks like a line of the log."""
    import structlog

    text = io.StringIO()
    structlog.dev.plain_traceback(text, exc_info)
    stream.write(indent(to_lines(text.getvalue()), "  "))
