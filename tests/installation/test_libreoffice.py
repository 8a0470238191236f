"""Which LibreOffice is installed, as far as readings of old Word files depend on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.installation.libreoffice import office_library, office_version


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs of which soffice is one, without its library."""
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_a_machine_without_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (office_library(), office_version()) == (None, "")


def test_the_program_alone_is_not_enough(programs: Path) -> None:
    assert office_version() == ""


def test_another_build_is_another_version(programs: Path) -> None:
    programs.joinpath("libmergedlo.so").write_bytes(b"one")
    programs.joinpath("versionrc").write_text("buildid=1")
    told = [office_version()]
    programs.joinpath("versionrc").write_text("buildid=2")
    told.append(office_version())
    programs.joinpath("libmergedlo.so").write_bytes(b"three")
    told.append(office_version())
    assert len(set(told)) == 3


def test_a_build_without_a_name_is_known_all_the_same(programs: Path) -> None:
    programs.joinpath("libmergedlo.so").write_bytes(b"one")
    assert office_version()
