"""What the commands share: exit statuses, common options, the settings they lead to."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import FORMATS

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.config import Settings

OK, UNREAD, USAGE, BUSY, BROKEN, INTERRUPTED = 0, 1, 2, 4, 5, 130
RAW, OUT, SOURCES = Path("data/raw"), Path("data/processed"), Path("sources.toml")
_LOG_WIDTH = 120


def add_out(sub: argparse.ArgumentParser, what: str = "where the tables are written") -> None:
    sub.add_argument("--out", type=Path, default=OUT, metavar="DIR", help=f"{what} (default: {OUT})")


def add_processed(sub: argparse.ArgumentParser) -> None:
    what = f"the tables to look at (default: {OUT})"
    sub.add_argument("--processed", type=Path, default=OUT, metavar="DIR", help=what)


def add_raw(sub: argparse.ArgumentParser) -> None:
    what = f"what was fetched; its ledger is beside it (default: {RAW})"
    sub.add_argument("--raw", type=Path, default=RAW, metavar="DIR", help=what)


def add_sources(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--sources", type=Path, default=SOURCES, metavar="FILE",
                     help=f"which sites to ask, and how (default: {SOURCES})")  # fmt: skip


def add_jobs(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--jobs", type=_jobs, metavar="N", help="processes at once (default: every core)")


def add_formats(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--formats", type=_formats, default=FORMATS, metavar="LIST",
                     help="parquet, csv or both, joined by a comma (default: parquet,csv)")  # fmt: skip


def add_config(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--config", type=Path, metavar="FILE", help="settings (default: pipeline.toml if there)")


def add_wait(sub: argparse.ArgumentParser) -> None:
    what = "wait so long for another run into --out to end (default: do not wait)"
    sub.add_argument("--wait", type=_seconds, default=0.0, metavar="SECONDS", help=what)


def add_json(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--json", action="store_true", help="print JSON, for programs")


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: give 1 or more")
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


def check_out(out: Path) -> None:
    """PathError where no tables can be written there, before the work and not after it."""
    from pipeline.shared import require_usable

    require_usable(out)


def check_file(path: Path) -> None:
    """PathError where a file of this name cannot be written, before the work and not after it."""
    from pipeline.acquire import PathError

    if path.is_dir():
        raise PathError(f"{path}: is a folder, and a file is to be written: give another --out")
    if not path.parent.is_dir():
        raise PathError(f"{path}: there is no folder {path.parent}: make it, or give another --out")


def raw_to_ledger(raw: Path) -> Path:
    """The ledger of a store; PathError where no night has made one."""
    from pipeline.acquire import PathError
    from pipeline.acquire.holdings import root_to_ledger

    ledger = root_to_ledger(raw)
    if not ledger.is_file():
        raise PathError(f"{ledger}: no ledger there: run `python -m pipeline nightly` first, or give --raw")
    return ledger


def now() -> str:
    """This moment as the ledger writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stream_to_console(stream: object) -> Console:
    """On a terminal its own width and colours; in a log wide plain lines."""
    from rich.console import Console

    terminal = getattr(stream, "isatty", lambda: False)()
    return Console(file=stream, width=None if terminal else _LOG_WIDTH)  # type: ignore[arg-type]
