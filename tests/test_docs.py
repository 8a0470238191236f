"""The pages for people: links that lead somewhere, files that are there, rows that are really read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline
from tests.command import ask

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted([*(ROOT / name for name in READMES), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"""(?<=\]\()[^)\s]+(?=\))|(?<=src=")[^"]+""")


def page_to_text(page: Path) -> str:
    """What stands on a page."""
    return page.read_text(encoding="utf-8")


def page_to_targets(page: Path) -> Iterator[str]:
    """The relative links of a page, without what is behind the #."""
    links = [link.partition("#")[0] for link in LINK.findall(page_to_text(page))]
    return (link for link in links if link and "://" not in link)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    assert [link for link in page_to_targets(page) if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", READMES)
def test_a_readme_is_short_and_links_to_the_other(name: str) -> None:
    lines = page_to_text(ROOT / name).splitlines()
    (other,) = set(READMES) - {name}
    assert len(lines) <= 120
    assert other in LINK.findall("\n".join(lines[:4]))


def test_every_page_is_on_the_page_of_pages() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in page_to_targets(index)}
    assert [page.name for page in PAGES if page != index and page not in listed] == []


def test_every_target_of_make_that_a_page_names_is_there() -> None:
    makefile = page_to_text(ROOT / "Makefile")
    named = {
        name for page in PAGES for name in re.findall(r"(?:`|^ {4,})make ([\w-]+)", page_to_text(page), re.M)
    }
    assert {"run", "test"} <= named
    assert [name for name in sorted(named) if not re.search(rf"^{name}:", makefile, re.M)] == []


def test_architecture_names_files_that_are_there() -> None:
    named = re.findall(r"`((?:[\w.]+/)+[\w.]*)`", page_to_text(ROOT / "docs" / "architecture.md"))
    files = [name for name in named if name.startswith(("pipeline/", "tools/", "tests/"))]
    assert len(files) > 50
    assert [name for name in files if not (ROOT / name).exists()] == []


def readme_to_rows(name: str) -> list[list[str]]:
    """The cells of the table of observations, below its head."""
    lines = page_to_text(ROOT / name).splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("| agency | fiscal_year |"))
    rows = lines[first : first + 7]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in (rows[0], *rows[2:])]


@pytest.mark.parametrize("name", READMES)
def test_the_rows_in_a_readme_are_those_that_are_read(name: str) -> None:
    head, *rows = readme_to_rows(name)
    assert len(rows) == 5
    for row in rows:
        told = dict(zip(head, row, strict=True))
        (file,) = (ROOT / "data" / "raw").glob(f"{told['agency']}{told['fiscal_year']}年*.pdf")
        seen = pipeline.read_report(file, apart=False).observations
        (found,) = seen[(seen["item"] == told["item"]) & (seen["column"] == told["column"])].to_dict(
            "records"
        )
        value = "" if told["status"] == "blank" else f"{found['value']:g}"
        assert {key: str(found[key]) for key in head} | {"value": value} == told


def box_to_figures(text: str) -> dict[str, str]:
    """The figures that a run ends with, by their names; the folder is another each time."""
    rows = re.findall(r"│ ([a-z ]+?) +│ (.+?) +│", text)
    return {name: figure for name, figure in rows if name != "tables"}


def test_the_end_of_a_run_in_a_readme_is_that_of_the_samples(tmp_path: Path) -> None:
    status, out, _ = ask(tmp_path, "run", ROOT / "data" / "raw", "--out", "tables")
    assert status == 0
    printed = box_to_figures(out)
    assert printed["documents"] == "9 ok, 1 flagged"
    assert [box_to_figures(page_to_text(ROOT / name)) for name in READMES] == [printed, printed]
