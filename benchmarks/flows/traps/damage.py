"""Damage: files that are cut off, with a piece that is doubled, left out, changed or overwritten.

Pieces of pages begin and end at tags: where a piece of a number itself is lost, the page shows another
number, and nobody can see it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from random import Random

from benchmarks.flows.traps.cases import Case, Mutant, Trap
from tools.generator.flows.packages import package_to_parts, parts_to_package
from tools.generator.flows.sheet import content_to_xlsx

PIECE_MAX = 3000
"""Characters. A doubled or lost piece of a text has as many at most."""

TAG = re.compile(r"<[^<>]*>")

Damage = Callable[[str, Random], str]

BLANKING = ("left_out", "cell_left_out", "row_left_out")
"""Damages by which a sheet shows blank cells, as if they were meant."""


def damage_traps() -> Iterator[Trap]:
    """Yield every damage of pages, and of the parts and bytes of packages."""
    for name, damage in TEXTS.items():
        yield Trap("html", name, partial(_page, damage))
        yield Trap("docx", name, partial(_part, damage, "docx"))
        if name not in BLANKING:
            yield Trap("xlsx", name, partial(_part, damage, "xlsx"))
    for name, spoil in BYTES.items():
        yield Trap("docx", name, partial(_package, spoil, "docx"))
        yield Trap("xlsx", name, partial(_package, spoil, "xlsx"))


def _page(damage: Damage, case: Case) -> Mutant:
    page = case.page()
    damaged = damage(page, case.chance)
    is_sound = damaged.count("</table>") == page.count("</table>") or "</table>" not in page
    return case.mutant(damaged.encode(_charset(case), errors="replace"), is_sound=is_sound)


def _charset(case: Case) -> str:
    return "gb18030" if case.shape in ("word", "old") else "utf-8"


def _is_whole(page: str, damaged: str) -> bool:
    """Whether no table is touched by a damage."""
    first, last = page.find("总体情况"), page.rfind("</table>")
    kept = page[max(first, 0) : last]
    return kept in damaged and damaged.count("<table") == page.count("<table")


def _made(kind: str, case: Case) -> bytes:
    return case.docx() if kind == "docx" else content_to_xlsx(case.content, arrangement="one sheet")


PART_NAMES = {"docx": "word/document.xml", "xlsx": "xl/worksheets/sheet1.xml"}


def _part(damage: Damage, kind: str, case: Case) -> Mutant:
    parts = package_to_parts(_made(kind, case))
    name = PART_NAMES[kind]
    text = parts[name].decode()
    parts[name] = damage(text, case.chance).encode()
    return case.mutant(parts_to_package(parts))


def _package(spoil: Callable[[bytes, Random], bytes], kind: str, case: Case) -> Mutant:
    return case.mutant(spoil(_made(kind, case), case.chance))


# ----------------------------------------------------------------- of a text


def _edges(text: str) -> list[int]:
    """Return where tags begin."""
    return [match.start() for match in TAG.finditer(text)]


def _piece(text: str, chance: Random) -> tuple[int, int]:
    """Return where a piece begins and ends: at tags."""
    edges = _edges(text)
    start = chance.choice(edges[:-1])
    ends = [edge for edge in edges if start < edge <= start + PIECE_MAX]
    return start, chance.choice(ends) if ends else start


def cut_off(text: str, chance: Random) -> str:
    """Leave out the end."""
    return text[: chance.randrange(len(text) // 10, len(text) - 20)]


def cut_in_a_table(text: str, chance: Random) -> str:
    """Leave out all that stands behind a place in a table."""
    last = text.rfind("</t")
    return text[: chance.randrange(len(text) // 3, max(last, len(text) // 3 + 1))]


def doubled(text: str, chance: Random) -> str:
    """Write a piece twice."""
    start, end = _piece(text, chance)
    return text[:end] + text[start:]


def left_out(text: str, chance: Random) -> str:
    """Leave a piece out."""
    start, end = _piece(text, chance)
    return text[:start] + text[end:]


def cell_doubled(text: str, chance: Random) -> str:
    """Write a cell twice."""
    return _with_cell(text, chance, lambda cell: cell * 2)


def cell_left_out(text: str, chance: Random) -> str:
    """Leave a cell out."""
    return _with_cell(text, chance, lambda cell: "")


def row_left_out(text: str, chance: Random) -> str:
    """Leave out what ends a row and begins the next: two rows become one."""
    ends = [*re.finditer(r"</(?:w:)?(?:tr|row)>.*?<(?:w:)?(?:tr|row)\b[^>]*>", text, re.DOTALL)]
    chosen = chance.choice(ends)
    return text[: chosen.start()] + text[chosen.end() :]


def _with_cell(text: str, chance: Random, change: Callable[[str], str]) -> str:
    cells = [*re.finditer(r"<(td|w:tc|c)\b[^>]*>(?:(?!<table|<w:tbl|<td).)*?</\1>", text, re.DOTALL)]
    chosen = chance.choice(cells)
    return text[: chosen.start()] + change(chosen.group()) + text[chosen.end() :]


def tag_misspelt(text: str, chance: Random) -> str:
    """Exchange two letters in a tag of a table."""
    tags = [*re.finditer(r"</?(?:w:)?(?:td|tr|tc|tbl|table|row|c)\b", text)]
    chosen = chance.choice(tags)
    name = chosen.group()
    return text[: chosen.start()] + name[:-2] + name[-1] + name[-2] + text[chosen.end() :]


def tag_letter_changed(text: str, chance: Random) -> str:
    """Change a letter in a tag, or in what a tag says."""
    tags = [*re.finditer(r"<[^<>!]{2,}>", text)]
    chosen = chance.choice(tags)
    at = chance.randrange(chosen.start(), chosen.end())
    return text[:at] + chance.choice('abx"<>= /') + text[at + 1 :]


def span_changed(text: str, chance: Random) -> str:
    """Change the number of rows or columns that a cell spans."""
    spans = [*re.finditer(r'(?:rowspan|colspan|gridSpan w:val)="(\d+)"', text)]
    if not spans:
        return text
    chosen = chance.choice(spans)
    other = chance.choice([each for each in "1234567" if each != chosen.group(1)])
    return text[: chosen.start(1)] + other + text[chosen.end(1) :]


TEXTS: Mapping[str, Damage] = {
    function.__name__: function
    for function in (
        cut_off, cut_in_a_table, doubled, left_out, cell_doubled, cell_left_out, row_left_out, tag_misspelt,
        tag_letter_changed, span_changed,
    )
}  # fmt: skip


# --------------------------------------------------------------- of a package


def package_cut_off(package: bytes, chance: Random) -> bytes:
    """Leave out the end of a package."""
    return package[: chance.randrange(50, len(package) - 5)]


def package_flipped(package: bytes, chance: Random) -> bytes:
    """Change some bytes of a package."""
    changed = bytearray(package)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(changed))] ^= chance.randint(1, 255)
    return bytes(changed)


def package_zeroed(package: bytes, chance: Random) -> bytes:
    """Write zeros over a block of a package."""
    start = chance.randrange(len(package))
    end = min(len(package), start + chance.randint(1, 400))
    return package[:start] + bytes(end - start) + package[end:]


def package_swapped(package: bytes, chance: Random) -> bytes:
    """Exchange two neighbouring bytes of a package."""
    at = chance.randrange(len(package) - 1)
    return package[:at] + package[at + 1 : at + 2] + package[at : at + 1] + package[at + 2 :]


BYTES: Mapping[str, Callable[[bytes, Random], bytes]] = {
    function.__name__: function
    for function in (package_cut_off, package_flipped, package_zeroed, package_swapped)
}
