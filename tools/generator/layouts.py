"""The forms as ministries print them: grids of cells, and the key that each number cell carries.

Written from the printed forms alone and not from `pipeline.forms`, for these labels are the
other side of the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of a printed grid: a label, or a number cell when it has a `key` (item, column).

    `role` is section, header, label, side (the tall label 三、本年度办理结果), value, or value_left and
    value_right, whose number stands at that edge of its cell.
    """

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    role: str
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """One table of a form: `widths` are shares of the line, `header_rows` repeat on a new page."""

    table: str
    template: str
    widths: tuple[float, ...]
    header_rows: int
    cells: tuple[GridCell, ...]

    @property
    def rows(self) -> int:
        return max(cell.row + cell.row_span for cell in self.cells)

    def number_keys(self) -> tuple[Key, ...]:
        return tuple(cell.key for cell in self.cells if cell.key)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list of labels with the key its numbers carry."""

    key: str
    label: str
    unit: str = "件"


# ---- 二、主动公开政府信息情况: (heading, column labels and keys, rows)
Part = tuple[str, tuple[tuple[str, str], ...], tuple[Row, ...]]

ACTIVE_FY2021: tuple[Part, ...] = (
    (
        "第二十条第（一）项",
        (("本年制发件数", "made"), ("本年废止件数", "repealed"), ("现行有效件数", "in_force")),
        (Row("regulations", "规章"), Row("normative_documents", "行政规范性文件")),
    ),
    (
        "第二十条第（五）项",
        (("本年处理决定数量", "decisions"),),
        (Row("administrative_licensing", "行政许可"),),
    ),
    (
        "第二十条第（六）项",
        (("本年处理决定数量", "decisions"),),
        (Row("administrative_penalty", "行政处罚"), Row("administrative_coercion", "行政强制")),
    ),
    (
        "第二十条第（八）项",
        (("本年收费金额（单位：万元）", "fee_amount"),),
        (Row("administrative_fees", "行政事业性收费"),),
    ),
)

CHANGE_COLUMNS = (("上一年项目数量", "previous_items"), ("本年增/减", "change"))
ACTIVE_FY2019: tuple[Part, ...] = (
    (
        "第二十条第（一）项",
        (
            ("本年新制作数量", "newly_made"),
            ("本年新公开数量", "newly_disclosed"),
            ("对外公开总数量", "total_disclosed"),
        ),
        (Row("regulations", "规章"), Row("normative_documents", "规范性文件")),
    ),
    (
        "第二十条第（五）项",
        (*CHANGE_COLUMNS, ("处理决定数量", "decisions")),
        (Row("administrative_licensing", "行政许可"), Row("other_public_services", "其他对外管理服务事项")),
    ),
    (
        "第二十条第（六）项",
        (*CHANGE_COLUMNS, ("处理决定数量", "decisions")),
        (Row("administrative_penalty", "行政处罚"), Row("administrative_coercion", "行政强制")),
    ),
    ("第二十条第（八）项", CHANGE_COLUMNS, (Row("administrative_fees", "行政事业性收费"),)),
    (
        "第二十条第（九）项",
        (("采购项目数量", "procurement_items"), ("采购总金额", "procurement_amount")),
        (Row("government_procurement", "政府集中采购"),),
    ),
)

ACTIVE_UNITS = {
    "fee_amount": "万元",
    "procurement_amount": "元",
    "previous_items": "项",
    "change": "项",
    "procurement_items": "项",
}

# ---- 三、收到和处理政府信息公开申请情况
APPLICANTS = (
    ("natural_person", "自然人"),
    ("business", "商业企业"),
    ("research", "科研机构"),
    ("nonprofit", "社会公益组织"),
    ("legal_service", "法律服务机构"),
    ("other_org", "其他"),
    ("total", "总计"),
)
IDENTITY_NOTE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"

RESULTS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    ("（一）予以公开", (Row("granted", ""),)),
    ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", (Row("partially_granted", ""),)),
    (
        "（三）不予公开",
        (
            Row("refused.state_secret", "1.属于国家秘密"),
            Row("refused.prohibited_by_law", "2.其他法律行政法规禁止公开"),
            Row("refused.security_stability", "3.危及“三安全一稳定”"),
            Row("refused.third_party_rights", "4.保护第三方合法权益"),
            Row("refused.internal_affairs", "5.属于三类内部事务信息"),
            Row("refused.deliberative_process", "6.属于四类过程性信息"),
            Row("refused.enforcement_files", "7.属于行政执法案卷"),
            Row("refused.administrative_inquiry", "8.属于行政查询事项"),
        ),
    ),
    (
        "（四）无法提供",
        (
            Row("unavailable.not_held", "1.本机关不掌握相关政府信息"),
            Row("unavailable.needs_creation", "2.没有现成信息需要另行制作"),
            Row("unavailable.unclear_after_correction", "3.补正后申请内容仍不明确"),
        ),
    ),
    (
        "（五）不予处理",
        (
            Row("declined.petition_complaint", "1.信访举报投诉类申请"),
            Row("declined.repeated", "2.重复申请"),
            Row("declined.publication", "3.要求提供公开出版物"),
            Row("declined.excessive", "4.无正当理由大量反复申请"),
            Row("declined.reconfirmation", "5.要求行政机关确认或重新出具已获取信息"),
        ),
    ),
)
OTHER_RESULTS: dict[str, tuple[str, tuple[Row, ...]]] = {
    "fy2019": ("（六）其他处理", (Row("other", ""),)),
    "fy2021": (
        "（六）其他处理",
        (
            Row("other.no_correction", "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
            Row(
                "other.fee_unpaid", "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"
            ),
            Row("other.other", "3.其他"),
        ),
    ),
}
HANDLED_TOTAL: tuple[str, tuple[Row, ...]] = ("（七）总计", (Row("handled_total", ""),))

# ---- 四、政府信息公开行政复议、行政诉讼情况
OUTCOMES = (
    ("upheld", "结果维持"),
    ("corrected", "结果纠正"),
    ("other", "其他结果"),
    ("pending", "尚未审结"),
    ("total", "总计"),
)

# ---- 统计表 of 2014 to 2018: a row without a key is a heading
STATISTICS: tuple[Row, ...] = (
    Row("", "一、主动公开情况", "——"),
    Row("disclosed", "（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "条"),
    Row("disclosed.normative_documents", "其中：主动公开规范性文件数", "条"),
    Row("normative_documents_issued", "制发规范性文件总数", "件"),
    Row("", "（二）通过不同渠道和方式公开政府信息的情况", "——"),
    Row("channel.gazette", "1.政府公报公开政府信息数", "条"),
    Row("channel.website", "2.政府网站公开政府信息数", "条"),
    Row("channel.weibo", "3.政务微博公开政府信息数", "条"),
    Row("channel.wechat", "4.政务微信公开政府信息数", "条"),
    Row("channel.other", "5.其他方式公开政府信息数", "条"),
    Row("", "二、回应解读情况", "——"),
    Row("responses", "（一）回应公众关注热点或重大舆情数（不同方式回应同一热点或舆情计1次）", "次"),
    Row("", "（二）通过不同渠道和方式回应解读的情况", "——"),
    Row("response.press_conferences", "1.参加或举办新闻发布会总次数", "次"),
    Row("response.press_conferences_by_head", "其中：主要负责同志参加新闻发布会次数", "次"),
    Row("response.online_interviews", "2.政府网站在线访谈次数", "次"),
    Row("response.online_interviews_by_head", "其中：主要负责同志参加政府网站在线访谈次数", "次"),
    Row("response.policy_explanations", "3.政策解读稿件发布数", "篇"),
    Row("response.weibo_wechat", "4.微博微信回应事件数", "次"),
    Row("response.other", "5.其他方式回应事件数", "次"),
    Row("", "三、依申请公开情况", "——"),
    Row("received", "（一）收到申请数", "件"),
    Row("received.in_person", "1.当面申请数", "件"),
    Row("received.fax", "2.传真申请数", "件"),
    Row("received.online", "3.网络申请数", "件"),
    Row("received.letter", "4.信函申请数", "件"),
    Row("closed", "（二）申请办结数", "件"),
    Row("closed.on_time", "1.按时办结数", "件"),
    Row("closed.extended", "2.延期办结数", "件"),
    Row("answered", "（三）申请答复数", "件"),
    Row("answered.already_public", "1.属于已主动公开范围数", "件"),
    Row("answered.granted", "2.同意公开答复数", "件"),
    Row("answered.partially_granted", "3.同意部分公开答复数", "件"),
    Row("answered.refused", "4.不同意公开答复数", "件"),
    Row("refused.state_secret", "其中：涉及国家秘密", "件"),
    Row("refused.trade_secret", "涉及商业秘密", "件"),
    Row("refused.privacy", "涉及个人隐私", "件"),
    Row("refused.security_stability", "危及国家安全、公共安全、经济安全和社会稳定", "件"),
    Row("refused.not_government_information", "不是《条例》所指政府信息", "件"),
    Row("refused.other_law", "法律法规规定的其他情形", "件"),
    Row("answered.not_this_agency", "5.不属于本行政机关公开数", "件"),
    Row("answered.not_existing", "6.申请信息不存在数", "件"),
    Row("answered.asked_to_amend", "7.告知作出更改补充数", "件"),
    Row("answered.other_channel", "8.告知通过其他途径办理数", "件"),
    Row("review", "四、行政复议数量", "件"),
    Row("review.upheld", "（一）维持具体行政行为数", "件"),
    Row("review.corrected", "（二）被依法纠错数", "件"),
    Row("review.other", "（三）其他情形数", "件"),
    Row("litigation", "五、行政诉讼数量", "件"),
    Row("litigation.upheld", "（一）维持具体行政行为或者驳回原告诉讼请求数", "件"),
    Row("litigation.corrected", "（二）被依法纠错数", "件"),
    Row("litigation.other", "（三）其他情形数", "件"),
    Row("complaints", "六、举报投诉数量", "件"),
    Row("fees_collected", "七、依申请公开信息收取的费用", "万元"),
    Row("", "八、机构建设和保障经费情况", "——"),
    Row("offices", "（一）政府信息公开工作专门机构数", "个"),
    Row("reading_points", "（二）设置政府信息公开查阅点数", "个"),
    Row("staff", "（三）从事政府信息公开工作人员数", "人"),
    Row("staff.full_time", "1.专职人员数（不包括政府公报及政府网站工作人员数）", "人"),
    Row("staff.part_time", "2.兼职人员数", "人"),
    Row(
        "budget",
        "（四）政府信息公开专项经费（不包括用于政府公报编辑管理及政府网站建设维护等方面的经费）",
        "万元",
    ),
    Row("", "九、政府信息公开会议和培训情况", "——"),
    Row("meetings", "（一）召开政府信息公开工作会议或专题会议数", "次"),
    Row("trainings", "（二）举办各类培训班数", "次"),
    Row("trained_people", "（三）接受培训人员数", "人次"),
)
STATISTICS_UNITS = {row.key: row.unit for row in STATISTICS if row.key}
STATISTICS_HEADERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "national": (("统计指标", "单位", "统计数"), ("count",)),
    "provincial": (("指标名称", "计量单位", "{year}年度", "历年累计"), ("count", "cumulative")),
}

# Spellings of one label met in public reports: (as the form prints it, as the bureau printed it).
SPELLINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "form": (),
    "ascii": (
        ("（三）不", "(三) 不"),
        ("（四）无", "(四) 无"),
        ("（五）不", "(五) 不"),
        ("（六）其", "(六) 其"),
        ("（七）总", "(七) 总"),
        *((f"{n}.", f"{n}. ") for n in range(1, 9)),
    ),
    "spaced": (
        ("总计", "总 计"),
        ("商业企业", "商 业 企业"),
        ("自然人", "自 然 人"),
        ("其他结果", "其他 结果"),
    ),
    "comma": tuple((f"{n}.", f"{n}、") for n in range(1, 9)),
    "sloppy": (
        ("“三安全一稳定”", '"三安全一稳定"'),
        ("法律行政法规禁止", "法律行政止"),
        ("（七）总计", "（七）合计"),
        ("（六）其他", "（六） 其他"),
        ("第二十条第（五）项", "第二十条第(五)项"),
    ),
    "kangxi": (
        ("行政", "⾏政"),
        ("自然人", "⾃然⼈"),
        ("一", "⼀"),
        ("二", "⼆"),
        ("人", "⼈"),
        ("长", "⻓"),
        ("民", "⺠"),
        ("见", "⻅"),
        ("门", "⻔"),
        ("无", "⽆"),
        ("工", "⼯"),
        ("用", "⽤"),
    ),
    # One habit each, so that it can be told which one a reader falls over.
    "blanks_inside": (
        ("总计", "总 计"),
        ("商业企业", "商 业 企业"),
        ("自然人", "自 然 人"),
        ("规章", "规 章"),
        ("行政许可", "行 政 许 可"),
        ("行政处罚", "行政 处罚"),
        ("予以公开", "予以 公开"),
        ("重复申请", "重复 申请"),
        ("结果纠正", "结果 纠正"),
        ("申请数", "申 请 数"),
        ("不予", "不 予"),
    ),
    "enumeration_comma": tuple((f"{n}.", f"{n}、") for n in range(1, 10)),
    "full_width_dot": tuple((f"{n}.", f"{n}．") for n in range(1, 10)),
    "ascii_brackets": (("（", "("), ("）", ")")),
    "straight_quotes": (("“", '"'), ("”", '"')),
    "sum_word": (("总计", "合计"),),
    "missing_characters": (
        ("法律行政法规禁止", "法律行政止"),
        ("第三方合法权益", "第三方合法益"),
        ("正当理由大量", "正当理大量"),
        ("没有现成信息", "没有现信息"),
        ("确认或重新出具", "确认重新出具"),
        ("社会公益组织", "社会公益织"),
        ("处理决定数量", "处理决定量"),
        ("结转下年度继续", "结转下年继续"),
        ("网络申请数", "网络申数"),
        ("专题会议数", "专题会数"),
    ),
    "variants": (
        ("其他", "其它"),
        ("科研机构", "科研单位"),
        ("社会公益组织", "社会公益性组织"),
        ("上年结转", "上年度结转"),
        ("本年制发", "本年度制发"),
        ("结转下年度", "结转下一年度"),
        ("补正、行政机关", "补正，行政机关"),
        ("已获取信息", "已获取的信息"),
    ),
    "kangxi_radicals": (
        ("行", "⾏"),
        ("自", "⾃"),
        ("人", "⼈"),
        ("一", "⼀"),
        ("二", "⼆"),
        ("无", "⽆"),
        ("工", "⼯"),
        ("用", "⽤"),
        ("文", "⽂"),
        ("方", "⽅"),
        ("大", "⼤"),
        ("面", "⾯"),
        ("八", "⼋"),
        ("十", "⼗"),
        ("止", "⽌"),
        ("目", "⽬"),
        ("网", "⽹"),
        ("金", "⾦"),
        ("生", "⽣"),
        ("高", "⾼"),
        ("至", "⾄"),
    ),
    "cjk_radicals": (
        ("民", "⺠"),
        ("长", "⻓"),
        ("门", "⻔"),
        ("见", "⻅"),
        ("风", "⻛"),
        ("车", "⻋"),
        ("页", "⻚"),
        ("西", "⻄"),
        ("齐", "⻬"),
        ("食", "⻝"),
        ("龙", "⻰"),
    ),
}
RADICALS = ("kangxi_radicals", "cjk_radicals")
"""Spellings that come from the program that printed the file, so that all its text has them."""


def spell(text: str, spelling: str) -> str:
    """The label as a bureau of that habit prints it."""
    for as_form, as_printed in SPELLINGS[spelling]:
        text = text.replace(as_form, as_printed)
    return text


def unit_of(table: str, item: str, column: str) -> str:
    """The unit in which a value of this cell is kept."""
    if table == "statistics":
        return STATISTICS_UNITS[item]
    return ACTIVE_UNITS.get(column, "件") if table == "active_disclosure" else "件"


def split_evenly(total: int, parts: int) -> list[tuple[int, int]]:
    """(start, span) of `parts` cells that share `total` columns."""
    edges = [round(total * n / parts) for n in range(parts + 1)]
    return [(start, end - start) for start, end in pairwise(edges)]


def active_part(part: Part, row: int, columns: int, keep_empty: bool) -> Iterable[GridCell]:
    """The cells of one 第二十条 part from grid row `row` on; `columns` are those beside the labels.

    The fy2019 form keeps the third column where a part has only two (`keep_empty`), the fy2021 form merges.
    """
    heading, headers, rows = part
    places = [(n, 1) for n in range(columns)] if keep_empty else split_evenly(columns, len(headers))
    yield GridCell(row, 0, 1, columns + 1, heading, "section")
    yield GridCell(row + 1, 0, 1, 1, "信息内容", "header")
    for (start, span), header in zip(places, [*headers, *[("", "")] * columns], strict=False):
        yield GridCell(row + 1, start + 1, 1, span, header[0], "header")
    for offset, item in enumerate(rows, start=row + 2):
        yield GridCell(offset, 0, 1, 1, item.label, "label")
        for (start, span), (_, column) in zip(places, [*headers, *[("", "")] * columns], strict=False):
            key = (item.key, column) if column else None
            yield GridCell(offset, start + 1, 1, span, "", "value", key)


def active_disclosure(template: str) -> Layout:
    """Table 二 of fy2019 or fy2021."""
    parts = ACTIVE_FY2021 if template == "fy2021" else ACTIVE_FY2019
    cells: list[GridCell] = []
    for part in parts:
        row = max((cell.row + 1 for cell in cells), default=0)
        cells.extend(active_part(part, row, 3, keep_empty=template == "fy2019"))
    return Layout("active_disclosure", template, (0.34, 0.22, 0.22, 0.22), 0, tuple(cells))


def application_header() -> Iterable[GridCell]:
    """The three header rows over the seven applicant columns 3 to 9."""
    yield GridCell(0, 0, 3, 3, IDENTITY_NOTE, "header")
    yield GridCell(0, 3, 1, 7, "申请人情况", "header")
    yield GridCell(1, 3, 2, 1, "自然人", "header")
    yield GridCell(1, 4, 1, 5, "法人或其他组织", "header")
    yield GridCell(1, 9, 2, 1, "总计", "header")
    for col, (_, label) in enumerate(APPLICANTS[1:-1], start=4):
        yield GridCell(2, col, 1, 1, label, "header")


def application_values(row: int, item: str) -> Iterable[GridCell]:
    """The seven number cells of a row."""
    for col, (column, _) in enumerate(APPLICANTS, start=3):
        yield GridCell(row, col, 1, 1, "", "value", (item, column))


def application_group(row: int, label: str, rows: tuple[Row, ...]) -> Iterable[GridCell]:
    """One of （一） to （七）: a label over its rows, or a label alone."""
    single = not rows[0].label
    yield GridCell(row, 1, len(rows), 2 if single else 1, label, "label")
    for offset, item in enumerate(rows, start=row):
        if not single:
            yield GridCell(offset, 2, 1, 1, item.label, "label")
        yield from application_values(offset, item.key)


def applications(template: str) -> Layout:
    """Table 三; the templates differ in （六）其他处理 alone."""
    cells = list(application_header())
    for row, key, label in (
        (3, "new_received", "一、本年新收政府信息公开申请数量"),
        (4, "carried_in", "二、上年结转政府信息公开申请数量"),
    ):
        cells.append(GridCell(row, 0, 1, 3, label, "label"))
        cells.extend(application_values(row, key))
    row = 5
    for label, rows in (*RESULTS, OTHER_RESULTS[template], HANDLED_TOTAL):
        cells.extend(application_group(row, label, rows))
        row += len(rows)
    cells.append(GridCell(5, 0, row - 5, 1, "三、本年度办理结果", "side"))
    cells.append(GridCell(row, 0, 1, 3, "四、结转下年度继续办理", "label"))
    cells.extend(application_values(row, "carried_out"))
    widths = (0.055, 0.115, 0.33, *(0.5 / 7,) * 7)
    return Layout("applications", template, widths, 3, tuple(cells))


def review_litigation() -> Layout:
    """Table 四: three groups of five side by side, one row of numbers."""
    cells = [
        GridCell(0, 0, 1, 5, "行政复议", "header"),
        GridCell(0, 5, 1, 10, "行政诉讼", "header"),
        GridCell(1, 5, 1, 5, "未经复议直接起诉", "header"),
        GridCell(1, 10, 1, 5, "复议后起诉", "header"),
    ]
    for group, first in (("review", 0), ("litigation_direct", 5), ("litigation_after_review", 10)):
        for col, (column, label) in enumerate(OUTCOMES, start=first):
            top, span = (1, 2) if group == "review" else (2, 1)
            cells.append(GridCell(top, col, span, 1, label, "header"))
            cells.append(GridCell(3, col, 1, 1, "", "value", (group, column)))
    return Layout("review_litigation", "fy2021", (1 / 15,) * 15, 3, tuple(cells))


def indent_of(label: str, unit: str) -> str:
    """Blanks before a row of the 统计表, more for the deeper ones."""
    if unit == "——" or label[1] == "、":
        return ""
    return "　" if label[0] == "（" else "　　" if label[0].isdigit() else "　　　"


def statistics(variant: str, year: int) -> Layout:
    """The 统计表 of fy2014, national (统计指标, 单位, 统计数) or with a column of all years."""
    headers, columns = STATISTICS_HEADERS[variant]
    cells = [GridCell(0, col, 1, 1, label.format(year=year), "header") for col, label in enumerate(headers)]
    for number, row in enumerate(STATISTICS, start=1):
        label = row.label.split("（不")[0] if variant == "provincial" else row.label
        cells.append(GridCell(number, 0, 1, 1, indent_of(label, row.unit) + label, "label"))
        cells.append(GridCell(number, 1, 1, 1, row.unit, "unit"))
        for col, column in enumerate(columns, start=2):
            cells.append(GridCell(number, col, 1, 1, "", "value", (row.key, column) if row.key else None))
    widths = (0.68, 0.14, 0.18) if variant == "national" else (0.54, 0.14, 0.16, 0.16)
    return Layout("statistics", "fy2014", widths, 1, tuple(cells))


def respell(layout: Layout, spelling: str) -> Layout:
    """The layout with its labels in a bureau's own spelling."""
    cells = tuple(replace(cell, text=spell(cell.text, spelling)) for cell in layout.cells)
    return replace(layout, cells=cells)


def with_heading_row(layout: Layout, heading: str) -> Layout:
    """The layout with its chapter heading swallowed as a first row over the full width."""
    moved = tuple(replace(cell, row=cell.row + 1) for cell in layout.cells)
    first = GridCell(0, 0, 1, len(layout.widths), heading, "swallowed")
    header_rows = layout.header_rows + 1 if layout.header_rows else 0
    return replace(layout, cells=(first, *moved), header_rows=header_rows)


def split_rows(layout: Layout, row: int) -> tuple[Layout, Layout]:
    """Two layouts: the rows above `row`, and those from it on."""
    above = tuple(cell for cell in layout.cells if cell.row < row)
    below = tuple(replace(cell, row=cell.row - row) for cell in layout.cells if cell.row >= row)
    return replace(layout, cells=above), replace(layout, cells=below, header_rows=0)


# ------------------------------------------------- what bureaus leave out or add


def without(layout: Layout, rows: frozenset[int] = frozenset(), cols: frozenset[int] = frozenset()) -> Layout:
    """The layout without these grid rows and columns; merged cells shrink, the others share the width."""
    cells = []
    for cell in layout.cells:
        row, row_span = _closed_up(cell.row, cell.row_span, rows)
        col, col_span = _closed_up(cell.col, cell.col_span, cols)
        if row_span and col_span:
            cells.append(replace(cell, row=row, row_span=row_span, col=col, col_span=col_span))
    kept = [width for col, width in enumerate(layout.widths) if col not in cols]
    widths = tuple(width / sum(kept) for width in kept) if cols else layout.widths
    return replace(layout, cells=tuple(cells), widths=widths)


def _closed_up(start: int, span: int, gone: frozenset[int]) -> tuple[int, int]:
    """Where (start, span) stands when these lines of the grid are gone."""
    before = sum(line < start for line in gone)
    return start - before, span - sum(start <= line < start + span for line in gone)


def without_totals(layout: Layout, totals: str) -> Layout:
    """Table 三 without its row of totals (no_row) or its column (no_column), table 四 without (no_review)."""
    table = {"no_row": "applications", "no_column": "applications", "no_review": "review_litigation"}
    if layout.table != table.get(totals):
        return layout
    values = [cell for cell in layout.cells if cell.key]
    if totals == "no_row":
        return without(layout, rows=frozenset(c.row for c in values if c.key and c.key[0] == "handled_total"))
    return without(layout, cols=frozenset(c.col for c in values if c.key and c.key[1] == "total"))


EXTRA_ROWS = {
    "of_which": ("applications", "new_received", "其中：通过网络渠道收到的申请"),
    "other": ("applications", "unavailable.unclear_after_correction", "4.其他"),
    "other_counted": ("applications", "unavailable.unclear_after_correction", "4.其他"),
    "active": ("active_disclosure", "administrative_penalty", "其中：当场作出的处罚"),
    "statistics": ("statistics", "received.letter", "5.电子邮件申请数"),
}
"""Rows that no form knows: the table, the row that they follow, their label."""


def with_extra_row(layout: Layout, kind: str, numbers: Mapping[str, str]) -> Layout:
    """The layout with a row that no form knows, printing numbers {column: text}; they carry no key."""
    table, after, label = EXTRA_ROWS[kind]
    if layout.table != table:
        return layout
    row = next(cell.row for cell in layout.cells if cell.key and cell.key[0] == after)
    cells: list[GridCell] = []
    for cell in layout.cells:
        over = cell.row <= row < cell.row + cell.row_span
        if cell.row > row:
            cell = replace(cell, row=cell.row + 1)
        elif over and (cell.row_span > 1 or cell.role == "side"):
            cell = replace(cell, row_span=cell.row_span + 1)
        elif over:
            text = label if cell.role == "label" else cell.text
            text = numbers[cell.key[1]] if cell.key else text
            cells.append(replace(cell, row=row + 1, text=text, key=None))
        cells.append(cell)
    return replace(layout, cells=tuple(cells))
