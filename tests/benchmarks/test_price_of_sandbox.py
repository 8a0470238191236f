"""The price of the workers' sandbox: that both builds are measured on the same work."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from benchmarks import sandbox
from benchmarks.speed import RAW

ROOT = Path(__file__).parents[2]


def options(folder: Path, times: int = 1) -> argparse.Namespace:
    return argparse.Namespace(times=times, jobs=1, folder=folder)


def test_the_price_is_the_median_of_the_rounds() -> None:
    rounds = [sandbox.Round(ours, 2.0) for ours in (2.0, 2.1, 9.0)]
    assert sandbox.rounds_to_ratio(rounds) == {"median": 1.05, "least": 1.0, "most": 4.5}


def test_the_workers_of_a_checkout_are_measured_with_it() -> None:
    """To load the libraries alone takes a worker more than that."""
    assert sandbox._measure(ROOT, options(RAW)) > 0.2


def test_a_build_that_reads_nothing_is_no_comparison(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no PDF at all")
    with pytest.raises(RuntimeError, match="1 of 1 documents failed"):
        sandbox._measure(ROOT, options(tmp_path))
