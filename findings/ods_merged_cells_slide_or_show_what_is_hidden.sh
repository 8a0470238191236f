#!/usr/bin/env bash
# Merged cells of an OpenDocument sheet: pyexcel moves the rest of the row one column left, others give a hidden number.
#
# A total of 45 stands over two columns. The covered cell behind it still holds the 9 that was typed there before the
# cells were merged; no program shows it. pyexcel with its plugin pyexcel-ods leaves the covered cell out, so that
# the next number (301) takes the column before its own; with the plugin pyexcel-ods3, as calamine, pandas with odfpy,
# odfdo and kreuzberg do, it gives the 9 like any number.
#
# Versions: pyexcel 0.7.6 with pyexcel-ods 0.6.0, python-calamine 0.9.1, pandas 3.1.1 with odfpy 1.4.1, odfdo 3.27.3,
# kreuzberg 4.10.4; Python 3.11. Source: own trial; ODF 1.3 part 3, 9.1.6 (a covered cell keeps its place, is not shown).
# Seen, for the row "total | 45 over two columns | 301":
#   pyexcel                             total 45 301
#   calamine, pandas, odfdo, kreuzberg  total 45 9 301
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'python-calamine==0.9.1' 'kreuzberg==4.10.4' \
    'pandas==3.1.1' 'odfpy==1.4.1' 'odfdo==3.27.3' 'pyexcel==0.7.6' 'pyexcel-ods==0.6.0' 2> /dev/null
cd "$folder"
venv/bin/python - <<'PY'
import sys

import kreuzberg
import odfdo
import pandas
import pyexcel
import python_calamine

sheet = odfdo.Document("ods")
sheet.body.clear()
table = odfdo.Table("S")
table.set_values([["item", "a", "b", "c"], ["total", 45, 9, 301]])
table.set_span((1, 1, 2, 1))
sheet.body.append(table)
sheet.save("table.ods")

seen = {
    "pyexcel": pyexcel.get_array(file_name="table.ods")[1],
    "calamine": python_calamine.load_workbook("table.ods").get_sheet_by_index(0).to_python()[1],
    "pandas odfpy": pandas.read_excel("table.ods", engine="odf", header=None).values.tolist()[1],
    "odfdo": odfdo.Document("table.ods").body.tables[0].get_values()[1],
    "kreuzberg": kreuzberg.extract_file_sync("table.ods").tables[0].cells[1],
}
for name, cells in seen.items():
    print(name, cells)
texts = {name: [f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in cells if cell != ""]
         for name, cells in seen.items()}
slid = texts.pop("pyexcel") == ["total", "45", "301"]
hidden = all(cells == ["total", "45", "9", "301"] for cells in texts.values())
print("as described" if slid and hidden else "not as described any more")
sys.exit(not (slid and hidden))
PY
