"""Damaged files: `python -m benchmarks.mutants`.

The sample reports are damaged in many ways (bytes flipped, the file cut, a block doubled, a block zeroed), by
a seed, and read. What each mutant gives is held against what the sound file gives. Printed, and written to
benchmarks/.results/mutants.json: how many cells came out otherwise and were not flagged. Fails where any did.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pypdfium2

from benchmarks.speed import RAW, RESULTS
from pipeline.acquire import paths_to_documents
from pipeline.config import Settings
from pipeline.records import Observation, Report
from pipeline.workers import Task, tasks_to_reports

BLOCK_MAX_BYTES = 400
"""Bytes. A doubled or zeroed block has as many at most: a sector of a disk, or less."""

FLIPS_MAX = 4
"""Count. So many bytes of a file are flipped at most."""

DRAWN_SCALE = 2
"""Pixels a point. Pages are drawn so large to see whether a blank cell is empty on them."""

EDGE_POINTS = 3.0
"""Points. What is drawn so near to the edges of a cell is its ruling."""

INK_MIN_CONTRAST = 48
"""Levels of grey, of 255. What differs so much from the ground of a cell is ink."""

INK_MIN_SHARE = 0.25
"""Share of the ink of a number in the sound file. With less it is not drawn: a damaged font draws specks."""

TRUSTED = ("ok", "blank", "not_applicable")
"""Statuses by which a cell is taken as it stands."""

Cells = Mapping[tuple[str, str, str], Observation]


def main(arguments: Sequence[str] | None = None) -> int:
    """Damage, read, compare; 1 where a cell is wrong silently."""
    options = _parser().parse_args(arguments)
    samples = sorted(RAW.glob("*.pdf"))
    truth = {name: report_to_cells(report) for name, report in _read(samples, options.jobs)}
    with tempfile.TemporaryDirectory() as folder:
        numbers = options.only or range(options.mutants)
        mutants = dict(write_mutants(samples, numbers, options.seed, Path(folder)))
        result = Counter[str]()
        for name, report in _read(list(mutants), options.jobs):
            sample = mutants[Path(folder, name)]
            drawn = Drawn(Path(folder, name), sample)
            silent = [
                line
                for seen, sound, line in silent_cells(truth[sample.name], report)
                if drawn.shows(seen, sound)
            ]
            result += Counter([report.status, *("silent" for _ in silent)])
            for line in silent:
                print(f"{name}: {line}", file=sys.stderr)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "mutants.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result))
    return int(result["silent"] > 0)


def write_mutants(
    samples: Sequence[Path], numbers: Iterable[int], seed: int, folder: Path
) -> Iterator[tuple[Path, Path]]:
    """Write the damaged files of these numbers, and yield the path of each with that of the sound one."""
    for number in numbers:
        chance = random.Random(f"{seed} {number}")
        sample = samples[number % len(samples)]
        kind = chance.choice(sorted(DAMAGES))
        path = folder / f"{number:05}-{kind}.pdf"
        path.write_bytes(DAMAGES[kind](sample.read_bytes(), chance))
        yield path, sample


def _flip(content: bytes, chance: random.Random) -> bytes:
    """Change some bytes, each to any other."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, FLIPS_MAX)):
        changed[chance.randrange(len(changed))] ^= chance.randint(1, 255)
    return bytes(changed)


def _block(content: bytes, chance: random.Random) -> tuple[int, int]:
    """Return where a block begins and ends."""
    start = chance.randrange(len(content))
    return start, min(len(content), start + chance.randint(1, BLOCK_MAX_BYTES))


def _zero(content: bytes, chance: random.Random) -> bytes:
    """Write zeros over a block."""
    start, end = _block(content, chance)
    return content[:start] + bytes(end - start) + content[end:]


def _double(content: bytes, chance: random.Random) -> bytes:
    """Write a block twice."""
    start, end = _block(content, chance)
    return content[:end] + content[start:]


def _cut(content: bytes, chance: random.Random) -> bytes:
    """Leave out the end, or a block."""
    start, end = _block(content, chance)
    return content[:start] if chance.random() < 0.5 else content[:start] + content[end:]


DAMAGES: Mapping[str, Callable[[bytes, random.Random], bytes]] = {
    "cut": _cut, "doubled": _double, "flipped": _flip, "zeroed": _zero,
}  # fmt: skip


def report_to_cells(report: Report) -> Cells:
    """Return the cells of a report by table, item and column."""
    return {(seen.table, seen.item, seen.column): seen for seen in report.observations}


def silent_cells(truth: Cells, report: Report) -> Iterator[tuple[Observation, Observation | None, str]]:
    """Yield each cell that is trusted and is not what the sound file gives, with the latter and a line."""
    for key, seen in report_to_cells(report).items():
        sound = truth.get(key)
        if seen.status not in TRUSTED or (sound and (seen.value, seen.status) == (sound.value, sound.status)):
            continue
        printed = f"{sound.raw!r} ({sound.status})" if sound else "no such cell"
        line = f"{'.'.join(key)}: {seen.raw!r} ({seen.status}) for {printed}; the report is {report.status}"
        yield seen, sound, line


class Drawn:
    """The pages of a damaged file and of the sound one as pdfium draws them, without the product's look."""

    def __init__(self, damaged: Path, sound: Path) -> None:
        """Draw nothing yet."""
        self._damaged, self._sound = damaged, sound
        self._pages: dict[tuple[Path, int], np.ndarray] = {}

    def shows(self, seen: Observation, sound: Observation | None) -> bool:
        """Whether the damaged file shows something else in a cell than what was read there.

        Of a blank it does where it shows ink, and no less than a share of what the sound file has there.
        """
        if seen.status != "blank":
            return True
        ink = self._ink(self._damaged, seen)
        return ink > 0 and (sound is None or ink >= INK_MIN_SHARE * self._ink(self._sound, sound))

    def _ink(self, path: Path, seen: Observation) -> int:
        """Return how many pixels of a cell are ink, without rulings on its edges and bars through it."""
        box = seen.box
        left, top = (round((edge + EDGE_POINTS) * DRAWN_SCALE) for edge in (box.x0, box.top))
        right, bottom = (round((edge - EDGE_POINTS) * DRAWN_SCALE) for edge in (box.x1, box.bottom))
        inside = self._page(path, seen.page)[top:bottom, left:right]
        if not inside.size:
            return 1  # a cell without a place is not known to be empty
        ground = int(np.median(inside))
        ink = np.abs(inside.astype(int) - ground) >= INK_MIN_CONTRAST
        return int(np.count_nonzero(ink & ~ink.all(axis=0) & ~ink.all(axis=1)[:, None]))

    def _page(self, path: Path, page: int) -> np.ndarray:
        """Return a page (rows × columns of grey)."""
        if (path, page) not in self._pages:
            with closing(pypdfium2.PdfDocument(path)) as document:
                bitmap = document[page - 1].render(scale=DRAWN_SCALE, grayscale=True)
                self._pages[path, page] = bitmap.to_numpy().copy()
        return self._pages[path, page]


def _read(files: Sequence[Path], jobs: int) -> Iterator[tuple[str, Report]]:
    """Yield the name of each file with its report."""
    names = {hashlib.sha256(file.read_bytes()).hexdigest(): file.name for file in files}
    tasks = [Task(document) for document in paths_to_documents(files)]
    for report in tasks_to_reports(tasks, Settings(jobs=jobs)):
        if report.sha256 in names:
            yield names[report.sha256], report


def _numbers(words: str) -> list[int]:
    """Return the numbers in words like 40,83."""
    return [int(word) for word in words.split(",")]


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__)
    parser.add_argument("--mutants", type=int, default=2000, help="how many files are damaged")
    parser.add_argument("--only", type=_numbers, help="the numbers of the files to damage, as in 40,83")
    parser.add_argument("--seed", type=int, default=1, help="another one damages them otherwise")
    parser.add_argument("--jobs", type=int, default=2, help="processes that read")
    return parser


if __name__ == "__main__":
    sys.exit(main())
