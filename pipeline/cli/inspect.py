"""`inspect`: one report as the form prints it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import OK, UNREAD, add_config, check_file, parsed_to_settings, to_path
from pipeline.cli.output_streams import stream_to_console
from pipeline.files.output_file import write_beside
from pipeline.printable import to_printable

if TYPE_CHECKING:
    from pipeline.config import Settings
    from pipeline.records import Report

NAME, WHAT = "inspect", "show what was read in one report"
EXAMPLES = """\
examples:
  nianbao inspect data/raw/report.pdf
  nianbao inspect report.pdf --image report.png
  nianbao inspect report.pdf --in-process

--image draws the pages that hold cells one below the other: every bound cell in the colour of its
status with its column and value in it, the item at the left edge of its row."""


def add_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", type=to_path, metavar="FILE", help="a PDF file")
    sub.add_argument("--image", type=_png, metavar="OUT.png", help="also draw the bound cells on the pages")
    sub.add_argument("--in-process", action="store_true",
                     help="read and draw in this process, without walls, limits and time-out")  # fmt: skip
    add_config(sub)


def _png(text: str) -> Path:
    if not text.lower().endswith(".png"):
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a picture: let it end in .png")
    return Path(text)


def command(parsed: argparse.Namespace) -> int:
    """Read one report and show it; 1 where it could not be read."""
    from pipeline.inspection.terminal import print_report
    from pipeline.run import file_to_report

    settings = parsed_to_settings(parsed.config)
    if parsed.image:
        check_file(parsed.image, "--image")
    report = file_to_report(parsed.file, settings, apart=not parsed.in_process)
    if report.status == "failed":
        print(to_printable(f"error: {parsed.file}: {report.error}"), file=sys.stderr)
        return UNREAD
    print_report(stream_to_console(sys.stdout), report)
    if parsed.image:
        draw = _draw_here if parsed.in_process else _draw_apart
        return draw(report, parsed.file, parsed.image, settings)
    return OK


def _draw_here(report: Report, file: Path, image: Path, settings: Settings) -> int:
    from pipeline.inspection.picture import report_to_png

    return _save(report_to_png(file, report, settings.passwords), image)


def _draw_apart(report: Report, file: Path, image: Path, settings: Settings) -> int:
    """1 where what draws the file breaks on it, as a library may that could still read it."""
    from pipeline.inspection.picture import report_to_png
    from pipeline.workers import Failure, file_to_answer

    png = file_to_answer(file, report_to_png, (report, settings.passwords), settings)
    if isinstance(png, Failure):
        words = f"error: {file}: not drawn: {png}: print the file to a new PDF and try that"
        print(to_printable(words), file=sys.stderr)
        return UNREAD
    return _save(png, image)


def _save(png: bytes, image: Path) -> int:
    write_beside(image, png)
    print(to_printable(f"drawn: {image}"), file=sys.stderr)
    return OK
