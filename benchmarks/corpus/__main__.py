"""Print the corpus: `python -m benchmarks.corpus [--small] [--seed N] [--out FOLDER] [--only PRODUCER]`.

Each document is NAME.pdf with NAME.json beside it: the truth, who printed it, its axes. Those whose numbers
are not plain text, or seem to be others, lie in the folder `shown`; those with cells that are merged, in the
folder `merged`. What was printed before from the same entry by the same code is left as it is; what the plan
does not know is removed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path

from tools.generator import compose
from tools.generator.truth import truth_to_json

from .plan import Entry
from .producers import PRODUCERS, producer
from .shown.finishing import print_finished
from .whole import whole_plan

ROOT = Path(__file__).parents[2]
SUFFIXES = (".pdf", ".json")
BATCH = 16
"""Documents a process prints at a time: enough to pay for the start of an office program."""


def main() -> int:
    """Exit status 0 when every document is there, 1 when a program failed."""
    options = parse_options()
    options.out.mkdir(parents=True, exist_ok=True)
    remove_unknown(options.out, options.seed)
    planned = whole_plan(options.small, options.seed)
    wanted = [entry for entry in planned if options.only in (None, entry.producer)]
    stale = [entry for entry in wanted if not is_printed(entry, options.out)]
    print(f"{len(wanted)} documents, {len(stale)} to print")
    failed = print_batches(list(batches(stale)), options.out, options.jobs)
    return 1 if failed else 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a representative few")
    parser.add_argument("--seed", type=int, default=0, help="another corpus of the same kind, into --out")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / ".corpus")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", choices=tuple(PRODUCERS), help="the documents of one producer")
    return parser.parse_args()


def remove_unknown(out: Path, seed: int = 0) -> None:
    known = {out / f"{entry.name}{suffix}" for entry in whole_plan(seed=seed) for suffix in SUFFIXES}
    for suffix in SUFFIXES:
        for path in out.rglob(f"*{suffix}"):
            if path not in known:
                path.unlink()


def is_printed(entry: Entry, out: Path) -> bool:
    """Whether the document is there, printed from this very entry by this very code."""
    kept = out / f"{entry.name}.json"
    if not kept.exists() or not (out / f"{entry.name}.pdf").exists():
        return False
    return bool(json.loads(kept.read_text(encoding="utf-8"))["printed_from"] == origin_of(entry))


def origin_of(entry: Entry) -> str:
    """A hash of all that the document follows from: what it says, how it is counted, who prints it how."""
    said = f"{compose(entry.spec)!r}/{sorted(entry.axes.items())}/{code_of(entry.producer)}"
    if entry.finishing:
        style = entry.spec.style
        said += f"/{entry.finishing!r}/{style.shown!r}/{style.pieces!r}/{code_of_kinds()}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@cache
def code_of(name: str) -> str:
    """A hash of the code that prints a report by this producer."""
    folder = Path(__file__).parent / "producers"
    helpers = {path.stem for path in folder.glob("*.py")} - set(PRODUCERS)
    used, found = {name}, {name}
    while found:
        text = "".join((folder / f"{stem}.py").read_text(encoding="utf-8") for stem in sorted(found))
        found = {stem for stem in helpers - used if re.search(rf"import.*\b{stem}\b|\b{stem} import", text)}
        used |= found
    drawing = [ROOT / "tools" / "generator" / f"{stem}.py" for stem in ("fonts", "render")]
    sources = [*drawing, *(folder / f"{stem}.py" for stem in sorted(used))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


@cache
def code_of_kinds() -> str:
    """A hash of the code that makes a report one of the kinds of benchmarks.corpus.shown."""
    own = sorted((Path(__file__).parent / "shown").glob("*.py"))
    sources = [ROOT / "tools" / "generator" / "shown.py", *own]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def batches(entries: Iterable[Entry]) -> Iterator[tuple[Entry, ...]]:
    """The entries by producer, a handful at a time; those that are finished afterwards apart."""
    alike: dict[tuple[str, bool], list[Entry]] = {}
    for entry in entries:
        alike.setdefault((entry.producer, entry.finishing is not None), []).append(entry)
    for own in alike.values():
        yield from (tuple(own[start : start + BATCH]) for start in range(0, len(own), BATCH))


def print_batches(work: Sequence[tuple[Entry, ...]], out: Path, jobs: int) -> list[str]:
    """Every batch printed, `jobs` at a time; the names of producers that failed."""
    failed: list[str] = []
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        running = {pool.submit(print_batch, batch, out): batch[0].producer for batch in work}
        for done in as_completed(running):
            failed.extend(report_batch(running[done], done))
    return failed


def report_batch(name: str, done: Future[tuple[int, float]]) -> list[str]:
    try:
        count, seconds = done.result()
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        return [name]
    print(f"{name}: {count} documents in {seconds:.1f} s", flush=True)
    return []


def print_batch(entries: Sequence[Entry], out: Path) -> tuple[int, float]:
    """The documents of one producer with their truth; how many, and in how many seconds."""
    started = time.perf_counter()
    reports = [(entry, compose(entry.spec)) for entry in entries]
    for entry in entries:
        (out / entry.name).parent.mkdir(parents=True, exist_ok=True)
    if entries[0].finishing:
        print_finished(reports, out)
    else:
        producer(entries[0].producer).print_reports([(r, out / f"{entry.name}.pdf") for entry, r in reports])
    for entry, report in reports:
        known = {"producer": entry.producer, "axes": dict(entry.axes), "printed_from": origin_of(entry)}
        (out / f"{entry.name}.json").write_text(truth_to_json(known | report.truth), encoding="utf-8")
    return len(reports), time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
