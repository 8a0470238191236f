"""A night's crawl of the test site: what is fetched, kept and recorded, fault by fault, request by request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acquire.bureau import QUICK, Home, publish, report
from tests.acquire.site import Site


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
