#!/usr/bin/env bash
# jionlp, chinese2digits and cn2an give three amounts for 1万2千, and jionlp calls its wrong one accurate.
#
# Amounts of fees in reports mix digits and units (1万2千, 2万5). jionlp.parse_money adds the 1 to the 2 before it
# multiplies: 22000 and 40010, with definition "accurate". chinese2digits puts the parts side by side in its replaced
# text: 100002000. cn2an in smart mode is right. 一百二 (120) is 102 for jionlp alone.
#
# Versions: jionlp 1.5.31, chinese2digits 6.0.2, cn2an 0.5.24; Python 3.11. Source: own trial; the value of such
# numerals is the common rule that a digit after a unit counts for the next unit below.
# Seen:
#   1万2千  jionlp 22000.00 accurate   chinese2digits 100002000   cn2an 12000
#   2万5    jionlp 40010.00 accurate   chinese2digits 200005      cn2an 25000
#   一百二   jionlp 102.00 accurate     chinese2digits 120         cn2an 120
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    'jionlp==1.5.31' 'chinese2digits==6.0.2' 'cn2an==0.5.24' 2> /dev/null
cd "$folder"
venv/bin/python - <<'PY'
import sys

import chinese2digits
import cn2an
import jionlp

seen = {}
for text in ("1万2千", "2万5", "一百二"):
    money = jionlp.parse_money(text)
    replaced = chinese2digits.takeNumberFromString(text)["replacedText"]
    seen[text] = (money["num"], money["definition"], replaced, cn2an.cn2an(text, "smart"))
    print(text, *seen[text])
described = {
    "1万2千": ("22000.00", "accurate", "100002000", 12000),
    "2万5": ("40010.00", "accurate", "200005", 25000),
    "一百二": ("102.00", "accurate", "120", 120),
}
print("as described" if seen == described else "not as described any more")
sys.exit(seen != described)
PY
