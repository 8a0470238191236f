"""Hostile and damaged files through whole commands, beside good ones: a status and a reason each.

The hostile ones go through `nightly`, which is `run` with the store, the ledger and the gates around it.
"""

from __future__ import annotations

import functools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import pipeline
from pipeline.cli.run_summary import STATUSES
from pipeline.records import Reason

pytestmark = pytest.mark.kills

ROOT = Path(__file__).parents[2]
HOSTILE = ROOT.parent / "shared" / "hostile"
RAW = ROOT / "data" / "raw"
GOOD = (
    "示例市示例局2023年政府信息公开工作年度报告.pdf",
    "示例市水务示例局2023年政府信息公开工作年度报告.pdf",
)
CONFIG = "timeout = 5\njobs = 2\nmemory_mb = 1024\n"
SOURCES = '[crawl]\ncontact = "a@example.org"\n[[source]]\nname = "folder"\nfolder = "raw"\n'
RUN = ("run", "raw", "--out", "out")
NIGHTLY = ("nightly", "--raw", "data/raw", "--out", "out")
CELL = ["table", "item", "column", "value", "status"]

EVERY = bool(os.environ.get("NIANBAO_EVERY_POINT"))
"""Whether five files are damaged in each way in place of three."""

Row = dict[Any, Any]


# Linux counts what the starting process holds as memory of the one it starts: a small one stands between.
MEASURED = """
import resource, subprocess, sys

status = subprocess.call([sys.executable, *sys.argv[2:]])
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""


@dataclass(frozen=True)
class Ran:
    """A run over one folder of bad files and the good ones: what it wrote, and what it took."""

    status: int
    rows: dict[str, Row]
    cells: dict[str, pd.DataFrame]
    largest_mb: float
    left: list[str]


def run_beside_good(folder: Path, put: Callable[[Path], object], command: Sequence[str] = RUN) -> Ran:
    """A temporary folder and a variable of their own mark all that this run leaves behind."""
    raw, temporary = folder / "raw", folder / "tmp"
    for each in (raw, temporary):
        each.mkdir()
    put(raw)
    for name in GOOD:
        shutil.copy(RAW / name, raw)
    (folder / "pipeline.toml").write_text(CONFIG, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    (folder / "sources.toml").write_text(SOURCES, encoding="utf-8")
    whole = [sys.executable, "-c", MEASURED, str(folder / "memory"), "-m", "pipeline", *command]
    with (folder / "log").open("wb") as log:
        run = subprocess.run(whole, cwd=folder, env=environment, stdout=log, stderr=log, check=False)
    largest_kb = int((folder / "memory").read_text())
    left = [*lasting_processes(f"TMPDIR={temporary}"), *(str(path) for path in temporary.rglob("*"))]
    tables = pipeline.load(folder / "out")
    names = {row["report_id"]: Path(row["source_file"]).name for row in tables.all_reports.to_dict("records")}
    cells = {
        names[report_id]: found[CELL] for report_id, found in tables.all_observations.groupby("report_id")
    }
    rows = {names[row["report_id"]]: row for row in tables.all_reports.to_dict("records")}
    return Ran(run.returncode, rows, cells, largest_kb / 1024, left)


def lasting_processes(mark: str) -> list[str]:
    """Python's own tracker of resources ends a moment after its parent; what stays for seconds was left."""
    for _ in range(50):
        if not (found := list(processes_with(mark))):
            return []
        time.sleep(0.1)
    return found


def processes_with(mark: str) -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                yield (folder / "cmdline").read_text()
        except OSError:
            continue


def assert_sound(ran: Ran, names: set[str]) -> None:
    assert set(ran.rows) == names | set(GOOD)
    assert ran.left == []
    assert ran.largest_mb < 1024
    for name in GOOD:
        assert (ran.rows[name]["error"], ran.rows[name]["cells_suspect"]) == ("", 0)
        assert ran.rows[name]["cells"] > 100
    for row in ran.rows.values():
        assert row["status"] in STATUSES
        assert row["reason"] in set(Reason)
        assert (row["reason"] == "") == (row["status"] == "ok")
        assert row["error"] or row["status"] != "failed"
        assert "\n" not in row["error"]


def outcome(row: Row) -> str:
    return f"{row['status']} {row['reason']}"


ALLOWED = {
    "corkami-standard": {"failed unopened", "not_a_report not_a_report"},
    "m03_dupblock": {"failed damaged"},
    "m05_utf8": {"failed bad_file"},
    "pdfjs-prefilled_f1040": {"not_a_report not_a_report"},
    "pypdf-r5-user-password": {"failed locked", "not_a_report not_a_report"},  # its owner password is empty
    "qpdf-bad34": {"failed unopened"},
    "s11_pagetree_loop": {"failed unopened"},
    "s27_flate_double_bomb_2gb": {"failed memory", "failed timeout"},
    "s34_form_self_loop": {"failed memory", "failed crash", "failed timeout"},
    "s35_form_billion_laughs_2e30": {"failed memory", "failed crash", "failed timeout"},
    "s49_formula_cells": {"not_a_report not_a_report"},
}


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="shared/hostile is not beside this checkout")
def test_hostile_files_end_in_a_status_and_a_reason_and_take_nothing_with_them(tmp_path: Path) -> None:
    files = sorted(HOSTILE.glob("*.pdf"))
    ran = run_beside_good(tmp_path, lambda raw: [shutil.copy(file, raw) for file in files], NIGHTLY)
    assert ran.status == 1
    digest = json.loads((tmp_path / "data" / "nights" / "latest.json").read_text(encoding="utf-8"))
    assert digest["published"]
    refused = {Path(entry["url"]).name: entry["text"] for entry in digest["sources"]}
    assert refused == {"s03_html.pdf": "a web page under the name of a PDF: fetch the PDF again"}
    assert_sound(ran, {file.name for file in files} - set(refused))
    told = {Path(entry["name"]).name for entry in digest["failed"]}
    assert told == {name for name, row in ran.rows.items() if row["status"] == "failed"}
    found = {stem: outcome(ran.rows[f"{stem}.pdf"]) for stem in ALLOWED}
    assert {stem: said for stem, said in found.items() if said not in ALLOWED[stem]} == {}
    assert max(row["seconds"] for row in ran.rows.values()) <= 6


Damage = Callable[[bytes, random.Random], bytes]


def cut(pdf: bytes, rng: random.Random) -> bytes:
    return pdf[: rng.randrange(1, len(pdf))]


def flip_bits(pdf: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(pdf)
    for _ in range(rng.choice((1, 20, 500))):
        damaged[rng.randrange(len(pdf))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def leave_out(pdf: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(pdf))
    return pdf[:place] + pdf[place + rng.randrange(1, 3000) :]


def repeat(pdf: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(pdf))
    return pdf[: place + rng.randrange(1, 9000)] + pdf[place:]


def cross_references(pdf: bytes, rng: random.Random) -> bytes:
    return re.sub(rb"\d+ 0 R", lambda m: b"%d 0 R" % rng.randrange(40) if rng.random() < 0.05 else m[0], pdf)


def count_pages_wrong(pdf: bytes, rng: random.Random) -> bytes:
    return re.sub(rb"/Count \d+", b"/Count %d" % rng.choice((0, -5, 10**6, 2**31 - 1, 2**40)), pdf)


def point_elsewhere(pdf: bytes, rng: random.Random) -> bytes:
    return re.sub(rb"startxref\s+\d+", b"startxref %d" % rng.randrange(10**6), pdf)


def resize(pdf: bytes, rng: random.Random) -> bytes:
    return re.sub(rb"/MediaBox ?\[[^\]]*\]", b"/MediaBox [0 0 %d 800]" % 10 ** rng.randrange(9), pdf)


DAMAGES: tuple[Damage, ...] = (
    cut, flip_bits, leave_out, repeat, cross_references, count_pages_wrong, point_elsewhere, resize,
)  # fmt: skip


@functools.cache
def damaged_files() -> dict[str, bytes]:
    rng = random.Random(4)
    pdf = (RAW / GOOD[0]).read_bytes()
    ways = [(f"{damage.__name__}{n}.pdf", damage) for damage in DAMAGES for n in range(5 if EVERY else 3)]
    made = {name: damage(pdf, rng) for name, damage in ways}
    files = {name: data for name, data in made.items() if data != pdf}  # chance may move a piece onto itself
    files |= {f"{name}.pdf": made for name, made in bombs()}
    return files


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small files that ask for much."""
    yield "nested", one_page(b"[" * 200_000 + b"]" * 200_000 + b" TJ")
    yield "inflates", one_page(bytes(600 << 20))
    yield "calls_itself", one_page(b"/A Do", b"/XObject << /A 4 0 R >>", b"/Type /XObject /Subtype /Form")
    yield (
        "many_pages",
        objects_to_pdf(
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [" + b"3 0 R " * 100_000 + b"] /Count 100000 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        ),
    )
    yield (
        "endless_tree",
        objects_to_pdf(
            b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"
        ),
    )


def one_page(content: bytes, resources: bytes = b"", entries: bytes = b"") -> bytes:
    packed = zlib.compress(content, 1)
    return objects_to_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << "
        + resources
        + b" >> >>",
        b"<< /Length %d /Filter /FlateDecode /BBox [0 0 600 800] %s >>\nstream\n%s\nendstream"
        % (len(packed), entries, packed),
    )


def objects_to_pdf(*objects: bytes) -> bytes:
    body, places = b"%PDF-1.7\n", []
    for number, what in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, what)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + head + table + tail


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    def put(raw: Path) -> None:
        for name, data in damaged_files().items():
            (raw / name).write_bytes(data)

    return run_beside_good(tmp_path_factory.mktemp("damaged"), put)


def test_damaged_files_end_in_a_status_and_a_reason_and_take_nothing_with_them(damaged: Ran) -> None:
    read = {Path(name).name for name in damaged_files()}
    assert read - set(damaged.rows) <= same_as_others(read)
    assert_sound(damaged, read & set(damaged.rows))


def same_as_others(names: set[str]) -> set[str]:
    """Files that damage left as another is: they are read once, under one name."""
    files = damaged_files()
    seen = {(RAW / name).read_bytes() for name in GOOD}
    return {name for name in names if files[name] in seen or list(files.values()).count(files[name]) > 1}


def test_what_is_called_ok_is_what_the_undamaged_file_says(damaged: Ran) -> None:
    truth = damaged.cells[GOOD[0]].reset_index(drop=True)
    sound = [name for name, row in damaged.rows.items() if row["status"] == "ok" and name not in GOOD]
    wrong = [name for name in sound if not damaged.cells[name].reset_index(drop=True).equals(truth)]
    assert wrong == []
