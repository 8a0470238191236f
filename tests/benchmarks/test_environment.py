"""The files around the benchmark: its own lock, what it says has to be installed, what make and CI run."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "benchmarks" / "requirements.lock").read_text(encoding="utf-8")
PINS = re.compile(r"^(\S+==\S+)", re.MULTILINE)


def plain_name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def test_the_lock_covers_the_benchmark_and_the_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = {plain_name(r) for r in [*project["dependencies"], *extras["dev"], *extras["bench"]]}
    assert wanted - {plain_name(pin) for pin in PINS.findall(LOCK)} == set(), "run `make lock`"


def test_ours_is_measured_with_the_versions_that_users_get() -> None:
    project = set(PINS.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")))
    assert len(project) > 30
    assert project - set(PINS.findall(LOCK)) == set(), "run `make lock`"


def test_everything_locked_is_hashed_and_nothing_names_a_host() -> None:
    packages = re.split(r"\n(?=\S)", LOCK.strip())
    assert [package.splitlines()[0] for package in packages if "--hash=sha256:" not in package] == []
    assert "://" not in LOCK
    assert "--index" not in LOCK


def test_no_agpl_program_is_installed() -> None:
    assert "pymupdf" not in LOCK.lower()


def test_ci_installs_what_the_page_names() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    page = (ROOT / "benchmarks" / "drawing" / "page.md").read_text(encoding="utf-8")
    needed = re.search(r"^needed=\((.+)\)$", ci, re.MULTILINE)
    install = re.search(r"apt-get install --no-install-recommends (.+?)\n    make", page, re.DOTALL)
    assert needed
    assert install
    named = set(install[1].replace("\\", " ").split())
    assert named - set(needed[1].split()) == {"default-jre-headless"}  # for tabula, which CI does not measure
    assert set(needed[1].split()) - {"systemd"} < named  # for the tests of the units
