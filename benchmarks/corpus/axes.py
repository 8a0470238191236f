"""What can vary in a report of the corpus, one axis at a time, and where a report stands on every axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

from tools.generator import Spec

FORMS: dict[str, dict[str, Any]] = {
    "fy2021": {"active": "fy2021", "applications": "fy2021"},
    "fy2019": {"active": "fy2019", "applications": "fy2019"},
    "fy2021 over fy2019": {"active": "fy2021", "applications": "fy2019"},
    "fy2019 over fy2021": {"active": "fy2019", "applications": "fy2021"},
    "fy2014 national": {"active": "", "applications": "", "review": False, "statistics": "national"},
    "fy2014 provincial": {"active": "", "applications": "", "review": False, "statistics": "provincial"},
}
"""The forms that the tables of a report follow: table 二 over table 三, or one of the two 统计表."""

YEARS = {
    "fy2021": range(2021, 2026),
    "fy2019": range(2019, 2021),
    "fy2021 over fy2019": range(2021, 2025),
    "fy2019 over fy2021": range(2021, 2025),
    "fy2014 national": range(2015, 2019),
    "fy2014 provincial": range(2015, 2019),
}
ALL = tuple(FORMS)
MODERN = ALL[:4]
OLD = ALL[4:]
WITH_CHANGE = ("fy2019", "fy2019 over fy2021")


@dataclass(frozen=True, slots=True)
class Change:
    """One value of one axis: the fields it sets, and the forms it can be seen on."""

    axis: str
    value: str
    spec: Mapping[str, Any] = field(default_factory=dict)
    style: Mapping[str, Any] = field(default_factory=dict)
    forms: tuple[str, ...] = ALL


def styles(axis: str, name: str, values: Iterable[Any], forms: tuple[str, ...] = ALL) -> list[Change]:
    """One change for each value of a field of Style."""
    return [Change(axis, str(value), style={name: value}, forms=forms) for value in values]


FORM = [Change("form", name, forms=(name,)) for name in FORMS]

LOOKS = [
    *styles("ruling", "ruling", ("dashed", "dotted", "strokes", "grey", "double", "rects", "boxes")),
    Change("sides", "open", style={"sides": False}),
    *styles("orientation", "orientation", ("landscape", "a3", "rotate90", "sideways")),
    *(
        Change("orientation", f"table 三 {turn}", style={"table_orientation": turn}, forms=MODERN)
        for turn in ("landscape", "rotate90")
    ),
    *(
        Change("header", value, style={"headers": value, "side": value}, forms=MODERN)
        for value in ("stack", "pair", "rotated")
    ),
    *styles("watermark", "watermark", ("plain", "rotated")),
    Change("seal", "yes", style={"seal": True}),
    Change("page_header", "running title", style={"page_header": "{agency}政务公开　样例（虚构）"}),
    Change("page_number", "no", style={"page_number": False}),
    Change("side_by_side", "yes", style={"side_by_side": True}, forms=MODERN),
    Change("repeat_header", "yes", style={"repeat_header": True}),
    *(
        Change("cut_rule", value, style={"cut_rule": value, "cut": "anywhere"})
        for value in ("no_close", "no_open", "none")
    ),
    Change("heading", "in the table", style={"swallow_heading": True}, forms=MODERN),
    Change("fill", "shading", style={"shading": True}, forms=MODERN),
    Change("fill", "white boxes", style={"backing": True}),
    Change("labels_at", "top", style={"labels": "top"}, forms=MODERN),
]
SYSTEM_FONT = Change("font", "system", style={"font": "system"})

LARGE = (("active_disclosure", 12_347), ("statistics", 12_347))
CONTENTS = [
    *styles(
        "numbers",
        "numbers",
        (
            "fullwidth",
            "thousands",
            "mixed",
            "units",
            "numerals",
            "brackets",
            "zero_words",
            "absent",
            "unreadable",
        ),
    ),
    *styles("numbers", "numbers", ("signs",), WITH_CHANGE),
    Change(
        "numbers",
        "ten_thousands",
        style={"numbers": "ten_thousands"},
        spec={"factors": (("active_disclosure", 1_300), ("statistics", 100))},
    ),
    *styles("blanks", "blanks", ("some", "zeros", "all")),
    Change(
        "blanks",
        "all zero",
        spec={
            "factors": tuple(
                (table, 0)
                for table in ("active_disclosure", "applications", "review_litigation", "statistics")
            )
        },
    ),
    *styles(
        "labels",
        "spelling",
        (
            "spaced",
            "ascii",
            "sloppy",
            "kangxi",
            "blanks_inside",
            "enumeration_comma",
            "full_width_dot",
            "ascii_brackets",
            "straight_quotes",
            "sum_word",
            "missing_characters",
            "variants",
            "kangxi_radicals",
            "cjk_radicals",
        ),
    ),
    Change("prose", "quoting", spec={"wording": "quoting"}),
    *(
        Change("totals", value, spec={"totals": value}, forms=MODERN)
        for value in ("no_row", "no_column", "no_review")
    ),
    *(
        Change("extra_row", value, spec={"extra_row": value}, forms=MODERN)
        for value in ("of_which", "other", "other_counted", "active")
    ),
    Change("extra_row", "statistics", spec={"extra_row": "statistics"}, forms=OLD),
    *(Change("wrong_sums", str(count), spec={"wrong_sums": count}) for count in (1, 2, 3, 4)),
    Change("large", "7-9 digits", spec={"factors": LARGE}),
    Change("large", "7-9 digits with separators", spec={"factors": LARGE}, style={"numbers": "thousands"}),
    Change("large", "table 三, 5 digits", spec={"factors": (("applications", 1_013),)}, forms=MODERN),
    Change(
        "large",
        "table 三, 7 digits",
        spec={"factors": (("applications", 104_729),)},
        style={"table_orientation": "landscape"},
        forms=MODERN,
    ),
]


def changed(spec: Spec, changes: Iterable[Change]) -> Spec:
    """The report with these changes made one after the other."""

    def change_one(spec: Spec, change: Change) -> Spec:
        return replace(spec, **change.spec, style=replace(spec.style, **change.style))

    return reduce(change_one, changes, spec)


PLAIN_NUMBERS = ("plain", "signs", "thousands")


def is_fair(spec: Spec) -> bool:
    """Whether what is printed says what the truth and the axes say.

    Not where nothing is printed that could be wrong, where a page's end could tear a number that takes more
    than one line, where rows that come or go would move the planned ends of pages, where the font lacks the
    characters, or where neither a ruling nor a number shows that there are cells.
    """
    style = spec.style
    nothing = style.blanks == "all" or any(factor == 0 for _, factor in spec.factors)
    tearing = style.cut == "anywhere" or any(planned.lines for planned in style.breaks)
    wrapping = style.numbers not in PLAIN_NUMBERS or any(table == "applications" for table, _ in spec.factors)
    moving = spec.totals != "both" or spec.extra_row or style.swallow_heading or style.side_by_side
    radicals = style.spelling in ("kangxi", "kangxi_radicals", "cjk_radicals")
    return not (
        (nothing and (spec.wrong_sums or spec.extra_row))
        or (tearing and wrapping and not nothing)
        or (style.breaks and moving)
        or (radicals and style.font == "system")
        or (style.blanks == "all" and style.ruling == "none")
    )


# ------------------------------------------------------- report → its place on the axes


def axes_of(spec: Spec) -> dict[str, str]:
    """Every axis with the report's value on it, the usual ones too."""
    style, turn = spec.style, spec.style.table_orientation
    return {
        "form": form_of(spec),
        "ruling": style.ruling,
        "sides": "closed" if style.sides else "open",
        "orientation": f"table 三 {turn}" if turn else style.orientation,
        "header": style.headers,
        "break": break_of(spec),
        "break_positions": " + ".join(positions_of(spec)),
        "cut_rule": style.cut_rule,
        "repeat_header": yes_or_no(style.repeat_header),
        "heading": "in the table" if style.swallow_heading else "above the table",
        "side_by_side": yes_or_no(style.side_by_side),
        "fill": "shading" if style.shading else "white boxes" if style.backing else "none",
        "labels_at": style.labels,
        "watermark": style.watermark,
        "seal": yes_or_no(style.seal),
        "page_header": "running title" if style.page_header else "plain",
        "page_number": yes_or_no(style.page_number),
        "font": style.font,
        "numbers": style.numbers,
        "large": large_of(spec),
        "blanks": "all zero" if any(factor == 0 for _, factor in spec.factors) else style.blanks,
        "labels": style.spelling,
        "prose": spec.wording,
        "totals": spec.totals,
        "extra_row": spec.extra_row or "none",
        "wrong_sums": str(spec.wrong_sums),
    }


def yes_or_no(answer: bool) -> str:
    return "yes" if answer else "no"


def form_of(spec: Spec) -> str:
    """The name in FORMS of the forms that the report's tables follow."""
    own = {"active": spec.active, "applications": spec.applications, "statistics": spec.statistics}
    return next(name for name, fields in FORMS.items() if all(fields.get(k, "") == v for k, v in own.items()))


def break_of(spec: Spec) -> str:
    """How the ends of the pages fall into the tables."""
    if spec.style.breaks:
        return "inside a cell" if any(planned.lines for planned in spec.style.breaks) else "between rows"
    return "anywhere" if spec.style.cut == "anywhere" else "where it falls"


def positions_of(spec: Spec) -> list[str]:
    """Each planned end of a page: applications fy2021 row 12 between."""
    forms = {"active_disclosure": spec.active, "applications": spec.applications}
    return [
        f"{planned.table} {forms.get(planned.table, 'fy2021')} row {planned.row} "
        + (f"inside after line {planned.lines}" if planned.lines else "between")
        for planned in spec.style.breaks
    ]


def large_of(spec: Spec) -> str:
    factors = dict(spec.factors)
    if factors.get("applications", 0) > 1:
        return "table 三, 7 digits" if factors["applications"] > 10_000 else "table 三, 5 digits"
    if factors.get("statistics", 0) > 1_000:
        return "7-9 digits with separators" if spec.style.numbers == "thousands" else "7-9 digits"
    return "no"
