"""Compare a reading of a table with independent ones: confirm cells, or make them suspect."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.extract.cell_ink import OTHER_PIECE, CellInk, Inks
from pipeline.extract.drawn_page import Typed
from pipeline.extract.look import Looks
from pipeline.extract.over_blanks import cells_under_wide_numbers
from pipeline.extract.page_cells import home_of
from pipeline.extract.page_look import CellLook
from pipeline.extract.read.glyphs import UNNAMED
from pipeline.extract.read.number_lines import TWO_LINES, is_surely_one, may_be_one
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.table_reading import TableReading
from pipeline.forms import CellKey
from pipeline.records import OCR_LAYER, PICTURE_READER, Box, Check, Leftover, Observation, Spot, bounding_box

OTHER_REPORT = "the file holds a second report, and this table may be of that one"
DRAWN_PAGE = "page"
"""In place of a reader's name: who confirms a cell is the page as drawn."""

INK = "ink"
"""In place of a reader's name: a second reader of pictures, which goes by the ink, confirms a cell."""

BY_LAYER = "read from the text that an OCR program laid over a picture, and no sum holds this number"
CUT = "a form field or a note says more digits than it shows: it may be too narrow"
IN_LINES = "its digits stand in two lines, and a sum over it fails: they may be two numbers"
LONE_BROKEN = "its digits stand in two lines: they may be two numbers, and no sum holds this one"
OVER_BLANKS = (
    "no ruling parts it from the blank cells beside it, and a sum does not hold: it may be of all of them"
)
NO_CHARACTER, NO_NUMBER = "something that it cannot read", "something that is no number"
"""In place of what a reader of a picture sees."""

UNCUT = "what is printed there cannot be parted from what stands beside it, and no sum holds this number"
BARE_ROW = "no ruling shows which of the blank places in its row are cells"
UNCOUNTED = (
    "no ruling shows which row and column it is of, and counting its lines does not give it the same place"
)
UNNAMED_ROW = (
    "the label of its row or column is not exactly one of the form's, and no other reading confirms it"
)
BY_SHAPES = "the file names other digits than the page shows, and no sum holds this number"

_SEEN, _CONFIRMED = map(Observation._fields.index, ("seen", "confirmed_by"))

BROKEN_MIN_LENGTH = 5
"""Count, of the characters of two lines with their break. 260 over 8 is less likely to be two numbers than 12
over 5."""


def doubtful_cells(reading: TableReading, clean: bool) -> frozenset[CellKey]:
    """Return the cells that one reading alone leaves in doubt.

    These are the cells of failed sums, cells with a phrase that is not understood, and cells in no sum. The
    last are sure if their labels matched exactly and the table left no number over (`clean`).
    """
    failed = {key for check in reading.failed for key in check.cells}
    covered = {key for check in reading.checks for key in check.cells}
    unsure = {
        key
        for key, seen in reading.cells.items()
        if key not in covered and not (clean and seen.match == "exact")
    }
    return frozenset(failed | unsure | reading.unreadable)


def resolve_doubts(
    reading: TableReading,
    doubtful: frozenset[CellKey],
    clean: bool,
    others: Iterable[TableReading],
    *,
    adopts: bool = True,
) -> TableReading:
    """Return `reading` with its doubtful cells confirmed or suspect, or another reading that passes all sums.

    `others` are from independent readers, or say what the drawn page confirms. They come one by one, no more
    than needed. A failed sum that one of them confirms is the publisher's error. Where the table left a
    number over (not `clean`), it is so only if no number of the sum can be missing. Where a reader that was
    asked differs from the page, the reader counts: it may have seen another place. No other reading is taken
    instead unless this one `adopts` it.
    """
    if not doubtful:
        return reading
    open_to_doubt = [] if clean else [check for check in reading.failed if not _is_whole(reading, check)]
    seen_by_others: list[TableReading] = []
    for other in others:
        seen_by_others.append(other)
        if not _covers(other, doubtful - reading.unreadable):
            continue
        if not differences(reading, other, doubtful) and not open_to_doubt:
            return _confirmed(reading, other)
        if adopts and _passes(other) and other.is_better(reading):
            return _adopted(other, reading)
    found = _first_readable_cells(sorted(seen_by_others, key=lambda other: other.reader == DRAWN_PAGE))
    differing = frozenset(key for key in doubtful if not _same(reading.cells[key], found.get(key)))
    differing |= {key for check in open_to_doubt for key in check.cells}
    return _suspected(_with_confirmer(reading, found), differing, agreed=doubtful - differing)


def _is_whole(reading: TableReading, check: Check) -> bool:
    """Whether no number of a check can be missing.

    It sums one row of a ruled table, every cell of the row has text, and nothing left over stands beside it.
    """
    cells = [reading.cells[key] for key in check.cells]
    return (
        not reading.bound.inferred
        and len({item for item, _ in check.cells}) == 1
        and all(seen.raw and seen.match == "exact" for seen in cells)
        and not any(_is_level(left, cells) for left in reading.bound.leftovers)
    )


def _is_level(left: Leftover, row: Sequence[Observation]) -> bool:
    """Whether something left over stands in line with a row; on a turned page rows run downwards."""
    boxes = [seen.box for seen in row if seen.page == left.page]
    if not boxes:
        return False
    strip = bounding_box(boxes)
    if strip.x1 - strip.x0 > strip.bottom - strip.top:
        return left.box.top < strip.bottom and strip.top < left.box.bottom
    return left.box.x0 < strip.x1 and strip.x0 < left.box.x1


def _first_readable_cells(readings: Iterable[TableReading]) -> dict[CellKey, Observation]:
    """Return every cell as the first of the readings has it in which it is readable."""
    found: dict[CellKey, Observation] = {}
    for reading in readings:
        found = {key: seen for key, seen in reading.cells.items() if key not in reading.unreadable} | found
    return found


def _covers(other: TableReading, keys: Collection[CellKey]) -> bool:
    """Whether another reading can read all of these cells."""
    return all(key in other.cells and key not in other.unreadable for key in keys)


def _passes(other: TableReading) -> bool:
    """Whether a reading is complete and readable, and no sum of it fails."""
    return not other.failed and not other.unreadable and not other.bound.missing


def differences(one: TableReading, other: TableReading, keys: Collection[CellKey]) -> frozenset[CellKey]:
    """Return those of the cells that two readings do not read alike."""
    return frozenset(key for key in keys if not _same(one.cells.get(key), other.cells.get(key)))


def _same(one: Observation | None, other: Observation | None) -> bool:
    """Whether two readings of a cell have the same value and status; not where one is missing."""
    return one is not None and other is not None and (one.value, one.status) == (other.value, other.status)


def _with_confirmer(reading: TableReading, others: Mapping[CellKey, Observation]) -> TableReading:
    """Note in every cell which other reader read the same."""
    observations = [
        Observation._make((*seen[:_CONFIRMED], others[key].reader, *seen[_CONFIRMED + 1 :]))
        if _same(seen, others.get(key))
        else seen
        for key, seen in reading.cells.items()
    ]
    return replace(reading, observations=tuple(observations))  # faster than _replace


def _confirmed(reading: TableReading, other: TableReading) -> TableReading:
    """Return the reading as confirmed: where a sum fails, it is the publisher's error."""
    checks = tuple(
        check._replace(attribution="publisher") if check.verdict == "fail" else check
        for check in reading.checks
    )
    return replace(_with_confirmer(reading, other.cells), checks=checks)


def _adopted(other: TableReading, first: TableReading) -> TableReading:
    """Return the other reading, which passes all sums; cells in no sum that it read otherwise are suspect.

    So are blanks, which pass any sum, where the first reader saw ink that is no text.
    """
    confirmed = _with_confirmer(other, first.cells)
    covered = {key for check in other.checks for key in check.cells}
    inked = {key for key in first.unreadable if not first.cells[key].raw}
    blank = {key for key in inked & other.cells.keys() if not other.cells[key].raw}
    return _suspected(confirmed, (differences(other, first, other.cells) - covered) | blank, frozenset())


def _suspected(reading: TableReading, keys: Collection[CellKey], agreed: Collection[CellKey]) -> TableReading:
    """Return the reading with the cells `keys` suspect.

    A failed sum is the publisher's where readers agree on all of its cells, and else the reading's.
    """
    observations = tuple(
        seen._replace(status="suspect") if key in keys and seen.status != "unreadable" else seen
        for key, seen in reading.cells.items()
    )
    checks = tuple(
        check._replace(attribution="publisher" if set(check.cells) <= set(agreed) else "reading")
        if check.verdict == "fail"
        else check
        for check in reading.checks
    )
    return replace(reading, observations=observations, checks=checks)


def doubt_unshown(reading: TableReading, looks: Looks) -> TableReading:
    """Return `reading` with what the drawn page says of each cell.

    Cells of which it shows something else are suspect. A sum that fails over one of them is no error of the
    publisher.
    """
    observations = tuple([_told(seen, looks.get((seen.page, seen.box))) for seen in reading.observations])
    told = replace(reading, observations=observations)
    unshown = frozenset((seen.item, seen.column) for seen in observations if seen.seen == "no")
    if not unshown:
        return told
    return _suspected(told, unshown, _agreed(reading) - unshown)


def _told(seen: Observation, look: CellLook | None) -> Observation:
    """Return an observation with what the drawn page says of its cell; against that no reader confirms it."""
    if look is None:
        return seen
    if look.agrees:
        return Observation._make((*seen[:_SEEN], "yes", *seen[_SEEN + 1 :]))  # faster than _replace
    return seen._replace(seen="no", doubt=look.words, confirmed_by="")


def confirmed_by_ink(
    reading: TableReading, inks: Inks, keys: Iterable[CellKey]
) -> dict[CellKey, Observation]:
    """Return those of the cells of a reading whose ink shows what was read there, by `INK` for their reader.

    Where the second reader is not sure, or two readings are not enough, as under a seal, a sum has to hold
    the cell as well, or a third reader to have seen the same: a program for OCR that laid a text over it.
    """
    held, against = _held_by_numbers(reading), _against_sums(reading)
    found = {key: inks.get((reading.cells[key].page, reading.cells[key].box)) for key in keys}
    return {
        key: reading.cells[key]._replace(reader=INK)
        for key, ink in found.items()
        if ink and _is_confirmed(reading.cells[key], ink, is_held=key in held, sum_fails=key in against)
    }


def doubt_inks(reading: TableReading, inks: Inks) -> TableReading:
    """Return `reading` with what the ink of pictures says of each cell: what it does not confirm is suspect.

    A sum that fails over such a cell is no error of the publisher. Where nothing shows that a blank place is
    a cell of its row, the place of the row is not sure: a sum has to hold its numbers too.
    """
    if not inks:
        return reading
    asked = {key: ink for key, seen in reading.cells.items() if (ink := inks.get((seen.page, seen.box)))}
    found = confirmed_by_ink(reading, inks, asked)
    bare = {item for (item, column), ink in asked.items() if ink.is_bare and (item, column) not in found}
    sure = _held_by_numbers(reading)
    confirmed = {key for key in found if key[0] not in bare or key in sure}
    against = _against_sums(reading)
    observations = tuple(
        seen
        if key not in asked
        else seen._replace(seen="yes")
        if key in confirmed
        else seen._replace(
            seen="no", doubt=_words_of(seen, asked[key], sum_fails=key in against), confirmed_by=""
        )
        for key, seen in reading.cells.items()
    )
    told = replace(reading, observations=observations)
    doubted = asked.keys() - confirmed
    return _suspected(told, doubted, _agreed(reading) - doubted) if doubted else told


def doubt_uncut(reading: TableReading, inks: Inks) -> TableReading:
    """Return `reading` with those cells of pictures suspect whose ink cannot be cut out and asked.

    Sums hold the numbers among them. They hold no blank, for they pass with a 0 that was lost as well.
    """
    sure = _held_by_numbers(reading)
    uncut = frozenset(
        key
        for key in reading.pictured
        if ((seen := reading.cells[key]).page, seen.box) not in inks
        and (seen.value is None or key not in sure)
    )
    if not uncut:
        return reading
    observations = tuple(
        seen._replace(doubt=seen.doubt or UNCUT, confirmed_by="") if key in uncut else seen
        for key, seen in reading.cells.items()
    )
    return _suspected(replace(reading, observations=observations), uncut, _agreed(reading) - uncut)


def _is_confirmed(seen: Observation, ink: CellInk, *, is_held: bool, sum_fails: bool) -> bool:
    """Whether the ink of a cell, and what else is known of it, confirm what was read there.

    A sum passes with a dash as with nothing: which of the two a seal lies over, it does not say. In a place
    without rulings and without ink there is none.
    """
    if seen.status == "unreadable":
        return False
    if ink.shows(seen):
        may_be_other = bool(ink.doubt) and not ink.is_bare and seen.value is None
        is_cleared = is_held and not may_be_other
        return is_cleared or ink.is_as_layer(seen) or not ink.doubt_of(seen, sum_fails=sum_fails)
    return ink.is_as_layer(seen) and not ink.is_sure


def _words_of(seen: Observation, ink: CellInk, *, sum_fails: bool) -> str:
    """Return in words why the ink of a picture does not confirm what was read in a cell."""
    if ink.shows(seen) and seen.status != "unreadable":
        return f"{ink.doubt_of(seen, sum_fails=sum_fails) or BARE_ROW}, and no sum holds this number"
    first = NO_CHARACTER if set(seen.raw) == {UNNAMED} else seen.raw or "nothing"
    second = NO_NUMBER if ink.text == OTHER_PIECE else ink.text or "nothing"
    return f"one reader of the picture sees {first}, the other {second}"


def doubt_broken(reading: TableReading, looks: Looks) -> TableReading:
    """Return `reading` with those numbers suspect that were read from two lines, and over which a sum fails.

    Such a sum is no error of the publisher.
    """
    broken = {
        key
        for check in reading.checks
        if check.verdict == "fail"
        for key in check.cells
        if (look := looks.get((reading.cells[key].page, reading.cells[key].box))) and look.in_lines
    }
    if not broken:
        return reading
    observations = tuple(
        seen._replace(doubt=seen.doubt or IN_LINES) if key in broken else seen
        for key, seen in reading.cells.items()
    )
    return _suspected(
        replace(reading, observations=observations), frozenset(broken), _agreed(reading) - broken
    )


def doubt_over_blanks(reading: TableReading, orientations: Sequence[PageOrientation]) -> TableReading:
    """Return `reading` with those cells suspect over which a number may stand that is of none of them alone.

    A sum over one of them is no error of the publisher. `orientations` are those of the file's pages.
    """
    wide = cells_under_wide_numbers(reading, orientations)
    if not wide:
        return reading
    observations = tuple(
        seen._replace(doubt=seen.doubt or OVER_BLANKS) if key in wide else seen
        for key, seen in reading.cells.items()
    )
    return _suspected(replace(reading, observations=observations), wide, _agreed(reading) - wide)


def doubt_lone_broken(readings: Sequence[TableReading], looks: Looks) -> list[TableReading]:
    """Return the tables of a report with those numbers suspect that were read from two lines, and may be two.

    12 over 5 is 125 only in a report that breaks another number too, so that it can be nothing else (26 over
    08) or is longer (260 over 8). And no cell may hold two lines that are no such number.
    """
    seen = [seen.in_lines for seen in looks.values() if seen.in_lines and TWO_LINES.fullmatch(seen.in_lines)]
    if not seen or _are_broken_throughout(seen):
        return list(readings)
    return [_doubted_in_lines(reading, looks) for reading in readings]


def _are_broken_throughout(lines: Sequence[str]) -> bool:
    """Whether all of these two lines of digits are one number each, and some of them surely or likely."""
    sure = [text for text in lines if is_surely_one(text)]
    rests = [text for text in lines if may_be_one(text)]
    if len(sure) + len(rests) < len(lines):
        return False
    return bool(sure) or (len(rests) > 1 and any(len(text) >= BROKEN_MIN_LENGTH for text in rests))


def _doubted_in_lines(reading: TableReading, looks: Looks) -> TableReading:
    """Return a reading with those of its numbers suspect that may be two, one above the other."""
    held = _held(reading)
    observations = tuple(
        seen._replace(status="suspect", doubt=seen.doubt or LONE_BROKEN)
        if key not in held
        and seen.status == "ok"
        and (look := looks.get((seen.page, seen.box)))
        and may_be_one(look.in_lines)
        else seen
        for key, seen in reading.cells.items()
    )
    return replace(reading, observations=observations)


def _agreed(reading: TableReading) -> set[CellKey]:
    """Return the cells on which readers agree, though a sum over them fails."""
    return {key for check in reading.checks if check.attribution == "publisher" for key in check.cells}


def _held(reading: TableReading) -> set[CellKey]:
    """Return the cells that passed sums hold."""
    return {key for check in reading.checks if check.verdict == "pass" for key in check.cells}


def _held_by_numbers(reading: TableReading) -> set[CellKey]:
    """Return the cells that passed sums hold which are not 0 for want of numbers."""
    checks = [check for check in reading.checks if check.verdict == "pass"]
    return {key for check in checks if check.left or not check.blanks_as_zero for key in check.cells}


def _against_sums(reading: TableReading) -> set[CellKey]:
    """Return the cells over which a sum fails."""
    return {key for check in reading.checks if check.verdict == "fail" for key in check.cells}


def doubt_shapes(readings: Sequence[TableReading], looks: Looks) -> list[TableReading]:
    """Return the tables of a report with those cells suspect that were read by the shapes of digits alone.

    Passed sums hold a number that was read so. They also hold its digits: what the shape of a 6 was taken for
    in a passed sum, it is in a cell that no sum covers. A decimal point is like nothing else.
    """
    if not any(look.renamed for look in looks.values()):
        return list(readings)
    renamed = [_renamed_cells(reading, looks) for reading in readings]
    held = [_held(reading) for reading in readings]
    sure = frozenset[str]().union(
        *(digits[key] for digits, keys in zip(renamed, held, strict=True) for key in digits.keys() & keys)
    )
    return [
        _suspected_shapes(
            reading,
            {key for key in digits.keys() - keys if not sure.issuperset(digits[key].replace(".", ""))},
        )
        for reading, digits, keys in zip(readings, renamed, held, strict=True)
    ]


def _renamed_cells(reading: TableReading, looks: Looks) -> dict[CellKey, str]:
    """Return the cells with digits that were read by their shapes, each with these digits."""
    found = {key: looks.get((seen.page, seen.box)) for key, seen in reading.cells.items()}
    return {key: look.renamed for key, look in found.items() if look and look.renamed}


def _suspected_shapes(reading: TableReading, keys: Collection[CellKey]) -> TableReading:
    """Return the reading with these cells suspect, as shapes alone say what they are."""
    observations = tuple(
        seen._replace(status="suspect", doubt=BY_SHAPES) if key in keys and seen.status == "ok" else seen
        for key, seen in reading.cells.items()
    )
    return replace(reading, observations=observations)


def doubt_cut(readings: Sequence[TableReading], typed: Sequence[Typed]) -> list[TableReading]:
    """Return the tables with those numbers suspect that a field or a note has no room to show whole."""
    return [_doubted_cut(reading, typed) for reading in readings] if typed else list(readings)


def _doubted_cut(reading: TableReading, typed: Sequence[Typed]) -> TableReading:
    """Return a reading with those of its numbers suspect of which a field or a note says more."""
    observations = tuple(
        seen._replace(status="suspect", doubt=CUT)
        if seen.status == "ok" and any(_says_more(one, seen) for one in typed)
        else seen
        for seen in reading.observations
    )
    return replace(reading, observations=observations)


def _says_more(one: Typed, seen: Observation) -> bool:
    """Whether a field or a note in a cell has the digits that were read there, and more."""
    said, read = ("".join(filter(str.isdecimal, text)) for text in (one.text, seen.raw))
    is_there = one.page == seen.page and home_of(one.box, [seen.box])
    return bool(is_there and read in said and read != said)


def doubt_layer(
    readings: Sequence[TableReading], layer: Mapping[tuple[int, Box], bool]
) -> list[TableReading]:
    """Return the tables of a report, with what was read from the text layer of a program for OCR.

    `layer` has such cells, and whether the drawn page confirms them. No reader confirms them by reading the
    same layer. Others are suspect but for those in passed sums, and no failed sum is the publisher's error.
    """
    return [_layered(reading, layer) for reading in readings] if layer else list(readings)


def _layered(reading: TableReading, layer: Mapping[tuple[int, Box], bool]) -> TableReading:
    """Return the reading of a table some cells of which were read from a text layer."""
    held = _held(reading)
    cells = {
        key: layer[place] for key, seen in reading.cells.items() if (place := (seen.page, seen.box)) in layer
    }
    observations = tuple(
        _from_layer(seen, is_sure=cells[key] or key in held) if key in cells else seen
        for key, seen in reading.cells.items()
    )
    checks = tuple(
        check._replace(attribution="reading") if check.attribution and cells.keys() & check.cells else check
        for check in reading.checks
    )
    return replace(reading, observations=observations, checks=checks)


def _from_layer(seen: Observation, *, is_sure: bool) -> Observation:
    """Return an observation that was read from a text layer, be it that it has nothing there."""
    seen = seen._replace(reader=OCR_LAYER, confirmed_by="")
    is_trusted = seen.status in ("ok", "blank")
    return seen._replace(status="suspect", doubt=BY_LAYER) if is_trusted and not is_sure else seen


def doubt_second_report(readings: Sequence[TableReading], begins: Spot | None = None) -> list[TableReading]:
    """Return the tables of a file with those suspect that may be of a second report in it.

    Where a table is printed twice, the second begins another report; one may begin where `begins` says too.
    A table that is printed once, and begins there or later, may be of that one. Of two prints on one page
    nobody can tell which is whose.
    """
    begins = min(filter(None, (spot_of_second_report(readings), begins)), default=None)
    return [
        _doubted(reading, OTHER_REPORT) if _is_others(reading, begins) else reading for reading in readings
    ]


def spot_of_second_report(readings: Iterable[TableReading]) -> Spot | None:
    """Return the first place at which a table is printed anew; None where none is."""
    return min((reading.bound.again for reading in readings if reading.bound.again), default=None)


def _is_others(reading: TableReading, begins: Spot | None) -> bool:
    """Whether a table may be of the second report, of which a table begins there (None: there is none)."""
    if reading.bound.again:
        return reading.bound.again.page in {seen.page for seen in reading.observations}
    return begins is not None and begins <= min(
        Spot(seen.page, seen.box.top) for seen in reading.observations
    )


def _doubted(reading: TableReading, doubt: str) -> TableReading:
    """Return the reading with all its cells suspect, for this reason."""
    observations = tuple(
        seen if seen.status == "unreadable" else seen._replace(status="suspect", doubt=doubt)
        for seen in reading.observations
    )
    return replace(reading, observations=observations)


def doubt_rows(reading: TableReading, rows: Mapping[str, str]) -> TableReading:
    """Return `reading` with every cell of these rows suspect, for the reason that stands beside each row."""
    observations = tuple(
        seen._replace(status="suspect", doubt=seen.doubt or rows[seen.item]) if seen.item in rows else seen
        for seen in reading.observations
    )
    return replace(reading, observations=observations)


def say_why(reading: TableReading) -> TableReading:
    """Return `reading` with a reason for each suspect cell of a picture that has none yet.

    Both readers of the picture saw the same there, and what is left in doubt is whose number it is.
    """
    words = UNCOUNTED if reading.bound.inferred else UNNAMED_ROW
    observations = tuple(
        seen._replace(doubt=words)
        if (seen.reader, seen.status, seen.doubt) == (PICTURE_READER, "suspect", "")
        else seen
        for seen in reading.observations
    )
    return replace(reading, observations=observations)
