"""The door for contributors cannot rot: what its pages and forms name is there; CI runs the README."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

import pipeline
from pipeline.cli import COMMANDS
from pipeline.tables.dictionary import tables

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
GITHUB = ROOT / ".github"
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*-*.yml"))
PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *FORMS]
FOLDERS = "benchmarks|data|deploy|docs|locks|notebooks|pipeline|tests|tools"
MADE = {"sources.toml", "data/nights/latest.md"}
"""What the pages name and a user or a night makes."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
each_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def make_commands(text: str) -> set[str]:
    """The targets of all `make …` in code, in a line of its own or within a sentence."""
    return set(re.findall(r"(?:`|^ {4,})make ([\w-]+)", text, re.MULTILINE))


@each_page
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    path = rf"(?:{FOLDERS})/[\w./-]*\w|[\w-]+\.(?:md|toml|cff)"
    named = set(re.findall(rf"(?<![\w./-])(?:{path})(?![\w/])", text))
    assert {path for path in named if not (ROOT / path).exists()} <= MADE
    assert named or page in FORMS


@each_page
def test_every_target_of_make_that_a_page_names_is_there(page: Path) -> None:
    assert make_commands(page.read_text(encoding="utf-8")) <= TARGETS


@each_page
def test_every_command_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    modules = set(re.findall(r"-m (pipeline[\w.]*)", text))
    assert {module for module in modules if not find_spec(module)} == set()
    named = set(re.findall(r"-m pipeline (\w+)|`(inspect|nightly|status|run|sql|compare) --", text))
    assert {name for pair in named for name in pair if name} <= {command.NAME for command in COMMANDS}


def test_every_name_that_a_page_gives_of_a_file_stands_in_it() -> None:
    named = {
        pair
        for page in PAGES
        for pair in re.findall(r"`(\w+)`\s+in\s+`([\w/]+\.\w+)`", page.read_text(encoding="utf-8"))
    }
    assert {"LOOKS", "UNRULED", "Style", "sizes"} <= {name for name, _ in named}
    for name, path in named:
        assert re.search(rf"\b{name}\b", (ROOT / path).read_text(encoding="utf-8")), (name, path)


# ------------------------------------------------------------------- the workflow


def test_the_workflow_runs_the_commands_of_the_readme() -> None:
    workflow = load(GITHUB / "workflows" / "check.yml")
    job = workflow["jobs"]["make"]
    targets = set(job["strategy"]["matrix"]["target"])
    readme = re.findall(r"^ {4}make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"run", "test"} <= set(readme) <= targets
    assert "check" in targets <= TARGETS
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make ${{ matrix.target }}"]


def test_the_workflow_uses_the_oldest_python_and_pinned_actions() -> None:
    text = (GITHUB / "workflows" / "check.yml").read_text(encoding="utf-8")
    assert re.findall(r'python-version: "(.+)"', text) == [project()["requires-python"].removeprefix(">=")]
    used = re.findall(r"uses: (.+)", text)
    assert used and all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in used)
    assert "://" not in text


# --------------------------------------------------------------- the forms of issues


def elements(form: Path) -> Iterator[dict[str, Any]]:
    return (element for element in load(form)["body"] if element["type"] != "markdown")


def test_there_is_a_form_for_each_kind_of_trouble() -> None:
    assert {form.stem for form in FORMS} == {"wrong-number", "report-not-read", "source-not-found"}
    assert load(GITHUB / "ISSUE_TEMPLATE" / "config.yml") == {"blank_issues_enabled": True}


@each_form
def test_a_form_is_one_that_can_be_filled_in(form: Path) -> None:
    """The keys that GitHub asks of a form; one that lacks them is not shown at all."""
    told = load(form)
    assert {"name", "description", "body"} <= set(told) <= {"name", "description", "title", "labels", "body"}
    for element in elements(form):
        assert element["type"] in ("input", "textarea")
        assert element["attributes"]["label"]
    ids = [element["id"] for element in elements(form)]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[\w-]+", one) for one in ids)
    assert "version" in ids


def test_a_wrong_number_can_be_found_again() -> None:
    form = GITHUB / "ISSUE_TEMPLATE" / "wrong-number.yml"
    required = {one["id"] for one in elements(form) if one.get("validations", {}).get("required")}
    assert required == {"report", "table", "item", "column", "printed", "came_out", "version"}


@each_form
def test_the_columns_that_a_form_asks_for_are_columns(form: Path) -> None:
    asked = re.findall(
        r"columns? ((?:`\w+`(?:, | and )?)+) of (observations|reports)", form.read_text(encoding="utf-8")
    )
    assert asked or form.stem == "source-not-found"
    for names, table in asked:
        assert set(re.findall(r"\w+(?=`)", names)) <= {column.name for column in tables()[table].columns}


# ----------------------------------------------------------------- hooks and citation


def test_every_hook_is_a_command_of_make_and_every_quick_check_has_its_hook() -> None:
    (here,) = load(ROOT / ".pre-commit-config.yaml")["repos"]
    assert (here["repo"], {hook["language"] for hook in here["hooks"]}) == ("local", {"system"})
    entries = [hook["entry"].replace(".venv/bin/", "$(BIN)/") for hook in here["hooks"]]
    hooked = {without_options(entry) for entry in entries}
    made = {
        without_options(line) for name in ("lint", "types", "layers") for line in target_to_commands(name)
    }
    assert hooked == {line.removesuffix(" .") for line in made}


def target_to_commands(target: str) -> list[str]:
    found = re.search(rf"^{target}:.*\n((?:\t.+\n)+)", MAKEFILE, re.MULTILINE)
    assert found, target
    return [line.strip() for line in found[1].splitlines()]


def without_options(command: str) -> str:
    return " ".join(word for word in command.split() if not word.startswith("-"))


def test_the_citation_is_of_this_version() -> None:
    citation = load(ROOT / "CITATION.cff")
    assert citation["cff-version"] == "1.2.0"
    assert {"title", "message", "authors"} <= set(citation)
    assert citation["version"] == pipeline.__version__
    assert citation["license"] in str(project()["license"])
    assert citation["license"] in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert [list(author) for author in citation["authors"]] == [["name"]], "a project is cited, not a person"
