"""`verify`: hash the store again and compare it with its ledger."""

from __future__ import annotations

import argparse
import json

from pipeline.cli.options import OK, add_json, add_raw, parsed_to_ledger
from pipeline.printable import json_to_printable, to_printable

DAMAGED = 1
"""Exit status: something is damaged, missing or unknown."""

NAME, WHAT = "verify", "hash every stored file again, find orphans and gaps"
EXAMPLES = """\
examples:
  nianbao verify
  nianbao verify --raw data/raw --json

exit status: 0 all is well; 1 something is damaged, missing or unknown: each line says what to do;
2 there is no ledger."""


def add_options(sub: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_raw(sub)
    add_json(sub)


def command(parsed: argparse.Namespace) -> int:
    """Print everything that is wrong; nothing is changed."""
    from pipeline.acquire.audit import find_damage
    from pipeline.acquire.ledger import Ledger
    from pipeline.acquire.store import Store

    store = Store(parsed.raw)
    with Ledger(parsed_to_ledger(parsed)) as ledger:
        found = find_damage(store, ledger)
        known = len(ledger.hashes())
    if parsed.json:
        rows = [{"kind": damage.kind, "path": str(damage.path), "todo": damage.todo} for damage in found]
        print(json_to_printable(json.dumps(rows, ensure_ascii=False, indent=1)))
    else:
        for damage in found:
            print(to_printable(f"{damage.kind}: {damage.path}: {damage.todo}"))
        print(f"to look at: {len(found):,}" if found else f"all is well: {known:,} documents")
    return DAMAGED if found else OK
