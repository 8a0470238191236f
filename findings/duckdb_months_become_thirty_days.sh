#!/usr/bin/env bash
# One DuckDB query, four ways out, three answers: an interval of 13 months and 2 days.
#
# fetchall() and df() turn a month into 30 days and a year into 360: 392 days, without a word. Arrow keeps months and
# days apart. pl() refuses. A duration that was computed in SQL (age of a report, delay of a bureau) so depends on how
# the result is fetched; date plus the fetched timedelta is another day than date plus interval in SQL.
#
# Versions: duckdb 2.0.1, pandas 3.1.1, pyarrow 26.0.1, polars 2.1.0; Python 3.11. Source: own trial.
# Seen:
#   fetchall  392 days     df  392 days     arrow  months=13, days=2     pl  ComputeError
#   2023-01-31 plus it: in SQL 2024-03-02, in Python 2024-02-27
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    'duckdb==2.0.1' 'pandas==3.1.1' 'pyarrow==26.0.1' 'polars==2.1.0' 2> /dev/null
cd "$folder"
venv/bin/python - <<'PY'
import datetime
import sys

import duckdb

query = "select interval '13 months 2 days' as delay"
fetched = duckdb.sql(query).fetchall()[0][0]
frame = duckdb.sql(query).df()["delay"][0]
arrow = duckdb.sql(query).to_arrow_table()["delay"][0].as_py()
try:
    polars = str(duckdb.sql(query).pl())
except Exception as error:
    polars = type(error).__name__
in_sql = duckdb.sql("select (date '2023-01-31' + interval '13 months 2 days')::date").fetchall()[0][0]
in_python = datetime.date(2023, 1, 31) + fetched
print("fetchall", fetched, "| df", frame, "| arrow", arrow, "| pl", polars)
print("2023-01-31 plus it: in SQL", in_sql, "in Python", in_python)
same = (
    fetched == datetime.timedelta(days=392)
    and frame.days == 392
    and (arrow.months, arrow.days) == (13, 2)
    and polars == "ComputeError"
    and in_sql != in_python
)
print("as described" if same else "not as described any more")
sys.exit(not same)
PY
