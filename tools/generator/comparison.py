"""A collection to compare: thirteen bureaus of three regions over the years, made on demand.

The places are real, for codes and levels are looked up by name; the bureaus are examples and say so in their
names and on every page: no figure has anything to do with the place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from . import prose
from .figures import PARTS, STATISTICS_SUMS, Figures, figures_of, invent_count, scatter
from .flows import print_flows
from .layouts import OUTCOMES
from .render import Break, Style
from .reports import Spec, compose, generate
from .truth import truth_to_json
from .wording import OWN, SUMMED, Voice, voice_to_paragraphs

HEADER = "样例（示例单位，数字均为编造，与所涉地方和单位无关，仅供程序演示）"
FIRST, LAST = 2015, 2023
YEARS = (2020, 2021, 2022, 2023)


@dataclass(frozen=True, slots=True)
class Region:
    """How the bureaus of a place do: shares of outcomes in 2020 and how many points they move each year."""

    name: str
    size: float
    growth: float
    granted: float
    drift: float
    disputes: float


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of bureau gets: applications in 2020, decisions on table 二, the outcomes it leans to."""

    name: str
    received: int
    licences: int
    penalties: int
    leaning: tuple[str, ...]

    @property
    def kind(self) -> str:
        return "人民政府" if self.name.endswith("人民政府") else self.name


REGIONS = (
    Region("海东市", 0.6, 1.06, 0.42, 0.035, 0.05),
    Region("淮安市", 1.5, 1.12, 0.58, 0.015, 0.09),
    Region("湘潭市", 1.0, 0.95, 0.50, -0.03, 0.16),
)
KINDS = (
    Kind("人民政府", 160, 900, 120, ("unavailable.not_held", "unavailable.not_held", "declined.repeated")),
    Kind(
        "公安局",
        70,
        2600,
        5200,
        (
            "refused.enforcement_files",
            "refused.enforcement_files",
            "refused.administrative_inquiry",
            "declined.petition_complaint",
        ),
    ),
    Kind("教育局", 36, 140, 8, ("unavailable.needs_creation", "refused.third_party_rights")),
    Kind("工业和信息化局", 18, 60, 4, ("unavailable.not_held", "refused.internal_affairs")),
)
COUNTY = Kind("洪泽区人民政府", 60, 300, 60, KINDS[0].leaning)
OTHERS = (
    "unavailable.not_held",
    "unavailable.needs_creation",
    "unavailable.unclear_after_correction",
    "refused.internal_affairs",
    "refused.deliberative_process",
    "refused.third_party_rights",
    "declined.petition_complaint",
    "declined.excessive",
    "other.no_correction",
    "other.other",
)
APPLICANT_WEIGHTS = (78, 12, 2, 2, 3, 3)

OLD_FORM = {
    "海东市公安局（示例）": (2016, 2017, 2018),
    "淮安市洪泽区人民政府（示例）": (2015, 2016, 2017, 2018),
}
ABSENT = {
    ("海东市教育局（示例）", 2021),  # a gap between two years
    ("海东市工业和信息化局（示例）", 2020),  # begins late
    ("湘潭市工业和信息化局（示例）", 2023),  # ends early
    ("湘潭市教育局（示例）", 2022),
}
WITHOUT_TABLES = {("淮安市教育局（示例）", 2021)}
WITHOUT_REVIEW = {("湘潭市公安局（示例）", 2021)}
WRONG_SUMS = {
    ("湘潭市人民政府（示例）", 2022): 2,
    ("海东市公安局（示例）", 2023): 1,
    ("淮安市公安局（示例）", 2020): 1,
}
FORGOTTEN = {("湘潭市公安局（示例）", 2023), ("湘潭市人民政府（示例）", 2021)}
"""Reports that begin with nothing carried over, whatever the year before carried out."""
MISSTATED = {
    ("海东市人民政府（示例）", 2022): 6,
    ("淮安市公安局（示例）", 2022): -4,
    ("湘潭市教育局（示例）", 2021): 3,
}
"""How far the applications received are off in the prose."""
OLDER_APPLICATIONS = {("海东市人民政府（示例）", 2021), ("湘潭市教育局（示例）", 2023)}
"""Reports that print 表三 of fy2019 where the form of the year is another."""
SCOPES = {
    "海东市人民政府（示例）": OWN,
    "淮安市人民政府（示例）": SUMMED,
    "淮安市洪泽区人民政府（示例）": OWN,
}
"""Whose figures a government's reports say they count; that of 湘潭 does not say."""
COPIES = {"淮安市工业和信息化局（示例）": Voice("淮安市教育局（示例）", "教育局")}
"""Bureaus that copy most of their prose from another one of the same year."""
REPEATED = {"湘潭市公安局（示例）": (2022,), "海东市教育局（示例）": (2023,)}
"""Years in which a bureau hands in last year's prose again, with new figures."""
STYLES = (Style(), Style(shading=True), Style(ruling="grey"), Style(blanks="zeros"), Style(spelling="sloppy"))
HARD = {
    ("海东市公安局（示例）", 2023): Style(
        ruling="none", cut="anywhere", breaks=(Break("applications", 22, 1),), row_height=26.0
    ),
}
"""Reports that no program can be sure of: no rulings, a row of 表三 torn by a page's end, and a wrong sum."""


def comparison() -> Iterator[Spec]:
    """The specifications, about sixty, by bureau and year."""
    bureaus = [(region, kind) for region in REGIONS for kind in KINDS] + [(REGIONS[1], COUNTY)]
    for region, kind in bureaus:
        agency = _agency(region, kind)
        for year in (*OLD_FORM.get(agency, ()), *YEARS):
            if (agency, year) not in ABSENT:
                yield _spec(agency, year, region, kind)


def _agency(region: Region, kind: Kind) -> str:
    return f"{region.name}{kind.name}（示例）"


def write_comparison(
    folder: Path, kind: str = "pdf", shape: str = "", truths: Path | None = None
) -> list[Path]:
    """The reports written into the folder, the same bytes every time; their truth into `truths`.

    `kind` is pdf or one of flows.FLOW_KINDS, `shape` that of web pages, "" for all of them mixed.
    """
    for each in filter(None, (folder, truths)):
        each.mkdir(parents=True, exist_ok=True)
    paths = []
    for content, truth in _printed(kind, shape):
        paths.append(folder / truth["file"])
        paths[-1].write_bytes(content)
        if truths:
            name = Path(truth["file"]).with_suffix(".json")
            (truths / name).write_text(truth_to_json(truth), encoding="utf-8")
    return paths


def _printed(kind: str, shape: str) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield each report as a file of that kind, with its truth."""
    if kind == "pdf":
        yield from map(generate, comparison())
    else:
        yield from print_flows([(compose(spec), shape) for spec in comparison()], kind)


def _spec(agency: str, year: int, region: Region, kind: Kind) -> Spec:
    key, old = (agency, year), year < 2019
    name = agency.replace("洪泽区", "洪泽县") if year < 2016 else agency  # a county until 2015
    figures = report_figures(agency, year, region, kind)
    form = "fy2019" if year < 2021 else "fy2021"
    no_tables = old or key in WITHOUT_TABLES
    return Spec(
        agency=name, year=year, figures=tuple(figures.items()),
        active="" if no_tables else form,
        applications="" if no_tables else "fy2019" if key in OLDER_APPLICATIONS else form,
        review=not no_tables and key not in WITHOUT_REVIEW,
        statistics="national" if old else "",
        chapters=_chapters(agency, name, year, kind, figures),
        style=_look(agency, year), wrong_sums=WRONG_SUMS.get(key, 0),
        published_on=f"{year + 1}-01-{10 + len(kind.name)}",
    )  # fmt: skip


def _look(agency: str, year: int) -> Style:
    usual = STYLES[Random(agency).randrange(len(STYLES))]
    small = replace(usual, page_header=HEADER, body_size=11.0, leading=1.6, row_height=19.0, cell_size=8.5,
                    font="coarse")  # fmt: skip
    if hard := HARD.get((agency, year)):
        names = ("ruling", "cut", "breaks", "row_height")
        return replace(small, **{name: getattr(hard, name) for name in names})
    return small


def _chapters(agency: str, name: str, year: int, kind: Kind, figures: Figures) -> prose.Chapters:
    """Chapters in the bureau's own words, with figures that agree with the tables but where misstated."""
    told = dict(figures)
    told["applications", "new_received", "total"] += MISSTATED.get((agency, year), 0)
    facts = prose.facts_of(name, year, told, year < 2019, Random(f"facts/{agency}/{year}"))
    voice = Voice(agency, kind.kind, SCOPES.get(agency, ""), COPIES.get(agency), REPEATED.get(agency, ()))
    said = voice_to_paragraphs(voice, year, facts)
    plain = prose.write_chapters(name, year, 0, told, year < 2019, "short")
    return tuple(replace(each, paragraphs=said.get(each.section, each.paragraphs)) for each in plain)


# --------------------------------------------------------------- who and when → figures


def report_figures(agency: str, year: int, region: Region, kind: Kind) -> Figures:
    """The figures that the report prints: the bureau's own, or with those of all that it sums up."""
    own = bureau_figures(agency, year, region, kind)
    if SCOPES.get(agency) != SUMMED:
        return own
    below = [bureau_figures(_agency(region, each), year, region, each) for each in (*KINDS[1:], COUNTY)]
    return {cell: round(value + sum(each[cell] for each in below), 2) for cell, value in own.items()}


def bureau_figures(agency: str, year: int, region: Region, kind: Kind) -> Figures:
    """All figures of a bureau and year, run through from 2015 on so that what is carried over agrees."""
    figures = figures_of(agency, year, 0)
    carried = dict.fromkeys(PARTS, 0)
    for each in range(FIRST, year + 1):
        rng = Random(f"comparison/{agency}/{each}")
        if (agency, each) in FORGOTTEN:
            carried = dict.fromkeys(PARTS, 0)
        received = _received(region, kind, each, rng)
        carried = _applications(figures, carried, received, _outcomes(region, kind, each), rng)
    _decisions(figures, kind, region, year, rng)
    _disputes(figures, region, rng)
    _statistics(figures, received, rng)
    return figures


def _received(region: Region, kind: Kind, year: int, rng: Random) -> int:
    usual = kind.received * region.size * region.growth ** (year - 2020)
    return max(3, round(usual * rng.uniform(0.85, 1.18)))


def _outcomes(region: Region, kind: Kind, year: int) -> Mapping[str, float]:
    """The chance of each outcome."""
    granted = min(0.8, max(0.2, region.granted + region.drift * (year - 2020)))
    rest = 0.93 - granted
    leaning = dict.fromkeys(OTHERS, rest * 0.4 / len(OTHERS))
    for item in kind.leaning:
        leaning[item] = leaning.get(item, 0.0) + rest * 0.6 / len(kind.leaning)
    return {"granted": granted, "partially_granted": 0.07, **leaning}


def _applications(
    figures: Figures, carried: Mapping[str, int], received: int, outcomes: Mapping[str, float], rng: Random
) -> dict[str, int]:
    """Table 三 in place of the one that is there; what is carried out comes back for the next year."""
    items = {item for table, item, _ in figures if table == "applications"}
    table = {(item, column): 0 for item in items for column in PARTS}
    for column in rng.choices(PARTS, APPLICANT_WEIGHTS, k=received):
        table["new_received", column] += 1
    for column in PARTS:
        cases = table["new_received", column] + carried[column]
        still_open = sum(rng.random() < 0.07 for _ in range(cases))
        for item in rng.choices([*outcomes], [*outcomes.values()], k=cases - still_open):
            table[item, column] += 1
        table["other", column] = sum(table[item, column] for item in items if item.startswith("other."))
        table["carried_in", column], table["carried_out", column] = carried[column], still_open
        table["handled_total", column] = cases - still_open
    for item in items:
        figures.update({("applications", item, column): table[item, column] for column in PARTS})
        figures["applications", item, "total"] = sum(table[item, column] for column in PARTS)
    return {column: table["carried_out", column] for column in PARTS}


def _decisions(figures: Figures, kind: Kind, region: Region, year: int, rng: Random) -> None:
    scale = region.size * region.growth ** (year - 2020)
    for item, usual in (
        ("licensing", kind.licences),
        ("penalty", kind.penalties),
        ("coercion", kind.penalties / 20),
    ):
        count = round(usual * scale * rng.uniform(0.9, 1.1))
        figures["active_disclosure", f"administrative_{item}", "decisions"] = count


def _disputes(figures: Figures, region: Region, rng: Random) -> None:
    """Table 四: so many reviews for each application handled, and about half as many lawsuits."""
    handled = int(figures["applications", "handled_total", "total"])
    for group, share in (("review", 1.0), ("litigation_direct", 0.35), ("litigation_after_review", 0.2)):
        cases = sum(rng.random() < region.disputes * share for _ in range(handled))
        results = rng.choices([key for key, _ in OUTCOMES[:-1]], (60, 14, 16, 10), k=cases)
        figures.update({("review_litigation", group, key): results.count(key) for key, _ in OUTCOMES[:-1]})
        figures["review_litigation", group, "total"] = cases


def _statistics(figures: Figures, received: int, rng: Random) -> None:
    """The 统计表 of a year with so many applications, all of them answered."""
    counts, sums = invent_count(rng), STATISTICS_SUMS
    for total, likely in (
        ("received", ("received.online",) * 5),
        ("closed", ("closed.on_time",) * 9),
        ("answered", ("answered.granted",) * 12),
    ):
        counts.update(scatter(received, (*sums[total], *likely), rng))
    counts.update(scatter(int(counts["answered.refused"]), sums["answered.refused"], rng))
    counts |= {total: sum(counts[part] for part in parts) for total, parts in sums.items()}
    figures.update({("statistics", item, "count"): value for item, value in counts.items()})
