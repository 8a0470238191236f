"""The prose of an invented report: chapters whose figures agree with its tables."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .figures import Figures
from .layouts import OUTCOMES


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter: the key of its section, its heading as printed ("" for the preamble), its prose."""

    section: str
    heading: str
    paragraphs: tuple[str, ...] = ()


Chapters = tuple[Chapter, ...]

HEADINGS = {
    "overview": "一、总体情况",
    "active_disclosure": "二、主动公开政府信息情况",
    "applications": "三、收到和处理政府信息公开申请情况",
    "review_litigation": "四、政府信息公开行政复议、行政诉讼情况",
    "problems": "五、存在的主要问题及改进情况",
    "other": "六、其他需要报告的事项",
}
HEADINGS_FY2014 = HEADINGS | {
    "overview": "一、概述",
    "applications": "三、依申请公开政府信息情况",
    "review_litigation": "四、因政府信息公开申请提起行政复议、行政诉讼的情况",
    "problems": "五、存在的主要问题和改进措施",
}

PREAMBLE = (
    "本报告由{agency}根据《中华人民共和国政府信息公开条例》要求编制，由总体情况、主动公开政府信息情况、收到和处理"
    "政府信息公开申请情况、政府信息公开行政复议和行政诉讼情况、存在的主要问题及改进情况、其他需要报告的事项等部分"
    "组成。本报告期所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。如对本报告有疑问，请与{agency}办公室联系。"
)
OPENING = (
    "{year}年，{agency}认真贯彻落实《中华人民共和国政府信息公开条例》和上级政务公开工作要点，坚持以公开为常态、不公开"
    "为例外，紧紧围绕中心工作和群众关切，不断健全制度、拓宽渠道、提升质量，政府信息公开工作平稳有序推进。"
)
PUBLISHED = (
    "（一）主动公开。全年通过门户网站、政务新媒体、公开栏等渠道主动公开各类政府信息{posts}条，其中门户网站{site}条、"
    "政务新媒体{media}条；围绕年度重点工作发布政策解读{explained}篇，回应群众留言{answers}条，办结率100%。"
)
REQUESTED = (
    "（二）依申请公开。进一步规范受理、登记、审核、办理、答复、归档各环节流程，畅通当面、信函、网络等申请渠道。"
    "本年度新收政府信息公开申请{received}件，上年结转{carried}件，均在法定期限内依法办理。"
)
MANAGED = (
    "（三）政府信息管理。严格落实信息发布“三审三校”制度，明确专人负责信息的采集、审核和更新，对已公开的规范性文件"
    "开展全面清理，动态调整主动公开目录，未发生失泄密事件。",
    "（三）政府信息管理。按照“谁公开谁审查、事前公开审查”的原则，健全保密审查机制，公文办理时同步确定公开属性，"
    "对历年制发的文件逐件梳理，并及时更新公开目录和公开指南。",
)
PLATFORM = (
    "（四）平台建设。优化门户网站政务公开专栏设置，完善检索和下载功能，定期对栏目更新、链接可用性和错敏词开展自查，"
    "全年整改各类问题{fixed}处，平台运行安全稳定。"
)
SUPERVISED = (
    "（五）监督保障。调整充实政务公开工作领导小组，将政务公开纳入年度绩效考核，分值权重为{weight}%；组织业务培训"
    "{courses}次，参训{people}人次。本年度未发生需追究责任的情形。"
)
PROBLEMS = (
    "{year}年，我单位政府信息公开工作取得了一定成效，但仍存在一些不足：一是公开内容的深度和广度与群众期待还有差距；"
    "二是政策解读的形式较为单一，图解、视频类解读偏少；三是工作人员业务能力有待进一步提升。",
    "对照上级要求，工作中还存在以下问题：一是部分栏目信息更新不够及时；二是依申请公开答复的规范化水平需要提高；"
    "三是基层政务公开工作力量相对薄弱，人员变动较为频繁。",
)
NEXT_STEPS = (
    "下一步，将着重做好以下工作：一是聚焦群众关心的热点问题，持续细化公开内容，做到应公开尽公开；二是丰富解读方式，"
    "主要负责同志带头解读重大政策；三是加强业务培训和日常指导，每半年至少开展1次集中学习，推动工作提质增效。",
    "针对上述问题，一是完善信息更新提醒机制，对专栏实行月通报、季检查；二是编制依申请公开答复文书范本，加强与法制"
    "机构会商；三是配齐配强工作人员，组织跟班学习，切实提高政务公开工作水平。",
)
OTHER = (
    "本年度未收取政府信息公开信息处理费。",
    "按照《政府信息公开信息处理费管理办法》规定的按件、按量收费标准，本年度未产生信息处理费。除此之外，没有其他"
    "需要报告的事项。",
    "本年度无其他需要报告的事项。",
)
APPLICATIONS_FY2014 = (
    "{year}年共收到政府信息公开申请{received}件，已全部登记受理，答复情况见所附统计表。申请内容主要集中在行政许可、"
    "资金分配和规划建设等方面。"
)
ACTIVE_FY2014 = (
    "全年主动公开政府信息{disclosed}条，其中规范性文件{documents}件。公开的信息涵盖机构职能、政策文件、财政预决算、"
    "重大项目和办事指南等类别，各类信息按规定期限及时更新。"
)
REVIEW_FY2014 = "{year}年因政府信息公开申请提起的行政复议{review}件、行政诉讼{litigation}件。"

SHORT_PREAMBLE = (
    "本报告由{agency}根据《中华人民共和国政府信息公开条例》要求编制，所列数据的统计期限自{year}年1月1日起至{year}年"
    "12月31日止。"
)
QUOTED = (
    "一、本年新收政府信息公开申请数量{received}件，二、上年结转政府信息公开申请数量{carried}件，三、本年度办理结果中（一）予"
    "以公开{granted}件、（二）部分公开{partially_granted}件、（三）不予公开{refused}件，（七）总计{misquoted}件，四、结转下年"
    "度继续办理{carried_out}件。",
    "二、按申请人情况看，自然人{natural_person}件、商业企业{business}件、科研机构{research}件，其他{other_org}件，总计"
    "{received}件。其中1.属于国家秘密 0　2.其他法律行政法规禁止公开 0　3.其他 {other_org}。",
    "行政许可　本年处理决定数量　{licensing}",
    "三、行政复议{review}件：结果维持{upheld}件、结果纠正{corrected}件、其他结果{other}件、尚未审结{pending}件，总计{review}件。",
)
QUOTED_PROBLEMS = (
    "一、主动公开的深度不够。行政处罚、行政强制等信息更新不够及时，规章、行政规范性文件的解读偏少。",
    "二、申请办理不够规范。（四）无法提供一类答复偏多，1.本机关不掌握相关政府信息的有{not_held}件，2.没有现成信息需要另行制作"
    "的有{needs_creation}件。",
    "三、本年度办理结果的统计口径需要统一，第一项加第二项之和应当等于第三项加第四项之和。下一步将逐项核对，减少差错。",
)
QUOTED_FY2014 = (
    "一、主动公开情况。主动公开政府信息数{disclosed}条，其中：主动公开规范性文件数{documents}件。",
    "三、依申请公开情况。（一）收到申请数{received}件，其中1.当面申请数{in_person}件，4.信函申请数{letter}件；（三）申请答复数"
    "{misquoted}件。",
    "四、行政复议数量　{review}　件　五、行政诉讼数量　{litigation}　件",
)


def quotes_of(figures: Figures) -> dict[str, int]:
    """Figures of the tables that the prose quotes; one of them wrongly, as it happens."""
    table, review = "applications", "review_litigation"
    columns = ("natural_person", "business", "research", "other_org")
    rows = ("granted", "partially_granted", "carried_out")
    refused = sum(
        value
        for (_, item, column), value in figures.items()
        if item.startswith("refused.") and column == "total"
    )
    quoted = {
        **{column: figures[table, "new_received", column] for column in columns},
        **{item: figures[table, item, "total"] for item in rows},
        "not_held": figures[table, "unavailable.not_held", "total"],
        "needs_creation": figures[table, "unavailable.needs_creation", "total"],
        **{column: figures[review, "review", column] for column, _ in OUTCOMES[:-1]},
        **{item: figures["statistics", f"received.{item}", "count"] for item in ("in_person", "letter")},
        "refused": refused,
        "misquoted": figures[table, "handled_total", "total"] + 28,
        "licensing": figures["active_disclosure", "administrative_licensing", "decisions"],
        "review": figures[review, "review", "total"],
    }
    return {name: int(value) for name, value in quoted.items()}


def facts_of(agency: str, year: int, figures: Figures, fy2014: bool, rng: Random) -> dict[str, object]:
    """What the sentences fill in."""
    site, media = rng.randint(80, 900), rng.randint(50, 600)
    facts: dict[str, object] = quotes_of(figures) | {
        "agency": agency,
        "year": year,
        "posts": site + media,
        "site": site,
        "media": media,
        "explained": rng.randint(3, 40),
        "answers": rng.randint(5, 300),
        "fixed": rng.randint(2, 60),
        "weight": rng.choice((3, 4, 5)),
        "courses": rng.randint(1, 6),
        "people": rng.randint(40, 400),
        "received": int(figures["applications", "new_received", "total"]),
        "carried": int(figures["applications", "carried_in", "total"]),
    }
    return facts | facts_of_statistics(figures) if fy2014 else facts


def facts_of_statistics(figures: Figures) -> dict[str, int]:
    """What the sentences of a report with the 统计表 fill in otherwise."""
    counts = {
        item: int(value)
        for (table, item, column), value in figures.items()
        if (table, column) == ("statistics", "count")
    }
    return {
        "posts": counts["disclosed"], "site": counts["channel.website"],
        "media": counts["channel.weibo"] + counts["channel.wechat"], "received": counts["received"],
        "disclosed": counts["disclosed"], "documents": counts["disclosed.normative_documents"],
        "review": counts["review"], "litigation": counts["litigation"], "carried": 0,
    }  # fmt: skip


def write_chapters(
    agency: str, year: int, seed: int, figures: Figures, fy2014: bool, habit: str = "full"
) -> Chapters:
    """The chapters of an invented report, the same for the same arguments.

    `habit` is full, short, or quoting: short, and it quotes the labels and numbers of the tables.
    """
    rng = Random(f"prose/{seed}/{agency}/{year}")
    facts = facts_of(agency, year, figures, fy2014, rng)
    texts = {
        "preamble": (PREAMBLE,),
        "overview": (OPENING, PUBLISHED, REQUESTED, rng.choice(MANAGED), PLATFORM, SUPERVISED),
        "active_disclosure": (ACTIVE_FY2014,) if fy2014 else (),
        "applications": (APPLICATIONS_FY2014,) if fy2014 else (),
        "review_litigation": (REVIEW_FY2014,) if fy2014 else (),
        "problems": (rng.choice(PROBLEMS), rng.choice(NEXT_STEPS)),
        "other": (rng.choice(OTHER),),
    }
    if habit != "full":
        texts |= {
            "preamble": (SHORT_PREAMBLE,),
            "overview": texts["overview"][1:3],
            "problems": texts["problems"][:1],
        }
    if habit == "quoting":
        texts["overview"] += QUOTED_FY2014 if fy2014 else QUOTED
        texts["problems"] += () if fy2014 else QUOTED_PROBLEMS
    headings = HEADINGS_FY2014 if fy2014 else HEADINGS
    return tuple(
        Chapter(section, headings.get(section, ""), tuple(text.format(**facts) for text in paragraphs))
        for section, paragraphs in texts.items()
    )
