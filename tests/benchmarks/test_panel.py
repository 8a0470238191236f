"""The benchmark of panels measures what a run makes: its frames keep the contract, questions are answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.panel import load_frames, make_frames, measure_asking, measure_making
from pipeline.tables.dictionary import PROSE, tables
from pipeline.tables.schemas import require_valid


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("panel")
    make_frames(made, 60)
    return made


def test_the_frames_keep_the_contract(folder: Path) -> None:
    frames = load_frames(folder)
    assert 40 < len(frames.reports) <= 60 and len(frames.observations) > 40 * 50
    require_valid({"observations": frames.observations, "reports": frames.reports})


def test_every_step_is_measured(folder: Path) -> None:
    making = [cost.step for cost in measure_making(folder)]
    assert making[:2] == ["load what is stored", "make panels, rates and coverage"]
    assert {path.stem for path in folder.iterdir()} >= set(tables()) - {"sections", "leftovers", *PROSE}
    asking = list(measure_asking(folder))
    assert all(cost.clock >= 0 and cost.peak_mb >= cost.before_mb > 0 for cost in asking)
    assert asking[-1].step == "pandas: read one rate"
