"""Which reports are printed in which setting and font; all that is random follows from the scan's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random

from benchmarks.corpus.agencies import NAMES
from benchmarks.corpus.axes import FORMS, YEARS
from benchmarks.scans.settings import Font, Setting, load_fonts, load_settings
from tools.generator import Spec, Style

OFTEN = ("fy2021", "fy2021", "fy2019", "fy2021", "fy2014 national", "fy2021 over fy2019")
"""The forms of reports; one that is often met stands here more than once."""

NUMBERS = ("plain", "plain", "thousands", "absent", "plain", "units", "zero_words", "plain")
BLANKS = ("none", "none", "none", "some", "none", "zeros")
WRONG = (0, 0, 0, 1, 0, 0, 2)
FACTORS = ((), (), (("active_disclosure", 12_347), ("statistics", 12_347)), (("applications", 113),))


@dataclass(frozen=True, slots=True)
class Scan:
    """One document: a report, what it is set in, and how it is spoilt."""

    name: str
    setting: Setting
    font: Font
    spec: Spec


def plan_scans() -> tuple[Scan, ...]:
    """Return every scan of the benchmark, by setting."""
    return tuple(_planned(load_settings().values(), list(load_fonts().values())))


def small_scans() -> tuple[Scan, ...]:
    """Return one report in each of a few settings, in the font that the generator brings."""
    scans = {scan.setting.name: scan for scan in reversed(plan_scans())}
    hei = load_fonts()["hei"]
    chosen = (scan for scan in reversed(scans.values()) if scan.setting.small)
    return tuple(replace(scan, name=f"{scan.setting.name}-small", font=hei) for scan in chosen)


def _planned(settings: Iterable[Setting], fonts: list[Font]) -> Iterator[Scan]:
    """Yield each setting's scans, in the fonts of its part one after the other."""
    for number, setting in enumerate(settings):
        own = [font for font in fonts if font.part == setting.part]
        for turn in range(setting.reports):
            font = own[(number + turn) % len(own)]
            name = f"{setting.name}-{turn:02}-{font.name}"
            yield Scan(name, setting, font, _spec(name, setting))


def _spec(name: str, setting: Setting) -> Spec:
    """Return a report with one habit or another of those that real ones have."""
    chance = Random(name)
    agency = chance.choice(NAMES)
    form = chance.choice(OFTEN)
    year = chance.choice(YEARS[form])
    factors = chance.choice(FACTORS)
    style = Style(
        ruling="solid" if setting.rulings == "black" else setting.rulings,
        row_height=chance.choice((21.0, 23.0, 26.0, 28.0)),
        cell_size=chance.choice((9.0, 10.0, 10.5)),
        body_size=14.0,
        numbers=chance.choice(NUMBERS),
        blanks=chance.choice(BLANKS),
        side=chance.choice(("stack", "stack", "wrap")),
        page_header=chance.choice(("", "{agency}政务公开")).format(agency=agency),
        table_orientation="landscape" if factors and factors[0][0] == "applications" else "",
    )
    return Spec(
        agency,
        year,
        **FORMS[form],
        seed=chance.randrange(10_000),
        style=style,
        factors=factors,
        wrong_sums=chance.choice(WRONG),
        wording="short",
        file=f"{name}.pdf",
        published_on=f"{year + 1}-01-{chance.randint(5, 30):02d}",
    )
