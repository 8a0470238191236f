"""Define what the commands share: exit statuses, common options, and checks before the work begins."""

from __future__ import annotations

import argparse
import errno
from datetime import UTC, datetime
from pathlib import Path

from pipeline.config import EXPORTS, FORMATS, JOBS_MAX, KEYS, Settings
from pipeline.installation.extras import extra_to_problem
from pipeline.installation.program import Word, to_command

OK, UNREAD, USAGE, BUSY, BROKEN, INTERRUPTED = 0, 1, 2, 4, 5, 130
"""Exit statuses.

OK: all went well. UNREAD: a document could not be read. USAGE: wrong usage or settings. BUSY: another run or
night is at work. BROKEN: the disk takes no more. INTERRUPTED: stopped with Ctrl-C.
"""

_JOBS_MAX_DIGITS = 9
"""Count. A longer text is no number of processes, and is not read as a number at all."""

RAW, OUT, SOURCES = Path("data/raw"), Path("data/processed"), Path("sources.toml")

_TODO = {
    errno.EACCES: "check its rights",
    errno.EPERM: "check its rights",
    errno.EISDIR: "move that folder away",
    errno.EEXIST: "move away what is there",
    errno.ENOTDIR: "move away what is there, or in its path, and is no folder",
    errno.ENAMETOOLONG: "give a shorter name",
    errno.ENOSPC: "free space, then run again",
    errno.EDQUOT: "free space, then run again",
    errno.EFBIG: "free space, then run again",
    errno.EROFS: "nothing can be written there: give another path",
}


def add_out(sub: argparse.ArgumentParser, what: str = "where the tables are written") -> None:
    """Add the option --out."""
    sub.add_argument("--out", type=to_path, default=OUT, metavar="DIR", help=f"{what} (default: {OUT})")


def add_processed(sub: argparse.ArgumentParser) -> None:
    """Add the option --processed."""
    what = f"the tables to look at (default: {OUT})"
    sub.add_argument("--processed", type=to_path, default=OUT, metavar="DIR", help=what)


def add_raw(sub: argparse.ArgumentParser) -> None:
    """Add the option --raw."""
    what = f"what was fetched; its ledger is beside it (default: {RAW})"
    sub.add_argument("--raw", type=to_path, default=RAW, metavar="DIR", help=what)


def add_sources(sub: argparse.ArgumentParser) -> None:
    """Add the option --sources."""
    sub.add_argument("--sources", type=to_path, default=SOURCES, metavar="FILE",
                     help=f"which sites to ask, and how (default: {SOURCES})")  # fmt: skip


def add_jobs(sub: argparse.ArgumentParser) -> None:
    """Add the option --jobs."""
    sub.add_argument("--jobs", type=_jobs, metavar="N", help="processes at once (default: every core)")


def add_formats(sub: argparse.ArgumentParser) -> None:
    """Add the option --formats."""
    sub.add_argument("--formats", type=_formats, default=FORMATS, metavar="LIST",
                     help="parquet, csv or both, and dta (Stata), duckdb, joined by commas "
                     "(default: parquet,csv)")  # fmt: skip


def add_config(sub: argparse.ArgumentParser) -> None:
    """Add the option --config."""
    what = "settings (default: pipeline.toml if there)"
    sub.add_argument("--config", type=to_path, metavar="FILE", help=what)


def add_wait(sub: argparse.ArgumentParser) -> None:
    """Add the option --wait."""
    what = "wait so long for another run into --out to end (default: do not wait)"
    sub.add_argument("--wait", type=_seconds, default=0.0, metavar="SECONDS", help=what)


def add_json(sub: argparse.ArgumentParser) -> None:
    """Add the option --json."""
    sub.add_argument("--json", action="store_true", help="print JSON, for programs")


def to_path(text: str) -> Path:
    """Return the path that was given. Raises ArgumentTypeError for an empty text.

    An empty text may come from a variable that is not set. As a path it would be the working folder.
    """
    if not text:
        raise argparse.ArgumentTypeError("an empty text is no path: give one, or . for this folder")
    return Path(text)


def _jobs(text: str) -> int:
    """Return a number of processes. Raises ArgumentTypeError."""
    if (
        not text.isdecimal()
        or len(text) > _JOBS_MAX_DIGITS
        or not int(text)
        or not KEYS["jobs"].fits(int(text))
    ):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: give 1 to {JOBS_MAX}")
    return int(text)


def _seconds(text: str) -> float:
    """Return a number of seconds. Raises ArgumentTypeError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds: give 0 or more")
    return seconds


def _formats(text: str) -> tuple[str, ...]:
    """Return the formats, each of them once. Raises ArgumentTypeError."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    known = (*FORMATS, *EXPORTS)
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"unknown {', '.join(unknown)}: give some of {', '.join(known)}")
    if not set(names) & set(FORMATS):
        also = f"{FORMATS[0]},{','.join(names)}"
        raise argparse.ArgumentTypeError(f"a run goes on from {' or '.join(FORMATS)}: give {also}")
    if "duckdb" in names and (problem := extra_to_problem("compare")):
        raise argparse.ArgumentTypeError(f"duckdb needs {problem}")
    return names


def parsed_to_settings(config: Path | None, jobs: int | None = None) -> Settings:
    """Return the settings, with the number of processes from the command line. Raises ConfigError."""
    from dataclasses import replace

    from pipeline.config import load_settings

    settings = load_settings(config)
    return replace(settings, jobs=jobs) if jobs else settings


def parsed_to_given(parsed: argparse.Namespace, *names: str) -> tuple[Word, ...]:
    """Return, as words of a command, those of the named options whose value is not the default."""
    values = {
        action: getattr(parsed, action.dest) for action in parsed.parser._actions if action.dest in names
    }
    given = [(action, value) for action, value in values.items() if value != action.default]
    return tuple(word for action, value in given for word in (action.option_strings[0], *_to_words(value)))


def _to_words(value: object) -> tuple[Word, ...]:
    """Return the value of an option as it is typed. A switch has no value."""
    if isinstance(value, Path):
        return (value,)
    if isinstance(value, bool):
        return ()
    return (",".join(value),) if isinstance(value, tuple) else (f"{value}",)


def check_out(out: Path) -> None:
    """Raise PathError if no tables can be written there. This is checked before the work begins."""
    from pipeline.tables.out_folder import require_usable

    require_usable(out)


def check_file(path: Path, option: str = "--out") -> None:
    """Raise PathError if no file of this name can be written. This is checked before the work begins."""
    from pipeline.errors import PathError
    from pipeline.files.output_file import try_beside

    if "\0" in str(path):
        raise PathError(f"{path}: no name of a file holds a NUL: give another {option}")
    try:
        if path.is_dir():
            raise PathError(f"{path}: is a folder, and a file is to be written: give another {option}")
        if path.parent.exists() and not path.parent.is_dir():
            raise PathError(f"{path}: {path.parent} is a file, and no folder: give another {option}")
        if not path.parent.exists():
            raise PathError(f"{path}: there is no folder {path.parent}: make it, or give another {option}")
        try_beside(path)
    except OSError as error:
        raise PathError(f"{path}: cannot be written ({error.strerror}): give another {option}") from error


def check_raw(raw: Path) -> None:
    """Raise PathError if --raw is a file."""
    from pipeline.errors import PathError

    if raw.exists() and not raw.is_dir():
        raise PathError(f"{raw}: is a file, and --raw needs a folder: give another --raw")


def parsed_to_ledger(parsed: argparse.Namespace) -> Path:
    """Return the ledger of the store in --raw. Raises PathError if no night has made one."""
    from pipeline.acquire.holdings import root_to_ledger
    from pipeline.errors import PathError

    check_raw(parsed.raw)
    ledger = root_to_ledger(parsed.raw)
    if not ledger.is_file():
        night = to_command("nightly", *parsed_to_given(parsed, "sources", "raw", "out"))
        raise PathError(f"{ledger}: no ledger there: run `{night}` first, or give --raw")
    return ledger


def refusal_to_text(error: OSError) -> str:
    """Return which path the system refused, why, and what to do."""
    path = error.filename2 or error.filename
    where = f"{path}: " if path else ""
    todo = _TODO.get(error.errno or 0, "check that path and its disk, then run again")
    return f"{where}{error.strerror or error}: {todo}"


def now() -> str:
    """Return this moment in UTC, in the form that the ledger has: 2026-01-31T12:00:00Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
