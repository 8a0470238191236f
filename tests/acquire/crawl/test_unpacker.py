"""Archives on a site: each document in one counts, at an address of its own; what is not read is named."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.acquire.holdings import paths_to_holdings
from pipeline.acquire.sources import Source
from tests.acquire.bureau import QUICK, Home, list_page, pdf, report
from tests.acquire.report_pages import report_page, title_of
from tests.acquire.site import Reply, Site

pytestmark = pytest.mark.network

NIGHTS = [f"2026-11-{day}T02:00:00Z" for day in range(10, 20)]


@pytest.fixture
def home(quick_path: Path) -> Home:
    return Home(quick_path)


def packed(members: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return content.getvalue()


def word(text: str) -> bytes:
    """A Word file, as far as a crawl looks into it."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = f'<Types><Override ContentType="{kind}"/></Types>'
    return packed({"[Content_Types].xml": types.encode(), "text": text.encode()})


def publish(site: Site, body: bytes | Reply, path: str = "/files/all.zip") -> Source:
    """A bureau with a page of a report that has nothing but an archive on it."""
    site.put("/nb/", list_page({"/2022.html": title_of(2022)}))
    site.put("/2022.html", f"<body><h1>{title_of(2022)}</h1><a href='{path}'>附件.zip</a></body>")
    site.put(path, body)
    return Source("甲局", region="630200", lists=(site.url("/nb/"),))


def names(home: Home) -> list[str]:
    """The names of the documents that count, as the tables show them."""
    return [
        document.source_file.partition("/")[2] for document in paths_to_holdings([home.store.root]).documents
    ]


def test_each_document_in_an_archive_has_an_address_of_its_own(site: Site, home: Home) -> None:
    members = {
        "水务局2021年政府信息公开工作年度报告.pdf": report(2021),
        "2020年/商务局 #1 100%.docx": word("2020"),
        "年报.html": report_page(2022).encode(),
        "表.xls": b"<html><table><tr><td>1</td></tr></table></html>",
    }
    source = publish(site, packed(members))
    (result,) = home.crawl(source).sources
    assert home.contents() == set(members.values())
    assert sorted(names(home)) == sorted(f"files/all.zip/{name}" for name in members)
    assert Counter(site.paths()) == Counter(["/robots.txt", "/nb/", "/2022.html", "/files/all.zip"])
    assert result.outcomes == {"page": 2, "unpacked": 1, "stored": 4}
    base = f"{site.url('/files/all.zip')}/"
    seen = {
        str(url).removeprefix(base): (title, year, region)
        for url, title, year, region in home.rows("SELECT url, title, year, region FROM urls")
        if str(url).startswith(base)
    }
    assert seen == {
        quote("水务局2021年政府信息公开工作年度报告.pdf"): (
            "水务局2021年政府信息公开工作年度报告",
            2021,
            "630200",
        ),
        quote("2020年/商务局 #1 100%.docx"): (title_of(2022), 2020, "630200"),
        quote("年报.html"): ("年报", 2022, "630200"),
        quote("表.xls"): (title_of(2022), 2022, "630200"),
    }


def test_the_next_nights_ask_once_and_find_the_same(site: Site, home: Home) -> None:
    tag = ("ETag", '"1"')
    body = packed({"a.pdf": report(2021), "b.pdf": report(2022)})

    def answer(asked: object) -> Reply:
        return Reply(status=304) if "if-none-match" in asked.headers else Reply(body, headers=(tag,))  # type: ignore[attr-defined]

    source = publish(site, b"")
    site.put("/files/all.zip", answer)
    changes = []
    for night in NIGHTS[:3]:
        site.forget()
        changes.append(home.crawl(source, now=night).sources[0].changes.get("same", 0))
    assert changes == [0, 2, 2]
    assert site.paths() == ["/robots.txt", "/nb/", "/files/all.zip"]


def test_a_member_that_changed_is_a_revision_of_its_own_address(site: Site, home: Home) -> None:
    source = publish(site, packed({"a.pdf": report(2021), "b.pdf": report(2022)}))
    home.crawl(source, now=NIGHTS[0])
    site.put("/files/all.zip", packed({"a.pdf": report(2021), "b.pdf": report(2022, "更正")}))
    (result,) = home.crawl(source, now=NIGHTS[1]).sources
    assert (result.changes["same"], result.changes["changed"]) == (1, 1)
    assert len(names(home)) == 2


def test_what_is_not_read_is_named(site: Site, home: Home) -> None:
    members = {
        "年报.pdf": report(2021),
        "照片.jpg": b"\xff\xd8\xff",
        "说明.txt": b"x",
        "年报.ofd": packed({"OFD.xml": b""}),
        "旧.rar": b"Rar!\x1a\x07",
        "内/更内.zip": packed({"二.pdf": report(2022), "坏.pdf": b"<html></html>"}),
    }
    (result,) = home.crawl(publish(site, packed(members))).sources
    assert home.contents() == {report(2021), report(2022)}
    assert result.outcomes == {"page": 2, "unpacked": 1, "stored": 2, "not_read": 3}
    (note,) = result.notes
    assert note.endswith(
        "a ZIP archive with 2 files that are no reports beside its documents: 照片.jpg, 说明.txt"
    )
    reasons = {
        str(url).rpartition("/")[2]: str(reason).partition(":")[0]
        for url, reason in home.rows("SELECT url, reason FROM fetches WHERE outcome = 'not_read'")
    }
    assert reasons == {
        quote("年报.ofd"): "an OFD document, which is not read",
        quote("旧.rar"): "an archive within an archive",
        quote("坏.pdf"): "a web page under the name of a PDF",
    }


def test_an_archive_without_a_document_or_cut_is_named(site: Site, home: Home) -> None:
    for body, words in (
        (packed({"照片.jpg": b"\xff\xd8\xff"}), "without a document, with 1 file that is no report"),
        (packed({"a.pdf": report(2021)})[:-30], "cannot be unpacked"),
        (packed({}), "a ZIP archive with nothing in it"),
    ):  # fmt: skip
        home.crawl(publish(site, body))
        outcome, reason = home.outcome("/files/all.zip")
        assert (outcome, words in str(reason)) == ("not_read", True)
    assert home.contents() == set()


def test_bombs_cost_a_line(site: Site, home: Home) -> None:
    members = {"a.pdf": report(2021), "b.pdf": b"%PDF-1.4" + bytes(3 << 20)}
    settings = replace(QUICK, document_mb=1.0)
    home.crawl(publish(site, packed(members)), settings=settings)
    assert home.contents() == {report(2021)}
    assert home.outcome("/b.pdf")[0] == "not_read"
    assert "raise document_mb" in str(home.outcome("/b.pdf")[1])
    inner = packed({"c.pdf": report(2020)})
    for depth in range(5):
        inner = packed({f"{depth}.zip": inner})
    home.crawl(Source("甲局", urls=(site.put("/deep.zip", inner),)), now=NIGHTS[1])
    assert "an archive within 3 others" in str(home.rows("SELECT reason FROM fetches ORDER BY id")[-2])
    many = packed({f"{n}.pdf": b"%PDF" for n in range(2001)})
    home.crawl(Source("甲局", urls=(site.put("/many.zip", many),)), now=NIGHTS[2])
    assert "a ZIP archive of 2,001 members" in str(home.outcome("/many.zip")[1])
    assert home.contents() == {report(2021)}


def test_names_in_an_archive_lead_nowhere_else(site: Site, home: Home) -> None:
    long = "长" * 2000
    members = {
        "../../etc/a.pdf": report(2021),
        "/b.pdf": report(2022),
        "x\ny?z.pdf": report(2020),
        f"{long}.pdf": report(2019),
    }
    (result,) = home.crawl(publish(site, packed(members))).sources
    assert sorted(names(home)) == [
        "files/all.zip/b.pdf",
        "files/all.zip/etc/a.pdf",
        "files/all.zip/x%0Ay%3Fz.pdf",
    ]
    assert any("a name of 2004 characters: unpack it by hand" in note for note in result.notes)


def test_an_archive_behind_a_script_keeps_its_query(site: Site, home: Home) -> None:
    home.crawl(publish(site, packed({"年报.pdf": report(2021)}), "/download.jsp?id=7"))
    assert names(home) == ["download.jsp?id=7/年报.pdf"]


def test_two_sources_unpack_side_by_side(site: Site, home: Home) -> None:
    sources = []
    for host in ("a.test", "b.test", "c.test"):
        body = packed({f"{year}.pdf": report(year, host) for year in range(2010, 2020)})
        sources.append(Source(host, urls=(site.put("/all.zip", body, host),)))
    home.crawl(*sources)
    assert len(home.contents()) == 30


def test_pdfs_one_behind_the_other_are_each_one(site: Site, home: Home) -> None:
    source = Source("甲局", urls=(site.put("/b.pdf", pdf(report(2022).rstrip() + report(2023))),))
    home.crawl(source)
    assert names(home) == ["b.pdf/1.pdf", "b.pdf/2.pdf"]
