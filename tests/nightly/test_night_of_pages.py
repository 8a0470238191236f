"""A night over sites that publish reports as pages of every shape, as files of every kind, in frames and in
lists of bare years: every report is found once, and the digest names what was not read."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pipeline.acquire.sources import Catalogue, Source
from pipeline.config import Settings
from pipeline.nightly.digest import Digest, digest_to_markdown
from pipeline.nightly.night import DONE, Plan, nightly
from pipeline.workers import tasks_to_reports
from tests.acquire.bureau import NOW, QUICK, list_page
from tests.acquire.conftest import guard_log, guarded, guarded_server, site  # noqa: F401
from tests.acquire.crawl.test_report_pages import SECOND_TITLES
from tests.acquire.site import Site
from tools.generator import Spec, compose
from tools.generator.flows import SHAPES, print_flow

pytestmark = [pytest.mark.kills, pytest.mark.network]

KINDS = ("教育", "公安", "民政", "水务", "商务", "统计")
SPECS = {
    shape: Spec(f"示例市{kind}示例局", 2023, seed=number)
    for number, (shape, kind) in enumerate(zip(SHAPES, KINDS, strict=True), start=1)
}
DOWNLOAD = "/system/_content/download.jsp?urltype=news.DownloadAttachUrl&wbfileid=1"


def file_of(spec: Spec, kind: str, shape: str = "") -> bytes:
    return print_flow(compose(spec), kind, shape)[0]


def ofd() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("OFD.xml", "<OFD/>")
    return content.getvalue()


def title_of(spec: Spec) -> str:
    return f"{spec.agency}{spec.year}年政府信息公开工作年度报告"


def publish_pages(site: Site) -> Source:  # noqa: F811
    """Six bureaus, each with a page of another shape; some with a file on it too."""
    site.put("/nb/", list_page({f"/{shape}/1.html": title_of(spec) for shape, spec in SPECS.items()}))
    for shape, spec in SPECS.items():
        site.put(f"/{shape}/1.html", file_of(spec, "html", shape))
    site.put("/trs/P1.docx", file_of(SPECS["trs"], "docx"))
    site.put("/hanweb/P1.docx", file_of(replace(SPECS["hanweb"], seed=99), "docx"))  # with other numbers
    site.put("/gkmlpt/P1.docx", ofd())
    site.put(DOWNLOAD, b"Rar!\x1a\x07")
    site.put("/old/P1.docx", file_of(SPECS["old"], "xlsx"))
    return Source("六局", lists=(site.url("/nb/"),))


def publish_framed(site: Site) -> Source:  # noqa: F811
    """A bureau whose list is in a frame and names years alone."""
    site.put("/", "<body><h1>政府信息公开年报</h1><iframe src='/inner/'></iframe></body>", "b.test")
    years = (2021, 2022)
    site.put("/inner/", list_page({f"/{year}/1.html": f"{year}年" for year in years}), "b.test")
    for year in years:
        site.put(f"/{year}/1.html", file_of(Spec("示例县示例局", year), "html", "word"), "b.test")
    return Source("框局", lists=(site.url("/", "b.test"),))


@pytest.fixture
def plan(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:  # noqa: F811
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.run.tasks_to_reports", tasks_to_reports)
    site.put("/", "<body><h1>首页</h1><a href='/x'>新闻</a></body>", "c.test")
    sources = (publish_pages(site), publish_framed(site), Source("空局", lists=(site.url("/", "c.test"),)))
    return Plan(Path("data/raw"), Path("data/processed"), Settings(jobs=2), Catalogue(QUICK, sources))


def night(plan: Plan) -> Digest:
    return nightly(plan, lambda: NOW)[-1]


def test_every_report_is_found_once_and_what_is_not_read_is_named(plan: Plan, site: Site) -> None:  # noqa: F811
    digest = night(plan)
    asked = Counter((asked.host, asked.path) for asked in site.asked)
    assert set(asked.values()) == {1}
    files = ["/trs/P1.docx", "/hanweb/P1.docx", "/gkmlpt/P1.docx", "/old/P1.docx", DOWNLOAD]
    assert sorted(site.paths()) == sorted(
        ["/robots.txt", "/nb/", *(f"/{shape}/1.html" for shape in SHAPES), *files]
    )
    assert sorted(site.paths("b.test")) == ["/", "/2021/1.html", "/2022/1.html", "/inner/", "/robots.txt"]
    assert site.paths("c.test") == ["/robots.txt", "/"]

    assert (digest.exit_status, digest.published, digest.failed) == (DONE, True, ())
    assert_each_counts_once()
    assert_digest_tells(digest)


def assert_each_counts_once() -> None:
    """A report that is a page and a file too counts once, and where the two differ is told."""
    reports = pd.read_parquet("data/processed/reports.parquet")
    assert (
        sorted(kind.split(".")[-1] for kind in reports["media_type"])
        == ["document"] * 2 + ["sheet"] + ["text/html"] * 8
    )
    stands = reports[reports["standing"].isin(["only", "stands"])]
    assert sorted(stands["fiscal_year"].astype(int)) == [2021, 2022] + [2023] * 6
    superseded = reports[~reports["standing"].isin(["only", "stands"])]
    told = {
        agency[3:5]: standing
        for agency, standing in zip(superseded["agency"], superseded["standing"], strict=True)
    }
    assert (told["教育"], told["统计"]) == ("same", "same")
    assert told["公安"] in ("revised", "contradicted")
    revisions = pd.read_parquet("data/processed/revisions.parquet")
    assert set(revisions["agency"].str[3:5]) == {"公安"}


def assert_digest_tells(digest: Digest) -> None:
    latest = json.loads(Path("data/nights/latest.json").read_text(encoding="utf-8"))
    told = {entry["url"].split("/", 3)[-1]: entry["text"] for entry in latest["sources"] if entry["url"]}
    assert told["gkmlpt/P1.docx"] == "an OFD document, which is not read: export it as PDF"
    assert told[DOWNLOAD[1:]] == "a RAR archive, which is not read: unpack it"
    (empty,) = [entry for entry in latest["sources"] if entry["source"] == "空局"]
    assert empty["text"].startswith("0 links at the first visit")
    page = digest_to_markdown(digest)
    for words in ("0 links at the first visit", "an OFD document, which is not read", "gkmlpt/P1.docx"):
        assert words in page


def test_the_night_after_reads_nothing(plan: Plan, site: Site) -> None:  # noqa: F811
    night(plan)
    site.forget()
    digest = night(plan)
    assert (digest.headline, digest.counts["read"], digest.revised) == ("nothing new", 0, ())
    assert set(Counter((asked.host, asked.path) for asked in site.asked).values()) == {1}


def test_one_report_at_two_addresses_counts_once_and_differences_are_told(plan: Plan, site: Site) -> None:  # noqa: F811
    """Ten bureaus; the titles of their second addresses are worded otherwise, every other one has other
    numbers there."""
    links = dict[str, str]()
    for number, title in enumerate(SECOND_TITLES.values()):
        spec = Spec(f"示例市第{'甲乙丙丁戊己庚辛壬癸'[number]}示例局", 2022, seed=number + 1)
        second = replace(spec, seed=spec.seed + 50) if number % 2 else spec
        titles = title_of(spec), title.replace("示例局", spec.agency)
        for address, one, title in zip(
            (f"/a/{number}.html", f"/b/{number}.html"), (spec, second), titles, strict=True
        ):
            page = file_of(one, "html", "trs").decode().replace(title_of(spec), title)
            site.put(address, page, "d.test")
            links[address] = title
    site.put("/nb/", list_page(links), "d.test")
    source = Source("两址局", lists=(site.url("/nb/", "d.test"),))
    night(replace(plan, catalogue=Catalogue(QUICK, (source,))))
    assert set(Counter(asked.path for asked in site.asked).values()) == {1}
    reports = pd.read_parquet("data/processed/reports.parquet")
    stands = reports[reports["standing"].isin(["only", "stands"])]
    assert (len(reports), len(stands), set(stands["fiscal_year"])) == (15, 10, {2022})
    revisions = pd.read_parquet("data/processed/revisions.parquet")
    assert {agency[4] for agency in revisions["agency"]} == set("乙丁己辛癸")
