"""Headings of chapters as bureaus word and number them."""

from __future__ import annotations

from dataclasses import replace

from .prose import Chapter, Chapters

NUMERALS = {
    "chinese": "一二三四五六七八九十",
    "circled": "①②③④⑤⑥⑦⑧⑨⑩",
    "roman": "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ",
    "financial": "壹贰叁肆伍陆柒捌玖拾",
    "repeated": "一一二三四五六七八九",
}

MANNERS = {
    "chapters": "{chinese}、{name}",
    "digits": "{number}. {name}",
    "brackets": "（{chinese}）{name}",
    "square brackets": "【{chinese}】{name}",
    "roman": "{roman}、{name}",
    "circled": "{circled}{name}",
    "financial": "{financial}、{name}",
    "parts": "第{chinese}部分 {name}",
    "a colon": "{chinese}：{name}",
    "no sign": "{chinese}{name}",
    "no number": "{name}",
    "twice": "{chinese}、{number}.{name}",
    "twice alike": "{chinese}、{chinese}、{name}",
    "parts and chapters": "第{chinese}部分 {chinese}、{name}",
    "a unit behind": "{chinese}、{name}（单位：件）",
    "one number twice": "{repeated}、{name}",
}
"""Ways to number chapters. With the last, the first two have the same number, and all others one too low."""

OLDER: Chapters = (
    Chapter("overview", "概述"),
    Chapter("active_disclosure", "主动公开情况"),
    Chapter("other", "回应解读情况", ("全年发布政策解读十余篇，及时回应公众关切。",)),
    Chapter("applications", "申请答复情况"),
    Chapter("review_litigation", "行政复议、行政诉讼情况"),
    Chapter("problems", "存在的主要问题和改进措施"),
)
"""The chapters of reports of 2014 to 2018 as some provinces had them: that on 解读 stands by itself."""


def numbered(chapters: Chapters, manner: str, preface: str = "") -> Chapters:
    """Return chapters with their headings numbered in one of MANNERS, and `preface` over the preamble."""
    first, *rest = chapters
    headed = (
        replace(chapter, heading=_heading(manner, number, chapter.heading))
        for number, chapter in enumerate(rest, 1)
    )
    return (replace(first, heading=preface), *headed)


def _heading(manner: str, number: int, heading: str) -> str:
    """Return the heading of the chapter with that number from 1 on, numbered anew."""
    signs = {kind: signs[number - 1] for kind, signs in NUMERALS.items()}
    name = heading[2:] if heading[1:2] == "、" else heading
    return MANNERS[manner].format(number=number, name=name, **signs)


def reworded(chapters: Chapters) -> Chapters:
    """Return the chapters of a report of the form of 2014 with the headings of OLDER, in their order."""
    texts = {chapter.section: chapter.paragraphs for chapter in chapters}
    first, *_ = chapters
    return (first, *(replace(one, paragraphs=one.paragraphs or texts[one.section]) for one in OLDER))
