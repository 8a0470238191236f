"""The command that a message names: it starts this program where the user stands."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from pipeline.cli import parser
from pipeline.cli.options import parsed_to_given
from pipeline.installation.program import call_as, program, to_command

ROOT = Path(__file__).parents[2]


def told(folder: Path, *start: str) -> str:
    """The command that `retry` without an ID names, by a program that was started so."""
    # a Python of another name does not know the environment that it is of
    packages = os.pathsep.join([str(ROOT), sysconfig.get_paths()["purelib"]])
    environment = {**os.environ, "PYTHONPATH": packages, "PATH": f"{folder}/bin:{os.environ['PATH']}"}
    done = subprocess.run(
        [*start, "retry", "--raw", "a b"], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    return done.stderr.split("`")[1]


def python_at(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text(f'#!/bin/sh\nexec -a "$0" {sys.executable} "$@"\n'.replace("/bin/sh", "/bin/bash"))
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("options", [[], ["-X", "utf8"], ["-P"]])
def test_by_module_the_python_and_its_options_are_as_typed(tmp_path: Path, options: list[str]) -> None:
    python_at(tmp_path / "own bin" / "python")
    start = ["own bin/python", *options, "-m", "pipeline"]
    assert told(tmp_path, *start) == shlex.join([*start, "status", "--raw", "a b"])


def test_by_its_own_name_where_the_shell_finds_it(tmp_path: Path) -> None:
    script = python_at(tmp_path / "bin" / "nianbao")
    script.write_text(
        f"#!{sys.executable}\nimport sys\nfrom pipeline.__main__ import main\nsys.exit(main())\n"
    )
    assert told(tmp_path, "nianbao") == "nianbao status --raw 'a b'"
    script.rename(tmp_path / "nianbao")
    assert told(tmp_path, "./nianbao") == f"{tmp_path}/nianbao status --raw 'a b'"


def test_what_is_told_can_be_typed(tmp_path: Path) -> None:
    """`status` says that there is no ledger, and not that there is no such command."""
    (tmp_path / "bin").mkdir()
    command = told(tmp_path, sys.executable, "-m", "pipeline")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "no ledger there" in done.stderr


def test_from_a_program_of_others_it_is_this_python(monkeypatch: pytest.MonkeyPatch) -> None:
    python = Path(sys.executable)
    monkeypatch.chdir(python.parents[1])
    assert to_command("run") == f"{python.parent.name}/{python.name} -m pipeline run"
    monkeypatch.chdir(python.parent)
    assert to_command("run") == f"{python} -m pipeline run"


def test_a_child_tells_what_its_parent_was_called_as(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.installation.program._called", ())
    call_as((Path("my python"), "-m", "pipeline"))
    assert program() == (Path("my python"), "-m", "pipeline")
    assert to_command("run", Path("-x.pdf"), "--force") == "'my python' -m pipeline run ./-x.pdf --force"


def test_the_options_given_are_those_that_are_no_defaults() -> None:
    given = ["--out", "x y", "--formats", "csv", "--wait", "60", "--force", "--jobs", "2"]
    names = ("out", "formats", "wait", "force", "jobs", "config")
    words = parsed_to_given(parser().parse_args(["run", "a.pdf", *given]), *names)
    assert sorted(map(str, words)) == sorted([*given[:5], "60.0", *given[6:]])
    assert parsed_to_given(parser().parse_args(["run", "--out", "data/processed"]), *names) == ()
