"""The points of drawn paths, as pdfium keeps them in memory.

A dashed border is thousands of points, and a page printed by a browser has as many without any border. To ask
for each of them takes three calls; a path's lie in one row, which is copied in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import string_at
from functools import cache
from itertools import repeat

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from pipeline.extract.read.backends.pdfium_calls import (
    address,
    copy_bytes,
    count_segments,
    places,
    point_of_segment,
    run,
    segment_of_path,
    type_of_segment,
)

SEGMENT = np.dtype([("end", np.float32, 2), ("kind", np.int8), ("closes", np.int8)], align=True)
"""How pdfium keeps a segment of a path: where it ends, how the pen gets there, whether it closes a part."""

Segments = npt.NDArray[np.void]


def paths_to_segments(paths: Sequence[int], lengths: npt.NDArray[np.int64]) -> Segments:
    """Return the segments of paths, one path's behind another's; `lengths` says how many each has."""
    return _copied(paths, lengths) if _are_kept_as_known() else _asked_for(paths, lengths)


def _copied(paths: Sequence[int], lengths: npt.NDArray[np.int64]) -> Segments:
    """Return the segments of paths as they lie in memory."""
    segments = np.zeros(lengths.sum(), SEGMENT)
    sizes = lengths * SEGMENT.itemsize
    starts = segments.ctypes.data + np.cumsum(sizes) - sizes
    run(map(copy_bytes, starts.tolist(), map(segment_of_path, paths, repeat(0)), sizes.tolist()))
    return segments


def _asked_for(paths: Sequence[int], lengths: npt.NDArray[np.int64]) -> Segments:
    """Return the segments of paths, each of which pdfium is asked for."""
    each = [
        segment_of_path(path, at)
        for path, length in zip(paths, lengths.tolist(), strict=True)
        for at in range(length)
    ]
    ends = np.zeros((len(each), 2), np.float32)
    run(map(point_of_segment, each, places(ends), places(ends, 1)))
    segments = np.zeros(len(each), SEGMENT)
    segments["end"], segments["kind"] = ends, [*map(type_of_segment, each)]
    return segments


@cache
def _are_kept_as_known() -> bool:
    """Whether this pdfium keeps segments as `SEGMENT` says; another version may keep them otherwise."""
    path = pdfium.FPDFPageObj_CreateNewPath(1.5, 2.5)
    pdfium.FPDFPath_LineTo(path, 3.5, 4.5)
    pdfium.FPDFPath_BezierTo(path, 5.5, 6.5, 7.5, 8.5, 9.5, 0.5)
    one = [address(path)]
    asked = _asked_for(one, np.array([*map(count_segments, one)]))
    first, second = (segment_of_path(one[0], at) for at in (0, 1))
    known = False
    if second - first == SEGMENT.itemsize:
        kept = np.frombuffer(string_at(first, asked.nbytes), SEGMENT)
        known = all(np.array_equal(kept[name], asked[name]) for name in ("end", "kind"))
    pdfium.FPDFPageObj_Destroy(path)
    return known
