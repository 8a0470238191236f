"""sources.toml: what it may say, and how it says what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.acquire.sources import CrawlSettings, Source, SourcesError, load_sources

EXAMPLE = Path(__file__).parents[2] / "docs" / "sources.example.toml"
CRAWL = '[crawl]\ncontact = "a@example.org"\n'
GOOD = CRAWL + '[[source]]\nname = "甲局"\nlists = ["https://a.gov.cn/nb/"]\n'


def load(tmp_path: Path, text: str) -> tuple[CrawlSettings, tuple[Source, ...]]:
    file = tmp_path / "sources.toml"
    file.write_text(text, encoding="utf-8")
    catalogue = load_sources(file)
    return catalogue.crawl, catalogue.sources


def test_the_example_is_one() -> None:
    catalogue = load_sources(EXAMPLE)
    assert [bool(s.lists or s.urls or s.apis or s.folder) for s in catalogue.sources] == [True] * 5
    assert catalogue.sources[2].apis[0].items == "data.records"
    assert "reports@example.org" in catalogue.crawl.user_agent


def test_every_setting_is_in_the_example_with_its_default() -> None:
    lines = [line.split("  ")[0] for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    defaults = CrawlSettings("x")
    names = [name for name in CrawlSettings.__slots__ if name not in ("contact", "allow_loopback", "hosts")]
    assert [name for name in names if f"# {name} = {getattr(defaults, name)}" not in lines] == []


def test_defaults_find_the_usual_links(tmp_path: Path) -> None:
    _, (source,) = load(tmp_path, GOOD)
    reports = ["2023年政府信息公开工作年度报告", "2022 年政府信息公开年报", "2021年度报告", "公开年报"]
    assert [source.is_report(text) for text in reports] == [True] * 4
    assert not source.is_report("关于召开会议的通知")
    files = ["/P0201.pdf", "/x.PDF?id=1", "附件：报告.pdf", "/file?name=a.pdf&x=1"]
    assert [source.is_attachment(text) for text in files] == [True] * 4
    assert not source.is_attachment("/pdfjs/viewer.html")


def test_domains_bound_where_links_lead(tmp_path: Path) -> None:
    _, (source,) = load(tmp_path, GOOD + 'domains = ["a.gov.cn"]\n')
    assert [source.has(h) for h in ("a.gov.cn", "www.a.gov.cn", "aa.gov.cn", "a.gov.cn.evil.example")] == [
        True, True, False, False
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "no source"),
        (CRAWL, "no source: write a [[source]] with a name and lists, api, urls or a folder"),
        (CRAWL + '[source]\nname = "甲局"\n', "write [[source]], in two brackets"),
        (GOOD + "links = 'a{99999999999}'\n", "is no regular expression that Python takes"),
        (GOOD + f"links = '{'(' * 9999}{')' * 9999}'\n", "is no regular expression that Python takes"),
        (GOOD.replace("[[", "seconds = 1e300\n[[", 1), "must be a number from 0.001 to 604800"),
        (GOOD.replace("[[", "timeout = 1e300\n[[", 1), "must be a number from 0.001 to 86400"),
        (GOOD.replace("[[", f"memory_mb = {2**64}\n[[", 1), "must be a whole number from 256 to 16777216"),
        (GOOD.replace('contact = "a@example.org"', ""), "contact is missing"),
        (GOOD.replace("a@example.org", "me"), "must be a mail address"),
        (GOOD + 'colour = "red"\n', "source 1 (甲局): unknown colour: allowed are name, region"),
        (GOOD + "max_pages = 0\n", "source 1 (甲局): max_pages = 0: must be a whole number, at least 1"),
        (GOOD + "verify_tls = 1\n", "must be true or false"),
        (GOOD + "lists2 = 1\n", "unknown lists2"),
        (GOOD + 'links = "("\n', "is no regular expression"),
        (GOOD + 'pages = "https://a.gov.cn/2.html"\n', "must hold {page}"),
        (GOOD + 'domains = ["b.gov.cn"]\n', "is not within domains b.gov.cn"),
        (GOOD.replace("https://a.gov.cn/nb/", "file:///etc/passwd"), "only http and https"),
        (GOOD.replace("https://a.gov.cn/nb/", "http://192.168.0.1/"), "private address"),
        (GOOD + GOOD.removeprefix(CRAWL), "two sources are named 甲局"),
        (CRAWL + '[[source]]\nlists = ["https://a.gov.cn/"]\n', "source 1: name is missing"),
        (CRAWL + '[[source]]\nname = "甲局"\n', "says not where to look"),
        (GOOD + '[[source.api]]\nurl = "https://a.gov.cn/"\n', "source 1 (甲局), api: items is missing"),
        ("[crawl\n", "is not TOML"),
        (GOOD + "[mail]\n", "unknown mail"),
        (GOOD.replace("[crawl]", "[crawl]\nallow_loopback = true"), "unknown allow_loopback"),
        (GOOD.replace("[crawl]", "[crawl]\ndelay = -1"), "delay = -1: must be a number from 0 to 86400"),
        (
            GOOD.replace("[crawl]", "[crawl]\nmemory_mb = 9"),
            "memory_mb = 9: must be a whole number from 256 to 16777216",
        ),
        (GOOD.replace("[crawl]", "[crawl]\nhosts_per_source = 0"), "must be a whole number, at least 1"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SourcesError) as caught:
        load(tmp_path, text)
    assert says in str(caught.value)
    assert str(tmp_path / "sources.toml") in str(caught.value)


@pytest.mark.parametrize(
    "url, inside, outside",
    [
        ("https://gxj.nanjing.gov.cn/nb/", "www.nanjing.gov.cn", "www.jiangsu.gov.cn"),
        ("https://www.gov.cn/nb/", "a.www.gov.cn", "a.gov.cn"),
        ("https://gov.cn/nb/", "gov.cn", "www.gov.cn"),
        ("https://a.example.com.cn/", "b.example.com.cn", "example2.com.cn"),
        ("https://a.bj.cn/", "x.a.bj.cn", "b.bj.cn"),
        ("https://a.示例.政务/", "b.xn--fsq092h.xn--zfr164b", "xn--fsq092h.cn"),
        ("http://a.test:8080/", "a.test", "b.test"),
        ("http://93.184.216.34/", "93.184.216.34", "34"),
    ],
)
def test_links_are_followed_within_what_the_owner_registered(url: str, inside: str, outside: str) -> None:
    for source in (Source("甲局", lists=(url,)), Source("甲局", pages=f"{url}{{page}}.html")):
        assert (source.has(inside), source.has(outside)) == (True, False)
    assert Source("甲局", lists=(url,), domains=("*",)).has(outside)
    assert not Source("甲局", lists=(url,), domains=("b.test2",)).has(inside)


def test_a_certificate_is_waived_for_the_very_hosts_of_the_addresses() -> None:
    source = Source("甲局", lists=("https://a.gov.cn/",), domains=("gov.cn",), verify_tls=False)
    assert [source.verifies(host) for host in ("a.gov.cn", "x.a.gov.cn", "gov.cn", "b.gov.cn")] == [
        False, True, True, True
    ]  # fmt: skip
    assert Source("甲局", lists=("https://a.gov.cn/",)).verifies("a.gov.cn")


@pytest.mark.parametrize("lists", ['["https://u:secret@a.gov.cn/nb/"]', '"https://u:secret@a.gov.cn/nb/"'])
def test_no_password_of_an_address_is_told(tmp_path: Path, lists: str) -> None:
    with pytest.raises(SourcesError) as told:
        load(tmp_path, f'{CRAWL}[[source]]\nname = "甲局"\nlists = {lists}\n')
    assert "secret" not in str(told.value)
    assert "https://(not shown)@a.gov.cn/nb/" in str(told.value)
    assert told.value.__suppress_context__


def test_how_to_write_one_is_told_where_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourcesError, match=re.escape(f"write one, as {EXAMPLE}, or give another --sources")):
        load_sources(tmp_path / "none.toml")
    monkeypatch.setattr("pipeline.acquire.sources.CHECKOUT", tmp_path)  # no checkout: installed by pip
    with pytest.raises(SourcesError, match=r"write one \(\[crawl\] with contact, and a \[\[source\]\] for"):
        load_sources(tmp_path / "none.toml")


@pytest.mark.parametrize("address", ["https://u:sec/ret@a.gov.cn/nb/", "u:secret@a.gov.cn/nb/"])
def test_no_password_of_a_mistyped_address_is_told(tmp_path: Path, address: str) -> None:
    with pytest.raises(SourcesError, match=r"source 1 \(甲局\): .*\(not shown\)@a.gov.cn/nb/") as told:
        load(tmp_path, f'{CRAWL}[[source]]\nname = "甲局"\nurls = ["{address}"]\n')
    assert "ret" not in str(told.value)
