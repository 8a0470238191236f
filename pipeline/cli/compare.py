"""`compare`: set bureaus beside each other, on a page or in a workbook."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import OK, USAGE, add_processed, check_file, check_out, to_path
from pipeline.files.output_file import write_beside
from pipeline.installation.extras import require_extra
from pipeline.printable import to_printable

if TYPE_CHECKING:
    from pipeline.compare.figures import Comparison

PARENTS = 2
"""Count. So many folders above the tables are searched for the reports' files."""
SUFFIXES = (".html", ".xlsx")
NAME, WHAT = "compare", "set bureaus, regions and years beside each other on a page or in a workbook"
EXAMPLES = """\
examples:
  nianbao compare --out report.html
  nianbao compare --region 6302 --year 2022 --out report.html report.xlsx
  nianbao compare --region 海东市 --year 2019-2023 --bureau 工业和信息化 --out report.html
  nianbao compare --item applications.granted.total share_refused --png charts

A region is given by the digits its code begins with (63, 6302, 630200) or by name. An item is
table.item.column of the vocabulary, or a rate; an item that does not exist is answered with those that do.
A rate of fewer than N cases (--min-n) is not ranked: one case moves it by more than 10 percentage points.
Without --year it is the last one; a year without a report has a page that says so. The page needs no
network and no fonts.

exit status: 0 written; 2 nothing to compare (what is available is listed) or wrong usage."""


def add_options(sub: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    sub.add_argument(
        "--region", default="", metavar="CODE", help="code, its first digits, or name (default: all)"
    )
    sub.add_argument("--year", type=_years, metavar="YEAR", help="2022 or 2019-2023 (default: the last)")
    sub.add_argument(
        "--bureau", nargs="+", default=[], metavar="TYPE", help="kinds of bureaus (default: all)"
    )
    sub.add_argument("--item", nargs="+", metavar="ITEM", help="what to rank (default: new applications)")
    sub.add_argument("--min-n", type=_min_n, default=10, metavar="N",
                     help="rank no rate of fewer cases; these are listed apart (default: 10)")  # fmt: skip
    add_processed(sub)
    sub.add_argument("--out", nargs="+", type=_out, default=[], metavar="FILE",
                     help="a page (.html), a workbook (.xlsx), or both")  # fmt: skip
    sub.add_argument("--png", type=to_path, metavar="DIR", help="also, or only, every chart as a picture")


def _years(text: str) -> tuple[int, int]:
    """Parse a year or a range of years."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text)
    if not found or found[1] > (found[2] or found[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is no year and no range: give 2022 or 2019-2023")
    return int(found[1]), int(found[2] or found[1])


def _min_n(text: str) -> int:
    """Parse the least number of cases of a rate that is ranked."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of cases: give 1 or more (1 ranks every rate)"
        )
    return int(text)


def _out(text: str) -> Path:
    """Parse the name of a page or a workbook."""
    if Path(text).suffix.lower() not in SUFFIXES:
        raise argparse.ArgumentTypeError(f"{text!r} ends neither in .html nor in .xlsx (pictures: --png DIR)")
    return Path(text)


def command(parsed: argparse.Namespace) -> int:
    """Write the page, the workbook and the pictures that are asked for."""
    if not parsed.out and not parsed.png:
        print("error: nothing to write: give --out report.html, or --png DIR", file=sys.stderr)
        return USAGE
    require_extra("compare", NAME)
    from pipeline.compare.figures import folder_to_comparison
    from pipeline.compare.selection import Selection, SelectionError
    from pipeline.query.views import QueryError
    from pipeline.tables.written_tables import one_set

    for path in parsed.out:
        check_file(path)
    if parsed.png:
        check_out(parsed.png)
    items = {"items": tuple(parsed.item)} if parsed.item else {}
    selection = Selection(parsed.region, parsed.year, tuple(parsed.bureau), min_n=parsed.min_n, **items)
    try:
        with one_set(parsed.processed):
            comparison = folder_to_comparison(parsed.processed, selection)
    except (SelectionError, QueryError) as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    if not comparison.coverage["there"].sum():
        print("note: there is no report on the years asked for, and what is written says so", file=sys.stderr)
    for path in parsed.out:
        _write(comparison, path, parsed.processed)
    if parsed.png:
        _draw(comparison, parsed.png)
    return OK


def _write(comparison: Comparison, path: Path, processed: Path) -> None:
    """Write the page or the workbook."""
    if path.suffix.lower() == ".html":
        from pipeline.compare.links import reports_to_links
        from pipeline.compare.page import comparison_to_html

        # Names of files begin where `run` was called: mostly here, or above the tables that it wrote.
        folders = (Path(), *processed.absolute().parents[:PARENTS])
        links = reports_to_links(comparison.panel, path, folders)
        content = comparison_to_html(comparison, links).encode()
    else:
        from pipeline.compare.workbook import comparison_to_xlsx

        content = comparison_to_xlsx(comparison)
    write_beside(path, content)
    print(to_printable(f"written: {path}"))


def _draw(comparison: Comparison, folder: Path) -> None:
    """Write the pictures."""
    from pipeline.compare.pictures import write_pictures

    for path in write_pictures(comparison, folder):
        print(to_printable(f"written: {path}"))
