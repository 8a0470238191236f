"""Scans as files: NAME.pdf, whose pages are pictures, with the truth beside it in NAME.json."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import cv2
import numpy as np

from benchmarks.scans.encode import pictures_to_pdf
from benchmarks.scans.glass import Scanned, reflect, scan_page
from benchmarks.scans.paper import Ink, seen_through, shades_to_ink, spoil_ink
from benchmarks.scans.plan import Scan
from benchmarks.scans.printing import Printed, draw_pages, print_report
from benchmarks.scans.seals import GREY, RED, Seal, plan_seals, press_seals, sealed_cells
from pipeline.files.durable import written_beside
from tools.generator import compose
from tools.generator.truth import truth_to_json


def make_scan(scan: Scan, folder: Path) -> None:
    """Write a scan and its truth into the folder, unless this very one is there already."""
    if is_made(scan, folder):
        return
    cv2.setNumThreads(1)
    printed = print_report(scan)
    chance = np.random.default_rng(crc32(scan.name.encode()))
    pages = printed_to_inks(printed, scan)
    seals = [
        plan_seals(printed, number, chance) if scan.setting.seals else []
        for number in range(1, len(pages) + 1)
    ]
    scanned = [_scan(pages, place, seals[place], scan, chance) for place in range(len(pages))]
    rotates = [-each.quarters * 90 % 360 if scan.setting.turned_back else 0 for each in scanned]
    pdf = pictures_to_pdf(
        [(each.shades, rotate) for each, rotate in zip(scanned, rotates, strict=True)], scan.setting
    )
    folder.mkdir(parents=True, exist_ok=True)
    with written_beside(folder / f"{scan.name}.pdf") as content:
        content.write(pdf)
    truth = _truth(scan, printed, scanned, seals)
    with written_beside(folder / f"{scan.name}.json") as content:
        content.write(truth_to_json(truth).encode())


def printed_to_inks(printed: Printed, scan: Scan) -> list[Ink]:
    """Return the ink of every page as it was printed."""
    return [shades_to_ink(shades) for shades in draw_pages(printed.pdf, scan.setting.dpi)]


def _scan(
    pages: Sequence[Ink], place: int, seals: Sequence[Seal], scan: Scan, chance: np.random.Generator
) -> Scanned:
    """Return one page as it comes out of the machine."""
    setting = scan.setting
    ink = spoil_ink(pages[place], setting, chance)
    behind = pages[(place + 1) % len(pages)]
    fits = bool(setting.through) and behind.shape == ink.shape
    back = seen_through(behind, setting.through) if fits else None
    stamp = press_seals(ink.shape, seals, setting.dpi, chance) if seals else None
    colour = RED if setting.seals == "red" else GREY
    return scan_page(reflect(ink, stamp, colour, back, setting.colour), setting, chance)


def _truth(
    scan: Scan, printed: Printed, scanned: Sequence[Scanned], seals: Sequence[Sequence[Seal]]
) -> dict[str, Any]:
    """Return what stands in the report, and what was done to its pages."""
    on_pages = [(number, seal) for number, page in enumerate(seals, start=1) for seal in page]
    pages = [
        {"skew": round(page.skew, 3), "quarters": page.quarters, "to_scan": page.to_scan.round(7).tolist()}
        for page in scanned
    ]
    return {
        "producer": scan.setting.name,
        "printed_from": origin_of(scan),
        "setting": scan.setting.name,
        "part": scan.setting.part,
        "font": scan.font.name,
        "dpi": scan.setting.dpi,
        "tables": list(printed.tables),
        "pages": pages,
        "sealed": [list(cell) for cell in sealed_cells(printed, on_pages)],
        "boxes": [
            [*cell, page, *(round(side, 2) for side in box)] for cell, (page, box) in printed.places.items()
        ],
        **printed.truth,
    }


def is_made(scan: Scan, folder: Path) -> bool:
    """Return whether the scan is there, made of this very report in this very way."""
    kept = folder / f"{scan.name}.json"
    if not kept.exists() or not kept.with_suffix(".pdf").exists():
        return False
    return bool(json.loads(kept.read_text(encoding="utf-8"))["printed_from"] == origin_of(scan))


def origin_of(scan: Scan) -> str:
    """Return a hash of all that a scan follows from."""
    said = f"{compose(scan.spec)!r}/{scan.setting!r}/{scan.font!r}/{_code()}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@cache
def _code() -> str:
    """Return a hash of the code that makes scans."""
    own = Path(__file__).parent
    names = ("encode", "fonts", "glass", "making", "paper", "plan", "printing", "seals", "settings")
    return hashlib.sha256(b"".join((own / f"{name}.py").read_bytes() for name in names)).hexdigest()
