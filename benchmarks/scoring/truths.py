"""The documents of a corpus folder, each with the truth that its producer kept of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.corpus.merged import MERGED_AXIS
from benchmarks.corpus.shown import SHOWN_AXIS
from benchmarks.peers import Cell, Value

UNRULED = ("ruling", "none")
"""The axis and its value that tell a document whose tables have no rulings at all."""

PARTS = ("ruled", "unruled", "shown", "merged")
"""Parts of a corpus with figures of their own: benchmarks.corpus.plan, .shown and .merged."""


class CorpusError(Exception):
    """A corpus that is not there or not whole; the message says what to run."""


@dataclass(frozen=True, slots=True)
class Truth:
    """One document: what its cells say and which of its sums are wrong, as (check, scope)."""

    name: str
    pdf: Path
    sha256: str
    pages: int
    producer: str
    axes: Mapping[str, str]
    cells: Mapping[Cell, Value]
    wrong_sums: frozenset[tuple[str, str]]

    @property
    def part(self) -> str:
        """One of PARTS."""
        for axis in (SHOWN_AXIS, MERGED_AXIS):
            if axis in self.axes:
                return axis
        axis, bare = UNRULED
        return "unruled" if self.axes.get(axis) == bare else "ruled"


def folder_to_truths(folder: Path, small: bool = False, pattern: str = "*") -> list[Truth]:
    """Every NAME.json of a folder with its NAME.pdf, or those of the small plan, sorted by name.

    Of these, the ones whose name fits `pattern`, as in a shell. The name has the folder within the corpus.
    """
    known = _small_names() if small else _names_in(folder)
    names = sorted(name for name in known if fnmatch(name, pattern))
    missing = [name for name in names if not all((folder / f"{name}{s}").exists() for s in (".pdf", ".json"))]
    if missing or not names:
        command = f"python -m benchmarks.corpus{' --small' if small else ''} --out {folder}"
        raise CorpusError(
            f"{folder}: {len(missing) or 'all'} documents are not there, "
            f"{', '.join(missing[:3])} …: run {command}"
        )
    return [_truth(name, folder / f"{name}.pdf") for name in names]


def _names_in(folder: Path) -> list[str]:
    return [path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.json")]


def _small_names() -> list[str]:
    from benchmarks.corpus.whole import whole_plan

    return [entry.name for entry in whole_plan(small=True)]


def _truth(name: str, pdf: Path) -> Truth:
    kept: dict[str, Any] = json.loads(pdf.with_suffix(".json").read_text(encoding="utf-8"))
    return Truth(
        name=name,
        pdf=pdf,
        sha256=sha256(pdf.read_bytes()).hexdigest(),
        pages=_count_pages(pdf),
        producer=kept.get("producer", "unknown"),
        axes=kept.get("axes", {}),
        cells={(row[0], row[1], row[2]): (row[3], row[4]) for row in kept["cells"]},
        wrong_sums=frozenset((check, scope) for check, scope in kept["meta"]["failing_checks"]),
    )


def _count_pages(pdf: Path) -> int:
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)
