"""`pipeline.load` gives every table, typed; a wrong path is told with what is there and what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pipeline
from pipeline.errors import PathError
from pipeline.tables.dictionary import STORED, tables, values
from pipeline.tables.loaded_tables import Tables
from pipeline.tables.writer import write
from pipeline.tables.written_tables import TablesError
from tests.tables.exported import sample_tables


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("loaded") / "tables"
    write(sample_tables(), out)
    return out


@pytest.fixture
def loaded(folder: Path) -> Tables:
    return pipeline.load(folder)


def test_every_table_is_there_by_name_and_as_an_attribute(loaded: Tables) -> None:
    assert list(loaded) == [*tables(), *(f"all_{name}" for name in STORED)]
    assert set(loaded) <= set(dir(loaded)) and len(loaded) == len(list(loaded))
    for name, frame in sample_tables().items():
        whole = f"all_{name}" if name in STORED else name
        assert len(loaded[whole]) == len(frame) and list(loaded[whole]) == list(frame)
        assert getattr(loaded, name) is loaded[name]


def test_superseded_reports_count_once(loaded: Tables) -> None:
    assert set(loaded.all_reports["source_file"]) - set(loaded.reports["source_file"]) == {"甲2023.pdf"}
    for name in STORED:
        assert set(loaded[name]["report_id"]) <= set(loaded.reports["report_id"])
    assert len(loaded.observations) < len(loaded.all_observations)


@pytest.mark.parametrize("formats", [["csv"], ["parquet"]])
def test_columns_have_the_types_that_analysis_needs(tmp_path: Path, formats: list[str]) -> None:
    write(sample_tables(), tmp_path, formats)
    loaded = pipeline.load(tmp_path)
    cells, reports = loaded.observations, loaded.reports
    assert list(cells["status"].cat.categories) == list(values("observations", "status"))
    assert cells["item"].cat.categories[0] == "regulations"  # the order of the form
    assert reports["fiscal_year"].dtype == pd.Int64Dtype() and reports["fiscal_year"].isna().any()
    assert reports["published_on"].dtype == np.dtype("datetime64[s]")
    assert loaded.panel_applications["published_on"].dt.year.max() == 2024
    assert loaded.panel_rates["rate"].dtype == "category"
    for name, frame in sample_tables().items():
        whole = loaded[f"all_{name}" if name in STORED else name]
        for column in frame:
            known = frame[column].notna().to_numpy(dtype=bool)
            assert (whole[column].notna().to_numpy(dtype=bool) == known).all(), (name, column)
            same = frame[column].astype(str)[known].tolist()
            assert [str(each) for each in whole[column].astype(str)[known]] == same, (name, column)


def test_it_says_what_there_is(loaded: Tables) -> None:
    shown = repr(loaded)
    for name, frame in sample_tables().items():
        (line,) = [line for line in shown.splitlines() if line.split()[:1] == [name]]
        assert f"{len(frame):,} rows" in line
    assert max(map(len, shown.splitlines())) < 140
    told = loaded.columns("panel_rates").loc["status"]
    assert told["title"] == "状态" and told["values"].startswith("ok, check_failed")
    assert list(loaded.columns("all_reports").index) == list(loaded.reports)


def test_an_unknown_name_is_answered_with_the_known_ones(loaded: Tables) -> None:
    with pytest.raises(AttributeError, match="no table 'observation': there are observations, checks"):
        _ = loaded.observation
    for wrong in ("observation", "all_coverage"):
        with pytest.raises(KeyError, match=f"no table '{wrong}': there are observations"):
            loaded[wrong]
    with pytest.raises(KeyError, match="no table 'rates'"):
        loaded.columns("rates")


def test_a_table_that_is_not_there_is_told_with_what_makes_it(tmp_path: Path) -> None:
    write({name: frame for name, frame in sample_tables().items() if name != "claims"}, tmp_path)
    loaded = pipeline.load(tmp_path)
    assert "claims" not in loaded
    with pytest.raises(TablesError, match=r"has no table claims: .*run REPORTS --out"):
        _ = loaded.claims


def test_tables_of_two_runs_are_never_mixed(tmp_path: Path) -> None:
    write(sample_tables(), tmp_path)
    loaded = pipeline.load(tmp_path)
    assert len(loaded.coverage)
    write({name: frame for name, frame in sample_tables().items() if name != "claims"}, tmp_path)
    assert len(loaded.coverage)  # read before
    with pytest.raises(TablesError, match="was written anew since it was loaded: load it again"):
        _ = loaded.panel_rates


def test_a_wrong_path_is_told_with_what_is_there(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "one.pdf").touch()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "read.me").touch()
    wrong = {
        "data/processed": rf"in {tmp_path}\): there is no such folder; . holds notes, reports: .*run REP",
        "reports": r'reports, and no tables: .*run reports --out tables` makes them, then load\("tables',
        "notes": "holds no tables, but read.me: .*run REPORTS --out notes",
        str(folder.parent): rf"holds no tables itself: load {folder}",
        str(folder / "reports.csv"): rf"is a file: give the folder of tables that it lies in, {folder}",
    }
    for path, told in wrong.items():
        with pytest.raises(PathError, match=told):
            pipeline.load(path)
