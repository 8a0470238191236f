#!/usr/bin/env bash
# DuckDB hands four kinds of values to Arrow as other values, without an error, where fetchall() gives them right.
#
# A UHUGEINT of 2^127 or more becomes a negative decimal (2^128 - 1 is -1): such a sum or hash, written to Parquet by
# Arrow, is wrong. The end of a day, TIME 24:00:00, becomes its beginning. A TIME WITH TIME ZONE loses its zone. The
# other way round, the date 'infinity' (valid until further notice) is an ordinary 9999-12-31 for fetchall(), which a
# later comparison takes for a day, while Arrow's value cannot be turned into a date at all.
#
# Versions: duckdb 2.0.1, pyarrow 26.0.1; Python 3.11. Source: own trial.
# Seen:
#   2^128 - 1      fetchall 340282366920938463463374607431768211455   arrow Decimal('-1')
#   2^127          fetchall 170141183460469231731687303715884105728   arrow Decimal('-170141183460469231731687303715884105728')
#   24:00:00       fetchall '24:00:00'                                arrow datetime.time(0, 0)
#   12:30:00+08    fetchall 12:30 with +08:00                         arrow datetime.time(12, 30)
#   date infinity  fetchall datetime.date(9999, 12, 31)               arrow OverflowError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'duckdb==2.0.1' 'pyarrow==26.0.1' 2> /dev/null
cd "$folder"
venv/bin/python - <<'PY'
import datetime
import sys
from decimal import Decimal

import duckdb


def ways(expression):
    query = f"select {expression} as value"
    fetched = duckdb.sql(query).fetchall()[0][0]
    try:
        arrow = duckdb.sql(query).to_arrow_table()["value"][0].as_py()
    except OverflowError:
        arrow = "OverflowError"
    print(f"{expression:52} fetchall {fetched!r:45} arrow {arrow!r}")
    return fetched, arrow


east = datetime.timezone(datetime.timedelta(hours=8))
seen = {
    "all": ways("340282366920938463463374607431768211455::uhugeint"),
    "half": ways("170141183460469231731687303715884105728::uhugeint"),
    "midnight": ways("time '24:00:00'"),
    "zone": ways("'12:30:00+08'::timetz"),
    "open": ways("date 'infinity'"),
}
described = {
    "all": (2**128 - 1, Decimal(-1)),
    "half": (2**127, Decimal(-(2**127))),
    "midnight": ("24:00:00", datetime.time(0, 0)),
    "zone": (datetime.time(12, 30, tzinfo=east), datetime.time(12, 30)),
    "open": (datetime.date(9999, 12, 31), "OverflowError"),
}
print("as described" if seen == described else "not as described any more")
sys.exit(seen != described)
PY
