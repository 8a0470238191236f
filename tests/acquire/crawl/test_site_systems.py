"""Lists and details as further programs for sites write them: each report is found once, no address is asked
twice, and what is not followed is named."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.acquire.crawl.result import SourceResult
from pipeline.acquire.sources import Api, Source
from tests.acquire.bureau import Home, report
from tests.acquire.report_pages import report_page, title_of
from tests.acquire.site import Reply, Site

pytestmark = pytest.mark.network

YEARS = (2020, 2021, 2022)


@pytest.fixture
def home(quick_path: Path) -> Home:
    return Home(quick_path)


def pages(site: Site, paths: Mapping[int, str]) -> None:
    """A report page at each of these addresses."""
    for year, path in paths.items():
        site.put(path, report_page(year))


def found(site: Site, home: Home, start: str, years: tuple[int, ...] = YEARS, **keys: object) -> SourceResult:
    """Crawl from this address; each year's page is stored, and no address was asked twice."""
    (result,) = home.crawl(Source("甲局", lists=(site.url(start),), **keys)).sources  # type: ignore[arg-type]
    assert home.contents() == {report_page(year).encode() for year in years}
    assert set(Counter(site.paths()).values()) == {1}
    return result


def only(site: Site, *paths: str) -> None:
    """Nothing but these was asked."""
    assert sorted(site.paths()) == sorted(["/robots.txt", *paths])


def body(inner: str) -> str:
    menu = "<div class='nav'><a href='/'>首页</a><a href='/gk/'>政府信息公开</a></div>"
    head = "<head><title>年报-甲局</title></head>"
    return f"<html>{head}<body>{menu}<h2>政府信息公开年报</h2>{inner}</body></html>"


def test_dede(site: Site, home: Home) -> None:
    """A list numbered list_5_2.html, and files behind a program whose address says nothing."""

    def item(year: int) -> str:
        column = "[<a href='/nb/list_5_1.html'>年报</a>]"
        return f"<li>{column} <a href='/a/{year}/0115/1.html' class='title'>{title_of(year)}</a></li>"

    pager = (
        "<ul class='pagelist'><li class='thisclass'>1</li><li><a href='list_5_2.html'>下一页</a></li></ul>"
    )
    site.put("/nb/list_5_1.html", body(f"<ul>{item(2022)}{item(2021)}</ul>{pager}"))
    site.put("/nb/list_5_2.html", body(f"<ul>{item(2020)}</ul><ul class='pagelist'><li>末页</li></ul>"))
    pages(site, {year: f"/a/{year}/0115/1.html" for year in YEARS})
    found(site, home, "/nb/list_5_1.html")
    only(site, "/nb/list_5_1.html", "/nb/list_5_2.html", *(f"/a/{year}/0115/1.html" for year in YEARS))


def test_phpcms_sends_a_download_over_a_page(site: Site, home: Home) -> None:
    show, down = "/index.php?m=content&c=index&a=show&catid=9&id=4", "/index.php?m=content&c=down&a_k=7f"
    last = "/index.php?m=content&c=down&a=download&a_k=7f"
    site.put("/nb/", body(f"<li><a href='{show}'>{title_of(2022)}</a></li>"))
    site.put(
        show, f"<body><h1>{title_of(2022)}</h1><p>附件：<a href='{down}'>{title_of(2022)}.pdf</a></p></body>"
    )
    site.put(down, f"<body><p>文件下载</p><a href='{last}' class='xzs_btn'>点击下载</a></body>")
    site.put(last, report(2022))
    home.crawl(Source("甲局", lists=(site.url("/nb/"),)))
    assert home.contents() == {report(2022)}
    only(site, "/nb/", show, down, last)


DATASTORE = """<div id="7"><script type="text/xml"><datastore>
<nextgroup><![CDATA[<a href="{next}"></a>]]></nextgroup>
<recordset>{records}</recordset></datastore></script></div>"""


def jpage(years: tuple[int, ...], following: str = "") -> str:
    links = (f"<a href='/art/{year}/1.html' title='{title_of(year)}'>示例局{year}年…</a>" for year in years)
    records = "".join(f"<record><![CDATA[<li>{link}</li>]]></record>" for link in links)
    return DATASTORE.format(next=following, records=records)


def test_jcms_keeps_its_list_in_a_script(site: Site, home: Home) -> None:
    proxy = "/module/web/jpage/dataproxy.jsp?page=1&webid=1&columnid=9&unitid=7"
    site.put("/col/col9/index.html", body(jpage((2022, 2021), proxy)))
    answer = jpage((2020,)).replace('<div id="7"><script type="text/xml">', "").replace("</script></div>", "")
    site.put(proxy, answer)
    pages(site, {year: f"/art/{year}/1.html" for year in YEARS})
    result = found(site, home, "/col/col9/index.html")
    only(site, "/col/col9/index.html", proxy, *(f"/art/{year}/1.html" for year in YEARS))
    assert (result.listed, result.links, result.notes) == (2, 3, ())


def test_jcms_gives_files_by_a_program(site: Site, home: Home) -> None:
    file = "/module/download/downfile.jsp?classid=0&filename=7dfd1c59.pdf&showname=2022%E5%B9%B4.pdf"
    site.put("/nb/", body(f"<li><a href='/art/1.html'>{title_of(2022)}</a></li>"))
    site.put(
        "/art/1.html", f"<body><h1>{title_of(2022)}</h1><div id='fj'><a href='{file}'>附件1</a></div></body>"
    )
    site.put(file, report(2022))
    home.crawl(Source("甲局", lists=(site.url("/nb/"),)))
    assert home.contents() == {report(2022)}
    only(site, "/nb/", "/art/1.html", file)


def test_a_portal_of_a_forum(site: Site, home: Home) -> None:
    view, file = "/portal.php?mod=view&aid=12", "/portal.php?mod=attachment&id=9"
    site.put("/portal.php?mod=list&catid=4", body(f"<dl><dt><a href='{view}'>{title_of(2022)}</a></dt></dl>"))
    files = f"<ul><li><a href='{file}'>{title_of(2022)}.docx</a></li></ul>"
    site.put(view, f"<body><h1 class='ph'>{title_of(2022)}</h1>{files}</body>")
    site.put(file, Reply(report(2022), headers=(("Content-Disposition", "attachment"),)))
    home.crawl(Source("甲局", lists=(site.url("/portal.php?mod=list&catid=4"),)))
    assert home.contents() == {report(2022)}
    only(site, "/portal.php?mod=list&catid=4", view, file)


def test_a_list_written_into_a_script_as_data(site: Site, home: Home) -> None:
    data = [
        {"id": year, "title": title_of(year), "linkurl": f"/c/{year}.html", "time": "2023-01-30"}
        for year in YEARS
    ]
    other = [{"title": "招聘公告", "linkurl": "/c/9.html"}]
    rows = json.dumps(data + other, ensure_ascii=False)
    site.put("/nb/", body(f"<div id='list'></div><script>var rows = {rows};render(rows);</script>"))
    pages(site, {year: f"/c/{year}.html" for year in YEARS})
    found(site, home, "/nb/")
    only(site, "/nb/", *(f"/c/{year}.html" for year in YEARS))


def test_a_list_as_an_address_of_json(site: Site, home: Home) -> None:
    """gkmlpt: the page is a program, its list has an address that sources.toml can name."""
    articles = [{"title": title_of(year), "url": site.url(f"/gkmlpt/content/{year}.html")} for year in YEARS]
    for page, part in ((1, articles[:2]), (2, articles[2:]), (3, [])):
        site.put(f"/gkmlpt/api/all/5?page={page}&sid=2", json.dumps({"articles": part}, ensure_ascii=False))
    pages(site, {year: f"/gkmlpt/content/{year}.html" for year in YEARS})
    api = Api(
        site.url("/gkmlpt/api/all/5?page={page}&sid=2").replace("%7B", "{").replace("%7D", "}"), "articles"
    )
    (result,) = home.crawl(Source("甲局", apis=(api,))).sources
    assert (len(home.contents()), result.links) == (3, 3)
    assert set(Counter(site.paths()).values()) == {1}


@pytest.mark.parametrize(
    "entry",
    [
        "<a href='javascript:void(0)' onclick=\"openUrl('{path}')\">{title}</a>",
        "<a href='javascript:void(0);' onclick=\"window.open('{path}','_blank','width=800')\">{title}</a>",
        "<a href='###' onclick='window.open(\"{path}\")'>{title}</a>",
        "<a data-href='{path}'>{title}</a>",
        "<a href='#' data-url='{path}' data-id='7'>{title}</a>",
        "<li onclick=\"location.href='{path}'\"><span>{title}</span><span>2023-01-30</span></li>",
        "<tr onclick=\"toUrl('{path}')\"><td>7</td><td>{title}</td></tr>",
        "<a href='javascript:openwin(&quot;{path}&quot;)'>{title}</a>",
        "<a href=\"javascript:window.location='{path}'\">{title}</a>",
        "<map><area shape='rect' coords='0,0,9,9' href='{path}' alt='{title}'></map>",
        "<map><area shape='rect' coords='0,0,9,9' href='{path}' title='{title}'></map>",
        "<select onchange='location=this.value'><option>请选择<option value='{path}'>{title}</select>",
        "<select onchange='window.open(this.value)'><option value='{path}'>{year}年</option></select>",
        "<select onchange='go(this)'><option value='{path}'>{year}</option></select>",
        "<button onclick=\"window.open('{path}')\">{title}</button>",
        "<a href='{path}'><img src='/i/{year}.png' title='{title}'></a>",
        "<a href='{path}'><span class='y'>{year}</span><i>年度</i></a>",
        "<noscript><a href='{path}'>{title}</a></noscript>",
        "<a href='{path}' title=\"标题：{title}&#10;时间：2023-01-30\">示例局{year}年…</a>",
    ],
)
def test_entries(site: Site, home: Home, entry: str) -> None:
    paths = {year: f"/x/{year}/t1.html" for year in YEARS}
    inner = "".join(entry.format(path=path, title=title_of(year), year=year) for year, path in paths.items())
    site.put("/nb/", body(f"<ul>{inner}</ul>" if "<tr" not in entry else f"<table>{inner}</table>"))
    pages(site, paths)
    found(site, home, "/nb/")
    only(site, "/nb/", *paths.values())


@pytest.mark.parametrize(
    "script, first",
    [
        ("createPageHTML(3, {now}, 'index', 'html');", 0),
        ('createPageHTML1(3,{now},"index","html",60)', 0),
        ("var all = 3; var now={now}; createPageHTML(all, now, 'index', 'html');", 0),
        ("var countPage = 3//页数\nvar currentPage = {now};//从0始\nvar prev = currentPage-1", 0),
        ("var m_nPageCount=3; var m_nCurrPage={now}; var m_strPageName='index'; var m_strPageExt='html';", 0),
        ("createPageHTML('page_div', 3, {now}, 'index', 'html', 60);", 1),
        ("function createPageHTML(a, b, c){{}} createPageHTML('page_div',3,{now},'index','html',60);", 1),
    ],
)
def test_pagers_in_scripts(site: Site, home: Home, script: str, first: int) -> None:
    """The first page is index.html, the next index_1.html or, counted from 1, index_2.html."""
    names = ["index.html", *(f"index_{first + number}.html" for number in (1, 2))]
    for number, (name, year) in enumerate(zip(names, YEARS, strict=True), start=first):
        link = f"<a href='/x/{year}.html'>{title_of(year)}</a>"
        site.put(f"/nb/{name}", body(f"{link}<script>{script.format(now=number)}</script>"))
    pages(site, {year: f"/x/{year}.html" for year in YEARS})
    result = found(site, home, "/nb/index.html")
    only(site, *(f"/nb/{name}" for name in names), *(f"/x/{year}.html" for year in YEARS))
    assert result.notes == ()


@pytest.mark.parametrize(
    "script",
    [
        "$('.page').createPage({pageCount: 3, current: 1, backFn: function(p){ turn(p); }});",
        "new Page({totalPages: '12', callback: load});",
        "var nPageCount = 2; draw(nPageCount);",
    ],
)
def test_a_pager_that_only_a_script_knows_is_named(site: Site, home: Home, script: str) -> None:
    site.put("/nb/", body(f"<a href='/x/2022.html'>{title_of(2022)}</a><script>{script}</script>"))
    pages(site, {2022: "/x/2022.html"})
    (note,) = found(site, home, "/nb/", (2022,)).notes
    assert note.endswith("its next page opens only by a script: give pages")


@pytest.mark.parametrize(
    "inner",
    [
        "<div id='fj'><script>document.write('<a href=\"./P1.pdf\">附件</a>')</script></div>",
        "<div id='fj'></div><script>var fjUrl = './P1.pdf'; var fjName = '附件.pdf'; show(fjUrl);</script>",
        "<div class='fj'><a href='javascript:void(0)' onclick=\"downloadFile('./P1.pdf')\">附件</a></div>",
        "<p>附件：<a href='./P1.pdf' download>下载</a></p>",
        "<div data-pdf='./P1.pdf' class='pdf'>正在加载</div>",
        "<script>PDFObject.embed('./P1.pdf', '#pdf');</script><div id='pdf'></div>",
        "<iframe src='/pdfjs/web/viewer.html?file=%2Fx%2FP1.pdf'></iframe>",
        "<iframe data-src='./P1.pdf'></iframe>",
    ],
)
def test_attachments(site: Site, home: Home, inner: str) -> None:
    site.put("/nb/", body(f"<li><a href='/x/1.html'>{title_of(2022)}</a></li>"))
    site.put("/x/1.html", f"<html><body><h1>{title_of(2022)}</h1>{inner}</body></html>")
    site.put("/x/P1.pdf", report(2022))
    home.crawl(Source("甲局", lists=(site.url("/nb/"),)))
    assert home.contents() == {report(2022)}
    only(site, "/nb/", "/x/1.html", "/x/P1.pdf")


@pytest.mark.parametrize(
    "link",
    [
        "<a href='{path}'>附件：年度报告</a>",
        "<p>附件：<a href='{path}'>附件1</a></p>",
        "<a href='{path}'><img src='/i/down.gif' alt='点击下载'></a>",
        f"<a href='{{path}}'>{title_of(2022)}</a>",
    ],
)
@pytest.mark.parametrize("is_page", [False, True], ids=["a page before it", "beside the page"])
def test_a_file_that_no_ending_tells(site: Site, home: Home, link: str, is_page: bool) -> None:
    """It is followed, other years and the centre of downloads are not."""
    path = "/servlet/file?id=7"
    menu = "<a href='/d/'>下载中心</a><a href='/z/'>常用软件下载</a>"
    further = f"{link.format(path=path)}{menu}<a href='/0.html'>上一篇：{title_of(2021)}</a>"
    page = f"<html><body><h1>{title_of(2022)}</h1><p>见附件。</p>{further}</body></html>"
    site.put("/nb/", body(f"<li><a href='/x/1.html'>{title_of(2022)}</a></li>"))
    site.put("/x/1.html", report_page(2022, further=further) if is_page else page)
    site.put(path, report(2022))
    home.crawl(Source("甲局", lists=(site.url("/nb/"),)))
    only(site, "/nb/", "/x/1.html", *([] if is_page and title_of(2022) in link else [path]))


def test_tables_that_are_pictures_are_told(site: Site, home: Home) -> None:
    icon = "<img src='/i/doc.gif' width='16'>"
    pictures = "".join(f"<p><img src='P{n}.jpg' width='90%'></p>" for n in range(3))
    text = "本机关认真贯彻落实政府信息公开条例。" * 20
    links = {"/x/1.html": 2021, "/x/2.html": 2022}
    site.put(
        "/nb/", body("".join(f"<li><a href='{url}'>{title_of(year)}</a></li>" for url, year in links.items()))
    )
    for (url, year), times in zip(links.items(), (1, 5), strict=True):
        shown = f"<div class='TRS_Editor'><p>{text * times}</p>{pictures}{icon}</div>"
        site.put(url, f"<html><body><h1>{title_of(year)}</h1>{shown}</body></html>")
    (result,) = home.crawl(Source("甲局", lists=(site.url("/nb/"),))).sources
    told = "no table in its text, but 3 pictures, which are not fetched"
    assert told in str(home.outcome("/x/1.html")[1])
    (note,) = result.notes
    assert told in note
    only(site, "/nb/", *links)


@pytest.mark.parametrize(
    "head",
    [
        "<meta http-equiv='refresh' content='0;url=/nb/index.html'>",
        "<META HTTP-EQUIV='REFRESH' CONTENT='0; URL=nb/index.html'>",
        "<script>location='/nb/index.html'</script>",
        "<script>window.top.location.href = 'nb/index.html';</script>",
        "<script>setTimeout(function(){ self.location.replace('/nb/index.html') }, 0)</script>",
        "<frameset rows='*'><frame src='nb/index.html'></frameset>",
    ],
)
def test_a_list_that_sends_on(site: Site, home: Home, head: str) -> None:
    site.put("/", f"<html><head>{head}</head></html>")
    site.put("/nb/index.html", body(f"<li><a href='/x/1.html'>{title_of(2022)}</a></li>"))
    site.put("/x/1.html", report_page(2022))
    found(site, home, "/", (2022,))
    only(site, "/", "/nb/index.html", "/x/1.html")


@pytest.mark.parametrize(
    "inner, words",
    [
        (f"<ul><li onclick='openDoc(7)'>{title_of(2022)}</li></ul>", "1 entry opens only by a script"),
        ("<script>$.get('/api/list?channel=9&page=1', render)</script>", "/api/list?channel=9&page=1"),
        ("<script>$('#list').load('/nb/data.html');</script>", "/nb/data.html"),
        ("<script>fetch('/gateway/articles?c=9').then(r => r.json())</script>", "/gateway/articles?c=9"),
        ("<script>$.ajax({type:'post', url:'/ajax/list.do', data:{c:9}})</script>", "/ajax/list.do"),
    ],
)
def test_what_is_not_followed_is_named(site: Site, home: Home, inner: str, words: str) -> None:
    site.put("/nb/", body(f"<ul id='list'></ul>{inner}"))
    (result,) = home.crawl(Source("甲局", lists=(site.url("/nb/"),))).sources
    assert [note for note in result.notes if words in note], result.notes
    only(site, "/nb/")
