"""The command line: `run`, `inspect` and `schema`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import FORMATS

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.config import Settings
    from pipeline.records import Report
    from pipeline.run import Outcome

OK, UNREAD, USAGE, INTERRUPTED = 0, 1, 2, 130
_LOG_WIDTH = 120

_RUN = """\
examples:
  python -m pipeline run                         data/raw into data/processed
  python -m pipeline run reports/ one.pdf --out tables
  python -m pipeline run --formats csv --jobs 2
  python -m pipeline run encrypted.pdf --config pipeline.toml --force

pipeline.toml, every key optional:
  passwords = ["…"]   tried on encrypted reports
  timeout = 50        seconds a document may take, all attempts together
  jobs = 0            processes at once, 0 for every core
  memory_mb = 2048    memory a process may take
  temp_mb = 256       temporary files of a document
  renew_after = 500   documents after which a process is replaced

exit status: 0 all documents processed, whatever the checks found; 1 a document could not be read;
2 wrong usage or configuration; 130 stopped with Ctrl-C, what was read until then is written."""

_INSPECT = """\
examples:
  python -m pipeline inspect data/raw/report.pdf
  python -m pipeline inspect report.pdf --image report.png

--image draws the pages that hold cells one below the other: every bound cell in the colour of its
status with its column and value in it, the item at the left edge of its row."""

_SCHEMA = """\
examples:
  python -m pipeline schema
  python -m pipeline schema --format markdown > docs/dictionary.md
  python -m pipeline schema --format json"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status of the contract."""
    from pipeline.acquire import PathError
    from pipeline.config import ConfigError
    from pipeline.written import WrittenError

    parsed = parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = parsed.command
    try:
        return command(parsed)
    except (PathError, ConfigError, WrittenError) as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    except PermissionError as error:
        print(f"error: {error.filename}: {error.strerror}: check its rights", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `… | head` is no error
        sys.stderr.close()
        return OK


def parser() -> argparse.ArgumentParser:
    """All commands with their help texts."""
    whole = argparse.ArgumentParser(
        prog="python -m pipeline",
        description="Annual reports on government information disclosure: PDF in, verified tidy tables out.",
        epilog="python -m pipeline COMMAND --help shows examples.",
    )
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run(_add(commands, "run", run_command, "read reports into tables", _RUN))
    _add_inspect(_add(commands, "inspect", inspect_command, "show what was read in one report", _INSPECT))
    _add_schema(_add(commands, "schema", schema_command, "show the data dictionary", _SCHEMA))
    return whole


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    command: Callable[[argparse.Namespace], int],
    what: str,
    examples: str,
) -> argparse.ArgumentParser:
    sub = commands.add_parser(
        name,
        help=what,
        description=what.capitalize() + ".",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sub.set_defaults(command=command)
    return sub


def _add_run(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("paths", nargs="*", type=Path, default=[Path("data/raw")], metavar="PATH",
                     help="PDF files, or folders to search (default: data/raw)")  # fmt: skip
    sub.add_argument("--out", type=Path, default=Path("data/processed"), metavar="DIR",
                     help="where the tables are written (default: data/processed)")  # fmt: skip
    sub.add_argument("--force", action="store_true", help="read documents again that were read before")
    sub.add_argument("--jobs", type=_jobs, metavar="N", help="processes at once (default: every core)")
    sub.add_argument("--formats", type=_formats, default=FORMATS, metavar="LIST",
                     help="parquet, csv or both, joined by a comma (default: parquet,csv)")  # fmt: skip
    _add_config(sub)


def _add_inspect(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", type=Path, metavar="FILE", help="a PDF file")
    sub.add_argument("--image", type=_png, metavar="OUT.png", help="also draw the bound cells on the pages")
    _add_config(sub)


def _add_schema(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--format", choices=("text", "markdown", "json"), default="text", help="default: text")


def _add_config(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--config", type=Path, metavar="FILE", help="settings (default: pipeline.toml if there)")


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: give 1 or more")
    return int(text)


def _png(text: str) -> Path:
    if not text.lower().endswith(".png"):
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a picture: let it end in .png")
    return Path(text)


def _formats(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if unknown := [name for name in names if name not in FORMATS]:
        raise argparse.ArgumentTypeError(f"unknown {', '.join(unknown)}: give {', '.join(FORMATS)}")
    return names


def run_command(parsed: argparse.Namespace) -> int:
    """Bring the tables up to date and say what to look at next."""
    from pipeline.run import run
    from pipeline.summary import out_to_summary, print_summary

    settings = _settings(parsed.config, parsed.jobs)
    _check_out(parsed.out)
    with _Progress(_console(sys.stderr)) as progress:
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
    print_summary(_console(sys.stdout), summary, outcome, parsed.out)
    if outcome.interrupted:
        print("stopped: what was read until then is written; run again for the rest", file=sys.stderr)
        return INTERRUPTED
    return UNREAD if summary.failed else OK


def inspect_command(parsed: argparse.Namespace) -> int:
    """Read one report and show it; 1 where it could not be read."""
    from pipeline.inspection.terminal import print_report
    from pipeline.run import file_to_report

    settings = _settings(parsed.config, None)
    report = file_to_report(parsed.file, settings)
    if report.status == "failed":
        print(f"error: {parsed.file}: {report.error}", file=sys.stderr)
        return UNREAD
    print_report(_console(sys.stdout), report)
    if parsed.image:
        _draw(report, parsed.file, parsed.image, settings)
    return OK


def _draw(report: Report, file: Path, image: Path, settings: Settings) -> None:
    from pipeline.inspection.picture import report_to_picture

    report_to_picture(report, file, settings.passwords).save(image)
    print(f"drawn: {image}", file=sys.stderr)


def schema_command(parsed: argparse.Namespace) -> int:
    """Print the data dictionary."""
    from pipeline.inspection.schema import schema_to_text

    print(schema_to_text(parsed.format))
    return OK


def _settings(config: Path | None, jobs: int | None) -> Settings:
    from dataclasses import replace

    from pipeline.config import load_settings

    settings = load_settings(config)
    return replace(settings, jobs=jobs) if jobs else settings


def _check_out(out: Path) -> None:
    from pipeline.acquire import PathError

    if out.exists() and not out.is_dir():
        raise PathError(f"{out}: is a file, and --out needs a folder: give another --out")


def _print_notes(outcome: Outcome) -> None:
    for name in outcome.replaced:
        print(f"new content: {name}: the tables no longer hold what this file said before", file=sys.stderr)
    for document in outcome.documents:
        if document.also_at:
            also = ", ".join(document.also_at)
            print(f"same content, read once: {document.source_file} = {also}", file=sys.stderr)


def _console(stream: object) -> Console:
    """On a terminal its own width and colours; in a log wide plain lines."""
    from rich.console import Console

    terminal = getattr(stream, "isatty", lambda: False)()
    return Console(file=stream, width=None if terminal else _LOG_WIDTH)  # type: ignore[arg-type]


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
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
