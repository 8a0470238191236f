"""Which files are found, how they are named, and that no content is read twice."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.acquire import paths_to_documents
from pipeline.acquire.files import paths_to_files
from pipeline.errors import PathError

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"


def put(path: Path, content: bytes = PDF) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(*paths: Path) -> list[str]:
    return [document.source_file for document in paths_to_documents(paths)]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_gives_its_pdf_files_sorted_without_hidden_ones(here: Path) -> None:
    for number, name in enumerate(["b.pdf", "a/z.PDF", "a/.hidden.pdf", ".git/c.pdf", "notes.txt"]):
        put(here / "raw" / name, PDF + b"%d" % number)
    assert names(Path("raw")) == ["raw/a/z.PDF", "raw/b.pdf"]


def test_a_file_named_directly_is_taken_whatever_its_suffix(here: Path) -> None:
    assert names(put(here / "report.bin")) == ["report.bin"]


def test_the_same_content_is_one_document_with_its_other_places(here: Path) -> None:
    put(here / "raw/b.pdf")
    put(here / "raw/a.pdf")
    (document,) = paths_to_documents([Path("raw"), Path("raw/b.pdf")])
    assert (document.source_file, document.also_at) == ("raw/a.pdf", ("raw/b.pdf",))
    assert document.snapshot.sha256 == sha256(PDF).hexdigest()


def test_names_are_never_absolute(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "raw"
    put(elsewhere / "x/a.pdf")
    assert names(elsewhere) == ["raw/x/a.pdf"]
    assert names(here.parent / elsewhere.parent.name / "raw/x/a.pdf") == ["a.pdf"]


def test_a_path_below_the_working_folder_has_one_name_however_it_is_given(here: Path) -> None:
    put(here / "raw/a.pdf")
    assert names(Path("raw")) == names(here / "raw") == names(Path("raw/../raw/a.pdf")) == ["raw/a.pdf"]


def test_two_files_of_one_name_are_two_documents(
    here: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    parent = tmp_path_factory.mktemp("two")
    given = [put(parent / city / "2023.pdf", PDF + city.encode()) for city in ("haidong", "xining")]
    assert names(*given) == ["haidong/2023.pdf", "xining/2023.pdf"]


def test_a_path_that_is_not_there_is_named(here: Path) -> None:
    with pytest.raises(PathError, match="data/rwa: no such file or folder"):
        paths_to_documents([Path("data/rwa")])


def test_a_folder_without_reports_is_named(here: Path) -> None:
    (here / "leer").mkdir()
    with pytest.raises(PathError, match="leer: a folder without reports"):
        paths_to_documents([Path("leer")])


def test_a_file_that_cannot_be_opened_is_a_problem_and_no_end(here: Path) -> None:
    put(here / "raw/a.pdf")
    (here / "raw/gone.pdf").symlink_to("nowhere.pdf")
    good, gone = paths_to_documents([Path("raw")])
    assert good.problem == ""
    assert "cannot be opened (No such file or directory)" in gone.problem


def test_two_files_of_one_name_that_cannot_be_opened_are_two_documents(here: Path) -> None:
    for city in ("haidong", "xining"):
        (here / "raw" / city).mkdir(parents=True)
        os.mkfifo(here / "raw" / city / "a.pdf")
    assert names(Path("raw")) == ["raw/haidong/a.pdf", "raw/xining/a.pdf"]


def test_a_link_that_is_given_itself_is_followed_and_one_in_a_folder_not(here: Path) -> None:
    put(here / "elsewhere/a.pdf")
    (here / "raw").mkdir()
    (here / "raw/link.pdf").symlink_to(here / "elsewhere/a.pdf")
    (within,) = paths_to_documents([Path("raw")])
    assert within.problem.startswith("is a link out of its folder, which is not followed")
    for given in ([Path("raw/link.pdf")], [Path("raw"), Path("raw/link.pdf")]):
        (itself,) = paths_to_documents(given)
        assert (itself.problem, itself.snapshot.sha256) == ("", sha256(PDF).hexdigest())


def test_a_folder_that_cannot_be_searched_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really_scan = os.scandir

    def scan(folder: Path) -> Iterator[os.DirEntry[str]]:
        if Path(folder).name == "closed":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return really_scan(folder)

    put(here / "raw/a.pdf")
    (here / "raw/closed").mkdir()
    monkeypatch.setattr("os.scandir", scan)
    found = paths_to_files([Path("raw")])
    assert [document.source_file for document in found.documents] == ["raw/a.pdf"]
    told = "raw/closed: cannot be searched (Permission denied): check its rights"
    assert found.passed_over == (told,)
    with pytest.raises(PathError, match=r"closed: a folder without reports: .*cannot be searched"):
        paths_to_documents([Path("raw/closed")])


def test_a_folder_deeper_than_calls_may_be_is_searched(here: Path) -> None:
    try:
        for _ in range(1200):
            Path("d").mkdir()
            os.chdir("d")
        Path("deep.pdf").write_bytes(PDF)
        os.chdir(here)
        assert names(Path("d"))[0].endswith("d/deep.pdf")
    finally:
        subprocess.run(["rm", "-r", here / "d"], check=True)  # too deep for what clears folders after tests


def test_the_end_of_a_file_that_is_missing_is_damage(here: Path) -> None:
    put(here / "raw/cut.pdf", PDF[:-6])
    put(here / "raw/odd.pdf", PDF.replace(b"\n9\n", b"\n20\n"))
    put(here / "raw/whole.pdf")
    damage = [bool(document.damage) for document in paths_to_documents([Path("raw")])]
    assert damage == [True, False, False]
