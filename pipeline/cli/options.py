"""What the commands share: exit statuses, common options, the settings they lead to."""

from __future__ import annotations

import argparse
import errno
from datetime import UTC, datetime
from pathlib import Path

from pipeline.config import FORMATS, KEYS, Settings
from pipeline.installation.program import Word, to_command

OK, UNREAD, USAGE, BUSY, BROKEN, INTERRUPTED = 0, 1, 2, 4, 5, 130
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
    sub.add_argument("--out", type=to_path, default=OUT, metavar="DIR", help=f"{what} (default: {OUT})")


def add_processed(sub: argparse.ArgumentParser) -> None:
    what = f"the tables to look at (default: {OUT})"
    sub.add_argument("--processed", type=to_path, default=OUT, metavar="DIR", help=what)


def add_raw(sub: argparse.ArgumentParser) -> None:
    what = f"what was fetched; its ledger is beside it (default: {RAW})"
    sub.add_argument("--raw", type=to_path, default=RAW, metavar="DIR", help=what)


def add_sources(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--sources", type=to_path, default=SOURCES, metavar="FILE",
                     help=f"which sites to ask, and how (default: {SOURCES})")  # fmt: skip


def add_jobs(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--jobs", type=_jobs, metavar="N", help="processes at once (default: every core)")


def add_formats(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--formats", type=_formats, default=FORMATS, metavar="LIST",
                     help="parquet, csv or both, joined by a comma (default: parquet,csv)")  # fmt: skip


def add_config(sub: argparse.ArgumentParser) -> None:
    what = "settings (default: pipeline.toml if there)"
    sub.add_argument("--config", type=to_path, metavar="FILE", help=what)


def add_wait(sub: argparse.ArgumentParser) -> None:
    what = "wait so long for another run into --out to end (default: do not wait)"
    sub.add_argument("--wait", type=_seconds, default=0.0, metavar="SECONDS", help=what)


def add_json(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--json", action="store_true", help="print JSON, for programs")


def to_path(text: str) -> Path:
    """A path as it was given; an empty one, as of a variable that is not set, would be this folder."""
    if not text:
        raise argparse.ArgumentTypeError("an empty text is no path: give one, or . for this folder")
    return Path(text)


def _jobs(text: str) -> int:
    if not text.isdecimal() or len(text) > 9 or not int(text) or not KEYS["jobs"].fits(int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: give 1 to 4096")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds: give 0 or more")
    return seconds


def _formats(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if unknown := [name for name in names if name not in FORMATS]:
        raise argparse.ArgumentTypeError(f"unknown {', '.join(unknown)}: give {', '.join(FORMATS)}")
    return names


def parsed_to_settings(config: Path | None, jobs: int | None = None) -> Settings:
    from dataclasses import replace

    from pipeline.config import load_settings

    settings = load_settings(config)
    return replace(settings, jobs=jobs) if jobs else settings


def parsed_to_given(parsed: argparse.Namespace, *names: str) -> tuple[Word, ...]:
    """The options of these names that were given otherwise than by default, as the words of a command."""
    values = {
        action: getattr(parsed, action.dest) for action in parsed.parser._actions if action.dest in names
    }
    given = [(action, value) for action, value in values.items() if value != action.default]
    return tuple(word for action, value in given for word in (action.option_strings[0], *_to_words(value)))


def _to_words(value: object) -> tuple[Word, ...]:
    """The value of an option as it is typed; a switch has none."""
    if isinstance(value, Path):
        return (value,)
    if isinstance(value, bool):
        return ()
    return (",".join(value),) if isinstance(value, tuple) else (f"{value}",)


def check_out(out: Path) -> None:
    """PathError where no tables can be written there, before the work and not after it."""
    from pipeline.tables.out_folder import require_usable

    require_usable(out)


def check_file(path: Path, option: str = "--out") -> None:
    """PathError where a file of this name cannot be written, before the work and not after it."""
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
    from pipeline.errors import PathError

    if raw.exists() and not raw.is_dir():
        raise PathError(f"{raw}: is a file, and --raw needs a folder: give another --raw")


def parsed_to_ledger(parsed: argparse.Namespace) -> Path:
    """The ledger of the store in --raw; PathError where no night has made one."""
    from pipeline.acquire.holdings import root_to_ledger
    from pipeline.errors import PathError

    check_raw(parsed.raw)
    ledger = root_to_ledger(parsed.raw)
    if not ledger.is_file():
        night = to_command("nightly", *parsed_to_given(parsed, "sources", "raw", "out"))
        raise PathError(f"{ledger}: no ledger there: run `{night}` first, or give --raw")
    return ledger


def refusal_to_text(error: OSError) -> str:
    """Where the system refused, what, and what to do."""
    path = error.filename2 or error.filename
    where = f"{path}: " if path else ""
    todo = _TODO.get(error.errno or 0, "check that path and its disk, then run again")
    return f"{where}{error.strerror or error}: {todo}"


def now() -> str:
    """This moment as the ledger writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
