"""A night's crawl of the test site: what is fetched, kept and recorded, fault by fault, request by request."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.acquire.sources import Api, Source
from tests.acquire.bureau import QUICK, Home, list_page, pdf, publish, report
from tests.acquire.site import Asked, Reply, Site


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


# ---------------------------------------------------------------- the way from list to PDF


def test_list_page_and_pdf(site: Site, home: Home) -> None:
    source = publish(site, [2021, 2022])
    result = home.crawl(source)
    assert result.problem == ""
    assert home.contents() == {report(2021, "a.test"), report(2022, "a.test")}
    assert sorted(site.paths()) == sorted(
        ["/robots.txt", "/nb/", "/nb/2021.html", "/nb/2022.html", "/files/2021.pdf", "/files/2022.pdf"]
    )
    assert result.requests == {"a.test": 6}
    (only,) = result.sources
    assert (only.listed, only.links, only.notes) == (1, 2, ())
    assert only.outcomes == {"page": 3, "stored": 2}
    held = home.rows("SELECT title, year, region, source FROM urls WHERE url LIKE '%.pdf' ORDER BY year")
    assert held == [
        (f"示例局{year}年政府信息公开工作年度报告", year, "630200", "a.test") for year in (2021, 2022)
    ]
    assert QUICK.user_agent == site.asked[0].headers["user-agent"]


def test_the_second_night_downloads_nothing_again(site: Site, home: Home) -> None:
    source = publish(site, [2022])
    tagged = pdf(report(2022), ("ETag", '"1"'), ("Last-Modified", "Sun, 01 Jan 2023 00:00:00 GMT"))
    site.put("/files/2022.pdf", lambda a: Reply(status=304) if a.headers.get("if-none-match") else tagged)
    home.crawl(source)
    site.forget()
    result = home.crawl(source, now="2026-11-23T02:00:00Z")
    (again,) = [asked for asked in site.asked if asked.path == "/files/2022.pdf"]
    assert again.headers["if-none-match"] == '"1"'
    assert again.headers["if-modified-since"] == "Sun, 01 Jan 2023 00:00:00 GMT"
    assert len(site.asked) == 4
    assert result.sources[0].changes == {"none": 2, "same": 1}
    assert home.contents() == {report(2022)}


def test_the_hash_decides_what_has_changed(site: Site, home: Home) -> None:
    new, old = report(2022, "新"), report(2022)
    site.put("/1.pdf", lambda a: pdf(old, ("ETag", f'"{len(site.asked)}"')))  # another tag, the same bytes
    site.put("/2.pdf", lambda a: pdf(old if a.count == 1 else new, ("ETag", '"1"')))  # the same tag, other bytes
    site.put("/3.pdf", lambda a: pdf(new if a.count == 2 else old))  # there and back
    source = Source("甲局", urls=tuple(site.url(f"/{number}.pdf") for number in (1, 2, 3)))
    changes = [home.crawl(source, now=f"2026-11-2{day}T02:00:00Z").sources[0].changes for day in range(3)]
    assert changes == [{"new": 3}, {"same": 1, "changed": 2}, {"same": 2, "reverted": 1}]
    assert home.contents() == {old, new}


def test_after_a_month_a_server_that_says_nothing_changed_is_not_believed(site: Site, home: Home) -> None:
    bodies = [report(2022)]
    answer = lambda a: Reply(status=304) if "if-none-match" in a.headers else pdf(bodies[-1], ("ETag", '"1"'))  # noqa: E731
    source = Source("甲局", urls=(site.put("/1.pdf", answer),))
    home.crawl(source)
    bodies.append(report(2022, "新"))
    nights = ["2026-12-10T02:00:00Z", "2026-12-23T02:00:00Z"]
    assert [home.crawl(source, now=now).sources[0].changes for now in nights] == [{"same": 1}, {"changed": 1}]


def test_what_was_lost_from_the_store_is_fetched_again(site: Site, home: Home) -> None:
    body = report(2022)
    answer = lambda a: Reply(status=304) if "if-none-match" in a.headers else pdf(body, ("ETag", '"1"'))  # noqa: E731
    source = Source("甲局", urls=(site.put("/1.pdf", answer),))
    home.crawl(source)
    for name in home.store.hashes():
        home.store.path(name).unlink()
    home.crawl(source)
    assert home.contents() == {body}


def test_ten_addresses_with_the_same_bytes_are_one_file(site: Site, home: Home) -> None:
    urls = tuple(site.put(f"/{number}.pdf", report(2022)) for number in range(10))
    home.crawl(Source("甲局", urls=urls))
    assert home.contents() == {report(2022)}
    assert home.rows("SELECT count(*), count(DISTINCT sha256) FROM good") == [(10, 1)]


# ---------------------------------------------------------------- lists


def test_lists_of_several_pages(site: Site, home: Home) -> None:
    for year in (2020, 2021, 2022):
        site.put(f"/{year}.pdf", report(year))
    site.put("/nb/", list_page({"/2022.pdf": "2022年年报"}, '<a href="2.html">下一页</a>'))
    site.put("/nb/2.html", list_page({"/2021.pdf": "2021年年报"}, '<script>createPageHTML(2, 0, "3", "htm")</script>'))
    site.put("/nb/3_1.htm", list_page({"/2020.pdf": "2020年年报"}))
    (result,) = home.crawl(Source("甲局", lists=(site.url("/nb/"),))).sources
    assert (result.listed, result.links, result.outcomes) == (3, 3, {"page": 3, "stored": 3})
    assert len(site.asked) == 7


def test_numbered_pages_end_where_nothing_new_is_on_them(site: Site, home: Home) -> None:
    for number in range(1, 9):
        link = {f"/{min(number, 3)}.pdf": "年报"}
        site.put(f"/nb/{number}.html", list_page(link))
    source = Source("甲局", lists=(site.url("/nb/1.html"),), pages=site.url("/nb/{page}.html"), first_page=2)
    home.crawl(source)
    lists = [path for path in site.paths() if path.startswith("/nb/")]
    assert lists == [f"/nb/{number}.html" for number in (1, 2, 3, 4)]


def test_an_infinite_calendar_ends(site: Site, home: Home) -> None:
    def month(asked: Asked) -> Reply:
        number = int(asked.path.rpartition("=")[2])
        page = list_page({f"/{number}.html": "年报"}, f'<a href="?month={number + 1}">下一页</a>')
        return Reply(page.encode())

    for number in range(100):
        site.pages["a.test", f"/nb/?month={number}"] = month
    source = Source("甲局", lists=(site.url("/nb/?month=0"),), max_pages=5)
    (result,) = home.crawl(source).sources
    assert [path for path in site.paths() if "month" in path] == [f"/nb/?month={n}" for n in range(5)]
    assert "5 list pages are enough" in result.notes[0]


def test_a_json_list(site: Site, home: Home) -> None:
    site.put("/api?p=1", '{"data": [{"url": "/1.pdf", "title": "2021年年报"}]}')
    site.put("/api?p=2", '{"data": [{"url": "/2.pdf", "title": "2022年年报"}]}')
    site.put("/api?p=3", '{"data": []}')
    site.put("/1.pdf", report(2021))
    site.put("/2.pdf", report(2022))
    (result,) = home.crawl(Source("甲局", apis=(Api(site.url("/api?p={page}"), "data"),))).sources
    assert (result.listed, result.links) == (3, 2)
    assert home.contents() == {report(2021), report(2022)}


def test_a_folder_of_this_machine(site: Site, home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "来件"
    (folder / "2022").mkdir(parents=True)
    (folder / "2022" / "甲局2022年年报.PDF").write_bytes(report(2022))
    (folder / "网页.pdf").write_bytes(b"<html>")
    (folder / ".hidden.pdf").write_bytes(report(2021))
    source = Source("甲局", folder=str(folder))
    (result,) = home.crawl(source).sources
    assert result.outcomes == {"stored": 1, "not_pdf": 1}
    assert home.contents() == {report(2022)}
    assert home.rows("SELECT url, year FROM urls WHERE year") == [("folder:甲局/2022/甲局2022年年报.PDF", 2022)]
    assert home.crawl(source).sources[0].changes == {"same": 1, "none": 1}
    assert site.asked == []


def test_an_empty_list_is_recorded_as_such(site: Site, home: Home) -> None:
    source = publish(site, [2021, 2022])
    home.crawl(source)
    site.put("/nb/", list_page({}))
    (result,) = home.crawl(source).sources
    assert (result.listed, result.links) == (1, 0)
    assert home.rows("SELECT links FROM listings ORDER BY id") == [(2,), (0,)]
    assert home.rows("SELECT count(*) FROM contents WHERE counts") == [(2,)]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html><script>var arg1='A1';reload()</script></html>"),
        Reply(b"<html><script>$_ts={}</script></html>", 412),
        Reply("<title>安全验证</title><body>请完成安全验证</body>".encode(), 403),
    ],
)
def test_a_challenge_before_the_list_loses_nothing(site: Site, home: Home, reply: Reply) -> None:
    source = publish(site, [2021, 2022])
    home.crawl(source)
    site.put("/nb/", reply)
    site.forget()
    (result,) = home.crawl(source).sources
    assert site.paths() == ["/robots.txt", "/nb/"]
    assert (result.listed, result.outcomes) == (0, {"challenge": 1})
    assert "look at it in a browser" in result.notes[0]
    assert home.rows("SELECT links FROM listings") == [(2,)]
    assert home.rows("SELECT count(*) FROM contents WHERE counts") == [(2,)]


def test_a_page_without_a_pdf_is_told(site: Site, home: Home) -> None:
    source = publish(site, [2022])
    site.put("/nb/2022.html", "<h1>2022年年报</h1><p>一、总体情况</p><a href='/'>首页</a>")
    (result,) = home.crawl(source).sources
    assert result.outcomes == {"page": 1, "no_pdf": 1}
    assert home.outcome("2022.html") == ("no_pdf", "no link to a PDF on the page")


# ---------------------------------------------------------------- addresses and charsets


@pytest.mark.parametrize("claimed", ["", '<meta charset="utf-8">', '<meta charset="iso-8859-1">'])
def test_pages_in_gbk_whatever_they_claim(site: Site, home: Home, claimed: str) -> None:
    title = "示例局2022年政府信息公开工作年度报告"
    site.put("/nb/", f"<html><head>{claimed}</head><body><a href='d.html'>{title}</a></body>".encode("gbk"))
    page = "<body><h1>年报</h1><a href='/附件/报告.pdf?年=2022'>附件下载</a></body>".encode("gbk")
    site.put("/nb/d.html", Reply(page, headers=(("Content-Type", "text/html; charset=utf-8"),)))
    asked = "/%E9%99%84%E4%BB%B6/%E6%8A%A5%E5%91%8A.pdf?%C4%EA=2022"
    site.put(asked, report(2022))
    home.crawl(Source("甲局", lists=(site.url("/nb/"),)))
    assert home.contents() == {report(2022)}
    assert home.rows("SELECT title, year FROM urls WHERE url LIKE '%pdf%'") == [(title, 2022)]


def test_addresses_escaped_in_gbk_or_twice_are_asked_as_they_are(site: Site, home: Home) -> None:
    paths = ["/%B8%BD%BC%FE.pdf", "/%25E9%2599%2584.pdf", "/%E9%99%84.pdf"]
    for number, path in enumerate(paths):
        site.put(path, report(2020 + number))
    site.put("/nb/", list_page({path: f"{2020 + number}年年报" for number, path in enumerate(paths)}))
    home.crawl(Source("甲局", lists=(site.url("/nb/"),)))
    assert sorted(site.paths()[2:]) == sorted(paths)
    assert len(home.contents()) == 3


def test_session_ids_do_not_make_new_addresses(site: Site, home: Home) -> None:
    site.put("/1.pdf?x=1", report(2022))
    links = [f"/1.pdf;jsessionid={n:032X}?x=1" for n in range(5)] + [f"/1.pdf?PHPSESSID={n}&x=1" for n in range(5)]
    site.put("/nb/", list_page({link: "2022年年报" for link in links}))
    home.crawl(Source("甲局", lists=(site.url("/nb/"),)))
    assert site.paths() == ["/robots.txt", "/nb/", "/1.pdf?x=1"]


def test_a_remote_name_decides_nothing(site: Site, home: Home) -> None:
    names = ['attachment; filename="../../../etc/cron.d/x"', 'attachment; filename="a\x00b.pdf"', "x" * 5000]
    urls = []
    for number, name in enumerate(names):
        body = report(2020 + number)
        urls.append(site.put(f"/{number}.pdf", pdf(body, ("Content-Disposition", name))))
    home.crawl(Source("甲局", urls=tuple(urls)))
    stored = [path.relative_to(home.folder) for path in home.folder.rglob("*") if path.is_file()]
    assert len(home.contents()) == 3
    assert all(path.parts[0] in ("raw", "ledger.sqlite") for path in stored)
    assert not (home.folder.parent / "etc").exists()


def test_links_beyond_the_domains_are_recorded_and_not_asked(site: Site, home: Home) -> None:
    site.put("/nb/", list_page({site.url("/1.pdf", "b.test"): "2022年年报"}))
    (result,) = home.crawl(Source("甲局", domains=("a.test",), lists=(site.url("/nb/"),))).sources
    assert site.paths("b.test") == []
    assert result.outcomes == {"page": 1, "refused": 1}
    assert "b.test is not within domains a.test" in str(home.outcome("1.pdf")[1])
