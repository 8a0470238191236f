#!/usr/bin/env bash
# kreuzberg 4.10.4 gives one printed number twice or once, by the format it came in, and moves numbers under a rowspan.
#
# The same little table, a total of 45 printed in one cell over two columns: from a Word file the 45 stands in both
# columns (a sum over them doubles it), from HTML in the first alone and the second is blank. And where an HTML label
# spans two rows, the second row slides one column to the left: its number stands in the column of labels.
#
# Versions: kreuzberg 4.10.4, python-docx 1.2.0; Python 3.11. Source: own trial. HTML's own rule (spans leave later
# cells where they are) and Word's (w:gridSpan is one cell) say 45 once, and 25 and 7 in columns two and three.
# Seen:
#   docx ['合计', '45', '45']
#   html ['合计', '45', '']
#   html ['规章', '3', '12'], then ['25', '7', ''] for the row whose label is spanned and whose cells are 25 and 7
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'kreuzberg==4.10.4' 'python-docx==1.2.0' 2> /dev/null
cd "$folder"
venv/bin/python - <<'PY'
import sys
from pathlib import Path

import docx
import kreuzberg

word = docx.Document()
table = word.add_table(rows=2, cols=3)
for line, row in enumerate([("规章", "3", "12"), ("合计", "45", "")]):
    for place, text in enumerate(row):
        table.cell(line, place).text = text
table.cell(1, 1).merge(table.cell(1, 2))
table.cell(1, 1).text = "45"
word.save("table.docx")
Path("table.html").write_text(
    "<!doctype html><meta charset=utf-8><title>t</title><table>"
    "<tr><td rowspan=2>规章<td>3<td>12"
    "<tr><td>25<td>7"
    "<tr><td>合计<td colspan=2>45"
    "</table>",
    encoding="utf-8",
)


def rows(name):
    found = kreuzberg.extract_file_sync(name).tables[0].cells
    print(name, found)
    return found


in_word, in_html = rows("table.docx"), rows("table.html")
doubled = in_word[-1] == ["合计", "45", "45"]
once = in_html[-1] == ["合计", "45", ""]
slid = in_html[1] == ["25", "7", ""]
print("as described" if doubled and once and slid else "not as described any more")
sys.exit(0 if doubled and once and slid else 1)
PY
