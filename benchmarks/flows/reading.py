"""What was read from a file without pages, held against its truth: cells, wrong sums, and its head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.flows.printing import Printed
from benchmarks.merged import judged
from pipeline.extract.document import read_document
from pipeline.records import Report, Snapshot

FACTS = ("agency", "year", "published")


def path_to_snapshot(path: Path, media_type: str) -> Snapshot:
    """Return the file as it is given to the reading."""
    return Snapshot(path, sha256(path.read_bytes()).hexdigest(), None, media_type)


def read_printed(printed: Printed) -> Report:
    """Return what is read from a file, in this process."""
    return read_document(path_to_snapshot(printed.path, printed.media_type))


def compared(truth: Mapping[str, Any], report: Report) -> Counter[str]:
    """Return how many cells are exact, flagged, silent, missing, and what came of wrong sums and the head."""
    counts = Counter("exact" if kind == "right" else kind for kind, _ in judged(truth, report))
    own = {tuple(pair) for pair in truth["meta"]["failing_checks"]}
    failed = {(check.check, check.scope): check for check in report.checks if check.verdict == "fail"}
    counts["errors_planted"] = len(own)
    counts["errors_found"] = len(own & failed.keys())
    counts["errors_attributed"] = sum(failed[pair].attribution == "publisher" for pair in own & failed.keys())
    counts["misread_sums"] = len(failed.keys() - own)
    for fact, wanted, found in head_facts(truth, report):
        counts[f"{fact}_right" if found == wanted else f"{fact}_wrong" if found else f"{fact}_unknown"] += 1
    return counts


def head_facts(truth: Mapping[str, Any], report: Report) -> Iterator[tuple[str, Any, Any]]:
    """Yield for each of FACTS its name, what the report says, and what was read."""
    head, meta = report.heading, truth["meta"]
    wanted = (meta["agency"], meta["fiscal_year"], meta["published_on"])
    yield from zip(FACTS, wanted, (head.agency, head.fiscal_year, head.published_on), strict=True)


def wrong_lines(truth: Mapping[str, Any], report: Report) -> Iterator[str]:
    """Yield a line for each cell, sum and fact that is not as it is printed."""
    for kind, line in judged(truth, report):
        if kind != "right":
            yield f"{kind}: {line}"
    for fact, wanted, found in head_facts(truth, report):
        if found != wanted:
            yield f"{fact}: {found} for {wanted}"
