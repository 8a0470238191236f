"""Traps of web pages, each through all stages: no number is wrong silently, and each page has one status."""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import replace
from pathlib import Path
from quopri import encodestring

import pytest

from pipeline.records import Reason, Report
from tests.extract.measured import inexact, silent_errors
from tests.extract.web_page import (
    GRANTED,
    LICENSING,
    MODERN,
    body_of,
    cells_of,
    page_of,
    read_page,
    tables_of,
    truth_of,
)

NAME = "示例市示例局"
COLUMNS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org", "total")
OWNED = ("suspect", "unreadable")


def figure(cell: tuple[str, str, str]) -> float:
    """Return what is printed in a cell."""
    return float(next(row[3] for row in truth_of()["cells"] if tuple(row[:3]) == cell))


def assert_exact(report: Report) -> None:
    """Assert that every cell is read as it is printed, and that nothing is doubted."""
    assert inexact(report, truth_of()) == []
    assert (report.status, report.error, report.missing) == ("ok", "", ())


def test_a_page_is_read_with_places_title_date_and_chapters(tmp_path: Path) -> None:
    report = read_page(page_of(), tmp_path)
    assert_exact(report)
    seen = cells_of(report)[LICENSING]
    assert (seen.source_place, seen.reader, seen.page) == ("table 1, row 7, column 2", "html", 1)
    meta = truth_of()["meta"]
    assert (report.heading.agency, report.heading.fiscal_year) == (meta["agency"], meta["fiscal_year"])
    assert report.heading.published_on == meta["published_on"]
    assert [[one.section, one.heading] for one in report.sections] == truth_of()["sections"]
    assert report.media_type == "text/html"


# ------------------------------------------------------- numbers, as a person sees them

SAME = {
    "parted over spans": "<span lang=EN-US>{}</span><span style='font-family:宋体'></span>",
    "full-width and blanks around": "&nbsp;{}&nbsp;\u3000",
    "in paragraphs of Word": "<p class=MsoNormal align=center><span lang=EN-US>{}<o:p></o:p></span></p>",
    "a comment beside it": "{}<!-- 9 -->",
    "an empty script beside it": "{}<script> </script>",
    "a style beside it": "{}<style>td{content:'9'}</style>",
    "a template beside it": "{}<template>9</template>",
    "in a field": '<input type="text" value="{}" readonly>',
    "a hidden field beside it": '{}<input type="hidden" value="9">',
    "zero-width characters": "\u200b{}\ufeff",
    "in a table of its own": "<table><tr><td>{}</td></tr></table>",
    "printed twice, once on paper alone": '{}<span class="paper">{}</span>',
    "a word processor's conditional": "{}<!--[if gte mso 9]>9<![endif]-->",
    "an empty line below": "{}<br>",
    "a picture too small to be seen": "{}<img src=count.gif width=1 height=1>",
    "on a button": "<input type=button value='{}'>",
    "floating as a whole": "<div style='float:left'><font>{}</font></div>",
    "boxes apart, one number": "<div style='display:flex;justify-content:space-between'>{}</div>",
    "a box that clears what floats": "<div class=clearfix>{}</div>",
    "filtered by another browser": "<span style='filter:alpha(opacity=0)'>{}</span>",
    "unclosed markup": "<b><i>{}",
}


@pytest.mark.parametrize("inner", SAME.values(), ids=SAME)
@pytest.mark.parametrize("cell", [LICENSING, GRANTED], ids=["no sum", "in sums"])
def test_a_number_that_is_seen_whole_is_read_so(
    cell: tuple[str, str, str], inner: str, tmp_path: Path
) -> None:
    head = (
        "<style>@media print{.paper{display:inline}} @media screen{.paper{display:none}}"
        ".clearfix:after{content:'.';display:block;height:0;visibility:hidden}.unit:after{content:'0'}</style>"
    )
    report = read_page(page_of(cells={cell: inner}, head=head), tmp_path)
    seen = cells_of(report)[cell]
    assert seen.value == figure(cell)
    if "paper" not in inner:
        assert_exact(report)


def test_a_number_in_spans_is_one_number(tmp_path: Path) -> None:
    digits = f"{figure(LICENSING):.0f}"
    inner = "".join(f"<span style='font-size:12pt'>{digit}</span>" for digit in digits)
    assert_exact(read_page(page_of(cells={LICENSING: inner}), tmp_path))


def test_full_width_digits_are_digits(tmp_path: Path) -> None:
    wide = f"{figure(LICENSING):.0f}".translate({48 + digit: 0xFF10 + digit for digit in range(10)})
    assert_exact(read_page(page_of(cells={LICENSING: wide}), tmp_path))


BESIDE = {
    "struck out": "<s>9</s>{}",
    "struck out by its style": "<span style='text-decoration: line-through'>9</span>{}",
    "deleted and put in": "<del>9</del><ins>{}</ins>",
    "hidden": "<span style='display:none'>9</span>{}",
    "hidden by an attribute": "<b hidden>9</b>{}",
    "hidden by a class": "<b class=gone>9</b>{}",
    "invisible": "{}<span style='visibility: hidden'>9</span>",
    "white on white": "<font color=#FFFFFF>9</font>{}",
    "of the background's own colour": "<p style='background:#eef'><span style='color:#eeeeff'>9</span>{}</p>",
    "of no size": "<span style='font-size:0'>9</span>{}",
    "transparent": "{}<span style='opacity:0'>9</span>",
    "off the screen": "{}<span style='position:absolute;left:-9999px'>9</span>",
    "clipped": "{}<span style='position:absolute;clip:rect(0,0,0,0)'>9</span>",
    "off the screen to the right": "{}<span style='position:absolute;right:-9999px'>9</span>",
    "off the screen by its margin": "{}<span style='display:inline-block;margin:0 0 0 -9999px'>9</span>",
    "above the screen": "{}<span style='position:absolute;top:-1000%'>9</span>",
    "clipped to a point": "{}<span style='clip-path:circle(0)'>9</span>",
    "of no scale": "{}<span style='display:inline-block;transform:scale(0)'>9</span>",
    "with contents that are not seen": "{}<span style='content-visibility:hidden'>9</span>",
    "hidden by a style in another": "{}<i class=inner>9</i>",
    "hidden until it is opened": "{}<span popover>9</span>",
    "in a box of no height": "{}<div style='height:0;overflow:hidden'>9</div>",
    "raised": "{}<sup>9</sup>",
    "raised by its style": "{}<span style='vertical-align:super'>9</span>",
    "lowered": "{}<sub>9</sub>",
    "a footnote of Word": "{}<a href='#_ftn1'><span class=MsoFootnoteReference>[9]</span></a>",
    "only for narrow screens": "{}<span class=narrow>9</span>",
    "much smaller": "{}<span style='font-size:7px'>9</span>",
}
SHEET = """<style><!--
.gone, .other {display:none}
@media (max-width: 768px) {.narrow {display:inline}}
@media (min-width: 769px) {.narrow {display:none !important}}
span.MsoFootnoteReference {vertical-align:super}
td {color:black; & .inner {display:none}}
--></style>"""


@pytest.mark.parametrize("inner", BESIDE.values(), ids=BESIDE)
def test_what_is_not_seen_as_the_number_is_no_digit_of_it(inner: str, tmp_path: Path) -> None:
    """Where a sum holds the number it is sure; elsewhere it is suspect, with the reason in words."""
    report = read_page(page_of(cells=dict.fromkeys((LICENSING, GRANTED), inner), head=SHEET), tmp_path)
    cells = cells_of(report)
    assert cells[LICENSING].status == "suspect"
    assert cells[LICENSING].doubt
    if "7px" not in inner:
        assert cells[LICENSING].value == figure(LICENSING)
        assert (cells[GRANTED].value, cells[GRANTED].status) == (figure(GRANTED), "ok")
    assert silent_errors(report, truth_of()) == []


MAY_HIDE = {
    "a filter": "<span style='filter:opacity(0)'>9</span>{}",
    "a transparent filling": "<span style='-webkit-text-fill-color:transparent'>9</span>{}",
    "a clip of many corners": "<span style='clip-path:polygon(0 0,0 0,0 0)'>9</span>{}",
    "a value that another style sets": "<span class=by-name>9</span>{}",
    "a place a little to the left": "<span style='position:fixed;left:-300px'>9</span>{}",
    "digits over each other": "<span style='letter-spacing:-1em'>9</span>{}",
    "another tree in its place": "<div><template shadowrootmode=open>{}</template>9</div>",
    "a first letter of its own": "<div class=first>{}</div>",
    "a field that says what to type": "<input placeholder=9>",
    "a field with a secret": "<input type=password value=9>",
    "an item that a list counts": "<ol start=9><li></li></ol>",
}


@pytest.mark.parametrize("inner", MAY_HIDE.values(), ids=MAY_HIDE)
def test_what_a_style_or_a_field_may_hide_is_never_trusted(inner: str, tmp_path: Path) -> None:
    head = "<style>:root{--d:none} .by-name{display:var(--d)} .first::first-letter{font-size:0}</style>"
    report = read_page(page_of(cells={LICENSING: inner}, head=head), tmp_path)
    assert cells_of(report)[LICENSING].status in OWNED


@pytest.mark.parametrize(
    "style",
    ["float:left;width:900px", "position:relative;left:9px", "transform:translateX(-50%)",
     "display:flex;flex-direction:column"],
)  # fmt: skip
def test_a_style_that_moves_a_whole_table_moves_no_number_out_of_it(style: str, tmp_path: Path) -> None:
    page = page_of(change=lambda body: f"<div style='{style}'>{body}</div>")
    assert_exact(read_page(page, tmp_path))


BLANK = {tuple(row[:3]): "" for row in truth_of()["cells"]}
"""All cells of numbers, and nothing in them."""


def test_a_form_that_a_script_fills_is_not_blank(tmp_path: Path) -> None:
    page = page_of(cells=BLANK, head="<script src=fill.js></script>")
    report = read_page(page, tmp_path)
    assert {seen.status for seen in report.observations} == {"unreadable"}
    assert report.status == "flagged"


def test_a_cell_that_a_script_can_name_is_not_blank(tmp_path: Path) -> None:
    cells = {LICENSING: "<span v-text=count></span>", GRANTED: "<td id=n2></td>"}
    report = read_page(page_of(cells=cells, head="<script src=vue.js></script>"), tmp_path)
    assert [cells_of(report)[cell].status for cell in cells] == ["unreadable"] * 2


def test_a_form_without_numbers_and_scripts_is_blank(tmp_path: Path) -> None:
    report = read_page(page_of(cells=BLANK), tmp_path)
    assert {seen.status for seen in report.observations} == {"blank"}


TWO = {
    "a gap": "1 2",
    "a gap that does not break": "1&nbsp;2",
    "a line": "1<br>2",
    "two paragraphs": "<p>1</p><p>2</p>",
    "two blocks": "<span style='display:block'>1</span>2",
    "a margin": "1<span style='margin-left:2em'>2</span>",
    "a struck digit between": "1<s>0</s>2",
    "two cells of its own": "<table><tr><td>1</td><td>2</td></tr></table>",
    "two lines of the source": "1\n2",
    "boxes in another order": "<div style='display:flex;flex-direction:row-reverse'><b>1</b><b>2</b></div>",
    "boxes apart": "<div style='display:flex;justify-content:space-between'><b>1</b><b>2</b></div>",
    "boxes below each other": "<div style='display:grid'><b>1</b><b>2</b></div>",
    "boxes with a gap": "<div style='display:flex;gap:9px'><b>1</b><b>2</b></div>",
    "floating each for itself": "<b style='float:left'><i style='float:right'>1</i><i>2</i></b>",
    "a formula": "<math><msup><mn>1</mn><mn>2</mn></msup></math>",
    "another order": "<span style='float:right'>1</span>2",
    "from right to left": "<bdo dir=rtl>12</bdo>",
    "a turned run": "\u202e12\u202c",
    "added by a style": "<i class=more>1</i>",
    "written by a script": "1<script>document.write(2)</script>",
    "drawn": "<svg><text>12</text></svg>",
    "a picture": "<img src=a.gif width=9>",
    "a picture beside": "1<img src=a.gif>",
    "a frame": "<iframe src=a.htm></iframe>",
    "added to the cell by a style": "<td class=more>1</td>",
    "a choice": "<select><option>12</option><option selected>3</option></select>",
    "damaged": "1\ufffd2",
}


@pytest.mark.parametrize("inner", TWO.values(), ids=TWO)
def test_what_is_seen_as_two_numbers_is_never_one(inner: str, tmp_path: Path) -> None:
    head = "<style>.more:after{content:'2'}</style>"
    report = read_page(page_of(cells=dict.fromkeys((LICENSING, GRANTED), inner), head=head), tmp_path)
    assert [cells_of(report)[cell].status in OWNED for cell in (LICENSING, GRANTED)] == [True, True]


def test_a_style_that_lets_a_text_be_seen_after_all(tmp_path: Path) -> None:
    head = "<style>.a{display:none} td .a{display:inline} #x .b{visibility:hidden}</style>"
    inner = "<span class=a>{}</span><span style='visibility:hidden'><b style='visibility:visible'></b></span>"
    assert_exact(read_page(page_of(cells={LICENSING: inner}, head=head), tmp_path))


def test_white_text_on_a_coloured_header_is_seen(tmp_path: Path) -> None:
    page = page_of(
        head="<style>table tr:first-child td{background:#06c} tr:first-child td{color:#fff}</style>"
    )
    assert_exact(read_page(page, tmp_path))


# ------------------------------------------------------------------ tables and spans


def test_hidden_rows_and_cells_are_not_there(tmp_path: Path) -> None:
    page = page_of().replace(
        "</tr>", "<td style='display:none'>9</td></tr><tr hidden><td>9</td><td>8</td></tr>"
    )
    assert_exact(read_page(page, tmp_path))


def test_extra_cells_of_word_are_empty(tmp_path: Path) -> None:
    extra = "<![if !supportMisalignedColumns]><td style='border:none' width=0><p>&nbsp;</p></td><![endif]>"
    assert_exact(read_page(page_of().replace("</tr>", f"{extra}</tr>"), tmp_path))


def test_cells_that_are_never_closed(tmp_path: Path) -> None:
    page = page_of().replace("</td>", "").replace("</tr>", "").replace("<table>", "<TABLE><TBODY>")
    assert_exact(read_page(page, tmp_path))


def test_a_table_within_a_paragraph(tmp_path: Path) -> None:
    page = page_of().replace("<table>", "<p class=MsoNormal><table>").replace("</table>", "</table></p>")
    assert_exact(read_page(page, tmp_path))


@pytest.mark.parametrize("span", ["0", "9999", "+200", " 70 rows"])
def test_a_row_span_beyond_the_end_of_the_table(span: str, tmp_path: Path) -> None:
    """The tall label of the results ends with its table, whatever it says."""
    page = page_of()
    tall = [at for at in range(20, 40) if f'rowspan="{at}"' in page]
    assert tall, "the form has a tall label"
    head, _, rest = page.partition("三、本年度办理结果")
    assert rest
    begin = head.rindex("<td")
    changed = head[:begin] + f'<td rowspan="{span}">'
    # rows of 总计 stand below the results; the span of 0 would cover them, so they are a body of their own
    before, _, after = (
        rest.rpartition("<tr><td>（七）总计") if "<tr><td>（七）总计" in rest else ("", "", rest)
    )
    assert not before or after
    report = read_page(changed + "三、本年度办理结果" + rest, tmp_path)
    assert silent_errors(report, truth_of()) == []


@pytest.mark.parametrize("span", ["1000", "99999"])
def test_a_column_span_beyond_all_columns(span: str, tmp_path: Path) -> None:
    page = page_of().replace('<td colspan="4">第二十条', f'<td colspan="{span}">第二十条')
    assert span in page
    assert_exact(read_page(page, tmp_path))


def test_spans_in_full_width_digits_are_none(tmp_path: Path) -> None:
    """A browser draws the table askew; nobody may take a number for that of another cell."""
    page = page_of().replace('rowspan="', 'rowspan="\uff12" data-x="', 1)
    assert silent_errors(read_page(page, tmp_path), truth_of()) == []


def test_a_table_that_lays_out_the_page(tmp_path: Path) -> None:
    def laid_out(body: str) -> str:
        menu = "".join(f'<tr><td><a href="{n}">栏目{n}</a></td></tr>' for n in range(9))
        inner = f"<table><tr><td>{body}</td></tr></table>"
        return f"<table width=1000><tr><td><table>{menu}</table></td><td>{inner}</td></tr></table>"

    assert_exact(read_page(page_of(change=laid_out), tmp_path))


def test_a_table_for_narrow_screens_counts_once(tmp_path: Path) -> None:
    head = "<style>.m{display:none} @media(max-width:700px){.m{display:block} .d{display:none}}</style>"
    tables = tables_of(MODERN)
    both = {name: f"<div class=d>{one}</div><div class=m>{one}</div>" for name, one in tables.items()}
    page = page_of(change=lambda _: body_of(MODERN, both), head=head)
    assert_exact(read_page(page, tmp_path))


def test_a_table_of_boxes(tmp_path: Path) -> None:
    page = page_of()
    for tag, display in (("table", "table"), ("tr", "table-row")):
        page = page.replace(f"<{tag}>", f"<div style='display:{display}'>").replace(f"</{tag}>", "</div>")
    report = read_page(page, tmp_path)
    assert silent_errors(report, truth_of()) == []


def test_heads_and_feet_of_tables_stand_where_a_browser_draws_them(tmp_path: Path) -> None:
    tables = tables_of(MODERN)
    rows = tables["review_litigation"].removeprefix("<table>").removesuffix("</table>").split("\n")
    moved = [f"<tfoot>{rows[-1]}</tfoot>", *rows[:-1]]
    tables["review_litigation"] = f"<table>{''.join(moved)}</table>"
    assert_exact(read_page(page_of(change=lambda _: body_of(MODERN, tables)), tmp_path))


MISSHAPEN = {
    "a cell too few": ("<tr><td>行政处罚</td>", "<tr>"),
    "a cell too many": ("<tr><td>行政处罚</td>", "<tr><td>行政处罚</td><td>0</td>"),
    "a header too wide": ('<td colspan="5">法人', '<td colspan="6">法人'),
    "a header too narrow": ('<td colspan="5">法人', '<td colspan="4">法人'),
    "a label too high": ('<td rowspan="2">自然人', '<td rowspan="3">自然人'),
}


@pytest.mark.parametrize(("old", "new"), MISSHAPEN.values(), ids=MISSHAPEN)
def test_rows_that_are_not_as_wide_as_their_header_are_doubted(old: str, new: str, tmp_path: Path) -> None:
    page = page_of()
    assert old in page
    report = read_page(page.replace(old, new), tmp_path)
    assert silent_errors(report, truth_of()) == []
    assert all(check.attribution == "reading" for check in report.checks if check.verdict == "fail")


CROSSED = """<table>
<tr><td colspan=5>第二十条第（一）项</td></tr>
<tr><td>信息内容</td><td>本年制发件数</td><td colspan=2>本年废止件数</td><td>现行有效件数</td></tr>
<tr><td>规章</td><td colspan=2>1</td><td>2</td><td>{}</td></tr>
<tr><td>行政规范性文件</td><td colspan=2>4</td><td>5</td><td>6</td></tr></table>"""


def test_rows_that_span_other_columns_than_their_header_are_read_cell_for_cell(tmp_path: Path) -> None:
    page = page_of(change=lambda body: body.replace("<table>", f"{CROSSED.format(3)}<table hidden>", 1))
    cells = cells_of(read_page(page, tmp_path))
    columns = ("made", "repealed", "in_force")
    for item, values in (("regulations", (1, 2, 3)), ("normative_documents", (4, 5, 6))):
        found = [cells["active_disclosure", item, column] for column in columns]
        assert [(seen.value, seen.status) for seen in found] == [(value, "ok") for value in values]


def test_a_number_over_several_columns_stays_there(tmp_path: Path) -> None:
    crossed = CROSSED.replace("<td>2</td><td>{}</td>", "<td colspan=2>2</td>")
    page = page_of(change=lambda body: body.replace("<table>", f"{crossed}<table hidden>", 1))
    cells = cells_of(read_page(page, tmp_path))
    statuses = {cells["active_disclosure", "regulations", column].status for column in ("made", "repealed")}
    assert statuses == {"unreadable"}


def test_sums_do_not_tell_a_nought_from_a_blank_in_a_shifted_row(tmp_path: Path) -> None:
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for table, item, column, value, *_ in truth_of()["cells"]:
        if table == "applications" and value == 0:
            rows.setdefault(item, []).append((table, item, column))
    row = next(cells for cells in rows.values() if len(cells) == len(COLUMNS))
    cells = dict.fromkeys(row, "0") | {row[0]: "<td>0</td><td>0</td>", row[-1]: ""}
    seen = cells_of(read_page(page_of(cells=cells), tmp_path))
    assert {seen[cell].status for cell in row} <= {"suspect", "unreadable"}


def test_a_report_without_tables_in_a_page_of_tables(tmp_path: Path) -> None:
    spec = replace(MODERN, active="", applications="", review=False)

    def laid_out(body: str) -> str:
        menu = "".join(f'<tr><td>·<a href="{n}">栏目{n}</a></td></tr>' for n in range(9))
        title = "<tr><td>示例市示例局2022年政府信息公开工作年度报告</td></tr>"
        inner = f"<table>{title}<tr><td>发布日期：2023-01-16</td></tr><tr><td>{body}</td></tr></table>"
        return f"<table><tr><td><table>{menu}</table></td><td></td><td>{inner}</td></tr></table>"

    report = read_page(page_of(spec, change=laid_out), tmp_path)
    assert (report.status, report.heading.agency, report.heading.fiscal_year) == ("no_tables", NAME, 2022)
    assert not [one for one in report.sections if "栏目1" in one.text]


# ----------------------------------------------------------------- charsets, containers

GB = "<meta http-equiv='Content-Type' content='text/html; charset=gb2312'>"
RARE = "〇㎡镕喆—"


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"]
)
@pytest.mark.parametrize("label", ["", GB, "<meta charset=utf-8>", "<meta charset=iso-8859-1>"])
def test_a_page_is_read_whatever_its_label_says(charset: str, label: str, tmp_path: Path) -> None:
    rare = RARE.replace("㎡", "") if charset == "gbk" else RARE
    page = page_of(head=label, change=lambda body: f"<p>{rare}</p>{body}")
    assert_exact(read_page(page.encode(charset), tmp_path))


def test_a_page_with_a_damaged_character_is_read_to_its_end(tmp_path: Path) -> None:
    page = page_of().encode("gb18030").replace("情况".encode("gb18030"), b"\xff\xd5", 1)
    report = read_page(page, tmp_path)
    assert inexact(report, truth_of()) == []


def test_a_page_with_damage_in_a_cell_doubts_the_cell(tmp_path: Path) -> None:
    page = page_of(cells={LICENSING: "@@{}"}).encode().replace(b"@@", b"\xe4\xb8")
    seen = cells_of(read_page(page, tmp_path))[LICENSING]
    assert seen.status in OWNED


def test_big5_is_believed_where_it_is_named(tmp_path: Path) -> None:
    page = "<meta charset=big5><p>關於放假的通知</p><p>放假三天。</p>".encode("big5")
    assert read_page(page, tmp_path).status == "not_a_report"


def test_xhtml_with_a_declaration(tmp_path: Path) -> None:
    page = '<?xml version="1.0" encoding="gb2312"?>\n' + page_of().replace(
        "<html>", '<html xmlns="http://www.w3.org/1999/xhtml">'
    )
    assert_exact(read_page(page, tmp_path))


@pytest.mark.parametrize("transfer", ["base64", "quoted-printable"])
def test_a_web_archive(transfer: str, tmp_path: Path) -> None:
    page = page_of(change=lambda body: f"<p>{RARE}</p>{body}")
    assert_exact(read_page(_archive(page, transfer), tmp_path, "multipart/related"))


def _archive(page: str, transfer: str) -> bytes:
    """Return a page in an archive whose label lacks some of its characters."""
    data = page.encode("gb18030")
    coded = encodebytes(data) if transfer == "base64" else encodestring(data)
    head = (
        "From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
        '\ttype="text/html";\r\n\tboundary="----=_x"\r\n\r\n------=_x\r\n'
        f'Content-Type: text/html; charset="gb2312"\r\nContent-Transfer-Encoding: {transfer}\r\n\r\n'
    )
    return head.encode() + coded + b"\r\n------=_x--\r\n"


# --------------------------------------------------------------- what is no report's text


def site(body: str) -> str:
    """Return a text with what stands around it on a web site."""
    names = ("首页", "公开", "服务", "互动")
    menu = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in names)
    others = "".join(
        f'<li><a href="/t{n}">{NAME}{n}年政府信息公开工作年度报告</a></li>' for n in (2019, 2020, 2021)
    )
    return f"""<div class="header"><div class="logo"><a href="/">示例市人民政府</a></div><ul>{menu}</ul></div>
<div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/x">政府信息公开年报</a></div>
<div class="detail"><h1>示例市示例局2022年政府信息公开工作年度报告</h1>
<div class="info"><span>发布日期：2023-01-16 08:41</span>
<span>来源：示例市示例局</span>
<span>浏览次数：12</span></div>
<div class="share">分享到：<a href="#">微信</a></div><div id="zoom">{body}</div>
<div class="related"><h3>相关链接</h3><ul>{others}</ul></div></div>
<div class="footer"><p>主办：示例市人民政府办公室　网站标识码：1234567890</p></div>"""


def test_what_stands_around_the_text_is_none_of_it(tmp_path: Path) -> None:
    spec = replace(MODERN, published_on="")
    report = read_page(page_of(spec, change=site), tmp_path)
    assert inexact(report, truth_of(spec)) == []
    assert (report.heading.agency, report.heading.fiscal_year) == ("示例市示例局", 2022)
    assert report.heading.published_on == "2023-01-16"
    text = "".join(one.text for one in report.sections)
    assert not [word for word in ("主办", "分享", "微信", "2019年政府", "相关链接", "首页") if word in text]


def test_the_day_of_publication_in_the_head_of_a_page(tmp_path: Path) -> None:
    spec = replace(MODERN, published_on="")
    head = '<meta name="PubDate" content="2023-01-18 10:00"><meta name="ArticleTitle" content="x">'
    assert read_page(page_of(spec, head=head), tmp_path).heading.published_on == "2023-01-18"


def test_a_list_of_reports_is_no_report(tmp_path: Path) -> None:
    links = "".join(
        f'<li><a href="/{year}">{NAME}{year}年政府信息公开工作年度报告</a><span>{year + 1}-01-20</span></li>'
        for year in range(2015, 2024)
    )
    report = read_page(f"<body><h2>政府信息公开年报</h2><ul>{links}</ul></body>", tmp_path)
    assert (report.status, report.reason) == ("not_a_report", Reason.NOT_A_REPORT)
    assert "9 of them to reports" in report.error


def test_a_page_of_frames_says_so(tmp_path: Path) -> None:
    page = '<html><frameset cols="20%,*"><frame src="a.htm"><frame src="b.htm"></frameset></html>'
    report = read_page(page, tmp_path)
    assert (report.status, report.reason) == ("failed", Reason.NO_TEXT)
    assert "2 frames" in report.error


def test_a_title_over_a_frame_says_so(tmp_path: Path) -> None:
    page = "<h1>示例市示例局2022年政府信息公开工作年度报告</h1><iframe src=a.htm></iframe>"
    report = read_page(page, tmp_path)
    assert report.status == "no_tables"
    assert "frames in it that show other pages: 1" in report.error


def test_pictures_that_may_be_tables_are_told(tmp_path: Path) -> None:
    pictures = "<p><img src='W0201.jpg' width=600></p><p><img src='icon.gif' width=16></p>"
    page = page_of(change=lambda body: body[: body.index("<table>")] + pictures)
    report = read_page(page, tmp_path)
    assert report.reason == Reason.PICTURES
    assert "not in the file: 1" in report.error


# ------------------------------------------------------------------- damage and bombs


def test_a_page_that_ends_within_a_table_trusts_sums_alone(tmp_path: Path) -> None:
    page = page_of()
    report = read_page(page[: page.rindex("</table>") - 40], tmp_path)
    assert report.status in ("partial", "flagged")
    assert report.reason == Reason.DAMAGED
    assert silent_errors(report, truth_of()) == []


def test_an_empty_page_has_no_text(tmp_path: Path) -> None:
    for page in ("", " \n", "<html></html>"):
        report = read_page(page, tmp_path)
        assert (report.status, report.reason) == ("failed", Reason.NO_TEXT)


BOMBS = {
    "attributes": lambda: "<p " + " ".join(f"a{n}=1" for n in range(300_000)) + ">1</p>",
    "attributes without values": lambda: "<p " + " ".join(f"a{n}" for n in range(300_000)) + ">1</p>",
    "attributes in pieces": lambda: "<p " + " ".join(f'a{n}="<"' for n in range(100_000)) + ">1</p>",
    "cells": lambda: "<table>" + ("<tr>" + "<td>1" * 100) * 10_000 + "</table>",
    "deep": lambda: "<div>" * 10_000 + "1" + "</div>" * 10_000,
    "deep tables": lambda: "<table><tr><td>" * 3_000 + "1",
    "formatting": lambda: "".join(f"<font size={n}><p>" for n in range(3_000)),
    "columns": lambda: "<table>" + ("<tr>" + "<td colspan=1000>1" * 100) * 10 + "</table>",
    "many characters": lambda: "中" * 25_000_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_page_that_is_too_large_fails_in_words(bomb: object, tmp_path: Path) -> None:
    report = read_page(bomb(), tmp_path)  # type: ignore[operator]
    assert (report.status, report.reason) == ("failed", Reason.UNOPENED)
    assert "which no page of a report is" in report.error


def test_style_sheets_too_long_to_look_at_leave_sums_alone(tmp_path: Path) -> None:
    head = "<style>" + ".a b>c~d{display:none}" * 100_000 + "</style>"
    report = read_page(page_of(head=head), tmp_path)
    assert (report.status, report.reason) == ("flagged", Reason.DAMAGED)
    assert cells_of(report)[LICENSING].status == "suspect"


def test_entities_do_not_grow(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    page = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY l0 "ha">{entities}]><html><p>&l11;</p></html>'
    assert read_page(page, tmp_path).status == "not_a_report"


def test_a_large_picture_in_a_page_is_no_text(tmp_path: Path) -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 30_000_000}">'
    assert_exact(read_page(page_of(change=lambda body: body + picture), tmp_path))
