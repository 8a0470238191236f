"""Other programs that read scans, each as a competent user would run it.

Those that give words with their places are told where the cells stand on the page, which no program knows by
itself: what lies in a cell is its text. Those that give tables go through the lookup of labels that all peers
of benchmarks.peers share. None says what it doubts.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pypdfium2

from benchmarks.peers import Cell, Grid, Value
from benchmarks.scans.glass import Homography, quarter_turns
from benchmarks.scans.printing import POINTS_AN_INCH, Shades
from benchmarks.scoring.programs import Outcome
from benchmarks.scoring.truths import Truth
from pipeline.extract.normalise.phrases import parse_quantity

DPI = 200
"""Pixels an inch. What pages are drawn at for programs that take pictures."""


class Word(NamedTuple):
    """A word or line of a page, counted from 1, its middle in pixels of the page drawn at DPI."""

    page: int
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Peer:
    """A program: `read` gives words of a file, or raw tables. `module` and `command` are what it needs."""

    name: str
    read: Callable[[Path], Iterable[Word | Grid]]
    module: str = ""
    command: str = ""

    def problem(self) -> str:
        """Return why it cannot run here; "" if it can."""
        if self.module and importlib.util.find_spec(self.module) is None:
            return f"{self.name}: pip install {self.module}"
        if self.command and not shutil.which(self.command):
            return f"{self.name}: apt-get install tesseract-ocr tesseract-ocr-chi-sim"
        return ""


def rapidocr_words(path: Path) -> Iterator[Word]:
    """Yield the lines of whole pages: the package's own detection and recognition, as they come."""
    for number, picture in _drawn(path):
        found = _rapidocr()(picture)
        if found.boxes is not None:
            for box, text in zip(found.boxes, found.txts, strict=True):
                x, y = np.mean(box, axis=0)
                yield Word(number, float(x), float(y), text)


@cache
def _rapidocr() -> Any:
    from rapidocr import RapidOCR

    one = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(params={"Global.log_level": "critical", **one})


def tesseract_words(path: Path) -> Iterator[Word]:
    """Yield words of whole pages, each taken for one block of text (mode 6), the rulings taken out before.

    With them, or looking for text everywhere (mode 11), it finds a fifth of the numbers; 300 dpi finds fewer.
    """
    command = ["tesseract", "-", "-", "-l", "chi_sim", "--psm", "6", "--dpi", str(DPI), "tsv"]
    alone = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    for number, picture in _drawn(path):
        _, png = cv2.imencode(".png", _without_rulings(picture))
        said = subprocess.run(command, input=png.tobytes(), capture_output=True, check=True, env=alone).stdout
        for row in csv.DictReader(io.StringIO(said.decode()), delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["text"] and row["text"].strip():
                left, top, wide, high = (int(row[key]) for key in ("left", "top", "width", "height"))
                yield Word(number, left + wide / 2, top + high / 2, row["text"])


def _without_rulings(picture: Shades) -> Shades:
    """Return greys in which straight lines of a quarter of an inch are paper."""
    grey = np.array(picture if picture.ndim == 2 else picture.min(axis=2))
    _, ink = cv2.threshold(255 - grey, 0, 255, cv2.THRESH_OTSU)
    lines = np.zeros_like(grey)
    for shape in ((1, DPI // 4), (DPI // 4, 1)):
        lines |= cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8)).astype(np.uint8)
    grey[cv2.dilate(lines, np.ones((5, 5), np.uint8)) > 0] = np.median(grey)
    return grey


def img2table_grids(path: Path) -> Iterator[Grid]:
    """Yield tables by rulings, their cells read by rapidocr in Chinese."""
    from img2table.document import PDF

    for page, tables in PDF(str(path)).extract_tables(ocr=_img2table_ocr()).items():
        for table in tables:
            rows = table.content.values()
            yield Grid(page + 1, tuple(tuple(cell.value or "" for cell in row) for row in rows))


@cache
def _img2table_ocr() -> Any:
    from img2table.ocr import RapidOCR
    from rapidocr import LangRec

    one = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(params={"Rec.lang_type": LangRec.CH, "Global.log_level": "critical", **one})


PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (
        Peer("rapidocr", rapidocr_words, module="rapidocr"),
        Peer("tesseract", tesseract_words, command="tesseract"),
        Peer("img2table-rapidocr", img2table_grids, module="img2table"),
    )
}


def read_peer(program: str, truth: Truth) -> Outcome:
    """Return what a peer reads of a scan in this process; what it raises becomes a failure."""
    cv2.setNumThreads(1)
    started = _cpu_seconds()
    try:
        found = list(PEERS[program].read(truth.pdf))
    except Exception as error:
        return Outcome(_cpu_seconds() - started, f"{type(error).__name__}: {error}"[:200])
    seconds = _cpu_seconds() - started
    grids = tuple(each for each in found if isinstance(each, Grid))
    words = [each for each in found if isinstance(each, Word)]
    return Outcome(seconds, grids=grids, cells=None if grids or not words else words_to_cells(words, truth))


def _cpu_seconds() -> float:
    """Return CPU seconds of this process and of programs that it waited for."""
    used = os.times()
    return time.process_time() + used.children_user + used.children_system


def _drawn(path: Path) -> Iterator[tuple[int, Shades]]:
    with pypdfium2.PdfDocument(path) as document:
        for number, page in enumerate(document, start=1):
            yield number, page.render(scale=DPI / POINTS_AN_INCH).to_numpy()


# -------------------------------------------------------------------- words → cells


def words_to_cells(words: Iterable[Word], truth: Truth) -> dict[Cell, Value]:
    """Return what lies in each cell, as a number; `truth` says where the cells stand on the page."""
    kept = json.loads(truth.pdf.with_suffix(".json").read_text(encoding="utf-8"))
    units = {(row[0], row[1], row[2]): row[5] for row in kept["cells"]}
    to_page = [_drawn_to_printed(truth.pdf, number, kept) for number in range(len(kept["pages"]))]
    placed = [(word.page, *_moved(to_page[word.page - 1], word.x, word.y), word.text) for word in words]
    cells = {}
    for table, item, column, page, x0, top, x1, bottom in kept["boxes"]:
        inside = [
            (round(y), x, text)
            for number, x, y, text in placed
            if number == page and x0 <= x <= x1 and top <= y <= bottom
        ]
        quantity = parse_quantity("".join(text for *_, text in sorted(inside)), units[table, item, column])
        cells[table, item, column] = (quantity.value, quantity.status)
    return cells


def _drawn_to_printed(pdf: Path, number: int, kept: Mapping[str, Any]) -> Homography:
    """Return what takes pixels of the page as displayed, drawn at DPI, to points of the printed page."""
    scale = kept["dpi"] / POINTS_AN_INCH
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[number]
        turns = page.get_rotation() // 90
        wide, high = page.get_size()
    stored = (wide, high) if turns % 2 else (high, wide)
    display = quarter_turns(turns, round(stored[0] * scale), round(stored[1] * scale))
    grow = np.diag([DPI / kept["dpi"]] * 2 + [1.0])
    back: Homography = np.linalg.inv(grow @ display @ np.array(kept["pages"][number]["to_scan"]))
    return back


def _moved(homography: Homography, x: float, y: float) -> tuple[float, float]:
    across, down, weight = homography @ (x, y, 1)
    return float(across / weight), float(down / weight)
