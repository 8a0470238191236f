"""`run`: reports into tables."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import (
    INTERRUPTED,
    OK,
    RAW,
    UNREAD,
    add_config,
    add_formats,
    add_jobs,
    add_out,
    check_out,
    keys_to_help,
    parsed_to_settings,
)
from pipeline.cli.ways_out import stream_to_console
from pipeline.printable import to_printable

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.records import Report
    from pipeline.run import Outcome

NAME, WHAT = "run", "read reports into tables"
EXAMPLES = f"""\
examples:
  python -m pipeline run                         data/raw into data/processed
  python -m pipeline run reports/ one.pdf --out tables
  python -m pipeline run --formats csv --jobs 2
  python -m pipeline run encrypted.pdf --config pipeline.toml --force

pipeline.toml, every key optional, here with its default:
{keys_to_help()}

exit status: 0 all documents processed, whatever the checks found; 1 a document could not be read;
2 wrong usage or configuration; 130 stopped with Ctrl-C, what was read until then is written."""


def add_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("paths", nargs="*", type=Path, default=[RAW], metavar="PATH",
                     help=f"PDF files, or folders to search (default: {RAW})")  # fmt: skip
    add_out(sub)
    sub.add_argument("--force", action="store_true", help="read documents again that were read before")
    add_jobs(sub)
    add_formats(sub)
    add_config(sub)


def command(parsed: argparse.Namespace) -> int:
    """Bring the tables up to date and say what to look at next."""
    from pipeline.run import run
    from pipeline.summary import out_to_summary, print_summary

    settings = parsed_to_settings(parsed.config, parsed.jobs)
    check_out(parsed.out)
    with _Progress(stream_to_console(sys.stderr)) as progress:
        outcome = run(
            parsed.paths,
            parsed.out,
            settings,
            force=parsed.force,
            formats=parsed.formats,
            progress=progress,
        )
    _print_notes(outcome)
    summary = out_to_summary(parsed.out, outcome.paths)
    print_summary(stream_to_console(sys.stdout), summary, outcome, parsed.out)
    if outcome.interrupted:
        print("stopped: what was read until then is written; run again for the rest", file=sys.stderr)
        return INTERRUPTED
    return UNREAD if summary.failed else OK


def _print_notes(outcome: Outcome) -> None:
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
    print(to_printable(line), file=sys.stderr)


class _Progress:
    """A bar on a terminal, a line a document in a log; a failed document is always one line."""

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
