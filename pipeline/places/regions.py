"""regions.csv → rows: codes of GB/T 2260 with the years in which they were valid."""

from __future__ import annotations

import csv
import re
from importlib.resources import files
from typing import NamedTuple

EARLIEST, LATEST = 0, 9999
"""Years that stand for an open end."""

PROVINCE, PREFECTURE, COUNTY, TOWN, NATION, ZONE = "省", "市", "县", "乡", "国家", "开发区"

_PEOPLES = (
    "蒙古族|蒙古|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|哈萨克|傣族|黎族|"
    "傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|"
    "锡伯族|锡伯|阿昌族|普米族|塔吉克|怒族|鄂温克族|裕固族|保安族|独龙族|各族|壮|独龙族怒族"
)
_AUTONOMOUS_NAME = re.compile(rf"(.+?)(?:{_PEOPLES})*自治([区州县旗])")
_SUFFIX = re.compile(r"(.{2,}?)(?:行政委员会|特别行政区|地区|林区|特区|新区|矿区|[省市县区州盟旗])")


class Region(NamedTuple):
    """One name that one code had from `valid_from` to `valid_to`, both included.

    None stands for a year before 2007, or for no end yet. `successor` is the code under which the same
    government continues in the year after `valid_to`, "" if it was dissolved into another.
    """

    code: str
    name: str
    level: str
    valid_from: int | None
    valid_to: int | None
    successor: str
    source: str


def code_to_level(code: str) -> str:
    """Return 省, 市 or 县 by the zeros of the code. Districts of 直辖市 and 省直辖县级市 count as 县."""
    if code.endswith("0000"):
        return PROVINCE
    return PREFECTURE if code.endswith("00") else COUNTY


def name_to_bare(name: str) -> str:
    """Return the name without its ending: 江苏省 → 江苏, 互助土族自治县 → 互助.

    Names of one character keep their ending: 赵县.
    """
    autonomous = _AUTONOMOUS_NAME.fullmatch(name)
    if autonomous and len(autonomous[1]) > 1:
        return autonomous[1]
    suffixed = _SUFFIX.fullmatch(name)
    return suffixed[1] if suffixed else name


def regions() -> tuple[Region, ...]:
    """Return the rows of regions.csv, by code and year."""
    return tuple(_line_to_region(line) for line in csv_to_lines("regions.csv"))


def short_names() -> tuple[tuple[str, str], ...]:
    """Return short names that follow no rule, each with the whole name: 巴州, 巴音郭楞蒙古自治州."""
    return tuple((short, name) for short, name in csv_to_lines("short_names.csv"))


def _line_to_region(line: list[str]) -> Region:
    """Return the region of a line of regions.csv."""
    code, name, level, first, last, successor, source = line
    return Region(
        code, name, level, int(first) if first else None, int(last) if last else None, successor, source
    )


def csv_to_lines(file: str) -> list[list[str]]:
    """Return the lines of a CSV file of this package, without its header."""
    text = files("pipeline.places").joinpath(file).read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))[1:]
