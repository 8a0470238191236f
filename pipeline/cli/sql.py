"""`sql`: one question to the tables."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.cli.options import OK, USAGE, add_processed, check_file, stream_to_console

LAYOUTS = ("table", "csv", "json", "parquet")
NAME, WHAT = "sql", "ask the tables by SQL, in English or Chinese names"
EXAMPLES = """\
examples:
  python -m pipeline sql "select agency, fiscal_year, status from reports"
  python -m pipeline sql "select 机关, 年度, 数值 from 数据 where 状态 = 'ok' and 行 = 'new_received'"
  python -m pipeline sql "describe 数据"
  python -m pipeline sql "select * from panel_applications" --out panel.csv
  python -m pipeline sql "from checks where verdict = 'fail'" --format json

Views: every table by its name and by its Chinese one (报告, 数据, 核对 …), and the vocabulary (词表). Files
and the network are closed to the query, and it changes nothing: docs/sql.md.

exit status: 0 asked and answered; 2 no such table or column, no SELECT, or no tables in the folder."""


def add_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("query", metavar="SELECT", help="one SELECT, in DuckDB's SQL")
    add_processed(sub)
    sub.add_argument("--format", choices=LAYOUTS, help="default: that of --out's name, else table")
    sub.add_argument("--out", type=Path, metavar="FILE", help="write here (default: the terminal)")


def command(parsed: argparse.Namespace) -> int:
    """Answer one SELECT."""
    from pipeline.query.answers import print_rows, rows_to_bytes
    from pipeline.query.ask import ask
    from pipeline.query.views import QueryError
    from pipeline.written import one_set

    layout = parsed.format or _out_to_layout(parsed.out)
    if layout is None or (layout == "parquet" and parsed.out is None) or (layout == "table" and parsed.out):
        print("error: --out needs --format csv, json or parquet, or a name that ends so", file=sys.stderr)
        return USAGE
    if parsed.out:
        check_file(parsed.out)
    try:
        with one_set(parsed.processed):
            rows = ask(parsed.processed, parsed.query)
    except QueryError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    if layout == "table":
        print_rows(stream_to_console(sys.stdout), rows)
    elif parsed.out is None:
        sys.stdout.buffer.write(rows_to_bytes(rows, layout))
    else:
        parsed.out.write_bytes(rows_to_bytes(rows, layout))
        print(f"written: {parsed.out}, {rows.num_rows:,} rows", file=sys.stderr)
    return OK


def _out_to_layout(out: Path | None) -> str | None:
    suffix = out.suffix.lower().lstrip(".") if out else "table"
    return suffix if suffix in LAYOUTS else None
