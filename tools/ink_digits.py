"""Train the net of pipeline/extract/read/picture/ink_digits.py: `python -m tools.ink_digits FONTS`.

FONTS is a folder with one folder of font files for each of Debian's packages in TRAINED_ON and HELD_OUT; the
latter are not trained on. Numbers as cells of the form hold them are drawn by pdfium, then spoilt as
printers, scanners and facsimiles do. It needs what the tests need, and no more. Seeds are fixed: the same
fonts, versions and machine give the same weights.

It writes the weights beside the module and prints how well they do on what was held out. `--measure` does
only the latter.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.digit_shapes import Floats, Layers, inputs_to_probabilities
from pipeline.extract.read.picture import ink_digits
from pipeline.extract.read.picture.ink_digits import (
    CLASSES,
    INK_WEIGHTS,
    LAYERS,
    LEAST_TOTAL,
    NONE,
    STRIP_DIGITS,
    Trellis,
    crop_to_ink,
    ink_to_lines,
    inks_to_readings,
    line_to_scale,
    line_to_strip,
    shapes,
    texts_to_trellis,
    trellis_to_ways,
    vector_to_layers,
    windows,
)
from pipeline.extract.read.picture.pictures import Shades
from tools import digit_shapes
from tools.digit_shapes import Face, file_to_faces, folder_to_files
from tools.printed_numbers import TEXT, Mark, Written, face_to_written, spoil

HELD_OUT = frozenset(
    {
        *("fonts-cns11643-sung", "fonts-motoya-l-cedar", "fonts-courier-prime", "fonts-inconsolata"),
        *("fonts-linuxlibertine", "fonts-paratype", "fonts-sil-gentium"),
    }
)
"""Packages never trained on, by which the training is judged."""

TRAINED_ON = frozenset(
    {
        *(digit_shapes.TRAINED_ON - {"fonts-cwtex-fs", "fonts-cwtex-ming", "fonts-noto-cjk"}),
        *("fonts-crosextra-caladea", "fonts-crosextra-carlito", "fonts-lato"),
    }
)
"""Packages trained on. What the benchmark of scans holds out is neither here nor above."""

USUAL = {
    *("fonts-arphic-gbsn00lp", "fonts-arphic-uming", "fonts-arphic-ukai", "fonts-arphic-gkai00mp"),
    *("fonts-arphic-bsmi00lp", "fonts-arphic-bkai00mp", "fonts-cns11643-kai", "fonts-cwtex-kai"),
    *(
        "fonts-cwtex-heib",
        "fonts-cwtex-yen",
        "fonts-wqy-microhei",
        "fonts-droid-fallback",
        "fonts-lxgw-wenkai",
    ),
    *("fonts-liberation2", "fonts-croscore", "fonts-crosextra-carlito", "fonts-crosextra-caladea"),
    *("fonts-arkpandora", "fonts-urw-base35", "fonts-texgyre", "fonts-stix"),
}
"""Packages of what Chinese offices print in: 宋体, 楷体, 黑体, the likes of Times, Arial and Calibri."""

SEED = 17
PAGES, PAGES_USUAL, PAGES_HELD_OUT = 1, 2, 2
"""Pages of CELLS_DOWN × CELLS_ACROSS numbers a face."""

COMPANIONS = (
    *("fonts-arphic-gbsn00lp", "fonts-arphic-uming", "fonts-arphic-ukai", "fonts-arphic-gkai00mp"),
    *("fonts-wqy-microhei", "fonts-cns11643-kai", "fonts-lxgw-wenkai"),
)
"""Packages of the Chinese characters beside digits of other fonts: 宋体, 楷体, 黑体."""

STANDARD = {
    "Helvetica": 0.556,
    "Helvetica-Bold": 0.556,
    "Times-Roman": 0.5,
    "Times-Bold": 0.5,
    "Courier": 0.6,
}


class Example(NamedTuple):
    """A strip, the class of each of its places, -1 where it may be either of two, and its characters."""

    strip: Shades
    kinds: npt.NDArray[np.int8]
    text: tuple[int, ...]


# --- examples ----------------------------------------------------------------


def written_to_example(written: Written, random: np.random.Generator) -> Example | None:
    """Return what the net is told of a number, None where no ink is left, or where it is in several lines."""
    ink, usual = crop_to_ink(written.shades), random_usual(written.digits, random)
    lines = ink_to_lines(ink, usual)
    if len(lines) != 1:
        return None
    strip = line_to_strip(ink, lines[0], usual)
    scale, left, _ = line_to_scale(lines[0], usual)
    if not 0.4 < scale * written.digits / STRIP_DIGITS < 1.9 or len(strip) > 400:
        return None
    kinds = marks_to_kinds(written.marks, scale, left, len(strip) // 2)
    return Example(strip, kinds, tuple(mark.kind for mark in written.marks))


def random_usual(digits: float, random: np.random.Generator) -> float:
    """Return how high lines of a page with such digits may usually be: higher, if they have units."""
    if random.random() < 0.1:
        return 0.0
    return digits * (random.uniform(0.92, 1.1) if random.random() < 0.7 else random.uniform(1.1, 1.4))


def marks_to_kinds(marks: Sequence[Mark], scale: float, left: float, places: int) -> npt.NDArray[np.int8]:
    """Return the class of each place of a strip that begins at a column of the picture."""
    kinds = np.full(places, NONE, np.int8)
    at = np.arange(places) * 2 + 1.0
    for mark in marks:
        away = np.abs(at - (mark.middle - left) * scale)
        wide = mark.width * scale
        kinds[(away <= max(0.45 * wide, 1.5)) & (kinds == NONE)] = -1
    for mark in marks:
        away = np.abs(at - (mark.middle - left) * scale)
        wide = CLASSES[mark.kind] in "-?"
        core = away <= max((0.35 if wide else 0.2) * mark.width * scale, 1.0)
        core[away.argmin()] = True
        kinds[core] = mark.kind
    return kinds


def marks_to_text(marks: Sequence[Mark]) -> str:
    """Return the text that characters make."""
    return "".join(CLASSES[mark.kind] for mark in marks)


def file_to_written(task: tuple[Path | str, Path, int, int]) -> list[tuple[str, list[Written]]]:
    """Return spoilt numbers in each face of a file, or in a font that pdfium has, with the face's name.

    The second part of a task is a file of Chinese characters to draw beside.
    """
    file, beside, pages, seed = task
    cv2.setNumThreads(1)
    if isinstance(file, str):
        advances = {chr(code): STANDARD[file] if chr(code).isdigit() else 0.8 for code in range(33, 126)}
        advances |= {".": 0.3, ",": 0.3, "-": 0.35, "/": 0.3, "(": 0.35, ")": 0.35}
        faces = [Face(b"", file, advances, 0.7)]
    else:
        try:
            faces = list(file_to_faces(file, TEXT))
        except Exception as error:  # a font that fontTools cannot cut is left out, and named
            print(f"left out: {file.name}: {error!r}"[:150])
            return []
    found = []
    for number, face in enumerate(faces):
        random = np.random.default_rng((SEED, seed, number))
        drawn = [one for _ in range(pages) for one in face_to_written(face, companion(beside), random)]
        others = random.permutation(len(drawn))
        spoilt = [spoil(one, drawn[at].shades, random) for one, at in zip(drawn, others, strict=True)]
        found.append((face.name, spoilt))
    return [pair for pair in found if pair[1]]


@cache
def companion(file: Path) -> Face:
    """Return the face of a file of Chinese characters."""
    return next(file_to_faces(file, TEXT))


def file_to_examples(task: tuple[Path | str, Path, int, int]) -> list[Example]:
    """Return the examples of all faces of a file."""
    random = np.random.default_rng((SEED, task[-1]))
    examples = [written_to_example(one, random) for _, written in file_to_written(task) for one in written]
    return [one for one in examples if one is not None]


def fonts_to_tasks(fonts: Path, held_out: bool) -> list[tuple[Path | str, Path, int, int]]:
    """Return each font file trained on or held out, one for beside it, its count of pages, and its seed."""
    folders = [fonts / name for name in sorted(HELD_OUT if held_out else TRAINED_ON)]
    if missing := [folder.name for folder in folders if not folder.is_dir()]:
        raise SystemExit(f"{fonts} lacks {', '.join(missing)}")
    files: list[tuple[Path | str, int]] = []
    for folder in folders:
        pages = PAGES_HELD_OUT if held_out else PAGES_USUAL if folder.name in USUAL else PAGES
        files += [(file, pages) for file in folder_to_files(folder)]
    if not held_out:
        files += [(name, PAGES_USUAL) for name in STANDARD]
    beside = [file for name in COMPANIONS for file in folder_to_files(fonts / name)[:1]]
    if not beside:
        raise SystemExit(f"{fonts} has no font file in any of {', '.join(COMPANIONS)}")
    return [
        (file, beside[at % len(beside)], pages, at + 10_000 * held_out)
        for at, (file, pages) in enumerate(files)
    ]


def _pool() -> ProcessPoolExecutor:
    """Return two processes that begin anew: forked from one in which OpenCV has threads, they may hang."""
    return ProcessPoolExecutor(2, multiprocessing.get_context("spawn"))


def folder_to_examples(fonts: Path) -> list[Example]:
    """Return the examples of all fonts trained on."""
    with _pool() as pool:
        found = pool.map(file_to_examples, fonts_to_tasks(fonts, held_out=False), chunksize=4)
        return [example for some in found for example in some]


# --- training ------------------------------------------------------------------

EPOCHS, BATCH = 5, 96
SORTED = 16
"""Batches that are sorted by length together."""

LOG_MIN = -60.0
"""Log probability. A text below it cannot be said in its places, or cannot be read."""


def examples_to_layers(examples: Sequence[Example], random: np.random.Generator) -> Layers:
    """Return a net trained on examples: Adam, with a rate that rises, then falls to nothing.

    In the first epoch it is told what stands at each place. From then on it is told the text alone, and may
    say each character where it sees it best.
    """
    count = sum((wide + 1) * narrow for wide, narrow in shapes())
    vector = np.zeros(count, np.float32)
    layers = vector_to_layers(vector)
    for matrix, _ in layers:
        matrix[:] = random.normal(0, (2 / len(matrix)) ** 0.5, matrix.shape)
    slope, *moments = (np.zeros_like(vector) for _ in range(3))
    slopes = vector_to_layers(slope)
    step, steps = 0, EPOCHS * (len(examples) // BATCH)
    if not steps:
        raise SystemExit(f"{len(examples)} numbers are too few to train on: {BATCH} are taken at once")
    for epoch in range(EPOCHS):
        losses = []
        for batch in examples_to_batches(examples, random):
            losses.append(_slopes(layers, slopes, batch, places_are_told=epoch == 0))
            step += 1
            digit_shapes.descend(vector, slope, moments, step, steps)
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.5f}", flush=True)
    return layers


def examples_to_batches(examples: Sequence[Example], random: np.random.Generator) -> Iterator[list[Example]]:
    """Yield all examples, those of about one length together."""
    order = random.permutation(len(examples))
    for start in range(0, len(order) - BATCH + 1, BATCH * SORTED):
        some = sorted(order[start : start + BATCH * SORTED], key=lambda place: len(examples[place].strip))
        for at in random.permutation(len(some) // BATCH):
            yield [examples[place] for place in some[at * BATCH : (at + 1) * BATCH]]


def _slopes(layers: Layers, slopes: Layers, batch: Sequence[Example], places_are_told: bool) -> float:
    """Write the slopes of the loss into `slopes`; return the loss: a place's, or a text's."""
    values: Floats = np.concatenate([one.strip for one in batch]).astype(np.float32)
    values /= 255
    inputs, lengths = [], []
    for place, (matrix, bias) in enumerate(layers[:-1]):
        lengths.append(len(values))
        seen = windows(values, *LAYERS[place][:2]) if place < len(LAYERS) else values
        inputs.append(seen)
        values = np.maximum(seen @ matrix + bias, 0)
    inputs.append(values)
    found = inputs_to_probabilities(values, layers[-1:])
    loss, back = (_loss_of_places if places_are_told else loss_of_texts)(found, batch)
    for place in reversed(range(len(layers))):
        matrix, _ = layers[place]
        np.matmul(inputs[place].T, back, out=slopes[place][0])
        np.sum(back, axis=0, out=slopes[place][1])
        if place == 0:
            break
        back = back @ matrix.T
        if place < len(LAYERS):
            columns, step, _ = LAYERS[place]
            back = _unwindowed(back, columns, step, lengths[place])
            own = inputs[place].reshape(len(inputs[place]), columns, -1)
            back *= own[:, (columns - step) // 2] > 0
        else:
            back *= inputs[place] > 0
    return loss


def _loss_of_places(found: Floats, batch: Sequence[Example]) -> tuple[float, Floats]:
    """Return the cross entropy of a place, and its slopes."""
    kinds = np.concatenate([one.kinds for one in batch])
    sure = np.flatnonzero(kinds >= 0)
    told = kinds[sure].astype(np.intp)
    back = np.zeros_like(found)
    back[sure] = found[sure]
    back[sure, told] -= 1
    back /= len(sure)
    return float(-np.log(found[sure, told] + 1e-12).mean()), back


def loss_of_texts(found: Floats, batch: Sequence[Example]) -> tuple[float, Floats]:
    """Return the cross entropy of a text, and its slopes: connectionist temporal classification.

    Forwards and backwards, the ways of saying a text in so many places are summed up; each place is to say
    what it says in those ways, as often as they do.
    """
    ends = np.cumsum([len(one.kinds) for one in batch])
    trellis = texts_to_trellis(np.split(found, ends[:-1]), [one.text for one in batch])
    forth, log = trellis_to_ways(trellis)
    back = ways_back(trellis)
    shares = forth * back
    shares /= np.maximum(shares.sum(axis=2, keepdims=True), LEAST_TOTAL)
    said = shares @ np.eye(len(CLASSES), dtype=np.float32)[trellis.states]
    parts = [said[at, : len(one.kinds)] for at, one in enumerate(batch)]
    slopes: Floats = found - np.concatenate(parts)
    slopes[np.repeat(log < LOG_MIN, [len(one.kinds) for one in batch])] = 0
    slopes /= len(batch)
    return float(-np.maximum(log, LOG_MIN).mean()), slopes


def ways_back(trellis: Trellis) -> Floats:
    """Return the share of each state at each place, coming from the right; its own place does not count."""
    strips, length, most = trellis.shares.shape
    ways = np.zeros((strips, length, most), np.float32)
    now = np.zeros((strips, most), np.float32)
    now[np.arange(strips), trellis.shares[:, -1].argmax(axis=1)] = 1
    for at in reversed(range(length)):
        ways[:, at] = now
        seen = now * trellis.shares[:, at]
        now = seen.copy()
        now[:, :-1] += seen[:, 1:]
        now[:, :-2] += trellis.may_skip[:, 2:] * seen[:, 2:]
        now /= np.maximum(now.sum(axis=1, keepdims=True), LEAST_TOTAL)
    return ways


def _unwindowed(back: Floats, columns: int, step: int, length: int) -> Floats:
    """Return the slopes of columns, each the sum over the windows (with a step of 1) that see it."""
    parts = back.reshape(len(back), columns, -1)
    padded = np.zeros((length + columns - step, parts.shape[2]), np.float32)
    for column in range(columns):
        padded[column : column + step * len(parts) : step] += parts[:, column]
    before = (columns - step) // 2
    return padded[before : before + length]


# --- figures ---------------------------------------------------------------------

THRESHOLDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98)
SIZES = ((0, 13), (13, 17), (17, 23), (23, 99))


def print_figures(fonts: Path) -> None:
    """Print how well the net reads numbers in faces that it was not trained on."""
    with _pool() as pool:
        found = pool.map(file_to_written, fonts_to_tasks(fonts, held_out=True), chunksize=2)
        pairs = [pair for some in found for pair in some]
    rows = []
    random = np.random.default_rng(SEED)
    for name, written in pairs:
        usual = [random_usual(one.digits, random) for one in written]
        readings = inks_to_readings([crop_to_ink(one.shades) for one in written], usual)
        for one, reading in zip(written, readings, strict=True):
            rows.append((name, one.digits, marks_to_text(one.marks), *reading))
    print(f"held out: faces {len(pairs)}, numbers {len(rows):,}")
    for low, high in SIZES:
        some = [row for row in rows if low <= row[1] < high and "?" not in row[2]]
        print(f"digits {low}-{high} px: {len(some):,}")
        for least in THRESHOLDS if some else ():
            doubt = sum(row[4] < least or "?" in row[3] for row in some)
            wrong = sum(row[3] != row[2] and row[4] >= least and "?" not in row[3] for row in some)
            print(f"  at {least}: doubtful {doubt / len(some):.3%}, surely wrong {wrong / len(some):.4%}")


def main() -> None:
    """Train, write the weights, and print figures; with --measure only the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("fonts", type=Path)
    parser.add_argument("--measure", action="store_true", help="print the figures of the weights there are")
    options = parser.parse_args()
    if not options.measure:
        examples = folder_to_examples(options.fonts)
        places = sum(len(one.kinds) for one in examples)
        print(f"numbers trained on: {len(examples):,}; places {places:,}", flush=True)
        layers = examples_to_layers(examples, np.random.default_rng(SEED))
        vector = np.concatenate([part.ravel() for layer in layers for part in layer])
        np.save(INK_WEIGHTS, vector.astype(np.float16))
        ink_digits.weights.cache_clear()
    print_figures(options.fonts)


if __name__ == "__main__":
    main()
