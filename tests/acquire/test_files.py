"""Which files are found, how they are named, and that no content is read twice."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.acquire import PathError, paths_to_documents

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
    with pytest.raises(PathError, match="leer: a folder without PDF files"):
        paths_to_documents([Path("leer")])


def test_a_file_that_cannot_be_opened_is_a_problem_and_no_end(here: Path) -> None:
    put(here / "raw/a.pdf")
    (here / "raw/gone.pdf").symlink_to("nowhere.pdf")
    good, gone = paths_to_documents([Path("raw")])
    assert good.problem == ""
    assert "cannot be opened (No such file or directory)" in gone.problem
