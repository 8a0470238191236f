"""What happens, said once for people and programs: lines on a terminal, JSON elsewhere, always to stderr."""

from __future__ import annotations

import logging
import sys
from typing import Any

Log = Any
"""A structlog logger: log.info("tables written", stage="export", read=3)."""


def start_logs() -> None:
    """Sets up this process; what other libraries log goes the same way, from warnings on."""
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
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_is_worth_saying)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def _is_worth_saying(record: logging.LogRecord) -> bool:
    """Libraries from warnings on; asked here, for some set the levels of their loggers themselves."""
    ours = record.name.startswith("pipeline.")
    return record.levelno >= (logging.INFO if ours else logging.WARNING)


def get_log(name: str) -> Log:
    """A logger of this program."""
    import structlog

    return structlog.stdlib.get_logger(f"pipeline.{name}")


def _renderers() -> list[Any]:
    import structlog

    if sys.stderr.isatty():
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    # Without the values of variables: they are long, and one holds the passwords.
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        structlog.processors.ExceptionRenderer(frames),
        structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True),
    ]
