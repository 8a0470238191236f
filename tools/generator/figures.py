"""Invented figures that add up as the forms demand, and chain from year to year."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from random import Random

from .layouts import APPLICANTS, EXTRA_ROWS, OTHER_RESULTS, OUTCOMES, RESULTS, STATISTICS_UNITS

Cell = tuple[str, str, str]
Figures = dict[Cell, float]

FIRST_YEAR = 2014
COUNTED_APART = 2
PARTS = tuple(key for key, _ in APPLICANTS[:-1])
LEAVES = tuple(row.key for _, rows in (*RESULTS, OTHER_RESULTS["fy2021"]) for row in rows)
COMMON_LEAVES = (
    "granted",
    "granted",
    "granted",
    "partially_granted",
    "unavailable.not_held",
    "unavailable.not_held",
    "unavailable.needs_creation",
    "declined.petition_complaint",
    "refused.internal_affairs",
    "refused.enforcement_files",
)


def figures_of(agency: str, year: int, seed: int) -> Figures:
    """All figures of an agency and year: {(table, item, column): value}, for every form at once.

    Years before `year` are run through from 2014 on, so that what is carried over agrees.
    """
    carried = dict.fromkeys(PARTS, 0)
    in_force = {"regulations": 0, "normative_documents": 12}
    figures: Figures = {}
    for each in range(min(FIRST_YEAR, year), year + 1):
        rng = Random(f"{seed}/{agency}/{each}")
        figures = {}
        carried = invent_applications(figures, carried, rng)
        in_force = invent_documents(figures, in_force, rng)
        invent_active(figures, rng)
        invent_review(figures, rng)
        invent_statistics(figures, rng)
    return figures


def invent_applications(figures: Figures, carried: dict[str, int], rng: Random) -> dict[str, int]:
    """Table 三 column by column; what is carried out comes back for the next year."""
    carried_out = {}
    for column in PARTS:
        received = rng.randint(8, 60) if column == "natural_person" else rng.choice((0, 0, 1, 2, 5))
        open_cases = received + carried[column]
        carried_out[column] = min(open_cases, rng.choice((0, 0, 1, 3)))
        leaves = dict.fromkeys(LEAVES, 0)
        for _ in range(open_cases - carried_out[column]):
            leaves[rng.choice((*COMMON_LEAVES, rng.choice(LEAVES)))] += 1
        numbers = {
            "new_received": received,
            "carried_in": carried[column],
            **leaves,
            "other": sum(leaves[key] for key in LEAVES if key.startswith("other.")),
            "handled_total": sum(leaves.values()),
            "carried_out": carried_out[column],
        }
        figures.update({("applications", item, column): value for item, value in numbers.items()})
    for item in numbers:
        total = sum(figures["applications", item, column] for column in PARTS)
        figures["applications", item, "total"] = total
    return carried_out


def invent_documents(figures: Figures, in_force: dict[str, int], rng: Random) -> dict[str, int]:
    """规章 and 规范性文件 of both forms of table 二; the documents in force come back."""
    after = {}
    for item, before in in_force.items():
        made = rng.randint(0, 6) if item == "normative_documents" else 0
        repealed = min(before, rng.randint(0, 3)) if made else 0
        after[item] = before + made - repealed
        for column, value in (
            ("made", made),
            ("repealed", repealed),
            ("in_force", after[item]),
            ("newly_made", made),
            ("newly_disclosed", made),
            ("total_disclosed", before + made),
        ):
            figures["active_disclosure", item, column] = value
    return after


def invent_active(figures: Figures, rng: Random) -> None:
    """The parts of table 二 that no identity covers."""
    table = "active_disclosure"
    for item, top in (
        ("administrative_licensing", 5200),
        ("administrative_penalty", 420),
        ("administrative_coercion", 40),
        ("other_public_services", 60),
    ):
        figures[table, item, "decisions"] = rng.randint(0, top)
        figures[table, item, "previous_items"] = rng.randint(3, 80)
        figures[table, item, "change"] = rng.choice((0, 0, -3, 2, 11, -20))
    figures[table, "administrative_fees", "fee_amount"] = rng.choice((0, round(rng.uniform(1, 9000), 2)))
    figures[table, "administrative_fees", "previous_items"] = rng.randint(0, 5)
    figures[table, "administrative_fees", "change"] = rng.choice((0, 1, -1))
    figures[table, "government_procurement", "procurement_items"] = rng.randint(1, 40)
    figures[table, "government_procurement", "procurement_amount"] = rng.randint(10_000, 12_000_000)


def invent_review(figures: Figures, rng: Random) -> None:
    """Table 四: three groups, each with its total."""
    for group in ("review", "litigation_direct", "litigation_after_review"):
        values = [rng.choice((0, 0, 1, 2, 7)) for _ in OUTCOMES[:-1]]
        for (column, _), value in zip(OUTCOMES, [*values, sum(values)], strict=True):
            figures["review_litigation", group, column] = value


STATISTICS_SUMS = {
    "received": ("received.in_person", "received.fax", "received.online", "received.letter"),
    "closed": ("closed.on_time", "closed.extended"),
    "answered.refused": (
        "refused.state_secret",
        "refused.trade_secret",
        "refused.privacy",
        "refused.security_stability",
        "refused.not_government_information",
        "refused.other_law",
    ),
    "answered": (
        "answered.already_public",
        "answered.granted",
        "answered.partially_granted",
        "answered.refused",
        "answered.not_this_agency",
        "answered.not_existing",
        "answered.asked_to_amend",
        "answered.other_channel",
    ),
    "review": ("review.upheld", "review.corrected", "review.other"),
    "litigation": ("litigation.upheld", "litigation.corrected", "litigation.other"),
    "staff": ("staff.full_time", "staff.part_time"),
}


def scatter(total: int, keys: tuple[str, ...], rng: Random) -> dict[str, int]:
    """`total` spread over the keys, piece by piece."""
    shares = dict.fromkeys(keys, 0)
    for _ in range(total):
        shares[rng.choice(keys)] += 1
    return shares


def invent_count(rng: Random) -> dict[str, float]:
    """One column of the 统计表."""
    counts: dict[str, float] = {key: rng.choice((0, 0, 1, 4, 9)) for key in STATISTICS_UNITS}
    channels = {key: rng.randint(20, 900) for key in counts if key.startswith("channel.")}
    counts.update(channels)
    counts["channel.gazette"] = 0
    counts["disclosed"] = rng.randint(900, 2400)
    counts["disclosed.normative_documents"] = counts["normative_documents_issued"] = rng.randint(0, 19)
    cases = rng.randint(9, 60)
    counts.update(scatter(cases, STATISTICS_SUMS["received"], rng))
    counts.update(scatter(cases, STATISTICS_SUMS["closed"], rng))
    counts.update(scatter(cases, STATISTICS_SUMS["answered"], rng))
    counts.update(scatter(int(counts["answered.refused"]), STATISTICS_SUMS["answered.refused"], rng))
    for total, parts in STATISTICS_SUMS.items():
        counts[total] = sum(counts[part] for part in parts)
    counts["fees_collected"] = rng.choice((0, round(rng.uniform(0.1, 3), 2)))
    counts["budget"] = rng.choice((0, 5, round(rng.uniform(1, 20), 1)))
    counts["trained_people"] = rng.randint(20, 400)
    return counts


def invent_statistics(figures: Figures, rng: Random) -> None:
    """The 统计表: the year, and a column of all years that holds as much or more and adds up too."""
    year, before = invent_count(rng), invent_count(rng)
    for item, value in year.items():
        figures["statistics", item, "count"] = value
        figures["statistics", item, "cumulative"] = round(value + before[item], 2)


def identities(items: set[str]) -> list[tuple[str, str, list[Cell], list[Cell]]]:
    """Every identity as (check, scope, cells of the left side, cells of the right side).

    `items` are the rows that table 三 prints: one row for （六） or three.
    """

    def cells(names: tuple[str, ...], column: str) -> list[Cell]:
        return [("applications", name, column) for name in names]

    leaves = tuple(key for key in (*LEAVES, "other") if key in items)
    found: list[tuple[str, str, list[Cell], list[Cell]]] = []
    for column, _ in APPLICANTS:
        found.append(
            (
                "applications.balance",
                column,
                cells(("new_received", "carried_in"), column),
                cells(("handled_total", "carried_out"), column),
            )
        )
        found.append(
            ("applications.handled", column, cells(("handled_total",), column), cells(leaves, column))
        )
    for item in sorted(items):
        found.append(
            (
                "applications.row_total",
                item,
                [("applications", item, "total")],
                [("applications", item, column) for column in PARTS],
            )
        )
    for group in ("review", "litigation_direct", "litigation_after_review"):
        found.append(
            (
                "review_litigation.total",
                group,
                [("review_litigation", group, "total")],
                [("review_litigation", group, column) for column, _ in OUTCOMES[:-1]],
            )
        )
    for column in ("count", "cumulative"):
        for total, parts in STATISTICS_SUMS.items():
            found.append(
                (
                    f"statistics.{total.split('.')[-1]}",
                    column,
                    [("statistics", total, column)],
                    [("statistics", part, column) for part in parts],
                )
            )
    return found


def failing(values: Mapping[Cell, float | None], unread: Collection[Cell] = ()) -> list[tuple[str, str]]:
    """(check, scope) of each identity that the printed values break; blanks count as 0.

    No identity with a cell that nobody can read (`unread`) is broken.

    An identity is left out when one of its cells is not there, when none of them holds a number, or when a
    total in it is blank over parts that are not, and no other identity says that it is 0.
    """
    tested = list(testable(values, unread))
    blank = {
        left[0] for _, _, left, right in tested if len(left) == 1 and is_left_out(left[0], right, values)
    }
    known = set[Cell]()
    for _, _, left, right in tested:
        open_cells = blank.intersection((*left, *right))
        if len(open_cells) == 1 and is_balanced(left, right, values):
            known |= open_cells
    return [
        (check, scope)
        for check, scope, left, right in tested
        if not is_balanced(left, right, values) and blank.intersection((*left, *right)) <= known
    ]


def testable(
    values: Mapping[Cell, float | None], unread: Collection[Cell] = ()
) -> Iterator[tuple[str, str, list[Cell], list[Cell]]]:
    """Every identity whose cells are all printed, with a number in one of them at least."""
    for check, scope, left, right in identities(
        {item for table, item, _ in (*values, *unread) if table == "applications"}
    ):
        cells = (*left, *right)
        if all(cell in values for cell in cells) and any(values[cell] is not None for cell in cells):
            yield check, scope, left, right


def is_left_out(total: Cell, parts: list[Cell], values: Mapping[Cell, float | None]) -> bool:
    return values[total] is None and sum(values[part] or 0 for part in parts) != 0


def is_balanced(left: list[Cell], right: list[Cell], values: Mapping[Cell, float | None]) -> bool:
    return abs(sum(values[c] or 0 for c in left) - sum(values[c] or 0 for c in right)) <= 1e-6


def multiply(figures: Figures, factors: Mapping[str, int]) -> Figures:
    """The figures with those of each table so many times as large: every sum still holds."""
    return {cell: round(value * factors.get(cell[0], 1), 2) for cell, value in figures.items()}


def count_apart(figures: Figures) -> Figures:
    """Two granted applications of natural persons are counted in a row that no form knows."""
    cells = [("applications", "granted", column) for column in ("natural_person", "total")]
    return figures | {cell: max(0, figures[cell] - COUNTED_APART) for cell in cells}


def extra_numbers(kind: str, figures: Figures) -> dict[str, str]:
    """What a row that no form knows (layouts.EXTRA_ROWS) prints, by column."""
    table, after, _ = EXTRA_ROWS[kind]
    columns = [column for each, item, column in figures if (each, item) == (table, after)]
    if kind in ("other", "other_counted"):
        counted = COUNTED_APART if kind == "other_counted" else 0
        return {column: str(counted if column in ("natural_person", "total") else 0) for column in columns}
    parts = {column: int(abs(figures[table, after, column])) // 2 for column in columns}
    if "total" in parts:
        parts["total"] = sum(parts[column] for column in PARTS)
    return {column: str(number) for column, number in parts.items()}


SUMMED = ("applications", "review_litigation", "statistics")


def misprint(figures: Figures, printed: Iterable[Cell], count: int, rng: Random) -> Figures:
    """The figures with `count` of the printed cells wrong, each so that more identities fail than before."""
    wrong = dict(figures)
    cells = [cell for cell in printed if cell[0] in SUMMED]
    spoiled: set[Cell] = set()
    while len(spoiled) < count:
        cell = rng.choice([cell for cell in cells if cell not in spoiled])
        value = figures[cell]
        other = rng.choice([value + 1, value + 9, value + 10, max(0, value - 1), 0, value * 10])
        before = failing({each: wrong[each] for each in cells})
        if len(failing({each: wrong[each] for each in cells} | {cell: other})) > len(before):
            wrong[cell] = other
            spoiled.add(cell)
    return wrong
