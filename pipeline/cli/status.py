"""`status`: show sources, backlog, documents set aside and missing reports."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

from pipeline.cli.options import (
    OK,
    add_json,
    add_out,
    add_raw,
    add_sources,
    now,
    parsed_to_given,
    parsed_to_ledger,
)
from pipeline.installation.program import to_command

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.acquire.sources import Catalogue

NAME, WHAT = "status", "show sources, backlog, what is set aside, what is missing"
EXAMPLES = """\
examples:
  nianbao status
  nianbao status --json

A department's report is due on 31 January, a government's on 31 March; one that is owed after 31 March,
and was given the year before, is missing.

exit status: 0, whatever there is to say; 2 there is no ledger yet, or it cannot be read."""


def add_options(sub: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_sources(sub)
    add_raw(sub)
    add_out(sub, "the published tables")
    add_json(sub)


def command(parsed: argparse.Namespace) -> int:
    """Print the status; nothing is changed."""
    from pipeline.acquire.ledger import Ledger
    from pipeline.nightly import lock
    from pipeline.nightly.release_comparison import out_to_documents
    from pipeline.nightly.status import ledger_to_status, status_to_json, status_to_text

    path = parsed_to_ledger(parsed)
    held = path.with_name(lock.NAME)
    running = lock.read_holder(held) if lock.is_held(held) else None
    with Ledger(path) as ledger:
        rows = out_to_documents(parsed.out)
        today = date.fromisoformat(now()[:10])
        status = ledger_to_status(ledger, _catalogue(parsed.sources), rows, running, today)
    retry = to_command("retry", "--all", *parsed_to_given(parsed, "raw"))
    print(status_to_json(status) if parsed.json else status_to_text(status, retry))
    return OK


def _catalogue(path: Path) -> Catalogue | None:
    """Return what sources.toml says, None if there is none: a store may be filled by hand."""
    from pipeline.acquire.sources import load_sources

    return load_sources(path) if path.exists() else None
