"""`run`: read reports into tables."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.cli.options import (
    BROKEN,
    BUSY,
    INTERRUPTED,
    OK,
    RAW,
    UNREAD,
    USAGE,
    add_config,
    add_formats,
    add_jobs,
    add_out,
    add_wait,
    check_out,
    parsed_to_settings,
    to_path,
)
from pipeline.cli.output_streams import stream_to_console
from pipeline.config import FORMATS, Settings
from pipeline.printable import to_printable
from pipeline.setting_keys import keys_to_help

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from pipeline.records import Report
    from pipeline.run import RunResult

NAME, WHAT = "run", "read reports into tables"
EXAMPLES = f"""\
examples:
  nianbao run                         data/raw into data/processed
  nianbao run reports/ one.pdf --out tables
  nianbao run --formats csv --jobs 2
  nianbao run --formats parquet,csv,dta,duckdb    Stata files and one DuckDB file too
  nianbao run encrypted.pdf --config pipeline.toml
  nianbao run --wait 600              let a run that is at work on the same --out end first

What failed for want of a password, time or memory is read again when pipeline.toml says otherwise.

pipeline.toml, every key optional, here with its default:
{keys_to_help(Settings)}

exit status: 0 all documents processed, whatever the checks found; 1 a document could not be read;
2 wrong usage or configuration, or --out cannot be written; 4 another run or a night is at work on --out;
5 the disk takes no more, the tables are those of before or whole at the next run; 130 stopped with Ctrl-C,
what was read until then is written, unless it was stopped while writing."""


def add_options(sub: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    sub.add_argument("paths", nargs="*", type=to_path, default=[RAW], metavar="PATH",
                     help="PDFs, web pages, Word and Excel files, ZIP archives of them, or folders to search "
                     f"(default: {RAW})")  # fmt: skip
    add_out(sub)
    sub.add_argument("--force", action="store_true", help="read documents again that were read before")
    add_jobs(sub)
    add_formats(sub)
    add_wait(sub)
    add_config(sub)


def command(parsed: argparse.Namespace) -> int:
    """Bring the tables up to date and say what to look at next; return the exit status."""
    from pipeline.cli.run_summary import out_to_summary, print_summary
    from pipeline.files.lock import BusyError
    from pipeline.tables.out_folder import FULL, OutError

    settings = parsed_to_settings(parsed.config, parsed.jobs)
    check_out(parsed.out)
    try:
        outcome = _run(parsed, settings)
    except KeyboardInterrupt:
        _note(f"stopped: {parsed.out} is as before, or whole at the next run: run again")
        return INTERRUPTED
    except BusyError as error:
        _note(f"error: {error}")
        return BUSY
    except OutError as error:
        full = error.errno in FULL
        todo = "free space, then run again" if full else "mend that, or give another --out, and run again"
        _note(f"error: {error}: {todo}")
        return BROKEN if full else USAGE
    _print_notes(outcome)
    summary = out_to_summary(parsed.out, outcome.paths)
    print_summary(stream_to_console(sys.stdout), summary, outcome, parsed)
    if outcome.interrupted:
        rest = f"; {outcome.left:,} more to read: run again" if outcome.left else ""
        print(f"stopped: what was read until then is written{rest}", file=sys.stderr)
        return INTERRUPTED
    return UNREAD if summary.failed else OK


def _as_installed(settings: Settings, out: Path) -> Settings:
    """Without the tables of prose where what makes them is not installed, which is said.

    ExtraError where `out` has such tables: a run without them would take them away.
    """
    from pipeline.installation.extras import ExtraError, extra_to_problem
    from pipeline.tables.dictionary import PROSE

    problem = extra_to_problem("prose") if settings.prose else ""
    if not problem:
        return settings
    names = ", ".join(PROSE)
    if any((out / f"{name}.{suffix}").exists() for name in PROSE for suffix in FORMATS):
        raise ExtraError(
            f"{out}: has tables of prose ({names}), and to keep them up to date needs {problem}, "
            "or say prose = false in pipeline.toml, which takes them away"
        )
    _note(f"without the tables of prose ({names}): they need {problem}")
    return replace(settings, prose=False)


def _run(parsed: argparse.Namespace, settings: Settings) -> RunResult:
    """Run with a progress display."""
    from pipeline.run import run

    console = stream_to_console(sys.stderr)
    settings = _as_installed(settings, parsed.out)
    with _Progress(console) as progress:
        return run(
            parsed.paths,
            parsed.out,
            settings,
            force=parsed.force,
            formats=parsed.formats,
            progress=progress,
            wait=parsed.wait,
        )


def _print_notes(outcome: RunResult) -> None:
    """Print what was passed over, replaced, withdrawn or found twice."""
    for text in outcome.passed_over:
        _note(f"passed over: {text}")
    for name in outcome.replaced:
        damage = outcome.damaged.get(name)
        what = f"damaged: {name}: {damage}" if damage else f"new content: {name}"
        _note(f"{what}: the tables no longer hold what this file said before")
    for name in outcome.withdrawn:
        _note(f"superseded: {name}: what it said has left the tables")
    for document in outcome.documents:
        if document.also_at:
            also = ", ".join(document.also_at)
            _note(f"same content, read once: {document.source_file} = {also}")


def _note(line: str) -> None:
    """Print a line to stderr, safely."""
    print(to_printable(line), file=sys.stderr)


class _Progress:
    """Progress as a bar in a terminal, or a line for each document in a log. A failed document always gets
    a line."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = console
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("reading", total=None)

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, report: Report, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)
        if report.status == "failed":
            self._say(f"error: {report.source_file}: {report.error}")
        elif not self._console.is_terminal:
            self._say(f"[{done}/{total}] {report.source_file}: {report.status}, {report.seconds:.1f} s")

    def _say(self, line: str) -> None:
        self._console.print(to_printable(line), soft_wrap=True)
