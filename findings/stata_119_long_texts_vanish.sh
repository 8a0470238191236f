#!/usr/bin/env bash
# A text of more than 2,045 bytes (682 Chinese characters) does not survive a Stata file of format 119 between pandas
# and ReadStat, the library behind pyreadstat and R's haven. What pandas writes, pyreadstat reads as an empty text,
# without an error; what pyreadstat writes (119 is its default), pandas cannot open at all.
#
# Such texts are stored apart and found by a pair of numbers in the cell. pandas packs that pair as 3 and 5 bytes in
# format 119, ReadStat as 2 and 6 bytes as in format 118. So numbers and columns of short texts in the same file come
# out right, and only the chapters of a report are gone. Format 118 (pandas: version=118; pyreadstat: version=14) is
# safe.
#
# Versions: pandas 3.0.3, pyreadstat 1.3.3; Python 3.11. Source: own trial; the bytes of the files.
# Seen (lengths of three texts, 900, 1 and 1 characters):
#   118 by pandas       pandas [900, 1, 1]    pyreadstat [900, 1, 1]
#   119 by pandas       pandas [900, 1, 1]    pyreadstat [0, 0, 0]
#   118 by pyreadstat   pandas [900, 1, 1]    pyreadstat [900, 1, 1]
#   119 by pyreadstat   pandas KeyError       pyreadstat [900, 1, 1]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'pandas==3.0.3' 'pyreadstat==1.3.3' 2> /dev/null
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import sys

import pandas as pd
import pyreadstat

chapters = pd.DataFrame({"number": [1.0, 2.0, 3.0], "text": ["政" * 900, "务", "公"]})


def lengths(read):
    try:
        return [len(text) for text in read()["text"]]
    except KeyError:
        return "KeyError"


def readings(path):
    return lengths(lambda: pd.read_stata(path)), lengths(lambda: pyreadstat.read_dta(path)[0])


seen = {}
for pandas_version, pyreadstat_version in ((118, 14), (119, 15)):
    chapters.to_stata("pandas.dta", version=pandas_version, write_index=False, convert_strl=["text"])
    pyreadstat.write_dta(chapters, "pyreadstat.dta", version=pyreadstat_version)
    for writer in ("pandas", "pyreadstat"):
        seen[pandas_version, writer] = readings(f"{writer}.dta")

for (version, writer), (by_pandas, by_pyreadstat) in seen.items():
    print(f"{version} by {writer:12} pandas {by_pandas!s:18} pyreadstat {by_pyreadstat}")
whole = [900, 1, 1]
expected = {
    (118, "pandas"): (whole, whole),
    (118, "pyreadstat"): (whole, whole),
    (119, "pandas"): (whole, [0, 0, 0]),
    (119, "pyreadstat"): ("KeyError", whole),
}
sys.exit(seen != expected)
PY
