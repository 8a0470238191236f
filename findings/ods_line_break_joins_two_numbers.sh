#!/usr/bin/env bash
# In an OpenDocument sheet, calamine and what is built on it read two numbers in one cell as one: 12⏎3 becomes 123.
#
# A cell may hold a line break (text:line-break) or a tab (text:tab). python-calamine, polars.read_ods and kreuzberg drop
# both without a space: "123" and "12". pandas with odfpy keeps the break, drops the tab and makes a number of it: "12\n3" and 12. odfdo and
# pyexcel-ods3 keep both. The same cell made of two paragraphs is "12\n3" for all of them, so a trial with paragraphs
# does not show it.
#
# Versions: python-calamine 0.9.1, polars 2.1.0 (fastexcel 0.21.0), kreuzberg 4.10.4, pandas 3.1.1 with odfpy 1.4.1,
# odfdo 3.27.3, pyexcel 0.7.6 with pyexcel-ods3 0.6.1; Python 3.11. Source: own trial; ODF 1.3 part 3, 6.1 (a
# line-break is U+000A, a tab U+0009).
# Seen, for 12 line-break 3 | 1 tab 2 | two paragraphs 12 and 3:
#   calamine, polars, kreuzberg   123     12     12\n3
#   pandas with odfpy             12\n3   12     12\n3
#   odfdo, pyexcel-ods3           12\n3   1\t2   12\n3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'python-calamine==0.9.1' 'polars==2.1.0' \
    'fastexcel==0.21.0' 'kreuzberg==4.10.4' 'pandas==3.1.1' 'odfpy==1.4.1' 'odfdo==3.27.3' 'pyexcel==0.7.6' \
    'pyexcel-ods3==0.6.1' 2> /dev/null
cd "$folder"
venv/bin/python - <<'PY'
import sys

import kreuzberg
import odfdo
import pandas
import polars
import pyexcel
import python_calamine

sheet = odfdo.Document("ods")
sheet.body.clear()
table = odfdo.Table("S")
row = odfdo.Row()
for paragraphs in (["12<text:line-break/>3"], ["1<text:tab/>2"], ["12", "3"]):
    inner = "".join(f"<text:p>{text}</text:p>" for text in paragraphs)
    row.append_cell(odfdo.Element.from_tag(
        f'<table:table-cell office:value-type="string" calcext:value-type="string">{inner}</table:table-cell>'
    ))
table.append_row(row)
sheet.body.append(table)
sheet.save("table.ods")

seen = {
    "calamine": python_calamine.load_workbook("table.ods").get_sheet_by_index(0).to_python()[0],
    "polars": list(polars.read_ods("table.ods", has_header=False).rows()[0]),
    "kreuzberg": kreuzberg.extract_file_sync("table.ods").tables[0].cells[0],
    "pandas odfpy": pandas.read_excel("table.ods", engine="odf", header=None).values.tolist()[0],
    "odfdo": odfdo.Document("table.ods").body.tables[0].get_values()[0],
    "pyexcel": pyexcel.get_array(file_name="table.ods")[0],
}
for name, cells in seen.items():
    print(name, cells)
joined, kept = ["123", "12", "12\n3"], ["12\n3", "1\t2", "12\n3"]
described = {"calamine": joined, "polars": joined, "kreuzberg": joined, "pandas odfpy": ["12\n3", 12, "12\n3"],
             "odfdo": kept, "pyexcel": kept}
print("as described" if seen == described else "not as described any more")
sys.exit(seen != described)
PY
