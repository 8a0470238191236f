"""The rates that are compared, from the number cells of reports: the one place that knows how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd
import pyarrow as pa

from pipeline.export.dictionary import keys

Row = tuple[str, str]
"""table, item of a form; what is counted is its column total."""


def _under(head: str) -> tuple[Row, ...]:
    items = keys("applications", "row")
    return tuple(("applications", item) for item in items if item == head or item.startswith(f"{head}."))


@dataclass(frozen=True)
class Rate:
    """Sum of the `numerator` rows over sum of the `denominator` rows."""

    name: str
    title: str
    numerator: tuple[Row, ...]
    denominator: tuple[Row, ...] = (("applications", "handled_total"),)


OUTCOMES = (
    Rate("share_granted", "予以公开", _under("granted")),
    Rate("share_partially_granted", "部分公开", _under("partially_granted")),
    Rate("share_refused", "不予公开", _under("refused")),
    Rate("share_unavailable", "无法提供", _under("unavailable")),
    Rate("share_declined", "不予处理", _under("declined")),
    Rate("share_other", "其他处理", (("applications", "other"),)),
)
RATES = (
    *OUTCOMES,
    Rate(
        "share_carried_over",
        "结转下年",
        (("applications", "carried_out"),),
        (("applications", "new_received"), ("applications", "carried_in")),
    ),
    Rate(
        "litigation_rate",
        "行政诉讼",
        (("review_litigation", "litigation_direct"), ("review_litigation", "litigation_after_review")),
    ),
)
# A blank counts as 0 only where sums over it hold. Three rows of fy2021 are the one 其他处理 of fy2019.
_QUERY = """
WITH wanted AS (SELECT unnest($1) AS report_id),
proven AS (
  SELECT report_id FROM checks WHERE scope = 'total' AND verdict = 'pass'
    AND "check" IN ('applications.balance', 'applications.handled')
  GROUP BY report_id HAVING count(DISTINCT "check") = 2
),
printed AS (
  SELECT report_id, "table", status, item AS own, regexp_replace(item, '^other\\..*', 'other') AS item,
    CASE WHEN status IN ('ok', 'corrected') THEN value
         WHEN status IN ('blank', 'not_applicable') AND "table" = 'applications'
              AND report_id IN (FROM proven) THEN 0 END AS known
  FROM observations WHERE "column" = 'total' AND report_id IN (FROM wanted)
),
lines AS (
  SELECT report_id, "table", item, sum(known) AS known, bool_or(status = 'suspect') AS suspect,
    count(known) = count(*) AND (item <> 'other' OR bool_or(own = 'other') OR count(*) = 3) AS whole
  FROM printed GROUP BY report_id, "table", item
),
doubts AS (
  SELECT DISTINCT report_id, "table", parts.item FROM checks JOIN parts USING ("table")
  WHERE verdict = 'fail' AND scope IN ('total', parts.item)
    AND ("check" NOT LIKE 'series.%' OR parts.item = 'carried_in')
),
sums AS (
  SELECT report_id, rate,
    sum(known) FILTER (WHERE above) AS numerator, sum(known) FILTER (WHERE NOT above) AS denominator,
    bool_and(coalesce(whole, false)) AS whole, bool_or(coalesce(suspect, false)) AS suspect,
    bool_or(doubts.item IS NOT NULL) AS failed
  FROM wanted CROSS JOIN parts
    LEFT JOIN lines USING (report_id, "table", item) LEFT JOIN doubts USING (report_id, "table", item)
  GROUP BY report_id, rate
),
judged AS (
  SELECT *, CASE WHEN suspect THEN 'suspect' WHEN NOT whole THEN 'unknown'
                 WHEN denominator = 0 THEN 'no_cases' WHEN failed THEN 'check_failed' ELSE 'ok' END AS status
  FROM sums
)
SELECT report_id, rate, numerator, denominator, status,
  CASE WHEN status IN ('ok', 'check_failed') THEN numerator / denominator END AS value
FROM judged ORDER BY report_id, rate
"""


def connection_to_rates(connection: duckdb.DuckDBPyConnection, report_ids: Sequence[str]) -> pd.DataFrame:
    """report_id, rate, numerator, denominator, status (ok, check_failed, suspect, unknown, no_cases), value.

    `value` is a share of 1, null unless status is ok or check_failed.
    """
    connection.register("parts", _parts())
    return connection.execute(_QUERY, [list(report_ids)]).df()


def _parts() -> pa.Table:
    rows = [
        {"rate": rate.name, "above": above, "table": table, "item": item}
        for rate in RATES
        for above, side in ((True, rate.numerator), (False, rate.denominator))
        for table, item in side
    ]
    return pa.Table.from_pylist(rows)
