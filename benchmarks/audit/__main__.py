"""Recompute what stands in a folder of tables: `python -m benchmarks.audit FOLDER [FOLDER ...]`.

Plain loops over observations.csv, reports.csv and checks.csv say what every check, cell of a panel, null of a
panel, rate, row of coverage and row of the backlog must be. No code of pipeline/ is used: the forms,
their sums and the rates are written a second time in statute.toml. Which regions ended, and which counties
were merged or split, is read from the lists of pipeline/places. Each difference is printed; with one the
exit status is 1.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.audit.audit import folder_to_audit

SHOWN = 40
"""Count. No more differences of a folder are printed."""


def main(arguments: list[str] | None = None) -> int:
    """Audit the folders, print what was held against what, and return 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a folder of tables as CSV")
    different = 0
    for folder in parser.parse_args(arguments).folders:
        audit = folder_to_audit(folder)
        told = ", ".join(f"{count:,} {what}" for what, count in audit.counts.items())
        print(f"{folder}: {told}: {len(audit.differences)} differences")
        for line in audit.differences[:SHOWN]:
            print(f"  {line}")
        different += len(audit.differences)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
