"""`inspect`: one report as the form prints it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import OK, UNREAD, add_config, check_file, parsed_to_settings
from pipeline.cli.ways_out import stream_to_console
from pipeline.printable import to_printable

if TYPE_CHECKING:
    from pipeline.config import Settings
    from pipeline.records import Report

NAME, WHAT = "inspect", "show what was read in one report"
EXAMPLES = """\
examples:
  python -m pipeline inspect data/raw/report.pdf
  python -m pipeline inspect report.pdf --image report.png

--image draws the pages that hold cells one below the other: every bound cell in the colour of its
status with its column and value in it, the item at the left edge of its row."""


def add_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", type=Path, metavar="FILE", help="a PDF file")
    sub.add_argument("--image", type=_png, metavar="OUT.png", help="also draw the bound cells on the pages")
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
    report = file_to_report(parsed.file, settings)
    if report.status == "failed":
        print(to_printable(f"error: {parsed.file}: {report.error}"), file=sys.stderr)
        return UNREAD
    print_report(stream_to_console(sys.stdout), report)
    if parsed.image:
        _draw(report, parsed.file, parsed.image, settings)
    return OK


def _draw(report: Report, file: Path, image: Path, settings: Settings) -> None:
    from pipeline.inspection.picture import report_to_picture

    report_to_picture(report, file, settings.passwords).save(image)
    print(to_printable(f"drawn: {image}"), file=sys.stderr)
