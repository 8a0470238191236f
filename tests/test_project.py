"""The files around the code: the lock that every machine installs from, and the layering of the stages."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools.dependencies import (
    BUILD_LOCK,
    DOCS,
    EXTRAS,
    HEAD,
    NOT_ASKED,
    Package,
    audit_to_vulnerabilities,
    direct,
    lock_to_packages,
    lock_to_versions,
    needs_in_turn,
    not_as_locked,
    packages_to_text,
    reasons,
)

ROOT = Path(__file__).parents[1]
LOCKS = {path.stem: path for path in sorted((ROOT / "locks").glob("*.lock"))}
PURPOSES: Mapping[str, tuple[str, ...]] = {
    "run": ("prose",),
    "all": EXTRAS,
    "dev": (*EXTRAS, "dev"),
    "bench": (*EXTRAS, "dev", "bench"),
}
"""The extras that a lock is for, beside what reading needs."""
STAGES = ("acquire", "read", "bind", "normalise", "check", "prose", "export")


def test_every_lock_has_a_purpose() -> None:
    assert set(LOCKS) == {*PURPOSES, "build"}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_lock_covers_its_purpose(purpose: str) -> None:
    wanted = direct().union(*map(direct, PURPOSES[purpose]))
    assert wanted - set(lock_to_versions(LOCKS[purpose])) == set(), "run `make lock`"


@pytest.mark.parametrize("purpose", ["run", "all"])
def test_a_lock_holds_what_its_purpose_needs_and_no_more(purpose: str) -> None:
    """It is installed without looking for what it needs, and is to be small: no tool of the developers'."""
    needed = needs_in_turn(direct().union(*map(direct, PURPOSES[purpose])))
    assert set(lock_to_versions(LOCKS[purpose])) == set(needed), "run `make lock`"


def test_a_package_has_one_version_in_all_locks() -> None:
    whole = lock_to_versions(LOCKS["bench"])
    assert len(whole) > 30
    for purpose in PURPOSES:
        versions = lock_to_versions(LOCKS[purpose])
        assert versions == {name: whole[name] for name in versions}, "run `make lock`"


@pytest.mark.parametrize("purpose", LOCKS)
def test_everything_locked_is_hashed_and_nothing_names_a_host(purpose: str) -> None:
    lock = LOCKS[purpose].read_text(encoding="utf-8")
    packages = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", lock, flags=re.MULTILINE).strip())
    assert [p.splitlines()[0] for p in packages if "--hash=sha256:" not in p] == []
    assert "://" not in lock
    assert "--index" not in lock


def rules() -> dict[str, list[str]]:
    """The commands of every rule of the Makefile, by its target."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Makefile").read_text(encoding="utf-8"))
    found = re.findall(r"^([^\s#:=]+):([^=\n].*|)\n((?:\t.*\n)+)", text, re.MULTILINE)
    return {target: [needed.strip(), *commands.split("\n\t")] for target, needed, commands in found}


@pytest.mark.parametrize("target", [".venv/.%", "$(BENCH_INSTALLED)"])
def test_what_comes_as_source_is_built_with_what_is_locked(target: str) -> None:
    """Without the option pip fetches the newest setuptools for a build, and no hash holds it."""
    needed, *commands = rules()[target]
    installs = [command for command in commands if "$(INSTALL)" in command]
    assert needed.startswith("locks/build.lock ")
    assert [" -r locks/build.lock" in command for command in installs] == [True, False]
    assert ["--no-build-isolation" in command for command in installs] == [False, True]
    assert "--require-hashes" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "setuptools" in lock_to_versions(BUILD_LOCK)


@pytest.mark.parametrize(("target", "purpose"), [("run", "run"), ("test", "dev"), ("dependencies", "dev")])
def test_a_command_installs_what_it_needs(target: str, purpose: str) -> None:
    assert rules()[target][0] == f".venv/.{purpose}"


def test_make_lock_makes_every_lock() -> None:
    made = {path for line in rules()["lock"] for path in re.findall(r"--output-file (\S+)", line)}
    assert made == {f"locks/{purpose}.lock" for purpose in LOCKS}


def listed() -> list[list[str]]:
    """The rows: package, version, licence, what for, last release, vulnerabilities."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in rows if row[0] != "Package"]


def test_the_list_of_dependencies_is_of_todays_locks() -> None:
    assert {row[0]: row[1] for row in listed()} == {**lock_to_versions(), **lock_to_versions(BUILD_LOCK)}, (
        "run `make dependencies`"
    )
    assert [row for row in listed() if len(row) != 6] == []


def test_every_direct_dependency_has_a_reason_and_every_reason_a_dependency() -> None:
    built = set(lock_to_versions(BUILD_LOCK))
    assert set(reasons()) == direct().union(direct("dev"), built, *map(direct, EXTRAS))
    assert {row[0]: row[3] for row in listed() if row[0] in reasons()} == dict(reasons())
    assert [row for row in listed() if row[0] not in reasons() and not re.match("needed by .", row[3])] == []


COPYLEFT = re.compile(r"\bA?GPL|Affero|(?<!Lesser )General Public License", re.IGNORECASE)


def test_no_licence_is_the_gpl_or_the_agpl() -> None:
    """The LGPL is allowed: Pebble is imported as it is."""
    assert [row[:3] for row in listed() if COPYLEFT.search(row[2])] == []
    assert [row[:3] for row in listed() if row[2] in ("", "not told", "UNKNOWN")] == []
    for bad in ("GPL-3.0-only", "AGPLv3", "GNU General Public License v2 (GPLv2)", "GNU Affero GPL"):
        assert COPYLEFT.search(bad)
    for good in ("LGPL", "LGPL-2.1-or-later", "GNU Library or Lesser General Public License (LGPL)"):
        assert not COPYLEFT.search(good)


def test_the_licences_listed_are_those_of_what_is_installed() -> None:
    made = {row.name: row.licence for rows in lock_to_packages({}).values() for row in rows}
    others = not_as_locked()  # in an environment that is older than the lock
    assert len(others) < 10
    assert [row[:3] for row in listed() if row[0] not in others and row[2] != made[row[0]]] == []


def test_a_package_that_was_not_asked_for_is_never_called_safe() -> None:
    told = """{"dependencies": [{"name": "A_b", "version": "1", "vulns": []},
        {"name": "c", "version": "1", "vulns": [{"id": "X-1"}, {"id": "X-2"}]},
        {"name": "d", "skip_reason": "could not be audited"}]}"""
    assert audit_to_vulnerabilities(told) == {"a-b": "none known", "c": "X-1, X-2"}
    assert audit_to_vulnerabilities("") == audit_to_vulnerabilities("[]") == {}
    row = Package("d", "1", "MIT", "reason", "", audit_to_vulnerabilities(told).get("d", NOT_ASKED))
    text = packages_to_text({"To run": [row]})
    assert text.startswith(HEAD) and "| not asked |" in text and "That is no\nanswer" in text


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
    shared = {"records", "forms", "durable", "printable", "regular_file"}
    strangers = {file.name: imports_of(file) - shared - {stage} for file in files}
    assert {name: found for name, found in strangers.items() if found} == {}
