"""Pages as government sites write them: charsets, links, pagers, challenges, JSON lists."""

from __future__ import annotations

import pytest

from pipeline.acquire import pages
from pipeline.acquire.pages import (
    Link,
    body_to_items,
    body_to_page,
    is_challenge,
    items_to_links,
    text_to_bare_year,
    texts_to_year,
    url_to_name,
)
from pipeline.acquire.sources import Api

URL = "http://a.gov.cn/nb/index.html"
TITLE = "示例局2022年政府信息公开工作年度报告"


def links(html: str, encoding: str = "utf-8") -> list[tuple[str, str]]:
    return [(link.url, link.text) for link in body_to_page(URL, html.encode(encoding)).links]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030", "utf-8-sig"])
@pytest.mark.parametrize("claimed", ["", "utf-8", "gb2312", "iso-8859-1", "klingon"])
def test_the_bytes_tell_the_charset_whatever_the_page_claims(encoding: str, claimed: str) -> None:
    html = f'<html><head><meta charset="{claimed}"></head><body><a href="1.html">{TITLE}</a></body></html>'
    assert links(html, encoding) == [("http://a.gov.cn/nb/1.html", TITLE)]


def test_a_broken_character_does_not_spoil_the_rest() -> None:
    body = f'<p>概\ufffd</p><a href="1.html">{TITLE}</a>'.encode().replace("\ufffd".encode(), b"\xe5\xbf")
    assert body_to_page(URL, body).links[0].text == TITLE


def test_a_query_is_escaped_as_the_page_is() -> None:
    assert (
        links('<a href="/附件.pdf?n=年">x</a>', "gbk")[0][0]
        == "http://a.gov.cn/%E9%99%84%E4%BB%B6.pdf?n=%C4%EA"
    )


@pytest.mark.parametrize(
    "html, text",
    [
        (f'<a href="1">{TITLE}</a>', TITLE),
        (f'<a href="1" title="{TITLE}">示例局2022年政府信…</a>', TITLE),
        (f'<a href="1" title="">{TITLE}</a>', TITLE),
        (f"<table><tr><td>{TITLE}</td><td><a href='1'>下载</a></td></tr></table>", TITLE + "下载"),
        (f'<a href="1"><img src="x.png" alt="{TITLE}"></a>', TITLE),
        ('<a href="1">\n  示例局\n  2022年年报</a>', "示例局 2022年年报"),
    ],
)
def test_what_a_link_says(html: str, text: str) -> None:
    assert links(html) == [("http://a.gov.cn/nb/1", text)]


def test_files_in_frames_and_viewers_are_links() -> None:
    html = """<iframe src="/js/pdf/viewer.html?file=/nb/1.pdf"></iframe><embed src="2.pdf">
        <object data="3.pdf"></object>"""
    assert [url for url, _ in links(html)] == [f"http://a.gov.cn/nb/{n}.pdf" for n in (1, 2, 3)]


def test_what_is_no_address_is_no_link() -> None:
    html = "<a href='#'>a</a><a href='javascript:x()'>b</a><a href='mailto:a@b.cn'>c</a><a href=' '>d</a>"
    assert links(html + "<a href='http://[broken/'>e</a>") == []


@pytest.mark.parametrize(
    "html, url",
    [
        ("""<a href="#" onclick="openDoc('1.html')">""", "nb/1.html"),
        ("""<a href="javascript:openDoc('2023', '/zwgk/2023/art_1.html')">""", "zwgk/2023/art_1.html"),
        ("""<a onclick="window.open('detail.aspx?id=5');return false">""", "nb/detail.aspx?id=5"),
        ("""<a href="javascript:;" onclick='go("//b.gov.cn/1.jhtml")'>""", None),
        ("""<a href="javascript:void(0)" data-id="17" data-url="../1.pdf">""", "1.pdf"),
        ("""<li data-href="/1.shtml">""", "1.shtml"),
        ("""<span onclick="location.href='?id=5'">""", "nb/index.html?id=5"),
    ],
)
def test_an_address_in_a_script_or_in_the_data_of_an_entry_is_its_link(html: str, url: str | None) -> None:
    page = f"{html}{TITLE}</{html[1:].split()[0]}>"
    assert links(page) == [(f"http://a.gov.cn/{url}" if url else "http://b.gov.cn/1.jhtml", TITLE)]


@pytest.mark.parametrize(
    "html",
    [
        f"""<a href="javascript:openDoc(17)">{TITLE}</a>""",
        f"""<a href="#" data-id="17">{TITLE}</a>""",
        f"""<li onclick="openDoc('A17', '2022')">{TITLE}</li>""",
    ],
)
def test_what_only_a_script_opens_is_told(html: str) -> None:
    page = body_to_page(URL, html.encode())
    assert (page.links, page.scripted) == ((), (TITLE,))


@pytest.mark.parametrize(
    "html",
    [
        f"""<ul data-url="/api/list"><li><a href="1">{TITLE}</a></li></ul>""",
        f"""<div data-url="/api/list">{TITLE * 20}</div><a href="1">{TITLE}</a>""",
        f"""<img data-src="/1.png"><a href="1" onclick="count('/x.html')">{TITLE}</a>""",
    ],
)
def test_a_box_around_links_or_a_counter_is_no_entry(html: str) -> None:
    assert links(html) == [("http://a.gov.cn/nb/1", TITLE)]


@pytest.mark.parametrize(
    "html, is_scripted",
    [
        ("""<a href="javascript:goPage(2)">下一页</a>""", True),
        ("""<span onclick="toPage('2')">下一页</span>""", True),
        ("""<a href="javascript:void(0)">下一页</a>""", False),
        ("""<a href="javascript:goPage(2)">上一页</a>""", False),
        ("""<a href="#" onclick="go('index_2.html')">下一页</a>""", False),
    ],
)
def test_a_next_page_that_only_a_script_opens(html: str, is_scripted: bool) -> None:
    assert body_to_page(URL, html.encode()).next_is_scripted is is_scripted


def test_the_same_address_is_one_link_with_its_longest_text() -> None:
    html = f'<a href="1"><img src="x.png"></a><a href="1">{TITLE}</a><a href="1">更多</a>'
    assert links(html) == [("http://a.gov.cn/nb/1", TITLE)]


def test_links_start_from_the_base_that_the_page_names() -> None:
    assert links('<head><base href="/other/"></head><a href="1">x</a>')[0][0] == "http://a.gov.cn/other/1"


def test_a_nul_hides_nothing() -> None:
    assert links("<a href='1'>x</a>\x00<a href='2'>y</a>")[1][0] == "http://a.gov.cn/nb/2"


@pytest.mark.parametrize(
    "html, url",
    [
        ('<a href="index_1.html">下一页</a>', "http://a.gov.cn/nb/index_1.html"),
        ('<a href="?p=2"> 下页&gt; </a>', "http://a.gov.cn/nb/index.html?p=2"),
        ('<a href="2.html" title="下一页"><img src="r.gif"></a>', "http://a.gov.cn/nb/2.html"),
        ('<link rel="next" href="2.html">', "http://a.gov.cn/nb/2.html"),
        ('<script>createPageHTML(5, 0, "index", "html");</script>', "http://a.gov.cn/nb/index_1.html"),
        ("<script>createPageHTML('5','3','index','shtml')</script>", "http://a.gov.cn/nb/index_4.shtml"),
        ('<script>createPageHTML(5, 4, "index", "html");</script>', ""),
        ('<a href="javascript:next()">下一页</a>', ""),
        ('<a href="/x">下一页新闻很多</a>', ""),
    ],
)
def test_the_next_page_of_a_list(html: str, url: str) -> None:
    assert body_to_page(URL, html.encode()).next_page == url


def test_a_page_that_sends_on() -> None:
    html = b'<head><meta http-equiv="Refresh" content="0; url=/nb/new.html"></head>'
    assert body_to_page(URL, html).refresh == "http://a.gov.cn/nb/new.html"
    assert body_to_page(URL, b"<head><meta http-equiv='refresh' content='300'></head>").refresh == ""


@pytest.mark.parametrize(
    "status, html",
    [
        (412, "<html></html>"),
        (521, "<script>document.cookie='x'</script>"),
        (200, "<html><script>var arg1='A1B2';setCookie()</script></html>"),
        (200, "<html><body><div id='app'></div><script src='a.js'></script></body></html>"),
        (200, "<title>安全验证</title><p>请完成安全验证</p><a href='/help'>帮助</a>"),
        (403, "<p>请启用 JavaScript 后重试</p>"),
    ],
)
def test_challenges(status: int, html: str) -> None:
    assert is_challenge(status, body_to_page(URL, html.encode()))


@pytest.mark.parametrize(
    "html",
    [
        f"<script>x()</script><ul><li><a href='1'>{TITLE}</a></li></ul>",
        "<script>x()</script>" + "<a href='/'>首页</a>" * 3 + "<p>没有内容</p>",
        "<p>暂无内容</p>",
        "",
    ],
)
def test_lists_are_no_challenges_even_if_empty(html: str) -> None:
    assert not is_challenge(200, body_to_page(URL, html.encode()))


@pytest.mark.parametrize(
    "texts, year",
    [
        ((TITLE,), 2022),
        (("示例局二〇二一年度报告",), 2021),
        (("示例局二○一九年报",), 2019),
        (("2 0 2 3 年年报",), 2023),
        (("年报", "附件：2020年.pdf"), 2020),
        (("2019年报（2020年1月公布）",), 2019),
        (("t20230115_99.html", "1998年", "12022年"), None),
    ],
)
def test_the_year_reported_on(texts: tuple[str, ...], year: int | None) -> None:
    assert texts_to_year(*texts) == year


def test_names_of_files_are_readable() -> None:
    assert url_to_name("http://a.gov.cn/x/%E5%B9%B4%E6%8A%A5.pdf?x=1") == "年报.pdf"
    assert url_to_name("http://a.gov.cn/x/%C4%EA%B1%A8.pdf") == "年报.pdf"


def test_a_json_list() -> None:
    body = '{"data": {"list": [{"t": "<b>年报</b>", "u": "/1.pdf"}, {"t": "x"}, 7]}}'.encode("gbk")
    api = Api("http://a.gov.cn/api", "data.list", link="u", title="t")
    assert items_to_links(URL, body_to_items(body, api), api) == (Link("http://a.gov.cn/1.pdf", "年报"),)


@pytest.mark.parametrize(
    "body, says",
    [
        (b"<html>", "not JSON"),
        (b'{"data": []}', "no list at 'data.list'"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_a_json_list_that_is_none(body: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        body_to_items(body, Api("http://a.gov.cn/api", "data.list"))


def test_a_page_of_any_bytes_is_read() -> None:
    for body in (bytes(range(256)) * 40, b"<" * 50_000, b"<div>" * 50_000, b"<a href=" + b"x" * 100_000):
        assert isinstance(body_to_page(URL, body).links, tuple)


def test_tags_left_open_hide_no_link() -> None:
    body = b"<font>" * 1500 + b"<a href=1>x</a>"
    assert len(body_to_page(URL, body).links) == 1


def test_a_row_of_very_many_links_is_put_together_once(monkeypatch: pytest.MonkeyPatch) -> None:
    squeezed: list[int] = []
    squeeze = pages._squeeze
    monkeypatch.setattr(pages, "_squeeze", lambda text: squeezed.append(len(text)) or squeeze(text))
    html = "<table><tr><td>" + "".join(f"<a href='{number}'>附件</a>" for number in range(4000))
    assert len(links(html)) == 4000
    assert sum(squeezed) < len(html)


def test_of_very_many_links_the_first_are_looked_at() -> None:
    page = body_to_page(URL, b"<a href=1>x</a>" * 30 + b"<a href=2>x</a>" * 30, most=40)
    assert ([link.url[-1] for link in page.links], page.left_out) == (["1", "2"], 20)
    assert body_to_page(URL, b"<a href=1>x</a>" * 30).left_out == 0


def test_a_link_that_is_too_long_to_be_asked_is_none() -> None:
    assert links(f"<a href='{'x' * 5000}'>{TITLE}</a><a href='1'>{TITLE}</a>") == [
        ("http://a.gov.cn/nb/1", TITLE)
    ]
    items = [{"u": "x" * 5000, "t": "a"}, {"u": "1", "t": ["x"] * 9}, {"u": "2", "t": 2022}]
    api = Api("http://a.gov.cn/api", "data.list", link="u", title="t")
    assert [link.text for link in items_to_links(URL, items, api)] == ["", "2022"]


def test_frames_and_where_a_script_sends_a_browser() -> None:
    page = body_to_page(
        "http://a.test/nb/", b"<body><iframe src='list.html'></iframe><iframe src='a.pdf'></iframe>"
    )
    assert page.frames == ("http://a.test/nb/list.html", "http://a.test/nb/a.pdf")
    for script in ("window.location.href='/x.html'", 'location = "/x.html";', "location.replace('/x.html')"):
        sent = body_to_page("http://a.test/", f"<html><script>{script}</script></html>".encode())
        assert sent.refresh == "http://a.test/x.html"
    shown = body_to_page("http://a.test/", b"<body>text<script>location.href='/x.html'</script></body>")
    assert shown.refresh == ""


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2022", 2022),
        ("2022年", 2022),
        ("【2022 年度】", 2022),
        ("2022年年报", 2022),
        ("2022-01-05", None),
        ("第2022号", None),
    ],
)
def test_a_text_that_is_only_a_year(text: str, year: int | None) -> None:
    assert text_to_bare_year(text) == year
