"""Read the names of bodies: in titles, where they sign, and as a preamble gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.extract.normalise.body_text import compact
from pipeline.extract.normalise.title_forms import load_title_forms

_NAME_MAX_CHARACTERS = 40
"""Count. No agency has a longer name."""

_PLACE_MIN_CHARACTERS = 2
"""Count. What makes a name fuller has as many characters at least: a place, or the body above."""

EDGES = '《》“”"〈〉<>|｜_-—'
_OPENING = re.compile(
    r"关于|对(?![外口])|本(?!溪)|全(?!国|[州椒南]县)|[各我该]|根据|按照|依据|为|现|20[0-9]{2}年"
)
_PLACE_END = re.compile("[省市区县州盟旗镇乡]")
_TWO_OF_A_PLACE = re.compile(
    r"(?P<one>(?:中共|中国共产党)?(?P<place>.{2,11}?[省市区县州盟旗镇乡]).+?(?:[局委会厅办室队处院署]|中心))(?P<other>(?P=place).+)"
)
_SHORT_GOVERNMENT = re.compile("(?<=[省市区县州旗镇乡])政府(?=$|办公)")
_NO_NAME = re.compile(
    r"[0-9]{4}|[0-9]{2}年|[<>＞〔〕\[\]]|公开(?:(?:工作)?$|指南|制度|平台|信息|内容|情况|栏)"
)


def is_agency(text: str) -> bool:
    """Whether a text is the name of an agency and nothing else."""
    name, names = compact(text), load_title_forms().names
    return (
        len(name) <= _NAME_MAX_CHARACTERS
        and not _OPENING.match(name)
        and not _is_no_name(name)
        and bool(names.agency.fullmatch(name))
    )


def head_to_agency(head: str) -> str:
    """Return the agency in what stands before 政府信息公开 in a title; "" where that is none."""
    forms = load_title_forms()
    name = forms.titles.tail.sub("", head.strip(EDGES))
    name = _joint(_whole(forms.titles.lead.sub("", name).strip(EDGES)))
    return "" if _is_no_name(name) or _OPENING.match(name) else with_government(name)


def names_another(head: str, agency: str) -> bool:
    """Whether the head of a title is that of a letter on the report of a body that does not write it.

    Whoever publishes a report (A关于印发B…) writes for the body that reports.
    """
    forms = load_title_forms().titles
    writer, about, matter = head.strip(EDGES).partition("关于")
    writer = forms.lead.sub("", writer)
    if not about or not agency or forms.publishes.match(matter) or _is_one_body(writer, agency):
        return False
    return is_agency(writer) or bool(forms.hands_on.match(matter))


def _is_one_body(writer: str, agency: str) -> bool:
    """Whether a body is another one in short, or its office."""
    return bool(writer) and (writer.startswith(agency) or fuller(writer, [agency]) == agency)


def is_joint(name: str, other: str) -> bool:
    """Whether two names, one above the other, are those of two bodies of a place that report together.

    The office of a government stands above the titles that it publishes.
    """
    is_office = load_title_forms().names.government_office.fullmatch(name)
    return not is_office and "、" in _joint(name + other)


def _joint(name: str) -> str:
    """Return a name that is two of one place, with a comma between them; the same printed twice once."""
    found = _TWO_OF_A_PLACE.fullmatch(name)
    if not found or not is_agency(found["one"]):
        return name
    other = _joint(found["other"])
    return other if other.startswith(found["one"]) else f"{found['one']}、{other}"


def with_government(name: str) -> str:
    """Return the government of a place, where a name is that of a place alone; else the name, of a district
    that is named for the body that reports the body's."""
    names = load_title_forms().names
    if own := names.own_district.fullmatch(name):
        return own["body"]
    ends = [end for end in names.governments if name.endswith(end)]
    if not ends or (name.endswith(names.zones) and not name.endswith(names.districts)):
        return name
    return name + names.governments[max(ends, key=len)]


def name_to_agency(name: str) -> str:
    """Return the agency that a name in running text is; "" where it is none, or says no place.

    A desk for the disclosure of information stands for the body it is in; where that is not said, for none.
    """
    name = _whole(name)
    if load_title_forms().names.placeless.match(name) or _is_no_name(name):
        return ""
    body = _desk_to_body(name) if "公开" in name else with_government(name)
    return _SHORT_GOVERNMENT.sub("人民政府", body) if is_agency(body) and "公开" not in body else ""


def name_to_body(name: str) -> str:
    """Return the body that a name in running text stands for: that of a desk within it (教育局办公室).

    "" where it is none, or says no place. The office of a government is a body of its own.
    """
    is_office = load_title_forms().names.government_office.fullmatch(name)
    return name_to_agency(name if is_office else _desk_to_body(name))


def _desk_to_body(name: str) -> str:
    """Return the body that a desk is in; the name where it is no desk."""
    desks = (desk.fullmatch(name) for desk in load_title_forms().names.desks)
    return next((found["body"] for found in desks if found), name)


def fuller(name: str, others: Iterable[str]) -> str:
    """Return the fullest of the names that end with this one, and begin with a place or a body above."""
    return max([name, *(other for other in others if _is_fuller(other, name))], key=len)


def _is_fuller(other: str, name: str) -> bool:
    """Whether another name is this one with more before it; one that stands twice is no fuller name."""
    short, long = (text.replace("人民政府", "政府") for text in (name, other))
    before = long.removesuffix(short)
    if not short or before in (long, short) or len(before) < _PLACE_MIN_CHARACTERS:
        return False
    return bool(_PLACE_END.match(short) or _PLACE_END.search(before[-1])) or is_agency(before)


def _whole(name: str) -> str:
    """Return a name with the end that it shares with what follows it: XX县人民政府信息公开年度报告."""
    return f"{name}政府" if name.endswith("人民") else name


def _is_no_name(name: str) -> bool:
    """Whether a text cannot be a name."""
    names = load_title_forms().names
    return (
        len(name) < _PLACE_MIN_CHARACTERS
        or name in names.nobody
        or bool(names.never.search(name) or _NO_NAME.search(name))
    )
