"""The files around the code: the lock that every machine installs from, and the layering of the stages."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
STAGES = ("acquire", "read", "bind", "normalise", "check", "prose", "export")


def plain_name(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def test_the_lock_covers_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {plain_name(r) for r in [*project["dependencies"], *project["optional-dependencies"]["dev"]]}
    locked = {plain_name(line) for line in LOCK.splitlines() if "==" in line}
    assert wanted - locked == set(), "run `make lock`"


def test_everything_locked_is_hashed_and_nothing_names_a_host() -> None:
    packages = re.split(r"\n(?=\S)", LOCK.strip())
    assert [p.splitlines()[0] for p in packages if "--hash=sha256:" not in p] == []
    assert "://" not in LOCK
    assert "--index" not in LOCK


def imports_of(file: Path) -> set[str]:
    """The packages of the pipeline that a file imports, also within functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in found if name.startswith("pipeline.")}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_the_records_the_forms_and_itself(stage: str) -> None:
    """And how a file gets onto the disk, which is the same in every stage."""
    files = sorted((ROOT / "pipeline" / stage).rglob("*.py"))
    assert files
    strangers = {file.name: imports_of(file) - {"records", "forms", "durable", stage} for file in files}
    assert {name: found for name, found in strangers.items() if found} == {}
