"""What a Stata file says, read back by pandas and by R's haven, is what the tables say."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.io.stata import StataReader

from pipeline.tables.arrow import empty_frame
from pipeline.tables.dictionary import coded_values, tables
from pipeline.tables.stata import column_to_value_labels, table_to_stata_names, write_stata
from tests.tables.exported import LONG, sample_tables

DAY = datetime(2024, 3, 1)
SHORT = table_to_stata_names("panel_applications")["refused_state_secret__natural_person"]
LABEL = "属于国家秘密（自然人） | refused state secret: natural person"


@pytest.fixture(scope="module")
def exported() -> dict[str, pd.DataFrame]:
    return sample_tables()


@pytest.fixture(scope="module")
def folder(exported: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("dta")
    for name, frame in exported.items():
        write_stata(name, frame, here / f"{name}.dta", DAY)
    return here


def code_words(table: str, column: str) -> dict[str, str]:
    """The label of each value of a column."""
    return dict(zip(coded_values(table, column), column_to_value_labels(table, column).values(), strict=True))


def expected(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A table as Stata can hold it: values with their labels, days, no missing text."""
    names = table_to_stata_names(table)
    made: dict[str, Any] = {}
    for column in tables()[table].columns:
        values = frame[column.name]
        if coded_values(table, column.name):
            words = code_words(table, column.name)
            values = values.map(words).astype(object).where(values.notna(), None)
        elif column.type == "date":
            values = pd.to_datetime(values).astype("datetime64[s]")
        elif column.type == "string":
            values = values.fillna("").astype(object)
        else:
            values = values.astype("float64")
        made[names[column.name]] = values
    return pd.DataFrame(made)


@pytest.mark.parametrize("table", tables())
def test_pandas_reads_back_what_was_written(
    table: str, folder: Path, exported: dict[str, pd.DataFrame]
) -> None:
    wanted = expected(table, exported[table])
    found = pd.read_stata(folder / f"{table}.dta")
    assert list(found) == list(wanted)
    for name in wanted:
        column = found[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(object).where(column.notna(), None)
        elif pd.api.types.is_numeric_dtype(column):
            column = column.astype("float64")
        got, told = column.tolist(), wanted[name].tolist()
        assert [each if each == each else None for each in got] == [
            each if each == each else None for each in told
        ], name


@pytest.mark.parametrize("table", tables())
def test_names_and_labels_are_what_stata_takes(table: str, folder: Path) -> None:
    names = list(table_to_stata_names(table).values())
    assert len(set(names)) == len(names) and max(map(len, names)) <= 32
    with StataReader(folder / f"{table}.dta") as reader:
        labels, head = reader.variable_labels(), reader.data_label
    assert b"01 Mar 2024 00:00" in (folder / f"{table}.dta").read_bytes()[:1000]
    assert list(labels) == names  # pandas renames what Stata does not take
    assert all(0 < len(label) <= 80 for label in (*labels.values(), head))


def test_labels_are_in_both_languages(folder: Path) -> None:
    with StataReader(folder / "panel_applications.dta") as reader:
        labels = reader.variable_labels()
        values = reader.value_labels()
    assert labels[SHORT] == LABEL
    assert labels["published_on"] == "发布日期 | published on"
    assert values["trust"] == {
        1: "sound 可信",
        2: "quoted 照原样引用",
        3: "incomplete 表格不全",
        4: "doubtful 存疑",
    }
    assert values["admin_level"][1] == next(iter(coded_values("reports", "admin_level")))


def test_codes_are_the_same_in_every_file(tmp_path: Path, exported: dict[str, pd.DataFrame]) -> None:
    """pandas alone would number the values that occur in each file."""
    cells = exported["observations"]
    for number, status in enumerate(("suspect", "blank")):
        path = tmp_path / f"{number}.dta"
        write_stata("observations", cells[cells["status"] == status], path, DAY)
        codes = pd.read_stata(path, convert_categoricals=False)["status"].unique().tolist()
        assert codes == [list(coded_values("observations", "status")).index(status) + 1]


def test_long_texts_are_whole_and_odd_ones_told(tmp_path: Path, exported: dict[str, pd.DataFrame]) -> None:
    sections = exported["sections"]
    odd = sections.assign(text=["a\x00b", LONG, *[""] * (len(sections) - 2)])
    write_stata("sections", odd.astype(sections.dtypes), tmp_path / "s.dta", DAY)
    assert pd.read_stata(tmp_path / "s.dta")["text"].tolist()[:2] == ["a␀b", LONG]
    cells = exported["observations"].assign(value=[1.79e308, *[0.5] * (len(exported["observations"]) - 1)])
    write_stata("observations", cells, tmp_path / "o.dta", DAY)
    values = pd.read_stata(tmp_path / "o.dta")["value"]
    assert pd.isna(values[0]) and set(values[1:]) == {0.5}


@pytest.mark.parametrize("table", tables())
def test_a_table_without_rows_can_be_written(table: str, tmp_path: Path) -> None:
    write_stata(table, empty_frame(table), tmp_path / "e.dta", DAY)
    found = pd.read_stata(tmp_path / "e.dta", convert_categoricals=False)
    assert list(found) == list(table_to_stata_names(table).values()) and found.empty


_R = """
library(haven)
here <- commandArgs(TRUE)[1]
d <- read_dta(file.path(here, "observations.dta"))
cat(nrow(d), ncol(d), attr(d$status, "label"), names(attr(d$status, "labels"))[1], "\\n", sep = "|")
cat(as.character(as_factor(d$status)), "\\n", sep = "|")
cat(ifelse(is.na(d$value), "NA", format(d$value, trim = TRUE, nsmall = 2)), "\\n", sep = "|")
r <- read_dta(file.path(here, "reports.dta"))
cat(class(r$published_on), format(r$published_on), "\\n", sep = "|")
p <- read_dta(file.path(here, "panel_applications.dta"))
cat(attr(p$SHORT, "label"), "\\n", sep = "")
s <- read_dta(file.path(here, "sections.dta"))
cat(max(nchar(s$text)), "\\n", sep = "")
"""


def haven() -> str:
    """Why R's haven cannot be asked, "" if it can."""
    if not (program := shutil.which("Rscript")):
        return "no R here"
    asked = [program, "-e", "quit(status = !requireNamespace('haven', quietly = TRUE))"]
    done = subprocess.run(asked, capture_output=True, timeout=600, check=False)
    return "R has no haven (Debian: r-cran-haven)" if done.returncode else ""


def test_haven_reads_back_what_was_written(folder: Path, exported: dict[str, pd.DataFrame]) -> None:
    if problem := haven():
        pytest.skip(problem)
    done = subprocess.run(
        ["Rscript", "-e", _R.replace("SHORT", SHORT), str(folder)],
        capture_output=True, text=True, encoding="utf-8", timeout=600, check=False,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    head, statuses, values, days, label, longest, *_ = done.stdout.splitlines()
    cells, reports = exported["observations"], exported["reports"]
    labels = code_words("observations", "status")
    assert head == f"{len(cells)}|{len(cells.columns)}|状态 | status|ok 可信|"
    assert statuses.split("|")[:-1] == [labels[status] for status in cells["status"]]
    read = [None if text == "NA" else float(text) for text in values.split("|")[:-1]]
    assert read == [None if value != value else value for value in cells["value"]]
    assert days.split("|")[:-1] == ["Date", *reports["published_on"].fillna("NA")]
    assert label == LABEL
    assert int(longest) == len(LONG)
