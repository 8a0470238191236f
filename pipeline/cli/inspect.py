"""`inspect`: show one report as the form prints it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import OK, UNREAD, add_config, check_file, parsed_to_settings, to_path
from pipeline.cli.output_streams import stream_to_console
from pipeline.files.output_file import write_beside
from pipeline.printable import to_printable
from pipeline.records import PDF_MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.config import Settings
    from pipeline.records import Report

    Draw = Callable[[Path, Report, tuple[str, ...]], bytes]

PNG, HTML = ".png", ".html"

NAME, WHAT = "inspect", "show what was read in one report"
EXAMPLES = """\
examples:
  nianbao inspect data/raw/report.pdf
  nianbao inspect report.pdf --image report.png
  nianbao inspect report.pdf --doubtful doubtful.html
  nianbao inspect report.pdf --in-process

--image draws the pages that hold cells one below the other, as a viewer shows them. A pale band is put in
below each printed row: what was read in each cell, in the colour of its status, its column, and the item.
Of a document without pages (web page, Word, Excel) it writes the tables as a page for a browser: OUT.html.
--doubtful writes one page for a browser: each cell that is suspect, unreadable or in a failed sum as
printed, with its labels, what was read, and what speaks against it. It asks for nothing from the network."""


def add_options(sub: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    sub.add_argument("file", type=to_path, metavar="FILE", help="a report, also archive.zip/inner.pdf")
    sub.add_argument("--image", type=_drawing, metavar="OUT.png",
                     help="also draw the pages, with what was read below each printed row")  # fmt: skip
    sub.add_argument("--doubtful", type=_html, metavar="OUT.html",
                     help="also show the doubtful cells as printed, with what was read beside")  # fmt: skip
    sub.add_argument("--in-process", action="store_true",
                     help="read and draw in this process, without sandbox, limits and time-out")  # fmt: skip
    add_config(sub)


def _drawing(text: str) -> Path:
    """Parse the name of a picture of pages, or of a page with tables."""
    if not text.lower().endswith((PNG, HTML)):
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a picture: let it end in .png")
    return Path(text)


def _html(text: str) -> Path:
    """Parse the name of an HTML file."""
    if not text.lower().endswith(HTML):
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a page: let it end in .html")
    return Path(text)


def command(parsed: argparse.Namespace) -> int:
    """Read one report and show it; exit status 1 if it cannot be read."""
    from pipeline.inspection.terminal import print_report
    from pipeline.run import file_to_report

    settings = parsed_to_settings(parsed.config)
    for path, option in ((parsed.image, "--image"), (parsed.doubtful, "--doubtful")):
        if path:
            check_file(path, option)
    report = file_to_report(parsed.file, settings, apart=not parsed.in_process)
    if report.status == "failed":
        print(to_printable(f"error: {parsed.file}: {report.error}"), file=sys.stderr)
        return UNREAD
    for one in (report, *report.others):
        print_report(stream_to_console(sys.stdout), one)
    return _write_drawings(parsed, report, settings)


def _write_drawings(parsed: argparse.Namespace, report: Report, settings: Settings) -> int:
    """Write what the options ask for; exit status 1 if any of it cannot be drawn."""
    from pipeline.run import file_to_document

    statuses = [OK]
    if not (parsed.image or parsed.doubtful):
        return OK
    file = file_to_document(parsed.file, settings).snapshot.path
    parts = len(report.others) + 1
    first = f": the first of the {parts} reports in the file" if report.others else ""
    if parsed.image:
        draw, suffix = _drawing_of(report)
        if parsed.image.suffix.lower() != suffix:
            words = f"error: {parsed.image}: a file of the kind {report.media_type} is drawn as *{suffix}"
            print(to_printable(words), file=sys.stderr)
            return UNREAD
        statuses.append(_write(draw, parsed.image, parsed, file, report, settings, first))
    if parsed.doubtful:
        from pipeline.inspection.doubtful import doubtful_cells, report_to_html

        count = len(doubtful_cells(report))
        told = (
            f"{first}: {count} doubtful {'cell' if count == 1 else 'cells'}"
            if count
            else f"{first}: no cell is doubtful"
        )
        statuses.append(_write(report_to_html, parsed.doubtful, parsed, file, report, settings, told))
    return max(statuses)


def _drawing_of(report: Report) -> tuple[Draw, str]:
    """Return what draws a report, and how the name of its file ends: pages as a picture, else its tables."""
    if report.media_type == PDF_MEDIA_TYPE:
        from pipeline.inspection.picture import report_to_png

        return report_to_png, PNG
    from pipeline.inspection.source_tables import report_to_tables_page

    return report_to_tables_page, HTML


def _write(
    draw: Draw,
    target: Path,
    parsed: argparse.Namespace,
    file: Path,
    report: Report,
    settings: Settings,
    told: str,
) -> int:
    """Draw, write the file and say so; exit status 1 if drawing fails, as it may for a file that was read."""
    run = _draw_here if parsed.in_process else _draw_apart
    drawn = run(draw, file, report, settings)
    if isinstance(drawn, str):
        words = f"error: {parsed.file}: not drawn: {drawn}: print the file to a new PDF and try that"
        print(to_printable(words), file=sys.stderr)
        return UNREAD
    write_beside(target, drawn)
    print(to_printable(f"drawn: {target}{told}"), file=sys.stderr)
    return OK


def _draw_here(draw: Draw, file: Path, report: Report, settings: Settings) -> bytes | str:
    """Draw in this process."""
    return draw(file, report, settings.passwords)


def _draw_apart(draw: Draw, file: Path, report: Report, settings: Settings) -> bytes | str:
    """Draw in a process of its own; return in words why that fails."""
    from pipeline.workers import Failure, file_to_answer

    drawn = file_to_answer(file, draw, (report, settings.passwords), settings)
    return str(drawn) if isinstance(drawn, Failure) else drawn
