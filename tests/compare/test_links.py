"""Links from a page to the reports: where they were fetched, or the files; harmless whatever their names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote

import pandas as pd
import pytest

from pipeline.cli import main
from pipeline.compare.links import link_to_page, reports_to_links
from tests.compare.sample import write_sample


def linked(file: str, url: str | None, page: Path, *folders: Path) -> str:
    reports = pd.DataFrame({"report_id": ["r"], "source_file": [file], "source_url": [url]})
    return reports_to_links(reports, page, folders).get("r", "")


def test_a_file_is_linked_from_where_the_page_lies(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "reports" / "教育局 50%#1.pdf").touch()
    link = linked("reports/教育局 50%#1.pdf", None, tmp_path / "out" / "page.html", Path("nowhere"), tmp_path)
    assert unquote(link) == "../reports/教育局 50%#1.pdf"
    assert link.isascii() and not {"#", " "} & set(link)
    assert linked("reports/none.pdf", None, tmp_path / "out" / "page.html", tmp_path) == ""


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://example.org/a b.pdf?x=1&y=年", "https://example.org/a%20b.pdf?x=1&y=%E5%B9%B4"),
        ('http://example.org/"><script>', "http://example.org/%22%3E%3Cscript%3E"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_addresses_of_the_web_are_linked(url: str | None, link: str, tmp_path: Path) -> None:
    assert linked("none.pdf", url, tmp_path / "page.html", tmp_path) == link


def test_a_link_leads_to_the_page_of_a_report() -> None:
    links = {"r": "a.pdf", "s": "b.pdf#part"}
    assert link_to_page(links, "r", 3.0) == "a.pdf#page=3"
    assert link_to_page(links, "r", None) == "a.pdf"
    assert (link_to_page(links, "s", 3.0), link_to_page(links, "t", 3.0)) == ("b.pdf#part", "")


@pytest.mark.long
def test_the_page_links_numbers_and_doubts_to_their_pages(tmp_path: Path) -> None:
    """Files are found beside the tables, wherever the command is called."""
    tables = tmp_path / "data" / "processed"
    tables.mkdir(parents=True)
    write_sample(tables)
    (tmp_path / "data" / "raw").mkdir()
    (tmp_path / "data" / "raw" / "示例省东示例市教育局2022.pdf").touch()
    out = tmp_path / "page.html"
    assert main(["compare", "--processed", str(tables), "--year", "2022", "--out", str(out)]) == 0
    page = out.read_text(encoding="utf-8")
    file = "data/raw/" + quote("示例省东示例市教育局2022.pdf")
    assert page.count(f'<a href="{file}#page=2">第 2 页</a>') == 2  # in the ranking, and among the doubts
    assert f'<a href="{file}#page=2">data/raw/示例省东示例市教育局2022.pdf</a>' in page
    assert page.count("<a href=") == 3
