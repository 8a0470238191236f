#!/usr/bin/env bash
# cpca and jionlp place bureaus in another region without a word: renamed, new and homonymous areas.
#
# - cpca 0.5.5 finds 海门市 in 南通市海门区教育局, gives the code that was abolished in 2020 (320684; it is 320614 now)
#   and leaves 区教育局 over. For 朝阳区教育局 and 鼓楼区民政局, names of several cities' districts, it picks one.
# - jionlp 1.5.31 finds the county 安新县 inside 河北雄安新区管理委员会 (雄·安新·区).
# - Both take 海南州教育局 (Hainan prefecture, Qinghai) for Hainan province.
# A panel by region code then holds a bureau's figures under somebody else's code.
#
# Versions: cpca 0.5.5, jionlp 1.5.31; Python 3.11. Source: own trial; GB/T 2260 as changed by the State Council's
# approval of July 2020 (海门 became a district of 南通).
# Seen:
#   cpca    南通市海门区教育局 320684 海门市 + 区教育局; 朝阳区教育局 220104; 鼓楼区民政局 410204; 海南州教育局 460000
#   jionlp  河北雄安新区管理委员会 保定市 安新县 + 区管理委员会; 海南州教育局 海南省 + 州教育局
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    'cpca==0.5.5' 'jionlp==1.5.31' 'pandas==3.1.1' 2> /dev/null
cd "$folder"
venv/bin/python - <<'PY'
import sys

import cpca
import jionlp

names = ["南通市海门区教育局", "朝阳区教育局", "鼓楼区民政局", "海南州教育局"]
placed = cpca.transform(names)
print(placed.to_string())
codes = [str(code) for code in placed["adcode"]]
xiongan = jionlp.parse_location("河北雄安新区管理委员会")
hainan = jionlp.parse_location("海南州教育局")
print(xiongan, hainan, sep="\n")
same = (
    codes == ["320684", "220104", "410204", "460000"]
    and (xiongan["city"], xiongan["county"]) == ("保定市", "安新县")
    and (hainan["province"], hainan["detail"]) == ("海南省", "州教育局")
)
print("as described" if same else "not as described any more")
sys.exit(not same)
PY
