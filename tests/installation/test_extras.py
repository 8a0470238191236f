"""The core alone: what works with it, and the one line where an extra is missing."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipeline.installation import extras
from pipeline.installation.extras import EXTRAS, ExtraError, module_to_extra, require_extra
from tools.generator.several import scanned

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SAMPLE = min((ROOT / "data" / "raw").glob("*示例局2022*.pdf"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LACKING = """
import sys
class Lacking:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {names} else find(name, *rest)
sys.meta_path.insert(0, Lacking())
"""
START = """
import sys
sys.argv[0] = "nianbao"
from pipeline.__main__ import main
sys.exit(main())
"""


def without(extras: tuple[str, ...], folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command in a Python that lacks what these extras bring; so do the workers that it starts."""
    names = {module for extra in extras for module in EXTRAS[extra]}
    site = folder / ".site"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(LACKING.format(names=names))
    return subprocess.run(
        [sys.executable, "-c", START, *command],
        cwd=folder, env={"PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "PATH": ""}, capture_output=True,
        text=True, timeout=300,
    )  # fmt: skip


def in_core(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return without(tuple(EXTRAS), folder, *command)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a report, read by the core alone."""
    folder = tmp_path_factory.mktemp("core")
    (folder / "data" / "raw").mkdir(parents=True)
    shutil.copy(SAMPLE, folder / "data" / "raw" / "one.pdf")
    done = in_core(folder, "run", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert (
        "without the tables of prose (terms, similarity, claims): they need the extra [prose]" in done.stderr
    )
    return folder


def imports_of(file: Path) -> Iterator[str]:
    """The top names of what a file imports, also within functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)


def asked(lines: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in lines}


def test_everything_imported_is_asked_for() -> None:
    """By the core, or by the extra that the table of modules says."""
    found = {name for file in (ROOT / "pipeline").rglob("*.py") for name in imports_of(file)}
    ours = found - set(sys.stdlib_module_names) - {"pipeline"}
    brings = {**metadata.packages_distributions(), "zope": ["zope-interface"]}  # a name that several share
    core = {canonicalize_name(brings[module][0]) for module in ours if not module_to_extra(module)}
    assert core - asked(PROJECT["dependencies"]) == set()
    for extra, modules in EXTRAS.items():
        brought = {canonicalize_name(brings[module][0]) for module in modules}
        assert brought == asked(PROJECT["optional-dependencies"][extra])


def test_all_is_every_extra() -> None:
    assert PROJECT["optional-dependencies"]["all"] == [f"nianbao[{','.join(EXTRAS)}]"]


@pytest.mark.parametrize(
    "command",
    [
        ("inspect", "data/raw/one.pdf"),
        ("schema",),
        ("nightly", "--no-crawl", "--jobs", "1", "--out", "night", "--config", "no_prose.toml"),
        ("status", "--sources", "sources.toml"),
        ("verify",),
        ("retry", "--all"),
        ("--version",),
    ],
    ids=" ".join,
)
def test_the_core_alone_does_it(here: Path, command: tuple[str, ...]) -> None:
    (here / "no_prose.toml").write_text("prose = false\n")
    shutil.copy(ROOT / "docs" / "sources.example.toml", here / "sources.toml")
    done = in_core(here, *command)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (("sql", "select 1"), "compare"),
        (("compare", "--out", "page.html"), "compare"),
        (("nightly",), "crawl"),
        (("nightly", "--crawl-only"), "crawl"),
        (("nightly", "--no-crawl"), "prose"),
    ],
    ids=str,
)
def test_what_needs_an_extra_says_so_in_a_line(here: Path, command: tuple[str, ...], extra: str) -> None:
    done = in_core(here, *command)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {command[0]}")
    assert f" needs the extra [{extra}], which is not installed (no {EXTRAS[extra][0]}" in line
    if Path(sys.prefix).resolve() == (ROOT / ".venv").resolve():  # as `make test` runs this
        assert re.search(rf": run `make (-B )?-C {re.escape(shlex.quote(str(ROOT)))} all`$", line), line
    else:
        assert line.endswith(f": run `{shlex.quote(sys.executable)} -m pip install '{ROOT}[{extra}]'`")


def remedy(monkeypatch: pytest.MonkeyPatch, prefix: Path, folder: Path) -> str:
    """What is to be done for want of an extra, by a Python of that environment in that folder."""
    monkeypatch.setitem(extras.EXTRAS, "compare", ("no_such_module",))
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.chdir(folder)
    with pytest.raises(ExtraError) as told:
        require_extra("compare", "sql")
    return str(told.value).partition("(no no_such_module): ")[2]


def test_in_the_environment_of_a_checkout_it_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    checkout, link = tmp_path / "my checkout", tmp_path / "link"
    checkout.mkdir()
    link.symlink_to(checkout)
    for name in ("Makefile", "pyproject.toml"):
        (checkout / name).touch()
    assert extras.CHECKOUT == ROOT
    monkeypatch.setattr(extras, "CHECKOUT", checkout.resolve())
    assert remedy(monkeypatch, checkout / ".venv", checkout) == "run `make all`"
    assert remedy(monkeypatch, link / ".venv", link) == "run `make all`"
    assert remedy(monkeypatch, checkout / ".venv", tmp_path) == f"run `make -C '{checkout.resolve()}' all`"
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / ".all").touch()  # make would find nothing to do
    assert remedy(monkeypatch, checkout / ".venv", checkout) == "run `make -B all`"
    by_pip = f"run `{shlex.quote(sys.executable)} -m pip install '{checkout.resolve()}[compare]'`"
    assert remedy(monkeypatch, tmp_path / "own", checkout) == by_pip


def lines_of_scan(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [
        line for line in done.stdout.splitlines() if "[scan]" in line and "pages that are pictures" in line
    ]


def test_a_scan_waits_for_its_extra_and_no_other_document_does(tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "report.pdf")
    (tmp_path / "scan.pdf").write_bytes(scanned(SAMPLE.read_bytes()))
    command = ("run", "report.pdf", "scan.pdf", "--out", "out", "--jobs", "1", "--formats", "csv")
    lacking = without(("scan",), tmp_path, *command)
    assert lacking.returncode == 1
    (line,) = lines_of_scan(lacking)
    assert line.startswith(
        "1 document has pages that are pictures (scans), and they are not read: they need "
    )
    assert "(no onnxruntime and 1 more): run `" in line
    assert "error: scan.pdf: " in lacking.stderr
    assert "the extra [scan] is not installed: `make all` installs it, or pip with [scan]" in lacking.stderr
    assert lines_of_scan(without(("scan",), tmp_path, *command)) == [line]
    there = without((), tmp_path, *command)
    assert there.returncode == 0, there.stderr
    assert lines_of_scan(there) == []
    assert [line for line in there.stderr.splitlines() if line.startswith("[")] != []
    assert all("scan.pdf" in line for line in there.stderr.splitlines() if line.startswith("["))


def test_tables_of_prose_are_not_taken_away_for_want_of_what_makes_them(tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "one.pdf")
    command = ("run", "one.pdf", "--out", "out", "--jobs", "1")
    assert without((), tmp_path, *command).returncode == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    done = in_core(tmp_path, *command, "--force")
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert line.startswith("error: out: has tables of prose (terms, similarity, claims), and to keep them")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    (tmp_path / "pipeline.toml").write_text("prose = false\n")
    assert in_core(tmp_path, *command, "--force").returncode == 0
    assert not (tmp_path / "out" / "terms.parquet").exists()
