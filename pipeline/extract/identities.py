"""Test the sums that the forms themselves prescribe on what was read; no value is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.forms import CellKey, Identity, Sum, TableForm
from pipeline.records import SPANNING, Check, Observation

SUM_TOLERANCE = 1e-6
"""Units of the sum. Two sides that agree differ by less.

Decimals in 万元 do not add up exactly in floats.
"""

_AS_ZERO = ("blank", "not_applicable")


def observations_to_checks(observations: Sequence[Observation], forms: Iterable[TableForm]) -> list[Check]:
    """Return a check for every identity that can be tested, each by the form that its table follows."""
    by_form = {(form.table, form.form): form for form in forms}
    tables: dict[tuple[str, str], dict[CellKey, Observation]] = {}
    for seen in observations:
        tables.setdefault((seen.table, seen.template), {})[seen.item, seen.column] = seen
    return [check for key, cells in tables.items() for check in _table_to_checks(by_form[key], cells)]


def _table_to_checks(form: TableForm, cells: Mapping[CellKey, Observation]) -> list[Check]:
    """Return the checks of one table; a sum that a blank total leaves open is not tested."""
    numbers = {key: _number(seen) for key, seen in cells.items() if _is_read(seen)}
    checks = [check for each in form.sums if (check := _test(each, form.table, numbers))]
    blank = _blank_totals(form, checks, cells)
    if not blank:
        return checks
    known = {
        key for check in checks if check.verdict == "pass" for key in _only(blank.intersection(check.cells))
    }
    return [
        check if blank.intersection(check.cells) <= known else check._replace(verdict="not_tested")
        for check in checks
    ]


def _blank_totals(
    form: TableForm, checks: Iterable[Check], cells: Mapping[CellKey, Observation]
) -> frozenset[CellKey]:
    """Return the totals in which nothing is printed although their parts do not add up to 0."""
    places = {each.name: _place_of_total(each) for each in form.identities}
    sums = ((check, places[check.check]) for check in checks if check.right)
    totals = (check.cells[place] for check, place in sums if place is not None)
    return frozenset(key for key in totals if cells[key].status in _AS_ZERO)


def _place_of_total(identity: Identity) -> int | None:
    """Return the place of the total among the cells of a sum; None where its two sides are sums alike."""
    added = [place for place, weight in enumerate(identity.weights.values()) if weight > 0]
    return added[0] if len(added) == 1 else None


def _only(keys: frozenset[CellKey]) -> frozenset[CellKey]:
    """Return the one key of a set; none where there are several. A sum that holds says what one blank is."""
    return keys if len(keys) == 1 else frozenset()


def _is_read(seen: Observation) -> bool:
    """Whether a cell has a text of its own that is understood: a dash over several is in no sum either."""
    return seen.status != "unreadable" and seen.match != SPANNING


def _number(seen: Observation) -> float | None:
    """Return the number of a cell that is read; None where it has none, which counts as 0."""
    return None if seen.status in _AS_ZERO else seen.value or 0.0


def _test(each: Sum, table: str, numbers: Mapping[CellKey, float | None]) -> Check | None:
    """Test a sum; None where a cell of it is not read, and has no number here, or none holds a number."""
    try:
        found = [numbers[key] for key in each.weights]
    except KeyError:
        return None
    zeros = found.count(None)
    if zeros == len(found):
        return None
    left = right = 0.0
    for weight, number in zip(each.weights.values(), found, strict=True):
        if number and weight > 0:
            left += weight * number
        elif number:
            right -= weight * number
    verdict = "pass" if abs(left - right) < SUM_TOLERANCE else "fail"
    return Check(table, each.name, each.scope, left, right, verdict, None, zeros, tuple(each.weights))
