"""What stands around the title of a report: document numbers, dates, breadcrumbs, labelled values, sizes.

Every page is a combination of what public reports were seen to have there. What a reader of the page takes
for the body, the year and the day of publication is known, since the page is made from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from .layouts import GridCell, Layout
from .render import Block, Space, Table, Text

BODY = 14.0
"""Points. The size of the text; the title is as large, or larger."""

WIDTH = 440.0
"""Points. A longer title is wrapped."""

YEARS_LATER = 1
"""Years from the year reported on to that of document numbers, and of the day of publication."""

PLACES = ("示例市", "示例省示例市", "示例市示例区", "示例县", "示例自治县", "示例州示例市", "示例市市中区")
BUREAUS = (
    *("教育局", "统计局", "审计局", "发展和改革委员会", "人力资源和社会保障局", "农业农村局", "公安局"),
    *(
        "民政局",
        "市场监督管理局",
        "文化广电和旅游局",
        "公安局交通警察支队",
        "住房和城乡建设局",
        "政务服务中心",
    ),
    *("高新技术产业开发区管理委员会", "人民政府", "人民政府办公室", "人民政府国有资产监督管理委员会"),
)
OTHERS = (
    *("国家税务总局示例市税务局", "示例市生态环境局示例分局", "示例街道办事处", "示例镇人民政府", "示例海关"),
    *("示例经济技术开发区管委会", "中国证券监督管理委员会示例监管局", "示例盟行政公署"),
)
JOINT = (
    ("示例县财政局", "示例县国有资产监督管理局"),
    ("示例市教育局", "示例市体育局"),
    ("示例区科学技术局", "示例区知识产权局"),
)
"""Bodies of a place that report together."""

SITES = {
    "示例县": "示例县人民政府",
    "示例盟": "示例盟行政公署",
    "示例镇": "示例镇人民政府",
    "示例市示例区": "示例市示例区人民政府",
    "示例海关关区": "示例海关",
}
"""Places that titles name alone, and the governments, or customs, that report for them."""

CRUMBS = (
    "当前位置：首页 > 政务公开 > 信息公开年报",
    "您现在的位置： 首页>>政府信息公开>>政府信息公开年报>>{year}年",
    "首页 › 部门信息公开 › 政府信息公开年度报告",
    "当前位置: 网站首页 / 政府信息公开 / 政府信息公开年报",
    "所在位置：首页→示例网→法定主动公开内容→政府信息公开工作年度报告",
    "首 页  走进示例  新闻中心  政府信息公开  政务服务  互动交流",
)
BARS = (
    *(
        "无障碍阅读",
        "长者模式 | 关怀版",
        "登录 | 注册",
        "加入收藏 设为首页",
        "IPv6 支持",
        "www.example.gov.cn",
        "部门动态",
    ),
    *(
        "今天是{later}年3月1日 星期六",
        "{later}年3月1日 星期六 10:20",
        "{later}年",
        "示例市人民政府门户网站",
        "请输入关键字 搜索",
    ),
    *(
        "政府信息公开指南 政府信息公开制度 法定主动公开内容 政府信息公开年报",
        "{later}年政府信息公开年报",
        "共3页 第1页",
    ),
)
"""What else the head of a web site has: tools, a clock, folders of years."""

LISTED = (
    "{other}年政府信息公开年报",
    "{body}{other}年政府信息公开工作年度报告",
    "示例市{other}年政府信息公开工作年度报告",
    "{other}年度报告",
)
"""What a list of the reports of other years says, in small print."""

MENUS = (
    ("政府信息公开指南", "政府信息公开制度", "法定主动公开内容", "政府信息公开年报", "依申请公开"),
    ("{other}年年报", "{older}年年报", "{oldest}年年报"),
    ("{other}年政府信息公开年报", "{older}年政府信息公开年报"),
    ("首页", "机构概况", "政策文件", "{other}年度报告", "{older}年度报告"),
    ("示例区", "示例县", "示例开发区", "{later}年", "{other}年"),
)
"""What stands in the margin beside a title and its text: a menu, or a list of the reports of other years."""

LABELLED = (
    ("索引号", "000014349/{later}-03255", "主题分类", "综合政务"),
    ("发布机构", "{body}", "发文日期", "{written}"),
    ("名称", "{title}", "文号", "无"),
    ("关键词", "年度报告 {year}年 政府信息公开", "公开日期", "{published}"),
)
"""Rows of a table of labels and their values, whose texts wrap in narrow cells."""

LETTERS = (
    "{body}关于报送{year}年政府信息公开工作年度报告的报告",
    "{body}关于公布{year}年政府信息公开工作年度报告的公告",
    "{body}关于{year}年度政府信息公开工作年度报告的公示",
    "关于印发{body}{year}年政府信息公开工作年度报告的通知",
)
REMARKS = ("（{later}年修订）", "（{later}年1月更正）", "（第二版）", "（含统计表）")
ABOUT_OTHERS = (
    "关于{body}{year}年政府信息公开工作年度报告的批复",
    "关于对{body}{year}年政府信息公开工作年度报告的评议意见",
    "对{body}{year}年政府信息公开工作年度报告的通报",
    "关于{body}{year}年政府信息公开工作年度报告审核情况的反馈",
)
"""Titles of documents that are about a report, and are none of the body that they name."""

NUMBERS = (
    "示统发〔{later}〕2号",
    "示办函[{later}]15号",
    "示政办发（{later}）103 号",
    "{later}年第3号",
    "示局〔{later}〕1 号",
)
FOLDERS = ("政府信息公开年报", "政府信息公开", "政府信息公开工作年度报告")
ROWS = (
    ("索 引 号： 000014349/{later}-03255", "发布机构： {body}"),
    ("索引号:12370322MB28963060/{later}-None 文号: 无文号", "发文日期: {written} 发布机构: {body}"),
    ("主题分类： 综合政务、政务公开  体裁分类：其他", "公开方式：主动公开 公开日期：{published}"),
    ("名 称： {title}", "关 键 词： 年度报告 {year}年 政府信息公开"),
    ("信息名称：{title} 信息分类：政府信息公开年报 生成日期：{written}",),
    ("成文日期：{written} 发布日期：{published} 有效性：有效",),
    ("名称 {title}", "索引号 000014349/{later}-03255 发布日期 {published} 所属机构 {body}"),
)
BELOW = (
    ("来源：{body} 发布时间：{published} 10:30 浏览次数：12",),
    ("来源：本网 时间：{published} 分享到：",),
    ("更新时间：{updated} 15:17 发布时间：{published} 15:53 来源：{body}",),
    ("【字体：大 中 小】 【打印】 【关闭】", "发布日期：{published}"),
    ("发布时间：", "{published} 09:05"),
    ("{published} 15:41",),
    ("日期：{published} 作者：{body} 点击数： 字号：[大 中 小]",),
    ("成文日期：{written}", "发布日期：{published}"),
    ("发布于 {published}   阅读量：305",),
)
"""What stands below a title; all of it gives the day of publication."""

PERIODS = (
    "本报告中所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。",
    "所列数据统计期限为{year}年1月1日至12月31日。",
    "本报告统计数据从{year}年1月1日到{year}年12月31日止。",
)
OPENING = "本报告根据《中华人民共和国政府信息公开条例》要求编制，现予公布。"
NAMING = (
    "本报告由{desk}根据《中华人民共和国政府信息公开条例》编制。",
    "根据条例规定，现公布{body}{year}年政府信息公开工作年度报告。",
    "根据条例规定，现发布《{body}{year}年政府信息公开工作年度报告》。",
    "按照上级要求，特向社会公布{year}年度{body}政府信息公开工作年度报告，全文如下。",
    "全文包括{body}{year}年政府信息公开工作情况。",
    "报告全文可在网站下载。如有疑问，请与{desk}联系（地址：示例路1号，邮编：000000）。",
)
"""How a preamble names the body where the title does not. A desk of the body is {desk}."""

DESKS = ("办公室", "党政办公室", "政府信息公开领导小组办公室", "政务公开科")


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of a page: `size` in points, `align` left, centre or right."""

    text: str
    size: float = BODY
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a web page has around a report.

    `labels` are the rows of a table above all lines, `menu` are the lines in the margin of the page's
    `menu_side`, left or right.
    """

    labels: tuple[tuple[str, ...], ...] = ()
    menu: tuple[str, ...] = ()
    menu_side: str = "left"

    def filled(self, facts: Mapping[str, str]) -> Surroundings:
        """Return the same with these facts in its texts."""
        labels = tuple(tuple(text.format_map(facts) for text in row) for row in self.labels)
        return replace(self, labels=labels, menu=tuple(text.format_map(facts) for text in self.menu))

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the texts of the table."""
        return tuple(text for row in self.labels for text in row)


@dataclass(frozen=True, slots=True)
class TitlePage:
    """The first lines of a report, and what they say; `agency` is "" where they say that of another body.

    `differs` says that title and period name different years. `published` is an ISO date, None where none is
    printed. `axes` are what was combined. `around` is what stands above and beside all lines.
    """

    lines: tuple[PageLine, ...]
    agency: str
    year: int
    published: str | None
    differs: bool
    axes: tuple[str, ...]
    around: Surroundings = Surroundings()


def title_pages(count: int, seed: int = 0) -> Iterator[TitlePage]:
    """Yield combinations, the same for the same seed."""
    for number in range(count):
        yield _page(Random(f"titles/{seed}/{number}"))


def surrounded_pages(count: int, seed: int = 0) -> Iterator[TitlePage]:
    """Yield other combinations, beside each of which stands a menu, or above it a table of labels."""
    for number in range(count):
        rng = Random(f"titles/{seed}/surrounded/{number}")
        yield _page(rng, _surroundings(rng))


def page_to_blocks(page: TitlePage) -> Iterator[Block]:
    """Yield what draws the lines of a page at its head."""
    if page.around.labels:
        yield Table(_label_table(page.around.labels), {})
    for line in page.lines:
        yield Text(line.text, line.size, line.align)
    yield Space(BODY)


def _label_table(rows: Sequence[Sequence[str]]) -> Layout:
    """Return a table with such texts; labels stand in every other column."""
    roles = ("header", "label", "header", "label")
    cells = [
        GridCell(at, col, 1, 1, text, roles[col])
        for at, row in enumerate(rows)
        for col, text in enumerate(row)
    ]
    return Layout("labels", "", (0.14, 0.4, 0.14, 0.32), 0, tuple(cells))


def _surroundings(rng: Random) -> Surroundings:
    """Return a menu in a margin, or a table of labels."""
    if rng.random() < 0.5:
        return Surroundings(menu=rng.choice(MENUS), menu_side=rng.choice(("left", "right")))
    return Surroundings(labels=tuple(rng.sample(LABELLED, rng.choice((2, 3, 4)))))


def _page(rng: Random, around: Surroundings | None = None) -> TitlePage:
    """Return one combination."""
    agency, printed = _names(rng)
    joint = rng.choice(JOINT) if rng.random() < 0.06 else ()
    if joint:
        agency = printed = "、".join(joint)
    year = rng.randint(2008, 2025)
    size = rng.choice((BODY, BODY, 18.0, 22.0))
    facts = _facts(rng, agency, year)
    how = rng.choice(
        (
            *("one line", "two lines", "year first", "broken", "below", "spelt", "preamble", "signed"),
            *("bare year", "year behind"),
        )
    )
    if printed != agency:
        how = rng.choice(("one line", "year first", "broken"))
    if joint:
        how = rng.choice(("joint line", "joint lines"))
    elif printed == agency and rng.random() < 0.25:
        how = rng.choice(("letter", "remark", "two digits", "about another"))
    axes = [how, f"{size:g} pt"]
    room = int(WIDTH / size)
    texts = _title(how, printed, year) or (rng.choice(_UNUSUAL[how]).format_map(facts),)
    title = [PageLine(part, size, "centre") for text in texts for part in _wrapped(text, room)]
    above = list(_above(rng, facts, size, axes, named=how not in ("preamble", "signed")))
    if rng.random() < 0.15 and size > BODY:
        axes.append("list")
        others = rng.sample([other for other in range(2008, 2026) if other != year], rng.choice((1, 2, 3)))
        listed = rng.choice(LISTED)
        above += [PageLine(listed.format_map(facts | {"other": str(other)}), 9.0) for other in others]
    below, published = _below(rng, facts, axes)
    prose, differs = _prose(rng, how, facts, year, axes)
    signed = _signature(how, agency, facts)
    surroundings = (around or Surroundings()).filled(facts)
    said = [*above, *(PageLine(text) for text in surroundings.texts)]
    published = _published(said, facts) or published or _written([*said, *signed], facts)
    lines = (*above, *title, *below, *prose, *signed)
    agency = "" if how == "about another" else agency
    return TitlePage(lines, agency, year, published, differs, tuple(axes), surroundings)


def _names(rng: Random) -> tuple[str, str]:
    """Return a body, and what a title calls it."""
    kind = rng.random()
    if kind < 0.15:
        place = rng.choice(sorted(SITES))
        return SITES[place], place
    if kind < 0.4:
        name = rng.choice(OTHERS)
        return name, name
    name = rng.choice(PLACES) + rng.choice(BUREAUS)
    return name, name


def _facts(rng: Random, agency: str, year: int) -> dict[str, str]:
    """Return what the lines fill in."""
    later, day = year + YEARS_LATER, rng.randint(10, 26)
    desk = agency if "政府" in agency or "行政公署" in agency else agency + rng.choice(("", *DESKS))
    return {
        "body": agency,
        "desk": desk,
        "year": str(year),
        "later": str(later),
        "other": str(year - 1),
        "older": str(year - 2),
        "oldest": str(year - 3),
        "title": f"{agency}{year}年政府信息公开工作年度报告",
        "written": f"{later}-01-{day - 3:02}",
        "spelt": f"{later}年1月{day - 3}日",
        "published": f"{later}-01-{day:02}",
        "updated": f"{later}-01-{day + 2:02}",
    }


_UNUSUAL = {
    "letter": LETTERS,
    "remark": tuple("{body}{year}年政府信息公开工作年度报告" + remark for remark in REMARKS),
    "about another": ABOUT_OTHERS,
}


def _title(how: str, name: str, year: int) -> tuple[str, ...]:
    """Return the lines of the title; () of one that is none of these."""
    report, numerals = (
        "政府信息公开工作年度报告",
        str(year).translate(str.maketrans("0123456789", "〇一二三四五六七八九")),
    )
    return {
        "one line": (f"{name}{year}年{report}",),
        "two lines": (name, f"{year}年{report}"),
        "year first": (f"{year}年度{name}政府信息公开年度报告",),
        "broken": (f"{name}{year}年政府信息公开", "工作年度报告"),
        "below": (f"{year}年{report}", name),
        "spelt": (f"{name}{numerals}年政府信息公开年报",),
        "bare year": (f"{name}{report}", f"（{year}年度）"),
        "year behind": (f"{name}{report}（{year}年度）",),
        "two digits": (f"{name}{year % 100:02}年度{report}",),
        "joint line": (name.replace("、", " "), f"{year}年{report}"),
        "joint lines": (*name.split("、"), f"{year}年{report}"),
        "preamble": (f"{year}年{report}",),
        "signed": (f"{year}年{report}",),
    }.get(how, ())


def _wrapped(text: str, room: int) -> Iterator[str]:
    """Yield the lines of a title that is too long for one."""
    for start in range(0, len(text), room):
        yield text[start : start + room]


def _above(
    rng: Random, facts: dict[str, str], size: float, axes: list[str], named: bool
) -> Iterator[PageLine]:
    """Yield what stands above the title: a web page's head, or a document's."""
    web = rng.random() < 0.6
    for text in rng.sample(BARS, rng.choice((0, 0, 1, 3))) if web else ():
        axes.append("bar")
        yield PageLine(text.format_map(facts), rng.choice((9.0, BODY)), rng.choice(("left", "centre")))
    if web and rng.random() < 0.3:
        axes.append("site")
        yield PageLine("示例网", size + 6, "centre")
    if web and rng.random() < 0.7:
        axes.append("crumb")
        yield PageLine(rng.choice(CRUMBS).format_map(facts), rng.choice((9.0, BODY)))
    if web and named and rng.random() < 0.25:
        axes.append("folder")
        yield PageLine(rng.choice(FOLDERS), rng.choice((BODY, size)))
    if web and rng.random() < 0.5:
        axes.append("labels")
        for text in rng.choice(ROWS):
            yield PageLine(text.format_map(facts), rng.choice((9.0, BODY)))
    if not web and rng.random() < 0.3:
        axes.append("red head")
        yield PageLine(f"{facts['body']}文件", size + 8, "centre")
    if not web and rng.random() < 0.7:
        axes.append("number")
        yield PageLine(
            rng.choice(NUMBERS).format_map(facts), rng.choice((BODY, size)), rng.choice(("centre", "right"))
        )
    if not web and rng.random() < 0.4:
        axes.append("date above")
        yield PageLine(rng.choice((facts["spelt"], f"{facts['later']}年1月")), size, "centre")


def _below(rng: Random, facts: dict[str, str], axes: list[str]) -> tuple[list[PageLine], str | None]:
    """Return what stands below the title, and the day of publication that it gives."""
    if rng.random() < 0.4:
        return [], None
    axes.append("below")
    texts = [text.format_map(facts) for text in rng.choice(BELOW)]
    return [PageLine(text, rng.choice((9.0, BODY)), "centre") for text in texts], facts["published"]


def _prose(
    rng: Random, how: str, facts: dict[str, str], year: int, axes: list[str]
) -> tuple[list[PageLine], bool]:
    """Return the preamble and the first chapter, and whether the period is of another year."""
    period = rng.choice(("none", "same", "same", "other"))
    axes.append(f"period {period}")
    texts = [rng.choice(NAMING).format_map(facts) if how == "preamble" else OPENING]
    if period != "none":
        texts.append(rng.choice(PERIODS).format(year=year if period == "same" else year - 1))
    lines = [
        PageLine(text)
        for text in (*texts, "一、总体情况", f"{year}年，工作平稳有序。", "二、主动公开政府信息情况")
    ]
    return lines, period == "other"


def _signature(how: str, agency: str, facts: dict[str, str]) -> list[PageLine]:
    """Return the name and the day at the end of a report whose title names nobody."""
    if how != "signed":
        return []
    return [PageLine(agency, BODY, "right"), PageLine(facts["spelt"], BODY, "right")]


def _published(lines: list[PageLine], facts: dict[str, str]) -> str | None:
    """Return the day of publication where a line says it; None where none does."""
    return facts["published"] if any(facts["published"] in line.text for line in lines) else None


def _written(lines: list[PageLine], facts: dict[str, str]) -> str | None:
    """Return the day on which the report was written where a label or the signature says it."""
    says = any(
        facts["written"] in line.text or (line.align == "right" and facts["spelt"] == line.text)
        for line in lines
    )
    return facts["written"] if says else None
