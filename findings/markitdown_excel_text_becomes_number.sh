#!/usr/bin/env bash
# markitdown 0.1.9 turns text cells of a workbook into numbers, and the text NA into the same NaN as an empty cell.
#
# A region code kept as the text 010100 comes out as 10100.0, a count of 3 beside a blank as 3.0, and "NA" cannot be
# told from a cell that is blank. Whether it happens depends on the neighbours: a column that holds one word which is
# no number (无) keeps its texts. So the same cell reads 010100 in one report and 10100.0 in the next. It reads with
# pandas.read_excel, which guesses types of cells whose type the file states.
#
# Versions: markitdown 0.1.9, pandas 3.1.1, openpyxl 3.1.5; Python 3.11. Source: own trial.
# Seen:
#   | 10100.0 | 3.0 |      the text "010100", the number 3
#   | NaN | NaN |          the text "NA", a blank
#   | 010100 | 3.0 |       the same text, where the column holds 无 further down
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    'markitdown[xlsx]==0.1.9' 'pandas==3.1.1' 'openpyxl==3.1.5' 2> /dev/null
cd "$folder"
venv/bin/python - <<'PY'
import sys

import openpyxl
from markitdown import MarkItDown


def convert(codes):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["code", "count"])
    for row in zip(codes, [3, 25, None]):
        sheet.append(row)
    book.save("book.xlsx")
    assert [cell.value for cell in sheet["A"]][1:] == codes  # texts, as they were put in
    text = MarkItDown().convert("book.xlsx").text_content
    print(text, end="\n\n")
    return text


numbers_only = convert(["010100", "1.10", "NA"])
with_a_word = convert(["010100", "1.10", "无"])
changed = "| 10100.0 | 3" in numbers_only and "010100" not in numbers_only and "NaN | NaN" in numbers_only
kept = "| 010100 |" in with_a_word
print("as described" if changed and kept else "not as described any more")
sys.exit(0 if changed and kept else 1)
PY
