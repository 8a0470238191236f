"""The notebooks: run anew on a clean copy, they say what their stored output says."""

from __future__ import annotations

import io
import json
import re
import shutil
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from PIL import Image

from notebooks.execute import KERNEL, run, text_to_notebook
from tests.tools.comparison_reports import COMMAND, comparison_reports

pytestmark = pytest.mark.notebooks

ROOT = Path(__file__).parents[2]
TEXTS = sorted((ROOT / "notebooks").glob("[0-9]*.py"))
OF_A_MACHINE = re.compile(
    r"(?<![\w.:/])/(tmp|home|root|usr|var|opt|work|mnt|srv|Users|private)/|[A-Z]:\\\\|file://|0x[0-9a-f]{6}"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebooks as in a fresh clone: without tables, beside the code, the generator and data/raw.

    But the reports to compare are there, which they would draw as the test below says.
    """
    clone = tmp_path_factory.mktemp("clone")
    for name in ("pipeline", "tools"):
        (clone / name).symlink_to(ROOT / name)
    (clone / "data").mkdir()
    (clone / "data/raw").symlink_to(ROOT / "data/raw")
    unwanted = shutil.ignore_patterns("tables", "*.ipynb", ".*", "__pycache__")
    notebooks = Path(shutil.copytree(ROOT / "notebooks", clone / "notebooks", ignore=unwanted))
    reports = comparison_reports(tmp_path_factory)
    shutil.copytree(reports, notebooks / "tables" / "comparison-reports")
    return notebooks


def stored(text: Path) -> Any:
    return nbformat.read(text.with_suffix(".ipynb"), as_version=4)


def outputs(notebook: Any) -> Iterator[tuple[int, Any]]:
    for place, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            yield place, output


def pictures(notebook: Any) -> list[Image.Image]:
    datas = [output["data"].get("image/png") for _, output in outputs(notebook)]
    return [Image.open(io.BytesIO(b64decode(data))) for data in datas if data]


def said(notebook: Any) -> list[tuple[int, str, dict[str, str]]]:
    """What each cell shows: tables word for word, of pictures that they are there."""
    return [
        (place, output["output_type"], {kind: _words(kind, text) for kind, text in output["data"].items()})
        for place, output in outputs(notebook)
    ]


def _words(kind: str, text: str) -> str:
    return "" if kind == "image/png" else re.sub(r"size=\d+x\d+", "", text)  # fonts differ by a hair


def test_there_are_five() -> None:
    assert [text.name[:2] for text in TEXTS] == ["01", "02", "03", "04", "05"]
    assert {p.stem for p in (ROOT / "notebooks").glob("*.ipynb")} == {text.stem for text in TEXTS}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)
def test_run_anew_it_says_what_is_stored(text: Path, folder: Path) -> None:
    anew = run(text_to_notebook(text), folder)
    assert said(anew) == said(stored(text)), "run python notebooks/execute.py"


def test_reports_to_compare_are_drawn_where_there_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from notebooks import shared

    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(shared, "TABLES", tmp_path)
    monkeypatch.setattr(shared, "project", lambda *command: asked.append(command))
    reports, tables = tmp_path / "comparison-reports", tmp_path / "comparison"
    drawing, reading = (*COMMAND, reports), ("pipeline", "run", reports, "--out", tables)
    assert shared.comparison_tables() == tables
    assert asked == [drawing, reading]
    reports.mkdir()
    assert shared.comparison_tables() == tables
    assert asked == [drawing, reading, reading]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)
def test_the_text_and_the_notebook_are_a_pair(text: Path) -> None:
    notebook = stored(text)
    pair = jupytext.read(text, fmt="py:percent")
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        (cell.cell_type, cell.source) for cell in pair.cells
    ], "run python notebooks/execute.py"


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)
def test_nothing_in_it_is_of_one_machine_or_one_moment(text: Path) -> None:
    notebook = stored(text)
    shown = [output["data"] for _, output in outputs(notebook)]
    plain = [{kind: part for kind, part in data.items() if kind != "image/png"} for data in shown]
    assert OF_A_MACHINE.findall(json.dumps(plain, ensure_ascii=False)) == []
    assert set(notebook.metadata) == {*KERNEL, "language_info"}
    assert [cell.metadata for cell in notebook.cells if cell.metadata] == []
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == [*range(1, len(counts) + 1)]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)
def test_its_figures_are_stored_as_pictures_and_nothing_was_warned_of(text: Path) -> None:
    notebook = stored(text)
    kinds = {output["output_type"] for _, output in outputs(notebook)}
    assert kinds <= {"execute_result", "display_data"}
    figures = pictures(notebook)
    assert len(figures) >= 2
    assert all(len(figure.getcolors(1 << 24) or []) > 20 for figure in figures), "an empty picture"


def test_a_machine_is_recognised() -> None:
    for text in ("/tmp/x", '"/home/me/a.pdf"', "C:\\\\Users", "<object at 0x7f3a2c>"):
        assert OF_A_MACHINE.search(text), text
    for text in ("data/raw/示例.pdf", "tests/tmp/x", "19 / 24", "notebooks/tables"):
        assert not OF_A_MACHINE.search(text), text
