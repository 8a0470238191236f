"""What the workers of one build cost beside those of another: `python -m benchmarks.sandbox OTHER`.

OTHER is a checkout of the build to compare with, made by `git worktree add`, read by the same Python and
libraries. The same documents are read by both, in turns within one run, each turn in a process of its own
with fresh workers; who comes first alternates. Printed and written to benchmarks/.results/sandbox.json: the
CPU seconds of every round (user and system, of the process and of all that it started and waited for), the
ms of CPU a document, and the median, least and most of the rounds' ratios. CPU time leaves out waiting, but
not that a busy machine's caches are shared: the ratios of short turns that alternate are what counts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.speed import RAW, RESULTS
from benchmarks.timing.worker import ROOT

MOST = 1.03
"""The goal: so many times the CPU time of the other build."""

READ = """
import json, resource, sys
from pathlib import Path
from pipeline.acquire import paths_to_documents
from pipeline.config import Settings
from pipeline.workers import Task, tasks_to_reports
times, jobs, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
tasks = [Task(document) for document in paths_to_documents([folder])] * times
if __name__ == "__main__":
    failed = sum(report.status == "failed" for report in tasks_to_reports(tasks, Settings(jobs=jobs)))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps([len(tasks), failed, sum(each.ru_utime + each.ru_stime for each in used)]))
"""


@dataclass(frozen=True, slots=True)
class Round:
    """CPU seconds that the two builds took for the same documents."""

    ours: float
    other: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 where the median ratio is above the goal."""
    options = _parser().parse_args(arguments)
    rounds = [_round(options, number) for number in range(options.rounds)]
    documents = options.times * len(list(options.folder.glob("*.pdf")))
    result = {
        "documents": documents,
        "ms_a_document": {
            build: round(statistics.median(getattr(one, build) for one in rounds) * 1000 / documents, 2)
            for build in ("ours", "other")
        },
        "ratio": rounds_to_ratio(rounds),
        "rounds": [asdict(one) for one in rounds],
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "sandbox.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: result[name] for name in ("documents", "ms_a_document", "ratio")}))
    return int(rounds_to_ratio(rounds)["median"] > MOST)


def rounds_to_ratio(rounds: Sequence[Round]) -> Mapping[str, float]:
    """Ours to the other: 1.03 is a price of three in a hundred."""
    ratios = [one.ours / one.other for one in rounds]
    return {
        "median": round(statistics.median(ratios), 3),
        "least": round(min(ratios), 3),
        "most": round(max(ratios), 3),
    }


def _round(options: argparse.Namespace, number: int) -> Round:
    checkouts = {"ours": ROOT, "other": options.other.resolve()}
    order = sorted(checkouts, reverse=bool(number % 2))
    one = Round(**{build: _measure(checkouts[build], options) for build in order})
    print(f"round {number + 1}: ours {one.ours:.2f} s, other {one.other:.2f} s of CPU", file=sys.stderr)
    return one


def _measure(checkout: Path, options: argparse.Namespace) -> float:
    """CPU seconds of one build; RuntimeError where it read less than all."""
    arguments = [str(options.times), str(options.jobs), str(options.folder.resolve())]
    done = subprocess.run(
        [sys.executable, "-c", READ, *arguments],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        stdout=subprocess.PIPE,
        check=True,
    )
    documents, failed, seconds = json.loads(done.stdout)
    if failed or not documents:
        raise RuntimeError(f"{checkout}: {failed} of {documents} documents failed: nothing to compare")
    return float(seconds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sandbox", description=__doc__)
    parser.add_argument("other", type=Path, metavar="OTHER", help="a checkout of the build to compare with")
    parser.add_argument("--folder", type=Path, default=RAW, help=f"a folder of PDFs (default: {RAW})")
    parser.add_argument("--times", type=int, default=20, help="each is read so often (default: 20)")
    parser.add_argument("--rounds", type=int, default=6, help="default: 6")
    parser.add_argument("--jobs", type=int, default=1, help="processes at once (default: 1)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
