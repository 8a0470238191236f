"""Addresses: what is never asked, in all its disguises, and what counts as the same."""

from __future__ import annotations

import ipaddress

import pytest

from pipeline.acquire.addresses import (
    RefusedError,
    check_address,
    check_url,
    join_link,
    url_to_canonical,
    url_to_origin,
)

NEVER = """
file:///etc/passwd ftp://a.gov.cn/x gopher://a.gov.cn/ javascript:alert(1) data:text/html,x //a.gov.cn/x http:///x
http://127.0.0.1/ http://127.8.9.10:8080/ https://localhost/ http://LOCALHOST./x http://a.localhost/
http://2130706433/ http://017700000001/ http://0177.0.0.1/ http://0x7f000001/ http://0x7f.1/ http://127.1/ http://0/
http://127.0.0.1./ http://１２７.０.０.１/ http://127。0。0。1/ http://[::1]/ http://[::ffff:127.0.0.1]/
http://[::ffff:7f00:1]/ http://[::7f00:1]/ http://[64:ff9b::7f00:1]/ http://[2002:7f00:1::]/ http://[::]/
http://[fe80::1%25eth0]/ http://[fc00::1]/ http://[fd00:ec2::254]/latest/ http://10.0.0.1/ http://172.16.3.4/
http://192.168.1.1/ http://169.254.169.254/latest/meta-data/ http://100.64.0.1/ http://100.100.100.200/
http://168.63.129.16/ http://192.0.0.192/ http://0.0.0.0/ http://255.255.255.255/ http://224.0.0.1/
http://198.18.0.1/ http://metadata.google.internal/ http://printer.local/ http://user:word@a.gov.cn/ http://a.gov.cn@127.0.0.1/
http://a.gov.cn:99999/ http://[::1 http://a.gov.cn\\@127.0.0.1/ http://999.1.1.1/ http://1.2.3.4.5/
http://a..gov\x00.cn/
"""


@pytest.mark.parametrize("url", NEVER.split())
def test_what_is_never_asked(url: str) -> None:
    with pytest.raises(RefusedError):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    ["http://www.haidong.gov.cn/", "https://8.8.8.8:8443/a", "http://[2400:3200::1]/", "http://中国.cn/"],
)
def test_what_is_asked(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize("text", ["127.0.0.1", "127.8.9.10", "::1"])
def test_names_may_lead_to_loopback_where_a_test_says_so(text: str) -> None:
    check_address(ipaddress.ip_address(text), allow_loopback=True)


@pytest.mark.parametrize("text", ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_leave_for_loopback_is_leave_for_nothing_else(text: str) -> None:
    with pytest.raises(RefusedError):
        check_address(ipaddress.ip_address(text), allow_loopback=True)


@pytest.mark.parametrize("text", ["127.0.0.1", "10.1.2.3", "100.64.0.1", "::ffff:192.168.0.1", "fe80::1"])
def test_what_a_name_must_not_resolve_to(text: str) -> None:
    with pytest.raises(RefusedError, match="address"):
        check_address(ipaddress.ip_address(text))


def test_an_absurdly_long_address_is_refused() -> None:
    with pytest.raises(RefusedError, match="5020 characters"):
        check_url("http://a.gov.cn/" + "a" * 5004)


@pytest.mark.parametrize(
    "url, same",
    [
        ("HTTP://A.gov.CN:80/x#top", "http://a.gov.cn/x"),
        ("http://a.gov.cn", "http://a.gov.cn/"),
        ("http://a.gov.cn/x;jsessionid=0A1B2C?y=1", "http://a.gov.cn/x?y=1"),
        ("http://a.gov.cn/x?PHPSESSID=77&y=1&JSESSIONID=5", "http://a.gov.cn/x?y=1"),
        ("http://a.gov.cn/%e4%bd%a0%41", "http://a.gov.cn/%E4%BD%A0A"),
        ("http://a.gov.cn:8080/x?id=a%2fb", "http://a.gov.cn:8080/x?id=a%2Fb"),
    ],
)
def test_spellings_of_one_address(url: str, same: str) -> None:
    assert url_to_canonical(url) == same
    assert url_to_canonical(same) == same


def test_a_doubly_escaped_address_is_another() -> None:
    assert url_to_canonical("http://a.gov.cn/%25E4%25BD%25A0") == "http://a.gov.cn/%25E4%25BD%25A0"


def test_a_path_is_escaped_in_utf8_and_a_query_as_the_page_is() -> None:
    url = join_link("http://a.gov.cn/list/", " 附件/报告.pdf?名=年报 ", "gb18030")
    assert url == "http://a.gov.cn/list/%E9%99%84%E4%BB%B6/%E6%8A%A5%E5%91%8A.pdf?%C3%FB=%C4%EA%B1%A8"


@pytest.mark.parametrize("link", ["%B8%BD%BC%FE.pdf", "%25E9%2599%2584.pdf"])
def test_what_is_escaped_stays_as_it_is(link: str) -> None:
    assert join_link("http://a.gov.cn/", link) == f"http://a.gov.cn/{link}"


def test_one_robots_txt_speaks_for_scheme_host_and_port() -> None:
    assert url_to_origin("https://A.gov.cn:443/x") == "https://a.gov.cn"
    assert url_to_origin("http://a.gov.cn:8080/x") == "http://a.gov.cn:8080"


def test_a_link_of_any_length_is_judged_by_its_length() -> None:
    with pytest.raises(RefusedError, match="an address of 9000000 characters"):
        join_link("http://a.gov.cn/", "年" * 9_000_000)
