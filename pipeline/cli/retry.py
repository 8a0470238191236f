"""`retry`: have documents that were set aside read again in the next night."""

from __future__ import annotations

import argparse
import sys

from pipeline.cli.options import OK, USAGE, add_raw, now, parsed_to_given, parsed_to_ledger
from pipeline.installation.program import to_command

NAME, WHAT = "retry", "have documents that failed read again"
EXAMPLES = """\
examples:
  nianbao retry r0123456789abcdef     as `status` and the table `reports` name it
  nianbao retry --all                 all that are set aside

They are read in the next night; `nightly --no-crawl` has it at once.

exit status: 0 marked, or nothing to mark; 2 no document of that name was read, nothing is marked."""


def add_options(sub: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    sub.add_argument("ids", nargs="*", metavar="ID", help="report_id or whole SHA-256")
    sub.add_argument("--all", action="store_true", help="all that are set aside")
    add_raw(sub)


def command(parsed: argparse.Namespace) -> int:
    """Mark documents in the ledger to be read again."""
    from pipeline.acquire.ledger import Ledger

    if bool(parsed.ids) == parsed.all:
        status = to_command("status", *parsed_to_given(parsed, "raw"))
        print(f"error: give either IDs or --all: `{status}` lists them", file=sys.stderr)
        return USAGE
    with Ledger(parsed_to_ledger(parsed)) as ledger:
        marked = ledger.retry(None if parsed.all else parsed.ids, now())
    print(f"{marked} to be read again" if marked else "nothing is set aside")
    return OK
