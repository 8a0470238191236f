"""panel_rates → the rates that are compared; tables/rates.toml defines them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import numpy as np
import pandas as pd

from pipeline.tables.rate_definitions import Rate, is_part, rates

_OUTCOMES = ("granted", "partially_granted", "refused", "unavailable", "declined", "other")
_BY_NAME = {rate.name: rate for rate in rates()}

OUTCOMES: tuple[Rate, ...] = tuple(_BY_NAME[f"share_{outcome}"] for outcome in _OUTCOMES)
"""How applications were handled; they add up to 1."""

_FURTHER_RATES = ("share_carried_over", "litigation_rate", "correction_rate")
_OLDER_RATES = (
    "share_granted", "share_partially_granted", "share_refused", "share_already_public", "share_not_existing",
    "share_not_this_agency", "share_extended", "litigation_rate", "litigation_correction_rate",
)  # fmt: skip
NEWER: tuple[Rate, ...] = (*OUTCOMES, *(_BY_NAME[name] for name in _FURTHER_RATES))
"""The rates shown for an agency whose report follows a form of 2019 or later."""
OLDER: tuple[Rate, ...] = tuple(_BY_NAME[f"fy2014_{name}"] for name in _OLDER_RATES)
"""The rates shown for an agency whose report follows the form before."""
RATES = (*NEWER, *OLDER)

OVER_WHOLE = "over_whole"
"""The status of a part that is greater than its whole, which no bureau can have meant."""

_QUERY = """
SELECT report_id, wanted.rate, numerator, denominator, coalesce(p.status, 'unknown') AS status, value,
  lower, upper, coalesce(caveat, '') AS caveat
FROM reports CROSS JOIN (SELECT unnest($2) AS rate) wanted
  LEFT JOIN (SELECT * EXCLUDE (agency, report_id) FROM panel_rates) p USING (agency_id, fiscal_year, rate)
WHERE report_id IN (SELECT unnest($1)) ORDER BY report_id, wanted.rate
"""


def connection_to_rates(
    connection: duckdb.DuckDBPyConnection, report_ids: Sequence[str], names: Iterable[str]
) -> pd.DataFrame:
    """Return report_id, rate, numerator, denominator, status (as in panel_rates, or over_whole), value,
    lower, upper, caveat: for RATES and these `names`.

    `value` is a share of 1, null unless status is ok, check_failed or over_whole. If a report's form does not
    print the cells of a rate, its status is unknown.
    """
    wanted = sorted({rate.name for rate in RATES} | (set(names) & _BY_NAME.keys()))
    found = connection.execute(_QUERY, [list(report_ids), wanted]).df()
    parts = [rate.name for rate in rates() if is_part(rate)]
    over = found["rate"].isin(parts) & (found["value"] > 1)
    return found.assign(status=np.where(over, OVER_WHOLE, found["status"]))
