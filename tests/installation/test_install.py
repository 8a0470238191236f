"""`pip install .`: a wheel with all data files, and a command that works far from the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from pipeline import __version__

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SAMPLE = min((ROOT / "data" / "raw").glob("*示例局2022*.pdf"))
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as pip builds it of a copy, with the setuptools that is here and without any network."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "pipeline", folder / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    here = ["--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", str(folder), str(folder)]
    subprocess.run([*PIP, "wheel", "--quiet", *here], check=True, cwd=folder)
    return next(folder.glob("nianbao-*.whl"))


@pytest.fixture(scope="module")
def nianbao(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in an environment of its own, which finds the libraries of this one."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    libraries = Path(sysconfig.get_path("purelib", "venv", paths))
    (libraries / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    python = str(folder / "bin" / "python")
    install = ["--python", python, "install", "--quiet", "--no-deps", "--no-index", "--force-reinstall"]
    subprocess.run([*PIP, *install, str(wheel)], check=True)
    return folder / "bin" / "nianbao"


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = [path for path in (ROOT / "pipeline").rglob("*") if path.is_file()]
    there = {path.relative_to(ROOT).as_posix() for path in files if path.parent.name != "__pycache__"}
    assert packed == there
    assert wheel.name.startswith(f"nianbao-{__version__}-")


def test_the_command_says_its_version(nianbao: Path, tmp_path: Path) -> None:
    done = subprocess.run([nianbao, "--version"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"nianbao {__version__}\n"), done.stderr


def test_the_command_reads_far_from_the_checkout(nianbao: Path, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    shutil.copy(SAMPLE, tmp_path / "reports" / "one.pdf")
    (tmp_path / "reports" / "torn.pdf").write_bytes(b"%PDF-1.4\n")
    command = [str(nianbao), "run", "reports", "--out", "a b", "--jobs", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr  # one document cannot be read
    assert f"{nianbao} run reports/torn.pdf --force --out 'a b' --jobs 1" in done.stdout
    assert (tmp_path / "a b" / "terms.parquet").is_file()
    schema = subprocess.run([nianbao, "schema"], cwd=tmp_path, capture_output=True, text=True)
    assert schema.returncode == 0, schema.stderr
