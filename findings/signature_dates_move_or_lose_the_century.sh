#!/usr/bin/env bash
# Dates as Chinese bureaus sign with them: jionlp moves 23 January to 3 March and calls it accurate, Microsoft's
# recognizers put 2024 into the year 24.
#
# Reports are signed in numerals. jionlp.parse_time takes 廿 (twenty) for nothing and loses the month with it. Both
# take 元月 (January) for nothing: the day becomes the whole year, from the recognizers with another date of this month
# beside it. A blank before 日 costs jionlp the day, full-width digits the century ("24-01-01", the whole year), each
# time with the word accurate. The zero of the year is written 〇, ○, Ｏ or 0; the recognizers know the first alone,
# and give the year 24 for the others. Who dates publication by them finds bureaus on time that were late.
#
# Versions: jionlp 1.5.31, recognizers-text-suite 1.0.2a2 (with emoji 1.7.0, for newer ones stop its import); Python 3.11.
# Source: own trial; what 廿 and 元月 mean stands in any dictionary.
# Seen (jionlp | recognizers, the first date each):
#   二〇二四年一月廿三日       2024-03-03 to 2024-03-03 accurate | not resolved
#   2024年元月30日           2024-01-01 to 2024-12-31 accurate | 2024-01-01 to 2025-01-01
#   2024年1月20 日           2024-01-01 to 2024-01-31 accurate | 2024-01-20
#   ２０２４年１月３１日      24-01-01 to 24-12-31 accurate     | 2024-01-31
#   二○二四年一月三十一日     2024-01-31 to 2024-01-31 accurate | 0024-01-31
#   二Ｏ二四年一月三十一日    2024-01-31 to 2024-01-31 accurate | 0024-01-31
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'jionlp==1.5.31' 2> /dev/null
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps 'recognizers-text==1.0.2a2' \
    'recognizers-text-number==1.0.2a2' 'recognizers-text-number-with-unit==1.0.2a2' \
    'recognizers-text-date-time==1.0.2a2' 'emoji==1.7.0' 'grapheme==0.6.0' 'multipledispatch==1.0.0' \
    'regex==2026.11.19' 'datedelta==1.4' 2> /dev/null
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import sys

import jionlp
from recognizers_date_time import recognize_datetime


def by_jionlp(text):
    found = jionlp.parse_time(text, time_base={"year": 2026, "month": 6, "day": 15})
    first, last = (moment.split()[0] for moment in found["time"])
    return f"{first} to {last} {found['definition']}"


def by_recognizers(text):
    first = recognize_datetime(text, "zh-cn")[0].resolution["values"][0]
    return first.get("value") or f"{first['start']} to {first['end']}"


described = {
    "二〇二四年一月廿三日": ("2024-03-03 to 2024-03-03 accurate", "not resolved"),
    "2024年元月30日": ("2024-01-01 to 2024-12-31 accurate", "2024-01-01 to 2025-01-01"),
    "2024年1月20 日": ("2024-01-01 to 2024-01-31 accurate", "2024-01-20"),
    "２０２４年１月３１日": ("24-01-01 to 24-12-31 accurate", "2024-01-31"),
    "二○二四年一月三十一日": ("2024-01-31 to 2024-01-31 accurate", "0024-01-31"),
    "二Ｏ二四年一月三十一日": ("2024-01-31 to 2024-01-31 accurate", "0024-01-31"),
}
seen = {text: (by_jionlp(text), by_recognizers(text)) for text in described}
for text, dates in seen.items():
    print(text, *dates, sep=" | ")
print("as described" if seen == described else "not as described any more")
sys.exit(seen != described)
PY
