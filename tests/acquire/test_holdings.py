"""What a run is to hold where a store and files laid there by hand share a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.acquire import paths_to_documents, paths_to_holdings
from pipeline.acquire.holdings import SEVERAL, urls_to_names
from pipeline.acquire.ledger import Fetch, Ledger
from pipeline.acquire.store import Store
from pipeline.errors import PathError

RAW = Path("data/raw")
A, B = b"%PDF-1.4\n% a\n%%EOF\n", b"%PDF-1.4\n% b\n%%EOF\n"
ONE, TWO = "https://one.example/a.pdf", "https://two.example/a.pdf"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def give(url: str, content: bytes) -> str:
    """The site gave these bytes under this URL; their hash."""
    stored = Store(RAW).put(content)
    with Ledger(Path("data/ledger.sqlite")) as ledger:
        ledger.record(Fetch(url, "one", "now", 200, {}, stored.sha256, stored.size, url, "stored"))
    return stored.sha256


def by_hand(name: str, content: bytes) -> None:
    (RAW / name).parent.mkdir(parents=True, exist_ok=True)
    (RAW / name).write_bytes(content)


def held() -> list[tuple[str, tuple[str, ...]]]:
    return [(document.source_file, document.also_at) for document in paths_to_holdings([RAW]).documents]


def test_a_document_of_the_store_goes_by_its_url() -> None:
    name = give(ONE, A)
    (document,) = paths_to_holdings([RAW]).documents
    assert document.source_file == "one.example/a.pdf"
    assert (document.snapshot.sha256, document.snapshot.source_url) == (name, ONE)
    assert document.snapshot.path == Store(RAW).path(name)
    assert document.problem == ""


def test_several_pdfs_in_a_file_of_the_store_are_told() -> None:
    give(ONE, A.rstrip() + A)
    (document,) = paths_to_holdings([RAW]).documents
    assert document.problem == SEVERAL


def test_a_store_is_found_from_the_folder_above_it_too() -> None:
    give(ONE, A)
    assert paths_to_holdings([Path("data"), RAW]) == paths_to_holdings([RAW])


def test_files_of_a_store_are_no_plain_files_but_others_beside_them_are() -> None:
    name = give(ONE, A)
    by_hand(f"{name[:2]}/by hand.pdf", B)
    assert [document.source_file for document in paths_to_documents([RAW])] == [
        f"data/raw/{name[:2]}/by hand.pdf"
    ]
    assert held() == [(f"data/raw/{name[:2]}/by hand.pdf", ()), ("one.example/a.pdf", ())]


def test_a_folder_of_hashes_without_a_store_is_read_as_ever() -> None:
    name = give(ONE, A)
    (RAW / ".incoming").rmdir()
    assert held() == [(f"data/raw/{name[:2]}/{name}.pdf", ())]


def test_the_same_content_by_hand_and_from_two_urls_is_one_document() -> None:
    give(ONE, A)
    give(TWO, A)
    by_hand("x/report.pdf", A)
    by_hand("y.pdf", A)
    places = ("two.example/a.pdf", "data/raw/x/report.pdf", "data/raw/y.pdf")
    assert held() == [("one.example/a.pdf", places)]


def test_what_is_superseded_does_not_count_even_where_a_copy_lies_there_by_hand() -> None:
    older = give(ONE, A)
    by_hand("copy.pdf", A)
    newer = give(ONE, B)
    holdings = paths_to_holdings([RAW])
    assert [document.snapshot.sha256 for document in holdings.documents] == [newer]
    assert holdings.superseded == {older}


def test_a_store_that_holds_nothing_yet_is_no_error() -> None:
    with Store(RAW).sink():
        pass
    Ledger(Path("data/ledger.sqlite")).close()
    assert paths_to_holdings([RAW]).documents == ()


def test_a_store_without_its_ledger_is_an_error() -> None:
    give(ONE, A)
    Path("data/ledger.sqlite").unlink()
    with pytest.raises(PathError, match=r"its ledger .*ledger\.sqlite is missing: put back"):
        paths_to_holdings([RAW])


def test_two_stores_in_one_run_are_an_error() -> None:
    give(ONE, A)
    Store(Path("other")).put(A)
    with pytest.raises(PathError, match="are several stores"):
        paths_to_holdings([RAW, Path("other")])


def test_a_file_whose_bytes_have_changed_is_not_read_as_what_it_was() -> None:
    name = give(ONE, A)
    Store(RAW).path(name).write_bytes(B)
    (document,) = paths_to_holdings([RAW]).documents
    assert "no longer those that were fetched" in document.problem
    assert document.snapshot.sha256 != name


def test_a_file_that_is_gone_is_said_and_a_known_one_is_not_opened() -> None:
    name = give(ONE, A)
    Store(RAW).path(name).unlink()
    (document,) = paths_to_holdings([RAW]).documents
    assert "cannot be opened" in document.problem
    (document,) = paths_to_holdings([RAW], {name}).documents
    assert (document.snapshot.sha256, document.problem) == (name, "")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.one.example/zfxxgk/年报.pdf", "www.one.example/zfxxgk/年报.pdf"),
        ("https://one.example/%E5%B9%B4%E6%8A%A5%202025.pdf", "one.example/年报 2025.pdf"),
        ("https://one.example/%C4%EA%B1%A8.pdf", "one.example/%C4%EA%B1%A8.pdf"),
        ("https://one.example/a%0Ab%00.pdf", "one.example/a%0Ab%00.pdf"),
        ("https://one.example/%25E5%25B9%25B4.pdf", "one.example/%E5%B9%B4.pdf"),
        ("https://one.example:8443/down.jsp?id=7&n=a#top", "one.example:8443/down.jsp?id=7&n=a"),
        ("https://[broken/a.pdf", "https://[broken/a.pdf"),
    ],
)
def test_a_url_reads_as_people_write_it(url: str, name: str) -> None:
    assert urls_to_names([url]) == {url: name}


def test_urls_that_would_read_alike_stay_as_they_are() -> None:
    alike = ["http://one.example/a.pdf", "https://one.example/a.pdf"]
    assert urls_to_names([*alike, TWO]) == {url: url for url in alike} | {TWO: "two.example/a.pdf"}
