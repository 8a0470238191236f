"""The data dictionary tells every exported column, no more, and keeps in step with its document."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.derive.chain import frames_to_derived
from pipeline.derive.prose.frames import rows_to_frames
from pipeline.forms import load_forms
from pipeline.tables.dictionary import (
    PANELS,
    PROSE,
    STORED,
    cells,
    dictionary,
    keys,
    panel_cells,
    sums,
    tables,
    to_markdown,
    values,
    vocabulary,
)
from pipeline.tables.frames import reports_to_frames
from tests.tables.report_sample import sample_reports

ROOT = Path(__file__).parents[2]


def test_every_exported_column_is_told_and_no_other() -> None:
    frames = reports_to_frames(sample_reports(), reading_version="1")
    prose = rows_to_frames(terms=[], similarity=[], claims=[])
    exported = {**frames.tables(), **prose, **frames_to_derived(frames)}
    told = [(entry.table, entry.column) for entry in dictionary()]
    assert told == [(name, column) for name in tables() for column in exported[name]]


def test_every_entry_has_a_type_and_a_meaning_and_every_number_cell_a_unit() -> None:
    assert all(entry.type and entry.meaning for entry in dictionary())
    assert all(entry.unit for entry in dictionary() if "__" in entry.column)


def test_the_document_is_what_the_data_say() -> None:
    document = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert document == to_markdown(), "python -m pipeline schema --format markdown writes it anew"


def test_the_document_tells_every_key_and_every_allowed_value() -> None:
    text = to_markdown()
    assert all(f"`{key.key}` | {key.label} |" in text for key in vocabulary())
    assert all(
        f"| `{value}` | {meaning} |" in text for value, meaning in values("observations", "status").items()
    )


def test_tables_of_the_document_are_rectangular() -> None:
    blocks = [block.splitlines() for block in to_markdown().split("\n\n") if block.startswith("|")]
    assert len(blocks) > 10
    assert all(len({line.count(" | ") for line in block}) == 1 for block in blocks)


def test_the_vocabulary_is_that_of_the_contract() -> None:
    contract = ROOT.parent / "shared" / "contract" / "vocabulary.csv"
    if not contract.exists():
        pytest.skip("the contract's folder is not beside this one")
    assert (ROOT / "pipeline" / "forms" / "vocabulary.csv").read_bytes() == contract.read_bytes()


def test_every_key_of_a_form_is_in_the_vocabulary() -> None:
    for form in load_forms():
        assert {item for item, _ in form.units} <= set(keys(form.table, "row")), form.form
        assert {column for _, column in form.units} <= set(keys(form.table, "column")), form.form


def test_forms_agree_on_the_unit_of_a_cell() -> None:
    units = [((f.table, *pair), unit) for f in load_forms() for pair, unit in f.units.items()]
    assert [(place, unit) for place, unit in units if cells()[place] != unit] == []


def test_units_are_those_of_the_vocabulary() -> None:
    known = {key.unit for key in vocabulary()}
    assert set(cells().values()) <= known


@pytest.mark.parametrize("table", PANELS.values())
def test_a_panel_spreads_out_every_cell_of_its_table(table: str) -> None:
    spread = {(table, *pair) for pair in panel_cells(table)}
    assert spread == {place for place in cells() if place[0] == table}


def test_sums_are_of_known_items() -> None:
    for each in sums():
        assert {each.item, *each.parts} <= set(keys(each.table, "row"))


def test_allowed_values_and_keys_are_of_columns_that_exist() -> None:
    for name in (*STORED, *PROSE):
        columns = {column.name for column in tables()[name].columns}
        assert set(tables()[name].key) <= columns
    assert values("observations", "raw") == {} and list(values("checks", "verdict")) == [
        "pass", "fail", "not_tested"
    ]  # fmt: skip


def test_telling_needs_no_pandas() -> None:
    code = "import sys, pipeline.tables.dictionary as d; d.to_markdown(); sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
