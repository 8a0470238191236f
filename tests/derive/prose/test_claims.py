"""Sentences as bureaus write them, and what is made of them; caution before all."""

from __future__ import annotations

import re

import pytest

from pipeline.derive.prose.chapters import ChapterText
from pipeline.derive.prose.claim_patterns import claim_cells, claim_patterns
from pipeline.derive.prose.claims import chapters_to_claims
from pipeline.extract.normalise.phrases import parse_quantity
from pipeline.forms import load_forms
from pipeline.tables.dictionary import cells as printed_cells
from tests.derive.prose.told import AGENCY, REPORT, claims, numbers, verdicts

RECEIVED = "2023年，我局共收到政府信息公开申请"

AGREE = [
    ("2023年，我局共收到政府信息公开申请17件。", "new_received"),
    ("2023年，我局共收到政府信息公开申请 17 件。", "new_received"),
    ("２０２３年，我局共收到政府信息公开申请１７件。", "new_received"),
    ("2023年我局收到政府信息公开申请十七件。", "new_received"),
    ("本年度新收政府信息公开申请17件", "new_received"),
    ("2023年度，本机关受理政府信息公开申请17宗，均已按期答复。", "new_received"),
    ("全年共收到依申请公开17件；", "new_received"),
    ("全年共受理依申请公开申请共计17件。", "new_received"),
    ("本年度，共受理17件政府信息公开申请，都在法定期限内予以答复。", "new_received"),
    ("示例市教育局2023年共收到公民、法人和其他组织政府信息公开申请17件。", "new_received"),
    ("市教育局全年接收政府信息公开申请17件，办结率100%。", "new_received"),
    ("2023年1月1日至12月31日，我局收到政府信息公开申请17件。", "new_received"),
    ("⼀年来我局收到政府信息公开申请17件。", "new_received"),
    ("2023年，我局累计收到政府信息公开申请17件。", "new_received"),
    ("依申请公开方面，上年度结转2件。", "carried_in"),
    ("2023年政府信息公开申请上年结转政府信息公开申请2件。", "carried_in"),
    ("依申请公开申请结转下年度继续办理4件。", "carried_out"),
    ("依申请公开申请结转至下年度办理4件。", "carried_out"),
    ("2023年，我局办结政府信息公开申请17件。", "handled_total"),
    ("2023年，我局答复政府信息公开申请17件。", "handled_total"),
    ("2023年，我局办理政府信息公开申请17件。", "handled_total"),
    ("依申请公开方面，转下年度4件。", "carried_out"),
    ("依申请公开方面，转下一年度办理答复的有4件。", "carried_out"),
    ("依申请公开申请结转到2024年4件。", "carried_out"),
    ("依申请公开方面，2022年结转2件。", "carried_in"),
    ("依申请公开方面，予以公开9件。", "granted"),
    ("依申请公开方面，同意公开答复9件。", "granted"),
    ("依申请公开方面，同意部分公开答复1件。", "partially_granted"),
    ("依申请公开方面，不予公开答复3件。", "refused"),
    ("因政府信息公开被行政复议5宗。", "review"),
    ("2023年，通过网站、信函、当面等渠道收到政府信息公开申请17件。", "new_received"),
    ("市教育局2023年收到政府信息公开申请17件。", "new_received"),
    ("示例市教育委员会收到政府信息公开申请17件。", "new_received"),
    ("依申请公开方面，部分公开1件。", "partially_granted"),
    ("依申请公开方面，不予公开3件。", "refused"),
    ("依申请公开方面，无法提供3件。", "unavailable"),
    ("依申请公开方面，不予处理1件。", "declined"),
    ("依申请公开方面，其他处理0件。", "other"),
    ("2023年，因政府信息公开申请提起的行政复议5件。", "review"),
    ("2023年，政府信息公开行政诉讼3件。", "litigation"),
    ("2023年，我局制发行政规范性文件6件。", "normative_documents.made"),
    ("全年共制定出台规范性文件6件。", "normative_documents.made"),
    ("全年制定6件行政规范性文件。", "normative_documents.made"),
    ("全年废止规范性文件1件。", "normative_documents.repealed"),
    ("现行有效行政规范性文件12件。", "normative_documents.in_force"),
    ("全年作出行政许可决定30件。", "administrative_licensing.decisions"),
    ("全年作出行政处罚决定8件。", "administrative_penalty.decisions"),
    ("全年作出行政强制决定7件。", "administrative_coercion.decisions"),
    ("全年制定政府规章3件。", "regulations.made"),
    ("全年出台3部市政府规章。", "regulations.made"),
    ("全年废止市政府规章2件。", "regulations.repealed"),
    ("现行有效政府规章41件。", "regulations.in_force"),
]

OUTCOMES: list[tuple[str, list[tuple[str, float]]]] = [
    (
        "因政府信息公开引发行政争议8件，其中，行政复议5件，结果维持3件，尚未审结1件；行政诉讼3件，结果维持1件，尚未审结1件。",
        [
            *(("review", 5), ("review.upheld", 3), ("review.pending", 1)),
            *(("litigation", 3), ("litigation.upheld", 1), ("litigation.pending", 1)),
        ],
    ),
    (
        "因政府信息公开产生行政复议5件和行政诉讼3件，其中行政复议结果维持3件，其他结果0件，行政诉讼结果纠正1件，其他结果0件。",
        [
            *(("review", 5), ("litigation", 3), ("review.upheld", 3), ("review.other", 0)),
            *(("litigation.corrected", 1), ("litigation.other", 0)),
        ],
    ),
    (
        "因不服政府信息公开答复引起行政复议5件，3件结果维持，1件结果纠正，1件尚未审结。",
        [("review", 5), ("review.upheld", 3), ("review.corrected", 1), ("review.pending", 1)],
    ),
    (
        "被提起政府信息公开行政诉讼3件。其中，1件维持，1件被依法纠错，另有1件尚未审结。",
        [("litigation", 3), ("litigation.upheld", 1), ("litigation.corrected", 1), ("litigation.pending", 1)],
    ),
    ("2023年，我局政府信息公开工作被提起行政复议被纠错1件。", [("review.corrected", 1)]),
]
"""What became of appeals: item, figure."""

NO_FORM_PRINTS: list[tuple[str, list[tuple[str, float, str]]]] = [
    ("本年度收取信息处理费3件600元。", [("fees_collected", 0.06, "万元"), ("fees_collected.cases", 3, "件")]),
    ("收取信息处理费0元。", [("fees_collected", 0, "万元")]),
    ("本年度未收取信息处理费。", [("fees_collected", 0, "万元")]),
    ("2023年，没有产生政府信息公开信息处理费。", [("fees_collected", 0, "万元")]),
    (
        "2023年有1件政府信息公开申请案件收取信息处理费380元。",
        [("fees_collected.cases", 1, "件"), ("fees_collected", 0.038, "万元")],
    ),
    (
        "本机关信息处理费收取0件，0元。",
        [("fees_collected.cases", 0, "件"), ("fees_collected", 0, "万元")],
    ),
    ("2023年，实际收取信息处理费共计400元。", [("fees_collected", 0.04, "万元")]),
    ("信息处理费收费金额为0.05万元。", [("fees_collected", 0.05, "万元")]),
    ("本年度信息处理费收取金额为0元。", [("fees_collected", 0, "万元")]),
    ("本年度信息处理费收取情况：无。", [("fees_collected", 0, "万元")]),
    ("无信息处理费收取事项。", [("fees_collected", 0, "万元")]),
    ("本年度全部免收信息处理费。", [("fees_collected", 0, "万元")]),
    ("没有收取信息处理费的情况发生。", [("fees_collected", 0, "万元")]),
    (
        "应收取信息处理费600元，实际收取400元。",
        [("fees_charged", 0.06, "万元"), ("fees_collected", 0.04, "万元")],
    ),
    (
        "本年度没有发出收费通知，未收取信息处理费。",
        [("fees_charged.notices", 0, "件"), ("fees_collected", 0, "万元")],
    ),
    (
        "发出收费通知的件数和总金额以及实际收取的总金额均为0。",
        [("fees_charged.notices", 0, "件"), ("fees_charged", 0, "万元"), ("fees_collected", 0, "万元")],
    ),
    (
        "依申请公开信息处理费：发出收费通知2件，总金额1,200元，实际收取总金额0.04万元。",
        [("fees_charged.notices", 2, "件"), ("fees_charged", 0.12, "万元"), ("fees_collected", 0.04, "万元")],
    ),
]
"""What the reports since FY2021 tell of fees in their last chapter: item, figure, unit."""


@pytest.mark.parametrize(("sentence", "item"), AGREE)
def test_what_a_sentence_says_agrees(sentence: str, item: str) -> None:
    assert [(name, verdict) for name, _, verdict in verdicts(sentence)] == [(item, "agrees")]


@pytest.mark.parametrize(("sentence", "told"), OUTCOMES)
def test_what_became_of_appeals_agrees(sentence: str, told: list[tuple[str, float]]) -> None:
    assert verdicts(sentence) == [(item, figure, "agrees") for item, figure in told]


def test_no_appeal_was_decided_against_the_agency() -> None:
    assert verdicts("没有政府信息公开行政复议被纠正的情况。") == [("review.corrected", 0, "differs")]


WAIVED = ["本年度免收信息处理费300元。", "减免信息处理费3件600元。", "按件计收的信息处理费标准为100元/件。"]


@pytest.mark.parametrize("sentence", WAIVED)
def test_what_is_waived_or_a_rule_is_no_fee(sentence: str) -> None:
    assert claims(sentence, section="other") == []


def test_where_a_rule_ends_is_no_fee_for_certain() -> None:
    (claim,) = claims("按规定申请10件以下的不收取信息处理费。", section="other")
    assert (claim.claimed, claim.verdict, claim.doubt) == (0, "unclear", "以下")


@pytest.mark.parametrize(("sentence", "told"), NO_FORM_PRINTS)
def test_fees_that_no_form_prints_are_told(sentence: str, told: list[tuple[str, float, str]]) -> None:
    found = claims(sentence, section="other")
    assert sorted((claim.item, claim.claimed, claim.unit) for claim in found) == sorted(told)
    assert {(claim.table, claim.table_value, claim.verdict, claim.doubt) for claim in found} == {
        ("", None, "unclear", "no table value")
    }


def test_fees_of_the_form_of_2014_are_held_against_it() -> None:
    chapter = ChapterText(AGENCY, REPORT, AGENCY, 2017, "other", 1, "2017年我局未收取依申请公开费用。")
    for printed, verdict in ((0.0, "agrees"), (1.2, "differs")):
        cells = [(REPORT, "statistics", "fees_collected", "count", printed, "ok")]
        (claim,) = chapters_to_claims([chapter], cells, parse_quantity)
        assert (claim.table, claim.claimed, claim.table_value, claim.verdict) == (
            "statistics", 0, printed, verdict,
        )  # fmt: skip


def test_a_figure_is_held_against_cells_of_its_own_unit_alone() -> None:
    units = {(form.table, *place): unit for form in load_forms() for place, unit in form.units.items()}
    for rule in claim_patterns().rules:
        assert all(units[cell[:3]] == rule.unit for figure in rule.figures for cell in figure.cells), (
            rule.item
        )


def other_figure(sentence: str) -> str:
    """The sentence with its figure, the number before the last unit, made 73."""
    found = list(re.finditer(r"[0-9０-９十七]+(?=\s*[件宗部])", sentence))[-1]
    return sentence[: found.start()] + "73" + sentence[found.end() :]


@pytest.mark.parametrize(("sentence", "item"), AGREE)
def test_the_same_sentence_with_another_figure_differs(sentence: str, item: str) -> None:
    assert verdicts(other_figure(sentence)) == [(item, 73, "differs")]


UNCLEAR = {
    # another body, or more than one
    "2023年，全市共收到政府信息公开申请73件。": "全市",
    "2023年，我市共收到政府信息公开申请73件。": "我市",
    "2023年，各部门收到政府信息公开申请73件。": "各部门",
    "2023年，全区各级行政机关共受理政府信息公开申请73件。": "全区",
    "2023年，全系统共收到政府信息公开申请73件，其中市本级17件。": "全系统",
    "2023年共收到政府信息公开申请73件，其中市本级17件。": "其中市本级",
    "2023年，局属单位收到政府信息公开申请73件。": "局",
    "省教育局收到政府信息公开申请73件。": "局",
    "2023年，市公安局收到政府信息公开申请73件。": "局",
    "市政府办公室代表市政府受理政府信息公开申请73件。": "政府",
    "2023年，各乡镇收到政府信息公开申请73件。": "各乡",
    "指导下属学校办理，共收到政府信息公开申请73件。": "下属",
    "2023年，市直部门收到政府信息公开申请73件。": "市直",
    "全局与各科室共收到政府信息公开申请73件。": "各科",
    "2023年，市级行政机关共收到政府信息公开申请73件。": "市级",
    "2023年，示例市全年共收到政府信息公开申请73件。": "市全年共",
    "2023年，长安镇收到政府信息公开申请73件。": "镇",
    "2023年，开发区管委会收到政府信息公开申请73件。": "管委会",
    "2023年共收到政府信息公开申请73件，其中我局17件。": "其中我局",
    "行政机关共收到政府信息公开申请73件。": "机关",
    # another time
    "2022年，我局共收到政府信息公开申请73件。": "2022",
    "截至2023年12月31日，我局共收到政府信息公开申请73件。": "截至",
    "截止目前，我局共收到政府信息公开申请73件。": "截止",
    "我局累计收到政府信息公开申请73件。": "累计",
    "近五年我局共收到政府信息公开申请73件。": "近五年",
    "《条例》施行以来，我局共收到政府信息公开申请73件。": "以来",
    "去年我局收到政府信息公开申请73件。": "去年",
    "上年同期我局收到政府信息公开申请73件。": "上年",
    "2023年上半年，我局收到政府信息公开申请73件。": "上半年",
    "2023年第三季度，我局收到政府信息公开申请73件。": "季度",
    "1-6月，我局收到政府信息公开申请73件。": "6月",
    "我局每年收到政府信息公开申请73件。": "每年",
    "2021年至2023年，我局收到政府信息公开申请73件。": "2021",
    # a part of it, or more than it
    "2023年我局收到政府信息公开申请17件，其中收到73件依申请公开。": "其中",
    "以市政府名义制发规范性文件73件。": "政府",
    "通过网络收到政府信息公开申请73件。": "网络",
    "通过门户网站收到政府信息公开申请73件。": "通过",
    "我局以信函方式收到政府信息公开申请73件。": "信函",
    "我局收到自然人提出申请，收到政府信息公开申请73件。": "自然人",
    "我局收到政府信息公开申请73件（含上年结转2件）。": "(含",
    "我局按期办结政府信息公开申请73件。": "按期",
    "2023年我局延期答复政府信息公开申请73件。": "延期",
    "2023年收到政府信息公开申请17件，受理73件。": "73",
    "我局收到政府信息公开申请73件，其中申请人主动撤回3件。": "，其中申请人主动撤",
    "我局收到政府信息公开申请73件，撤件3件。": "，撤件",
    "我局收到政府信息公开申请73件（上年结转2件）。": "(上年",
    # not exact, or not a fact
    "2023年我局收到政府信息公开申请约73件。": "约",
    "2023年我局收到政府信息公开申请近70件。": "近",
    "2023年我局收到政府信息公开申请70余件。": "余",
    "2023年我局收到政府信息公开申请70件以上。": "以上",
    "2023年我局收到政府信息公开申请70件左右。": "左右",
    "我局预计收到政府信息公开申请73件。": "预计",
    "下一步，我局计划收到政府信息公开申请73件。": "下一步",
    "截至6月底工作有序；我局答复政府信息公开申请73件。": "截至",
    "县政府及县政府办公室工作有序；答复政府信息公开申请73件。": "政府",
    # a comparison that goes on to the figure
    "比上年多收到政府信息公开申请73件。": "上年",
    # what came before in the paragraph may still hold
    "2022年工作有序。收到政府信息公开申请73件。": "2022",
    "全市上下重视公开。共收到政府信息公开申请73件。": "全市",
    "依申请公开渠道畅通。全年答复73件。": "handled_total",
    "全市政务公开工作稳步推进，共收到\n政府信息公开申请73件。": "全市",
}


@pytest.mark.parametrize("sentence", UNCLEAR)
def test_where_anything_is_doubtful_the_claim_is_unclear_and_says_why(sentence: str) -> None:
    found = [claim for claim in claims(sentence) if claim.claimed in (70, 73)]
    assert [(claim.verdict, claim.doubt) for claim in found] == [("unclear", UNCLEAR[sentence])]
    assert all(claim.scope != "same" for claim in found)
    assert not [claim for claim in claims(sentence) if claim.verdict == "differs"]


NOTHING = [
    "2023年，我局未收到政府信息公开申请73件以上的情形。",
    "我局收到行政许可申请73件。",
    "我局收到群众来信73件，全部答复。",
    "受理信访举报73件，答复73件。",
    "办理人大代表建议、政协委员提案73件，办结率100%。",
    "我局主动公开政府信息73条。",
    "全年发布政策解读73篇，回应群众留言73条。",
    "不予受理政府信息公开申请73件。",
    "尚未办结政府信息公开申请73件。",
    "我局未答复政府信息公开申请73件。",
    "依申请公开方面，予以公开和部分公开73件。",
    "依申请公开方面，予以公开、部分公开共73件。",
    "政府信息公开行政复议、行政诉讼73件。",
    "收到政府信息公开申请同比增长73件。",
    "收到政府信息公开申请70-73件。",
    "收到政府信息公开申请7 3件。",
    "依申请公开按时答复率73%。",
    "公开规范性文件73件。",
    "制定规章制度73件。",
    "废止规章制度73件。",
    "现行有效规章制度73件。",
    "征收类政府信息公开申请73件。",
    "依申请公开方面，转下一年度继续办理的事项，办理答复的有73件。",
    "依申请公开方面，不予公开信息73条。",
    "依申请公开方面，正在办理73件。",
    "依申请公开方面，12345热线办理73件。",
    "2023年我局未因政府信息公开被起诉。因具体行政行为被提起行政诉讼73起。",
    "依申请公开2条，免于公开信息73条。",
    "通过平台发布行政许可信息73条。",
    "代市政府起草规范性文件73件。",
    "我局依申请公开办理比去年增长，同比多答复73件。",
    "我局收到公民政府信息公开申请73件，法人政府信息公开申请17件。",
    "依申请公开方面，无法提供73件，信息不存在的2件。",
    "梳理规范性文件，制发规范性文件73件。",
    "修订规范性文件73件。",
    "完成7项项目节能审查并公示。",
    "审查批准事项73件，答复12345热线73件。",
    "2023年依申请公开事项73项，主动公开事项30项。",
    "依申请公开方面，回复咨询电话73件。",
    "未收到法人提出的政府信息公开申请。",
    "未收到上级转办的依申请公开。",
    "未收到公众对政府信息公开的意见。",
    "未受理不属于本机关公开的政府信息公开申请。",
    "开展培训73次，参训730人次。",
    "政府信息公开申请答复书73页。",
    "未发生因政府信息公开败诉的行政诉讼。",
    "政府信息公开行政复议、行政诉讼案件5件，结果维持73件。",
    "因政府信息公开引起行政复议和行政诉讼案件5件，维持73件，纠正73件。",
    "因政府信息公开，直接起诉我局2件，结果维持73件；复议后起诉我局1件，结果纠正73件。",
    "政府信息公开行政复议方面，目前尚未审结73件。",
    "依申请公开方面，尚未办结73件，维持73件。",
    "政府信息公开行政复议，驳回73件。",
    "《政府信息公开条例》第27条规定，申请公开应当采用书面形式。",
    "收到政府信息公开申请，一百件事一次办。",
]


SOFT = {
    "我局按时办结政府信息公开申请17件。": ("handled_total", "按时"),
    "截至2023年底，我局共收到政府信息公开申请17件。": ("new_received", "截至"),
    "2023年，涉及政府信息公开的行政复议5件。": ("review", "涉及"),
    "我局收到政府信息公开申请17件，其中申请人撤回3件。": ("new_received", "，其中申请人撤回"),
}


@pytest.mark.parametrize("sentence", SOFT)
def test_what_may_be_only_a_part_can_agree_but_does_not_differ(sentence: str) -> None:
    item, doubt = SOFT[sentence]
    assert [(c.item, c.verdict, c.doubt) for c in claims(sentence)] == [(item, "agrees", "")]
    other = sentence.replace("17件", "73件").replace("5件", "73件")
    assert [(c.item, c.verdict, c.doubt) for c in claims(other)] == [(item, "unclear", doubt)]


def test_tens_of_thousands_are_rounded() -> None:
    (claim,) = claims("2023年我局收到政府信息公开申请1.2万件。")
    assert (claim.claimed, claim.verdict, claim.doubt) == (12_000, "unclear", "万")


def test_a_text_that_is_not_what_is_printed_is_unclear() -> None:
    (claim,) = claims("2023年，我局P级公开ÿ有序，收到政府信息公开申请73件。")
    assert (claim.verdict, claim.doubt) == ("unclear", "ÿ")


def test_a_sentence_that_has_lost_its_full_stops_claims_nothing() -> None:
    assert verdicts("我局工作有序，" * 250 + f"{RECEIVED}17件。") == [("new_received", 17, "agrees")]
    assert claims("我局工作有序，" * 300 + f"{RECEIVED}17件。") == []


def test_a_topic_named_long_before_is_forgotten() -> None:
    told = "依申请公开申请收到17件。" + "工作有序。" * 300
    assert "handled_total" in [claim.item for claim in claims(told + "全年答复73件。")]
    assert [claim.item for claim in claims(told + "工作有序。" * 200 + "全年答复73件。")] == ["new_received"]


def test_what_is_dealt_with_beside_applications_is_no_appeal_of_them() -> None:
    text = "全年办理依申请公开17件、行政复议5件、行政诉讼3件。"
    assert verdicts(text) == [("handled_total", 17, "agrees")]


def test_a_body_that_decides_appeals_tells_of_those_of_others() -> None:
    assert claims("2023年办理行政复议73件，审结各类行政诉讼73件。", section="review_litigation") == []


@pytest.mark.parametrize("sentence", NOTHING)
def test_what_claims_no_figure_of_the_tables_is_no_claim(sentence: str) -> None:
    assert claims(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "2023年，我局未收到政府信息公开申请。",
        "全年没有收到依申请公开事项，未发生舆情。",
        "2023年，我局未收到任何公民、法人或其他组织的政府信息公开申请。",
    ],
)
def test_none_received_is_a_claim_of_zero(sentence: str) -> None:
    assert verdicts(sentence, new_received=0) == [("new_received", 0, "agrees")]
    assert verdicts(sentence) == [("new_received", 0, "differs")]
    assert verdicts(sentence, new_received="blank") == [("new_received", 0, "unclear")]


@pytest.mark.parametrize(
    "sentence",
    [
        "未发生因政府信息公开申请行政复议、提起行政诉讼情况。",
        "2023年，我局未发生因政府信息公开申请引起的行政复议和行政诉讼案件。",
        "没有因政府信息公开引发的行政复议、行政诉讼。",
    ],
)
def test_none_appealed_is_a_claim_of_two_zeros(sentence: str) -> None:
    assert sorted(verdicts(sentence)) == [("litigation", 0, "differs"), ("review", 0, "differs")]


def test_what_follows_on_a_total_is_of_that_total() -> None:
    assert verdicts("全年受理政府信息公开申请17件。其中，予以公开9件；不予公开3件，无法提供73件。") == [
        ("new_received", 17, "agrees"), ("granted", 9, "agrees"), ("refused", 3, "agrees"),
        ("unavailable", 73, "differs"),
    ]  # fmt: skip


def test_numbers_in_words_are_numbers() -> None:
    text = "我局答复政府信息公开申请十七件。其中，予以公开九件、部分公开一件、不予公开三件。"
    assert verdicts(text) == [
        *(("handled_total", 17, "agrees"), ("granted", 9, "agrees")),
        *(("partially_granted", 1, "agrees"), ("refused", 3, "agrees")),
    ]
    assert verdicts("依申请公开方面，十七件已答复，四件结转下年。") == [
        ("handled_total", 17, "agrees"),
        ("carried_out", 4, "agrees"),
    ]
    fees = claims("本年度收取信息处理费三件600元。")
    assert {(claim.claimed, claim.unit) for claim in fees} == {(3, "件"), (0.06, "万元")}


def test_a_long_sentence_is_taken_apart() -> None:
    sentence = (
        "2023年，我局新收政府信息公开申请17件，上年结转2件，办结17件，予以公开9件、部分公开1件、不予公开3件、"
        "无法提供3件、不予处理1件，结转下年度继续办理4件。"
    )
    assert verdicts(sentence) == [
        ("new_received", 17, "agrees"), ("carried_in", 2, "agrees"), ("handled_total", 17, "agrees"),
        ("granted", 9, "agrees"), ("partially_granted", 1, "agrees"), ("refused", 3, "agrees"),
        ("unavailable", 3, "agrees"), ("declined", 1, "agrees"), ("carried_out", 4, "agrees"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "item", "claimed"),
    [
        ("我局受理政府信息公开申请19件。", "new_received", 19),  # with what came over from last year
        ("我局答复政府信息公开申请16件。", "handled_total", 16),  # without what was not dealt with
        ("我局答复政府信息公开申请15件。", "handled_total", 15),  # without what came over
        ("依申请公开方面，不予公开6件。", "refused", 6),  # with what could not be provided
        ("我局政府信息公开行政复议4件。", "review", 4),  # without what is pending
        ("我局政府信息公开行政诉讼2件。", "litigation", 2),  # those that went to court at once
    ],
)
def test_a_figure_that_another_reading_of_the_words_explains_differs_from_nothing(
    sentence: str, item: str, claimed: float
) -> None:
    assert [(c.item, c.claimed, c.verdict, c.doubt) for c in claims(sentence)] == [
        (item, claimed, "unclear", "another reading")
    ]


@pytest.mark.parametrize("status", ["blank", "unreadable", "suspect", "not_applicable"])
def test_without_a_number_in_the_table_nothing_can_differ(status: str) -> None:
    (claim,) = claims(f"{RECEIVED}73件。", new_received=status)
    assert (claim.table_value, claim.verdict, claim.doubt) == (None, "unclear", "no table value")


def test_a_sum_with_a_doubtful_part_is_not_known() -> None:
    (claim,) = claims("依申请公开方面，不予公开73件。", refused__state_secret="suspect")
    assert (claim.table_value, claim.verdict) == (None, "unclear")


def test_a_sum_with_blank_parts_is_known() -> None:
    (claim,) = claims("依申请公开方面，不予公开2件。", refused__state_secret="blank")
    assert (claim.table_value, claim.verdict) == (2, "agrees")


def test_a_report_without_the_table_has_no_value() -> None:
    chapter = ChapterText(AGENCY, REPORT, AGENCY, 2023, "overview", 1, f"{RECEIVED}73件。")
    (claim,) = chapters_to_claims([chapter], [], parse_quantity)
    assert (claim.table, claim.table_value, claim.verdict) == ("applications", None, "unclear")


def test_one_claim_that_agrees_makes_another_of_the_same_item_unclear() -> None:
    found = claims(f"{RECEIVED}17件。\n{RECEIVED}73件。")
    assert [c.verdict for c in found] == ["agrees", "unclear"]
    assert [c.doubt for c in found] == ["", "agrees elsewhere"]


def test_two_figures_of_one_item_make_each_other_unclear() -> None:
    found = claims(f"{RECEIVED}73件。\n{RECEIVED}74件。")
    assert [(c.verdict, c.doubt) for c in found] == [("unclear", "claimed otherwise elsewhere")] * 2


WHOLE = {
    "示例县人民政府": "2023年全县共收到政府信息公开申请73件。",
    "北京市东城区人民政府": "2023年，我区各级行政机关受理政府信息公开申请73件。",
    "示例镇人民政府": "2023年全镇收到政府信息公开申请73件。",
    "蚌埠经济开发区管理委员会": "2023年全区收到政府信息公开申请73件。",
}


@pytest.mark.parametrize("agency", WHOLE)
def test_a_government_s_own_report_speaks_of_its_whole_region(agency: str) -> None:
    others = dict.fromkeys(("示例市教育局", "重庆市人民政府"), "unclear")
    for reporter, verdict in ({agency: "differs"} | others).items():
        chapter = ChapterText(reporter, REPORT, reporter, 2023, "overview", 1, WHOLE[agency])
        found = chapters_to_claims([chapter], numbers(), parse_quantity)
        assert [claim.verdict for claim in found] == [verdict]


def test_a_government_that_tells_its_own_beside_the_whole_is_unclear() -> None:
    text = "2023年全区受理申请公开800件，区政府本级受理政府信息公开申请206件。"
    chapter = ChapterText("", REPORT, "北京市东城区人民政府", 2023, "overview", 1, text)
    found = chapters_to_claims([chapter], numbers(), parse_quantity)
    assert {c.verdict for c in found} == {"unclear"}


def test_the_claim_tells_its_sentence_and_place() -> None:
    (claim,) = claims(f"工作有序推进。 {RECEIVED} 17 件；其他工作正常。", section="applications")
    assert claim.sentence == f"{RECEIVED} 17 件；"
    assert (claim.table, claim.item, claim.column, claim.section, claim.page) == (
        "applications", "new_received", "total", "applications", 1,
    )  # fmt: skip


# ------------------------------------------------------------------- rot


def test_every_rule_looks_at_cells_that_a_form_prints() -> None:
    for rule in claim_patterns().rules:
        assert all(figure.cells for figure in rule.figures), rule.item
        assert rule.figures or rule.item.startswith("fees_"), rule.item
        for figure in rule.figures:
            for cell in (*figure.cells, *(c for reading in figure.readings for c in reading)):
                assert cell[:3] in printed_cells() or cell.column != figure.column, (rule.item, cell)
    assert ("applications", "refused.state_secret", "total") in claim_cells()
    assert {number[1:4] for number in numbers()} - claim_cells() == set()


def test_every_rule_has_a_sentence_here_that_it_finds() -> None:
    tested = {item for _, item in AGREE} | {item for _, told in NO_FORM_PRINTS for item, *_ in told}
    tested |= {item for _, told in OUTCOMES for item, _ in told}
    assert {rule.item for rule in claim_patterns().rules} == tested
