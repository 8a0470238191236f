"""The page: whole in itself, harmless whatever a document is called, drawn by a browser."""

from __future__ import annotations

import base64
import html
import io
import os
import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pdfplumber
import pytest
from fontTools.ttLib import TTFont
from matplotlib import get_data_path

from pipeline.compare.charts import comparison_to_pictures
from pipeline.compare.figures import Comparison, folder_to_comparison
from pipeline.compare.page import comparison_to_html
from pipeline.compare.pictures import write_pictures
from pipeline.compare.selection import Selection
from tests.compare.browser import BINARY, open_and_listen, open_page
from tests.compare.sample import write_sample

pytestmark = pytest.mark.rendering

browser = pytest.mark.skipif(BINARY is None, reason="no Chromium here to open the page with")
SYSTEM_FONTS = Path("/usr/share/fonts")
WESTERN = Path(get_data_path()) / "fonts" / "ttf"
HOSTILE = '教育局</script><img src="http://outside.example/x.png">{{7*7}}'
NAMES = (
    HOSTILE,
    "教育局<img src=x onerror=\"document.body.dataset.harmed='yes'\">",
    "教育局\"' onmouseover='document.body.dataset.harmed=1' x=\"",
    "教育局</style><style>body{display:none}</style>",
    "教育局<!--<script>document.body.dataset.harmed=1</script>",
    "教育局<base href='http://outside.example/'><form action='http://outside.example/'>",
    "教育局\r\n\0\u2028\u202e${document.body.dataset.harmed=1}`",
)
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = write_sample(tmp_path_factory.mktemp("processed"))
    return folder_to_comparison(folder, Selection(region="63", years=(2022, 2022)))


@pytest.fixture(scope="module")
def page(comparison: Comparison) -> str:
    return comparison_to_html(comparison)


KEPT = "示例省西示例市公安局"


def renamed(comparison: Comparison, *names: str) -> Comparison:
    """The comparison with as many agencies called otherwise, everywhere, and never that of KEPT."""
    agencies = [agency for agency in comparison.panel["agency"].unique() if agency != KEPT]
    given = dict(zip(agencies[: len(names)], names, strict=True))

    def told(frame: pd.DataFrame) -> pd.DataFrame:
        agency = frame["agency"].replace(given)
        return frame.assign(agency=agency, source_file=agency)

    names = ("panel", "figures", "rates", "troubles")
    frames: dict[str, Any] = {each: told(getattr(comparison, each)) for each in names}
    return replace(comparison, **frames)


@pytest.fixture(scope="module")
def hostile_page(comparison: Comparison) -> str:
    """A page on which seven agencies have a name that would do harm."""
    return comparison_to_html(renamed(comparison, *NAMES))


def without_script(page: str) -> str:
    return re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)


def embedded_font(page: str) -> TTFont:
    found = re.search(r"base64,([A-Za-z0-9+/=]+)\) format\(\"woff2\"", page)
    assert found
    return TTFont(io.BytesIO(base64.b64decode(found[1])))


def test_the_page_says_what_is_there_and_what_is_not(page: str) -> None:
    assert "示例省：2022 年度政府信息公开年报比较" in page
    assert "8 个机关，2022 年度应有 8 份报告，实有 7 份：5 份全部可信，2 份须核对；缺 1 份。" in page
    assert re.search(r"无报告</td>", page)
    assert "data/raw/示例省东示例市教育局2022.pdf" in page


def test_doubts_name_reason_place_and_page(page: str) -> None:
    (row,) = re.findall(
        r"<tr><td class=\"name\">示例省东示例市教育局</td>[^\n]*单元格存疑.*?</tr>", page, re.DOTALL
    )
    assert "依申请公开 / 一、本年新收政府信息公开申请数量 / 总计" in row
    assert "（第 2 页）</li>" in row
    assert row.endswith('<td class="n">1</td></tr>')
    assert "办理结果各项之和 ≠ 总计：报告自身数字不符（两种读取器读数一致）" in page


def test_the_same_comparison_gives_the_same_page(comparison: Comparison, page: str) -> None:
    assert comparison_to_html(comparison) == page


def test_the_font_has_every_character_of_the_page_and_little_more(page: str) -> None:
    shown = without_script(page) + "".join(re.findall(r"const pictures = (.*);", page))
    font = embedded_font(page).getBestCmap()
    assert {char for char in shown if ord(char) > 126} - {chr(code) for code in font} == set()
    assert len(font) < 1000
    assert len(page.encode()) < 1_500_000


def test_a_hostile_name_stays_text(hostile_page: str) -> None:
    assert hostile_page.count("</script>") == 2
    assert HOSTILE[3:] not in hostile_page
    assert '<img src="http' not in hostile_page
    assert "{{7*7}}" in hostile_page


def policy(page: str) -> dict[str, list[str]]:
    """What the page allows itself, by directive."""
    (found,) = POLICY.findall(page)
    return {name: sources for name, *sources in map(str.split, html.unescape(found).split(";"))}


def hashes(page: str, tag: str) -> list[str]:
    """Of everything that stands between such tags, as a browser computes them."""
    parts = re.findall(rf"<{tag}>(.*?)</{tag}>", page, flags=re.DOTALL)
    return [f"'sha256-{base64.b64encode(sha256(part.encode()).digest()).decode()}'" for part in parts]


def restyled(page: str, old: str, new: str) -> str:
    """The page with other styles, which its policy allows."""
    made = page.replace(old, new)
    return made.replace(hashes(page, "style")[0], hashes(made, "style")[0])


def test_the_policy_allows_the_pages_own_parts_and_nothing_else(page: str) -> None:
    assert policy(page) == {
        "default-src": ["'none'"],
        "script-src": hashes(page, "script"),
        "style-src": hashes(page, "style"),
        "font-src": ["data:"],
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    assert (len(hashes(page, "script")), len(hashes(page, "style"))) == (2, 1)
    assert re.findall(r"<[^>]*\s(?:style|on\w+)=", without_script(page)) == []
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_no_name_adds_to_what_the_policy_allows(hostile_page: str) -> None:
    assert policy(hostile_page)["script-src"] == hashes(hostile_page, "script")
    assert policy(hostile_page)["style-src"] == hashes(hostile_page, "style")
    tags = "<script>", "</script>", "<style>"
    assert tuple(map(hostile_page.count, tags)) == (2, 2, 1)


HOVER = """
const wait = setInterval(() => {
  if (!document.body.dataset.drawn) return;
  clearInterval(wait);
  for (const mark of document.querySelectorAll("svg path[aria-roledescription=bar]")) {
    const { x, y } = mark.getBoundingClientRect();
    mark.dispatchEvent(new MouseEvent("pointermove", { bubbles: true, clientX: x + 1, clientY: y + 1 }));
    mark.dispatchEvent(new MouseEvent("mousemove", { bubbles: true, clientX: x + 1, clientY: y + 1 }));
    const tip = document.getElementById("vg-tooltip-element");
    if (!tip) continue;
    document.body.dataset.seen = getComputedStyle(tip).visibility + getComputedStyle(tip).position;
    if (tip.textContent.includes("示例市公安局")) document.body.dataset.told = "yes";
  }
}, 100);
"""


def with_more(page: str, more: str) -> str:
    """The page with more at its end; the word for the end stands in its script as well."""
    head, _, tail = page.rpartition("</body>")
    return f"{head}{more}</body>{tail}"


def with_script(page: str, script: str) -> str:
    """The page with one more script, which its policy allows."""
    made = with_more(page, f"<script>{script}</script>")
    return made.replace("script-src ", f"script-src {hashes(made, 'script')[-1]} ")


@browser
def test_in_a_browser_no_name_does_anything_and_charts_and_tips_work(
    comparison: Comparison, hostile_page: str, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(with_script(hostile_page, HOVER).encode())
    dom, asked, said = open_and_listen(file, tmp_path / "profile")
    assert [line for line in said if "Content Security Policy" in line or "rror" in line] == []
    assert asked == []
    (body,) = re.findall(r"<body[^>]*>", without_script(dom))
    assert f'data-drawn="{len(list(comparison_to_pictures(comparison)))}"' in body
    assert 'data-seen="visiblefixed"' in body
    assert 'data-told="yes"' in body
    assert "data-harmed" not in body and "<img" not in without_script(dom)
    assert all(beginning in dom for beginning in ("教育局&lt;/script&gt;", "教育局&lt;!--"))


@browser
def test_what_the_policy_does_not_name_is_forbidden_and_heard(page: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    more = "<p id='p' style='color: red' onclick='1'></p><script>document.body.dataset.harmed = 1</script>"
    file.write_text(with_more(page, more), encoding="utf-8")
    dom, _, said = open_and_listen(file, tmp_path / "profile")
    assert "data-harmed" not in dom
    assert len([line for line in said if "Content Security Policy" in line]) >= 2


@browser
def test_a_browser_draws_every_chart_and_asks_nothing(
    comparison: Comparison, page: str, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    dom, asked = open_page(file, tmp_path / "profile")
    count = len(list(comparison_to_pictures(comparison)))
    assert f'data-drawn="{count}"' in dom
    drawn = re.findall(r"<svg.*?</svg>", without_script(dom), flags=re.DOTALL)
    assert len(drawn) == count
    assert "示例省西示例市公安局" in drawn[0]
    assert asked == []


SORT = """
const wait = setInterval(() => {
  if (!document.body.dataset.drawn) return;
  clearInterval(wait);
  const table = document.querySelector("table"), heads = table.tHead.rows[0].cells;
  const column = (place) => [...table.tBodies[0].rows].map((row) => row.cells[place].textContent).join("|");
  const click = (place) => heads[place].querySelector("button").click();
  click(3); document.body.dataset.down = column(3);
  document.body.dataset.how = heads[3].getAttribute("aria-sort");
  click(3); document.body.dataset.up = column(3);
  click(1); document.body.dataset.names = column(1);
}, 100);
"""


@browser
def test_a_click_sorts_a_table_and_what_is_unknown_stays_last(page: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(with_script(page, SORT).encode())
    dom, _, said = open_and_listen(file, tmp_path / "profile")
    assert [line for line in said if "rror" in line] == []
    (body,) = re.findall(r"<body[^>]*>", without_script(dom))
    told = {name: text.split("|") for name, text in re.findall(r'data-(\w+)="([^"]*)"', body)}
    numbers = [int(text.replace(",", "")) for text in told["down"] if text]
    assert numbers == sorted(numbers, reverse=True) and told["down"][-1] == ""
    assert [int(text.replace(",", "")) for text in told["up"] if text] == numbers[::-1] and told["up"][
        -1
    ] == ""
    assert told["how"] == ["descending"]
    assert len(set(told["names"])) == 8 and told["names"] != told["down"]


@browser
def test_a_page_whose_scripts_do_not_run_says_so(page: str, tmp_path: Path) -> None:
    told, frame = "这里没有运行脚本", '<iframe {} src="inner.html" width="900" height="900"></iframe>'
    (tmp_path / "inner.html").write_text(page, encoding="utf-8")
    assert told in "".join(printed(frame.format("sandbox"), tmp_path))
    assert told not in "".join(printed(frame.format('sandbox="allow-scripts"'), tmp_path))


def test_every_table_has_a_caption_and_doubts_are_told_report_by_report(page: str) -> None:
    shown = without_script(page)
    assert shown.count("<table") == shown.count("<caption>") > 3
    doubts = shown.split("<h2>须核对的报告</h2>")[1]
    assert doubts.count("<tr>") == 1 + 2  # the head, and the two reports
    assert "办理结果各项之和 ≠ 总计" in doubts and "新收＋结转 ≠ 办结＋结转下年" in doubts


def printed(page: str, folder: Path) -> list[str]:
    """The text of each sheet of the page on paper."""
    file, paper = folder / "report.html", folder / "report.pdf"
    file.write_text(page, encoding="utf-8")
    open_page(file, folder / "profile", f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    with pdfplumber.open(paper) as pdf:
        return [each.extract_text() or "" for each in pdf.pages]


@browser
def test_paper_shows_what_is_folded_and_tells_trusted_from_quoted(page: str, tmp_path: Path) -> None:
    text = "".join(printed(page, tmp_path))
    assert "报告自身数字不符" in text  # among the doubts of a report, which are folded on the screen
    assert "照原样引用，但有关合计不符" in text
    assert re.search(r"合计不符", text) and re.search(r"\d%※", text)


@browser
def test_on_paper_the_head_of_a_table_is_on_each_of_its_sheets(page: str, tmp_path: Path) -> None:
    (row, *_) = re.findall(r'<tr class="ok">.*</tr>\n', page)
    sheets = printed(str(page).replace(row, row * 120, 1), tmp_path)
    ranked = re.compile(r"^[0-9]+ .*[0-9]+ 可信 [0-9]+", re.MULTILINE)  # rows of the ranking
    assert len([sheet for sheet in sheets if ranked.search(sheet)]) > 2
    for sheet in sheets:
        assert bool(ranked.search(sheet)) == ("可能的名次 地区" in sheet), sheet[:200]


@browser
def test_the_proxy_would_have_seen_a_request(tmp_path: Path) -> None:
    file = tmp_path / "asks.html"
    file.write_text('<img src="http://outside.example/x.png">')
    _, asked = open_page(file, tmp_path / "profile")
    assert any("outside.example" in line for line in asked)


@browser
def test_chinese_looks_the_same_without_chinese_fonts_on_the_machine(page: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    western, every = (looked_at(file, fonts) for fonts in ((WESTERN,), (WESTERN, SYSTEM_FONTS)))
    assert western == every
    file.write_text(restyled(page, "@font-face", "@font-nothing"), encoding="utf-8")
    assert looked_at(file, (WESTERN,)) != western


def looked_at(page: Path, fonts: tuple[Path, ...]) -> bytes:
    """The picture of a page where the machine has only the fonts of these folders."""
    folder = page.with_suffix("")
    folder.mkdir(exist_ok=True)
    dirs = "".join(f"<dir>{font}</dir>" for font in fonts)
    (folder / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig>{dirs}<cachedir>{folder}</cachedir></fontconfig>"
    )
    shot, env = folder / "shot.png", {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    open_page(page, folder / "profile", "--window-size=1000,900", f"--screenshot={shot}", env=env)
    return shot.read_bytes()


def test_many_agencies_are_drawn_as_their_middle_half(
    comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.compare.trends.NAMED_LINES", 2)
    monkeypatch.setattr("pipeline.compare.trends.THIN_LINES", 3)
    trend = next(p for p in comparison_to_pictures(comparison) if p.name == "trend-1")
    spec = trend.chart.to_dict()
    (rows,) = spec["datasets"].values()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["area", "line", "line", "line"]
    assert [row["fiscal_year"] for row in rows] == [2019, 2020, 2021, 2022, 2023]
    assert all(row["low"] <= row["middle"] <= row["high"] for row in rows)


def test_pictures_are_drawn_without_a_browser(comparison: Comparison, tmp_path: Path) -> None:
    some = replace(comparison, measures=comparison.measures[:1])
    written = write_pictures(some, tmp_path / "charts")
    assert [path.stem for path in written] == ["ranking-1", "outcomes", "trend-1", "regions-1"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)
