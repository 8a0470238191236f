"""The reports kept in data/raw: the one this project began with, and invented ones."""

from __future__ import annotations

from .figures import Cell
from .layouts import OUTCOMES, active_disclosure, applications
from .numbers import Printed
from .prose import Chapter
from .render import Break, Style
from .reports import Spec

BLANK = Printed("", None, "blank")
ZERO = Printed("0", 0.0, "ok")

SEED_ACTIVE = {
    ("administrative_licensing", "previous_items"): Printed("25", 25.0, "ok"),
    ("administrative_licensing", "change"): Printed("减 20", -20.0, "ok"),
    ("administrative_licensing", "decisions"): Printed("5", 5.0, "ok"),
    ("administrative_fees", "previous_items"): Printed("1", 1.0, "ok"),
    ("government_procurement", "procurement_items"): Printed("3", 3.0, "ok"),
    ("government_procurement", "procurement_amount"): Printed("2.58 万元", 25800.0, "ok"),
}
# In table 三 a 0 stands only under 总计, and in these rows not even there.
SEED_BLANK_TOTALS = ("granted", "refused.state_secret")


def seed_figures() -> tuple[tuple[Cell, Printed], ...]:
    """Every cell of the seed report as it is printed."""
    cells: dict[Cell, Printed] = {}
    for item, column in active_disclosure("fy2019").number_keys():
        cells["active_disclosure", item, column] = SEED_ACTIVE.get((item, column), ZERO)
    for item, column in applications("fy2019").number_keys():
        printed = column == "total" and item not in SEED_BLANK_TOTALS
        cells["applications", item, column] = ZERO if printed else BLANK
    for group in ("review", "litigation_direct", "litigation_after_review"):
        cells.update({("review_litigation", group, column): ZERO for column, _ in OUTCOMES})
    return tuple(cells.items())


SEED_CHAPTERS = (
    Chapter(
        "preamble",
        "",
        (
            "2022 年，我局认真学习贯彻《中华人民共和国政府信息公开条例》，按照市委、市政府的部署安排，把政府"
            "信息公开作为转变作风、服务企业和群众的重要抓手，健全机制、压实责任、丰富内容，政府信息公开各项任务得到较好落实。现将"
            "本年度工作情况报告如下。",
        ),
    ),
    Chapter(
        "overview",
        "一、总体情况",
        (
            "一是加强组织保障。结合人员调整情况，及时充实局政府信息公开工作领导小组，由局主要负责人担任组长、分管负责人"
            "担任副组长、各科室负责人为成员，办公室负责日常事务并确定专人承办，信息发布前须经分管领导审核把关，逐级审批"
            "后方可公开，确保公开工作有人抓、有人管、有人办，推动全局信息公开工作有序开展。二是推进决策公开。按照条例规定"
            "和省、市有关工作要求，坚持以公开为常态、不公开为例外，围绕重要改革举措、重大政策措施以及政府工作报告和发展"
            "规划确定的事项，在市政府门户网站主动公布执行措施、实施步骤、责任分工和监督方式，"
            "并随工作进展公布阶段成效和后续安排，广泛听取社会各方面意见建议。全年完成7项项目节能审查，审查意见全部在"
            "市政府网站公示，涉及年产40万吨干混砂浆生产线、6.5万吨牦牛藏羊全产业链加工、年产2万吨岩棉板扩建改造、碳化硅"
            "生产线节能减排升级、年产5万套负极材料用坩埚、2×40500KVA硅铁矿热炉余热发电优化以及年产2.5万吨高品质耐火材料"
            "等建设内容。同时，按要求公开所属市中小微企业服务中心、市无线电监测站等事业单位的法人年度报告书，主动接受"
            "社会监督。三是创新公开方式。在用好门户网站的同时，依托微信群、QQ群、钉钉工作群和党务政务公开栏，及时转发"
            "全市工业和信息化领域的重要政策文件及权威解读，回应企业和群众关心的热点问题；对巡察整改、“三公”经费支出等"
            "事项在公示栏进行公示；依法对各类信息进行梳理，按照公开权限，对适宜主动公开的内容做到应公开尽公开、及时"
            "公开，广泛接受干部群众监督。",
        ),
    ),
    Chapter("active_disclosure", "二、主动公开政府信息情况"),
    Chapter("applications", "三、收到和处理政府信息公开申请情况"),
    Chapter("review_litigation", "四、政府信息公开行政复议、行政诉讼情况"),
    Chapter(
        "problems",
        "五、存在的主要问题及改进情况",
        (
            "2022 年度我局政府信息公开工作稳步推进，但对照要求仍有不足，主要是公开质量还不够高、部分内容"
            "更新不够及时、公开方式较为单一，与群众的期盼还有一定差距。下一步，我局将继续完善制度，加大工作力度，拓展公开途径，用好"
            "市政府门户网站、报纸、广播电视和政务公开栏等载体，加强工作动态宣传，推动政府信息公开工作常态化、制度化。",
        ),
    ),
)

SEED = Spec(
    agency="海东市工业和信息化局",
    year=2022,
    active="fy2019",
    applications="fy2019",
    sample=False,
    masthead="海东市工业和信息化局",
    title="海东市工业和信息化局 2022 年度政府信息公开工作年度报告",
    chapters=SEED_CHAPTERS,
    printed=seed_figures(),
    style=Style(
        spelling="ascii",
        headers="stack",
        side="pair",
        labels="top",
        page_number=False,
        row_height=24,
        body_size=16.0,
        leading=2.05,
        breaks=(
            Break("active_disclosure", 2),
            Break("applications", 7),
            Break("review_litigation", 2, 3),
        ),
    ),
    file="海东市工业和信息化局2022年度政府信息公开工作年度报告.pdf",
)

WRONG_REVIEW: tuple[tuple[Cell, float], ...] = (
    (("review_litigation", "review", "total"), 0.0),
    (("review_litigation", "litigation_after_review", "total"), 3.0),
)
WORST_BREAKS = (
    Break("active_disclosure", 5),
    Break("applications", 2, 1),
    Break("applications", 16, 1),
    Break("applications", 24, 1),
    Break("review_litigation", 2, 2),
)

COLLECTION: tuple[Spec, ...] = (
    SEED,
    Spec("示例市示例局", 2022, published_on="2023-01-16", style=Style(shading=True)),
    Spec("示例市示例局", 2023, published_on="2024-01-19", style=Style(shading=True, row_height=26)),
    Spec(
        "示例市教育示例局",
        2023,
        active="fy2021",
        applications="fy2019",
        published_on="2024-01-12",
        style=Style(
            ruling="rects",
            cut="anywhere",
            cut_rule="no_close",
            headers="stack",
            side="pair",
            blanks="some",
            spelling="sloppy",
        ),
    ),
    Spec(
        "示例市公安示例局",
        2022,
        seed=3,
        wrong=WRONG_REVIEW,
        published_on="2023-01-20",
        style=Style(ruling="grey", repeat_header=True, watermark="rotated", row_height=26),
    ),
    Spec(
        "示例市交通运输示例局",
        2021,
        published_on="2022-01-25",
        style=Style(ruling="strokes", spelling="kangxi", row_height=25),
    ),
    Spec(
        "示例市水务示例局",
        2023,
        seed=5,
        style=Style(
            breaks=WORST_BREAKS, cut="anywhere", cut_rule="none", headers="stack", row_height=30, leading=2.0
        ),
    ),
    Spec(
        "示例市商务示例局",
        2020,
        active="fy2019",
        applications="fy2019",
        published_on="2021-02-03",
        style=Style(
            table_orientation="rotate90", numbers="mixed", ruling="double", spelling="comma", seal=True
        ),
    ),
    Spec(
        "示例市民政示例局",
        2017,
        active="",
        applications="",
        review=False,
        statistics="national",
        published_on="2018-02-09",
        style=Style(row_height=22),
    ),
    Spec(
        "示例省农业农村示例厅",
        2017,
        active="",
        applications="",
        review=False,
        statistics="provincial",
        published_on="2018-03-15",
        style=Style(numbers="thousands", blanks="some", ruling="boxes"),
    ),
)
