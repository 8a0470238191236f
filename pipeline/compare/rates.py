"""panel_rates → the rates that are compared; tables/rates.toml defines them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import pandas as pd

from pipeline.tables.rate_definitions import Rate, rates

_OUTCOMES = ("granted", "partially_granted", "refused", "unavailable", "declined", "other")
_BY_NAME = {rate.name: rate for rate in rates()}

OUTCOMES: tuple[Rate, ...] = tuple(_BY_NAME[f"share_{outcome}"] for outcome in _OUTCOMES)
"""How applications were handled; they add up to 1."""

_FURTHER_RATES = ("share_carried_over", "litigation_rate", "correction_rate")
RATES = (*OUTCOMES, *(_BY_NAME[name] for name in _FURTHER_RATES))
"""The rates shown for every agency."""

_QUERY = """
SELECT report_id, wanted.rate, numerator, denominator, coalesce(p.status, 'unknown') AS status, value
FROM reports CROSS JOIN (SELECT unnest($2) AS rate) wanted
  LEFT JOIN (SELECT * EXCLUDE (agency, report_id) FROM panel_rates) p USING (agency_id, fiscal_year, rate)
WHERE report_id IN (SELECT unnest($1)) ORDER BY report_id, wanted.rate
"""


def connection_to_rates(
    connection: duckdb.DuckDBPyConnection, report_ids: Sequence[str], names: Iterable[str]
) -> pd.DataFrame:
    """Return report_id, rate, numerator, denominator, status (as in panel_rates), value: for RATES and these
    `names`.

    `value` is a share of 1, null unless status is ok or check_failed. If a report's form does not print the
    cells of a rate, its status is unknown.
    """
    wanted = sorted({rate.name for rate in RATES} | (set(names) & _BY_NAME.keys()))
    return connection.execute(_QUERY, [list(report_ids), wanted]).df()
