"""Tables and documents of other forms are told by name, and no number of them is taken."""

from __future__ import annotations

import pytest

from pipeline.forms.labels import fold
from pipeline.forms.other_forms import load_other_forms, text_to_other_document, texts_to_other_tables
from tests.extract.measured import FORMS, read_bytes
from tests.run.small_pdfs import LETTER, text_pdf
from tools.generator import Style, generate
from tools.generator.other_forms import OTHER_FORMS, other_report


@pytest.mark.parametrize("ruling", ["solid", "none"])
@pytest.mark.parametrize("form", OTHER_FORMS)
def test_a_table_of_another_form_is_named_and_not_read(form: str, ruling: str) -> None:
    report = read_bytes(other_report(form, "示例市示例局", 2010, Style(ruling=ruling)))
    assert report.status == "no_tables"
    assert not report.observations
    assert "nothing of it is taken" in report.error


@pytest.mark.parametrize("ruling", ["solid", "none"])
@pytest.mark.parametrize("form", OTHER_FORMS)
def test_such_a_table_is_no_text_of_a_chapter_whether_ruled_or_not(form: str, ruling: str) -> None:
    pdf = other_report(form, "示例县示例局", 2012, Style(ruling=ruling))
    sections = {section.section: section.text for section in read_bytes(pdf).sections}
    assert sections["applications"] == "申请均按期答复。\n附表"


@pytest.mark.parametrize("form", FORMS)
def test_our_own_forms_are_no_others(form: str) -> None:
    report = read_bytes(generate(FORMS[form])[0])
    assert report.observations
    assert "nothing of it is taken" not in report.error


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            ("示例大学2019—2020学年信息公开工作年度报告", "按照《高等学校信息公开办法》编制。"),
            "高校信息公开年度报告",
        ),
        (("示例区2023年法治政府建设年度报告", "一、主要举措"), "法治政府建设年度报告"),
        (("示例局政府信息公开指南", "一、公开范围"), "政府信息公开指南"),
        (LETTER, ""),
    ],
)
def test_a_document_of_another_kind_is_named(lines: tuple[str, ...], told: str) -> None:
    report = read_bytes(text_pdf([lines]))
    status = "no_tables" if "高校" in told else "not_a_report"
    assert (report.status, report.reason) == (status, status)
    assert told in report.error and bool(told) == bool(report.error)


@pytest.mark.parametrize("form", load_other_forms(), ids=lambda form: form.name)
def test_every_label_is_folded_and_tells_its_form(form: object) -> None:
    (found,) = [one for one in load_other_forms() if one is form]
    assert all(fold(label) == label for label in (*found.telling, *found.unless))
    texts = list(found.telling[: found.needs])
    named = texts_to_other_tables(texts).get(found.table) if found.table else text_to_other_document(texts[0])
    assert named == found.name
