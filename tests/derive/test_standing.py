"""Several reports of one body and year: one stands, the same in every table; what differs is told."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.derive.chain import frames_to_derived
from pipeline.derive.standing import with_standing
from pipeline.records import Report
from pipeline.tables.frames import reports_to_frames
from tests.derive.drawn_tables import Tables, draw_tables, file_of
from tests.tables.report_sample import cells, report
from tools.generator import Spec, Style
from tools.generator.figures import Cell, figures_of

RECEIVED: Cell = ("applications", "new_received", "natural_person")


def figures(received: float = 21) -> tuple[tuple[Cell, float], ...]:
    """The figures of a report with so many applications of natural persons and 3 of businesses."""
    told = figures_of("海东市教育局", 2022, 0)
    return tuple({**told, RECEIVED: received, ("applications", "new_received", "business"): 3.0}.items())


def test_the_report_published_last_stands_under_whatever_spelling(tmp_path: Path) -> None:
    """A short name sorts behind the whole one: that decided which of two reports stood."""
    tables = draw_tables(
        tmp_path,
        {
            "january.pdf": Spec("海东市工信局", 2022, seed=1, published_on="2023-01-20"),
            "june.pdf": Spec("海东市工业和信息化局", 2022, seed=2, published_on="2023-06-03"),
        },
    )
    for panel in ("panel_applications", "panel_active_disclosure", "panel_review_litigation"):
        assert [file_of(tables, row) for row in tables[panel]["report_id"]] == ["june.pdf"], panel
    assert {file_of(tables, row) for row in tables["panel_rates"]["report_id"]} == {"june.pdf"}
    (coverage,) = tables["coverage"].to_dict("records")
    assert (coverage["agency"], coverage["reports"]) == ("海东市工业和信息化局", 2)


def standings(tables: Tables) -> dict[str, str]:
    """What each file is among the reports of its body and year."""
    reports = tables["reports"]
    return dict(
        zip(reports["source_file"].map(lambda name: Path(name).stem), reports["standing"], strict=True)
    )


def test_the_same_content_saved_again_is_told_and_counts_once(tmp_path: Path) -> None:
    spec = Spec("海东市教育局", 2022, published_on="2023-01-20")
    tables = draw_tables(tmp_path, {"a.pdf": spec, "b.pdf": replace(spec, style=Style(ruling="grey"))})
    assert sorted(standings(tables).values()) == ["same", "stands"]
    assert len(tables["revisions"]) == 0 and len(tables["panel_applications"]) == 1
    (stander,) = tables["panel_applications"]["report_id"]
    assert tables["reports"]["superseded_by"].dropna().tolist() == [stander]


def test_a_revision_is_told_cell_by_cell_and_stands(tmp_path: Path) -> None:
    before = Spec("海东市教育局", 2022, published_on="2023-01-20", figures=figures())
    after = Spec("海东市教育局", 2022, published_on="2023-06-03", figures=figures(68))
    tables = draw_tables(tmp_path, {"january.pdf": before, "june.pdf": after})
    assert standings(tables) == {"january": "revised", "june": "stands"}
    told = tables["revisions"].query("column == 'natural_person' and item == 'new_received'")
    assert (
        told[["value", "stands", "kind", "published_on"]].values.tolist()
        == [
            [68, "yes", "revision", "2023-06-03"],
            [21, "no", "revision", "2023-01-20"],
        ][::-1]
    )
    assert tables["panel_applications"]["new_received__natural_person"].tolist() == [68]


def test_a_contradiction_that_no_date_decides_has_no_number(tmp_path: Path) -> None:
    one = Spec("海东市教育局", 2022, figures=figures())
    other = replace(one, figures=figures(68), wrong=((("applications", "granted", "total"), 99.0),))
    tables = draw_tables(tmp_path, {"a.pdf": one, "b.pdf": other})
    assert sorted(standings(tables).values()) == ["contradicted", "stands"]
    assert set(tables["revisions"]["kind"]) == {"contradiction"}
    (row,) = tables["panel_applications"].to_dict("records")
    assert math.isnan(row["new_received__natural_person"]) and row["new_received__business"] == 3
    assert set(tables["observations"]["status"]) == {"ok"}, "what is printed is told as printed"
    rates = tables["panel_rates"].set_index("rate")["status"]
    assert rates["share_granted"] == "suspect" and rates["share_refused"] == "ok"


def test_a_revision_of_one_table_does_not_mix_with_the_original(tmp_path: Path) -> None:
    before = Spec("海东市教育局", 2022, published_on="2023-01-20", figures=figures())
    after = replace(before, published_on="2023-06-03", active="", review=False, figures=figures(68))
    tables = draw_tables(tmp_path, {"whole.pdf": before, "part.pdf": after})
    assert standings(tables) == {"whole": "revised", "part": "stands"}
    assert len(tables["panel_active_disclosure"]) == 0
    absent = tables["revisions"].query("kind == 'partial'")
    assert set(absent["table"]) == {"active_disclosure", "review_litigation"}
    assert set(absent.loc[absent["stands"] == "yes", "status"]) == {"absent"}
    assert tables["coverage"]["tables"].tolist() == ["applications"]


def test_a_file_without_a_table_does_not_stand_before_one_with_numbers(tmp_path: Path) -> None:
    whole = Spec("海东市教育局", 2022, published_on="2023-01-20")
    empty = replace(whole, published_on="2023-06-03", active="", applications="", review=False)
    tables = draw_tables(tmp_path, {"whole.pdf": whole, "words.pdf": empty})
    assert file_of(tables, tables["panel_applications"]["report_id"].item()) == "whole.pdf"


def test_checks_across_years_take_the_report_that_stands(tmp_path: Path) -> None:
    """The older version of 2021 carries out what 2022 does not carry in."""
    carried = ("applications", "carried_out", "total")
    tables = draw_tables(
        tmp_path,
        {
            "old.pdf": Spec("海东市教育局", 2021, published_on="2022-01-20", wrong=((carried, 7.0),), seed=3),
            "new.pdf": Spec("海东市教育局", 2021, published_on="2022-05-20", seed=3),
            "next.pdf": Spec("海东市教育局", 2022, published_on="2023-01-20", seed=3),
        },
    )
    total = tables["checks"].query("check == 'series.carried' and scope == 'total'")
    assert [file_of(tables, row) for row in total["report_id"]] == ["next.pdf"]


def test_two_names_of_one_year_are_two_bodies_and_said_to_be(tmp_path: Path) -> None:
    before = Spec("海东市生态环境局", 2018, active="", applications="", review=False, statistics="national")
    specs = {
        "old.pdf": replace(before, agency="海东市环境保护局"),
        "new.pdf": before,
        "later.pdf": Spec("海东市生态环境局", 2019, active="fy2019", applications="fy2019"),
    }
    tables = draw_tables(tmp_path, specs)
    reports = tables["reports"].assign(file=tables["reports"]["source_file"].map(lambda n: Path(n).stem))
    ids, apart = (reports.set_index("file")[name] for name in ("agency_id", "kept_apart"))
    assert ids["old"] != ids["new"] == ids["later"]
    assert apart.to_dict() == {"old": "海东市生态环境局", "new": "海东市环境保护局", "later": ""}
    assert len(tables["panel_statistics"]) == 2


def test_a_name_without_a_known_region_is_not_one_agency(tmp_path: Path) -> None:
    """鼓楼区 is in four cities, 教育局 in all: two folders are two bodies, and none is checked over years."""
    carried = (("applications", "carried_out", "total"), 7.0)
    tables = draw_tables(
        tmp_path,
        {
            "one/2021.pdf": Spec("鼓楼区教育局", 2021, wrong=(carried,)),
            "one/2022.pdf": Spec("鼓楼区教育局", 2022),
            "other/2022.pdf": Spec("鼓楼区教育局", 2022, seed=9),
            "other/bare.pdf": Spec("教育局", 2022, seed=5),
        },
    )
    panel = tables["panel_applications"]
    assert len(panel) == 4 and panel["agency_id"].nunique() == 3
    assert set(panel["region_match"]) == {"ambiguous", "none"}
    assert set(tables["coverage"]["region_match"]) == {"ambiguous", "none"}
    assert set(tables["coverage"]["status"]) == {"numbers"}
    assert not tables["checks"]["check"].str.startswith("series.").any()
    assert set(tables["reports"]["standing"]) == {"only"}


EDITION = st.tuples(
    st.sampled_from([None, "2024-01-20", "2024-06-03"]),
    st.lists(st.sampled_from([1, 2, "blank", "suspect", None]), min_size=3, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(EDITION, min_size=1, max_size=4))
def test_one_stands_and_the_panel_says_what_it_says_or_nothing(
    editions: list[tuple[str | None, list[int | str | None]]],
) -> None:
    """Held against plain loops: who stands, what it prints, and who contradicts it."""
    items = [("granted", "total"), ("refused.state_secret", "total"), ("carried_out", "total")]
    reports = [
        report(
            str(place),
            published_on=day,
            observations=cells(
                "applications",
                {item: told for item, told in zip(items, printed, strict=True) if told is not None},
            ),
        )
        for place, (day, printed) in enumerate(editions)
    ]
    frames = with_standing(reports_to_frames(reports, reading_version="1"))
    (stands,) = frames.reports.loc[frames.reports["superseded_by"].isna(), "report_id"]
    best = max(reports, key=rank)
    assert stands == best.report_id
    panel = frames_to_derived(frames)["panel_applications"]
    for item in items if best.observations else ():
        mine = said(best, item)
        clashes = [
            other
            for other in reports
            if mine is not None
            and said(other, item) not in (mine, None)
            and not (best.heading.published_on or "") > (other.heading.published_on or "x")
        ]
        (value,) = panel[f"{item[0].replace('.', '_')}__{item[1]}"]
        expected = mine if isinstance(mine, float | int) and not clashes else None
        assert (None if math.isnan(value) else value) == expected, (item, editions)


def rank(one: Report) -> tuple[bool, str, int, str]:
    """What makes a report stand: cells at all, its date, how many can be trusted, its id."""
    sound = [cell for cell in one.observations if cell.status != "suspect"]
    return bool(one.observations), one.heading.published_on or "", len(sound), one.report_id


def said(one: Report, item: tuple[str, str]) -> float | str | None:
    """The number of a cell, blank, or None where the report does not say."""
    for cell in one.observations:
        if (cell.item, cell.column) == item and cell.status in ("ok", "blank"):
            return "blank" if cell.status == "blank" else cell.value
    return None
