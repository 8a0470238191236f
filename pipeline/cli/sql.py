"""`sql`: query the tables with one SELECT."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from pipeline.cli.options import OK, USAGE, add_processed, check_file, to_path
from pipeline.cli.output_streams import stream_to_console
from pipeline.files.output_file import write_beside
from pipeline.installation.extras import require_extra
from pipeline.printable import to_printable
from pipeline.query.limits import QUERY_MEMORY_MB, QUERY_MEMORY_MIN_MB, QUERY_SECONDS, Limits

LAYOUTS = ("table", "csv", "json", "parquet")
NAME, WHAT = "sql", "ask the tables by SQL, in English or Chinese names"
EXAMPLES = """\
examples:
  nianbao sql "select agency, fiscal_year, status from reports"
  nianbao sql "select 机关, 年度, 数值 from 数据 where 状态 = 'ok' and 行 = 'new_received'"
  nianbao sql "select 机关, 年度, 数值 from 中文数据 where 状态 = '可信' and 行 = '予以公开'"
  nianbao sql "describe 数据"
  nianbao sql "select * from panel_applications" --out panel.csv
  nianbao sql "from checks where verdict = 'fail'" --format json

A query is ended after --timeout seconds, or when what it builds or answers is larger than --memory.

Views: every table by its name and by its Chinese one (报告, 数据, 核对 …), with 中文 before it if values are
to be Chinese too (中文数据), and the vocabulary (词表). Files and the network are closed to the query, and it
changes nothing: docs/sql.md.

exit status: 0 asked and answered; 2 no such table or column, no SELECT, no tables in the folder, or more
than the limits allow."""


def add_options(sub: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    sub.add_argument("query", metavar="SELECT", help="one SELECT, in DuckDB's SQL")
    add_processed(sub)
    sub.add_argument("--format", choices=LAYOUTS, help="default: that of --out's name, else table")
    sub.add_argument("--out", type=to_path, metavar="FILE", help="write here (default: the terminal)")
    sub.add_argument("--timeout", type=_seconds, default=QUERY_SECONDS, metavar="SECONDS",
                     help=f"end the query after so long (default: {QUERY_SECONDS})")  # fmt: skip
    sub.add_argument("--memory", type=_megabytes, default=QUERY_MEMORY_MB, metavar="MB",
                     help=f"for what it builds, and for its answer (default: {QUERY_MEMORY_MB})")  # fmt: skip


def _seconds(text: str) -> float:
    """Parse a time in seconds."""
    if not re.fullmatch(r"\d{1,5}(\.\d+)?", text, re.ASCII) or not float(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no time: give seconds, more than 0, less than 100000")
    return float(text)


def _megabytes(text: str) -> int:
    """Parse a size in MB."""
    if not re.fullmatch(r"\d{2,7}", text, re.ASCII) or int(text) < QUERY_MEMORY_MIN_MB:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: give MB, {QUERY_MEMORY_MIN_MB} to 9999999")
    return int(text)


def command(parsed: argparse.Namespace) -> int:
    """Run one SELECT and print or write its result."""
    require_extra("compare", NAME)
    from pipeline.query.process import TABLE, EndedError, QueryJob, content_to_terminal_table, job_to_content
    from pipeline.query.terminal_table import print_terminal_table
    from pipeline.tables.written_tables import one_set

    layout = parsed.format or _out_to_layout(parsed.out)
    if layout is None or (layout == "parquet" and parsed.out is None) or (layout == TABLE and parsed.out):
        print("error: --out needs --format csv, json or parquet, or a name that ends so", file=sys.stderr)
        return USAGE
    if parsed.out:
        check_file(parsed.out)
    try:
        job = QueryJob(parsed.processed, parsed.query, layout, Limits(parsed.timeout, parsed.memory))
        with one_set(parsed.processed):
            head, content = job_to_content(job)
    except EndedError as error:
        print(f"error: {to_printable(str(error))}", file=sys.stderr)
        return USAGE
    if layout == TABLE:
        print_terminal_table(stream_to_console(sys.stdout), content_to_terminal_table(content))
    elif parsed.out is None and sys.stdout.isatty():  # for eyes, not for a program
        print(content.decode("utf-8-sig"), end="")
    elif parsed.out is None:
        sys.stdout.buffer.write(content)
    else:
        write_beside(parsed.out, content)
        print(to_printable(f"written: {parsed.out}, {head.rows:,} rows"), file=sys.stderr)
    if head.hint:
        print(to_printable(f"no rows: {head.hint}"), file=sys.stderr)
    return OK


def _out_to_layout(out: Path | None) -> str | None:
    """Return the layout that a file's name asks for; None if it asks for none."""
    suffix = out.suffix.lower().lstrip(".") if out else "table"
    return suffix if suffix in LAYOUTS else None
