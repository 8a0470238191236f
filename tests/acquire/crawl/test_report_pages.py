"""A night on sites that publish reports as pages, and as files of every kind: each is found once, and no
request is sent twice."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.acquire.holdings import paths_to_holdings
from pipeline.acquire.sources import Source
from tests.acquire.bureau import Home, list_page, report
from tests.acquire.compound_files import compound_file
from tests.acquire.report_pages import SHAPES, report_page, title_of
from tests.acquire.site import Reply, Site

pytestmark = pytest.mark.network

NIGHTS = [f"2026-11-{day}T02:00:00Z" for day in range(10, 20)]


@pytest.fixture
def home(quick_path: Path) -> Home:
    return Home(quick_path)


def office(content_type: str, text: str = "") -> bytes:
    """A file of Word or Excel, as far as a crawl looks into it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        kind = f"application/vnd.openxmlformats-officedocument.{content_type}.main+xml"
        archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{kind}"/></Types>')
        archive.writestr("text", text)
    return content.getvalue()


WORD, EXCEL = office("wordprocessingml.document"), office("spreadsheetml.sheet")
TITLES = {f"/{year}.html": title_of(year) for year in (2020, 2021, 2022)}


def counts(home: Home) -> int:
    """How many documents count."""
    return len(paths_to_holdings([home.store.root]).documents)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_report_is_the_page(site: Site, home: Home, shape: str) -> None:
    source = Source("甲局", lists=(site.put("/nb/", list_page(TITLES)),))
    for year in (2020, 2021, 2022):
        site.put(f"/{year}.html", report_page(year, shape))
    (result,) = home.crawl(source).sources
    assert sorted(site.paths()) == sorted(["/robots.txt", "/nb/", *TITLES])
    assert result.outcomes == {"page": 1, "stored": 3}
    assert home.contents() == {report_page(year, shape).encode() for year in (2020, 2021, 2022)}
    documents = paths_to_holdings([home.store.root]).documents
    assert {document.snapshot.media_type for document in documents} == {"text/html"}
    assert {document.path.suffix for document in documents} == {".html"}
    assert home.rows("SELECT year FROM urls ORDER BY year") == [(2020,), (2021,), (2022,)]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_changes_around_a_report_makes_no_version_and_a_number_in_it_does(
    site: Site, home: Home, shape: str
) -> None:
    source = Source("甲局", urls=(site.url("/2022.html"),))
    changes = []
    for night, (day, total) in zip(NIGHTS, [(1, 7), (2, 7), (3, 8), (4, 8), (5, 7)], strict=False):
        site.put("/2022.html", report_page(2022, shape, day=day, total=total))
        changes.append(home.crawl(source, now=night).sources[0].changes)
    assert changes == [{"new": 1}, {"same": 1}, {"changed": 1}, {"same": 1}, {"reverted": 1}]
    assert len(home.contents()) == 2
    assert counts(home) == 1
    assert len(site.asked) == 10


def test_a_print_view_and_a_second_address_are_no_second_report(site: Site, home: Home) -> None:
    links = {"/2022.html": title_of(2022), "/print.jsp?id=1": title_of(2022), "/m/2022.html": title_of(2022)}
    source = Source("甲局", lists=(site.put("/nb/", list_page(links)),))
    site.put("/2022.html", report_page(2022))
    site.put("/print.jsp?id=1", f"<body><h1>{title_of(2022)}</h1>{report_page(2022, 'common')}</body>")
    site.put("/m/2022.html", report_page(2022, "VSB"))
    home.crawl(source)
    assert len(home.contents()) == 1
    (document,) = paths_to_holdings([home.store.root]).documents
    assert len((document.source_file, *document.also_at)) == 3
    assert len(site.asked) == 5


SECOND_TITLES = {
    "the name of the site": f"{title_of(2022)}-示例市人民政府门户网站",
    "the name of the site, another way": f"{title_of(2022)}_信息公开_示例市政府网",
    "blanks": "示例局 2022 年 政府信息公开工作 年度报告",
    "公开 left out": "示例局2022年政府信息工作年度报告",
    "another word": "示例局2022年度政府信息公开年报",
    "full width": "示例局２０２２年政府信息公开工作年度报告",
    "a date": f"{title_of(2022)}（2023-01-30）",
    "a year in brackets": "示例局政府信息公开工作年度报告〔2022〕",
    "a year in words": "示例局二〇二二年政府信息公开工作年度报告",
    "a notice": f"关于发布《{title_of(2022)}》的公告",
}


@pytest.mark.parametrize("title", SECOND_TITLES.values(), ids=SECOND_TITLES)
@pytest.mark.parametrize("shape", ["VSB", "common"])
def test_a_second_address_with_another_title_is_no_second_report(
    site: Site, home: Home, title: str, shape: str
) -> None:
    links = {"/2022.html": title_of(2022), "/gk/2022.html": title}
    source = Source("甲局", lists=(site.put("/nb/", list_page(links)),))
    site.put("/2022.html", report_page(2022))
    site.put("/gk/2022.html", report_page(2022, shape).replace(title_of(2022), title))
    home.crawl(source)
    assert len(home.contents()) == 1
    (document,) = paths_to_holdings([home.store.root]).documents
    assert len((document.source_file, *document.also_at)) == 2
    assert len(site.asked) == 4


@pytest.mark.parametrize(
    "titles",
    [
        ("甲镇 2022年政府信息公开工作年度报告", "乙镇 2022年政府信息公开工作年度报告"),
        ("甲镇-2022年政府信息公开工作年度报告", "乙镇-2022年政府信息公开工作年度报告"),
        ("2022年甲镇政府信息公开年报_示例县", "2022年乙镇政府信息公开年报_示例县"),
        ("甲镇2022年政府信息公开年报", "甲镇2021年政府信息公开年报"),
    ],
)
def test_two_bodies_or_years_with_one_text_stay_two(site: Site, home: Home, titles: tuple[str, str]) -> None:
    links = {f"/{number}.html": title for number, title in enumerate(titles)}
    source = Source("甲局", lists=(site.put("/nb/", list_page(links)),))
    for path, title in links.items():
        site.put(path, report_page(2022).replace(title_of(2022), title))
    home.crawl(source)
    assert counts(home) == 2


def test_one_text_below_a_title_that_names_nobody_is_each_sources_own(site: Site, home: Home) -> None:
    page = report_page(2022).replace(title_of(2022), "2022年政府信息公开工作年度报告")
    sources = []
    for host in ("a.test", "b.test"):
        site.put("/1.html", page.replace("<body>", f"<body><p class='nav'>{host}</p>"), host)
        site.put("/2.html", page.replace("<body>", f"<body><p class='nav'>{host} 2</p>"), host)
        sources.append(Source(host, urls=(site.url("/1.html", host), site.url("/2.html", host))))
    home.crawl(*sources)
    assert counts(home) == 2


def test_two_bodies_with_one_text_are_two_reports(site: Site, home: Home) -> None:
    links = {f"/{body}.html": title_of(2022).replace("示例局", body) for body in ("jia", "yi")}
    source = Source("甲局", lists=(site.put("/nb/", list_page(links)),))
    for body in ("jia", "yi"):
        site.put(f"/{body}.html", report_page(2022).replace("示例局", body))
    home.crawl(source)
    assert len(home.contents()) == 2
    assert counts(home) == 2


def test_a_page_with_its_report_as_a_file_too_gives_both(site: Site, home: Home) -> None:
    source = Source("甲局", lists=(site.put("/nb/", list_page({"/2022.html": title_of(2022)})),))
    page = report_page(2022, further='<a href="/2022.docx">附件：年报.docx</a><a href="/menu.html">年报</a>')
    site.put("/2022.html", page)
    site.put("/2022.docx", WORD)
    for night in NIGHTS[:2]:
        home.crawl(source, now=night)
        assert home.contents() == {page.encode(), WORD}
        assert sorted(site.paths()) == ["/2022.docx", "/2022.html", "/nb/", "/robots.txt"]
        site.forget()


def test_a_page_that_says_it_has_not_changed_still_gives_its_links(site: Site, home: Home) -> None:
    source = Source("甲局", urls=(site.url("/2022.html"),))
    page = report_page(2022, further='<a href="/2022.docx">附件：年报.docx</a>').encode()
    tag = ("ETag", '"1"')
    site.put(
        "/2022.html",
        lambda a: Reply(status=304) if "if-none-match" in a.headers else Reply(page, headers=(tag,)),
    )
    site.put("/2022.docx", WORD)
    home.crawl(source, now=NIGHTS[0])
    site.put("/2022.docx", office("wordprocessingml.document", "new"))
    result = home.crawl(source, now=NIGHTS[1])
    assert result.sources[0].changes == {"same": 1, "changed": 1}


def test_files_of_every_kind(site: Site, home: Home) -> None:
    read = {
        "docx": WORD, "xlsx": EXCEL, "doc": compound_file("WordDocument"), "pdf": report(2022),
        "wps": compound_file("WordDocument", "x"), "xls": compound_file("Workbook"),
    }  # fmt: skip
    unread = {"ofd": b"", "rtf": b"{\\rtf1", "rar": b"Rar!\x1a", "7z": b"7z\xbc\xaf"}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("OFD.xml", b"")
    unread["ofd"] = content.getvalue()
    links = {f"/files/{ending}.{ending}": f"{title_of(2022)}.{ending}" for ending in (*read, *unread)}
    source = Source("甲局", lists=(site.put("/nb/", list_page(links)),))
    for ending, body in (read | unread).items():
        site.put(f"/files/{ending}.{ending}", body)
    (result,) = home.crawl(source).sources
    assert result.outcomes == {"page": 1, "stored": len(read), "not_read": len(unread)}
    assert home.contents() == set(read.values())
    assert len(site.asked) == 2 + len(links)
    said = {ending: str(home.outcome(f".{ending}")[1]) for ending in unread}
    assert {ending: why.partition(":")[0] for ending, why in said.items()} == {
        "ofd": "an OFD document, which is not read",
        "rtf": "an RTF text, which is not read",
        "rar": "a RAR archive, which is not read",
        "7z": "a 7z archive, which is not read",
    }


def test_a_download_whose_address_says_nothing(site: Site, home: Home) -> None:
    links = {"/download.jsp?id=1": title_of(2021), "/download.jsp?id=2": title_of(2022)}
    source = Source("甲局", lists=(site.put("/nb/", list_page(links)),))
    site.put("/download.jsp?id=1", Reply(WORD, headers=(("Content-Type", "application/octet-stream"),)))
    site.put("/download.jsp?id=2", report(2022))
    home.crawl(source)
    assert home.contents() == {WORD, report(2022)}
    assert len(site.asked) == 4


def test_a_list_in_a_frame(site: Site, home: Home) -> None:
    frames = '<iframe src="inner.html"></iframe><iframe src="http://g.test/map.html"></iframe>'
    outer = f"<body><h1>政府信息公开年报</h1>{frames}</body>"
    source = Source("甲局", lists=(site.put("/nb/", outer),), domains=("a.test",))
    site.put("/nb/inner.html", list_page(TITLES))
    for year in (2020, 2021, 2022):
        site.put(f"/{year}.html", report_page(year))
    (result,) = home.crawl(source).sources
    assert (result.listed, result.links, result.outcomes) == (2, 3, {"page": 2, "stored": 3})
    assert sorted(site.paths()) == sorted(["/robots.txt", "/nb/", "/nb/inner.html", *TITLES])
    assert site.paths("g.test") == []


def test_a_report_in_the_frame_of_a_page(site: Site, home: Home) -> None:
    source = Source("甲局", lists=(site.put("/nb/", list_page({"/2022.html": title_of(2022)})),))
    site.put("/2022.html", f"<body><h1>{title_of(2022)}</h1><iframe src='/text/2022.html'></iframe></body>")
    site.put("/text/2022.html", report_page(2022))
    home.crawl(source)
    assert home.contents() == {report_page(2022).encode()}
    assert len(site.asked) == 4


def test_a_list_of_bare_years(site: Site, home: Home) -> None:
    years = {f"/x/{year}.html": f"{year}年" for year in (2020, 2021, 2022)}
    for path, year in zip(years, (2020, 2021, 2022), strict=True):
        site.put(path, report_page(year))
    source = Source("甲局", lists=(site.put("/nb/", list_page({**years, "/other.html": "2023年招聘"})),))
    home.crawl(source)
    assert len(home.contents()) == 3
    assert sorted(site.paths()) == sorted(["/robots.txt", "/nb/", *years])
    assert home.rows("SELECT year, title FROM urls ORDER BY year") == [
        (year, f"{year}年政府信息公开年报") for year in (2020, 2021, 2022)
    ]


def test_years_without_a_heading_of_reports_are_not_followed(site: Site, home: Home) -> None:
    page = "<body><h1>财政预决算</h1><a href='/2022.html'>2022年</a></body>"
    home.crawl(Source("甲局", lists=(site.put("/nb/", page),)))
    assert site.paths() == ["/robots.txt", "/nb/"]


def test_a_page_that_a_script_sends_on(site: Site, home: Home) -> None:
    source = Source("甲局", lists=(site.put("/nb/", list_page({"/go.html": title_of(2022)})),))
    site.put("/go.html", "<html><head><script>window.location.href = '/2022.html';</script></head></html>")
    site.put("/2022.html", report_page(2022))
    home.crawl(source)
    assert home.contents() == {report_page(2022).encode()}
    assert len(site.asked) == 4


REPORT_JSP = "/module/xxgk/xxgkAnnualReport.jsp?area=630200&fbtime={}"


def test_one_address_a_body_and_year(site: Site, home: Home) -> None:
    """The page of a year shows its report, and links to those of the other years."""
    years = (2020, 2021, 2022)
    menu = "".join(f'<a href="{REPORT_JSP.format(year)}">{year}</a>' for year in years)
    for year in years:
        page = report_page(year, "Hanweb").replace("<body>", f"<body>{menu}")
        site.put(REPORT_JSP.format(year), page)
    source = Source("甲局", lists=(site.url(REPORT_JSP.format(2022)),))
    (result,) = home.crawl(source).sources
    assert result.outcomes == {"stored": 3}
    assert Counter(site.paths()) == Counter(["/robots.txt", *map(REPORT_JSP.format, years)])
    assert counts(home) == 3
    site.forget()
    assert home.crawl(source, now=NIGHTS[9]).sources[0].changes == {"same": 3}
    assert len(site.asked) == 4


def test_the_address_of_each_year_can_be_given(site: Site, home: Home) -> None:
    for year in (2024, 2025):
        site.put(REPORT_JSP.format(year), report_page(year))
    source = Source("甲局", yearly=site.url(REPORT_JSP).replace("{}", "{year}"), first_year=2024)
    home.crawl(source)
    assert sorted(site.paths()) == sorted(["/robots.txt", *map(REPORT_JSP.format, (2024, 2025))])
    assert len(home.contents()) == 2


def test_an_error_in_place_of_a_report_leaves_the_report(site: Site, home: Home) -> None:
    source = Source("甲局", urls=(site.put("/2022.html", report_page(2022)),))
    home.crawl(source, now=NIGHTS[0])
    site.put("/2022.html", "<html><body><h1>系统维护中</h1><a href='/'>首页</a></body></html>")
    (result,) = home.crawl(source, now=NIGHTS[1]).sources
    assert result.outcomes == {"no_report": 1}
    assert counts(home) == 1


def test_a_page_that_was_cut_off_is_a_failure(site: Site, home: Home) -> None:
    whole = report_page(2022).encode()
    source = Source("甲局", urls=(site.put("/2022.html", whole),))
    home.crawl(source, now=NIGHTS[0])
    site.put("/2022.html", Reply(whole[:-200], framing=False))
    home.crawl(source, now=NIGHTS[1])
    assert home.outcome("/2022.html") == ("failed", "the connection closed before the end of the page")
    assert home.contents() == {whole}


def test_a_ledger_of_before_learns_the_texts(site: Site, home: Home) -> None:
    source = Source("甲局", urls=(site.put("/2022.html", report_page(2022)),))
    home.crawl(source, now=NIGHTS[0])
    with sqlite3.connect(home.ledger) as connection:
        connection.execute("DROP TABLE texts")
    connection.close()
    site.put("/2022.html", report_page(2022, day=9))
    assert home.crawl(source, now=NIGHTS[1]).sources[0].changes == {"same": 1}
    assert home.rows("SELECT count(*) FROM texts") == [(1,)]


def test_patterns_of_a_source_still_hold(site: Site, home: Home) -> None:
    source = Source("甲局", lists=(site.put("/nb/", list_page(TITLES)),))
    home.crawl(replace(source, links="2021年"))
    assert sorted(site.paths()) == ["/2021.html", "/nb/", "/robots.txt"]
