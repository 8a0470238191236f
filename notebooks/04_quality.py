# %% [markdown]
# # 4 Quality: what is flagged, and why
#
# No number is wrong silently. The forms print their own arithmetic, and every reading is held against it.
# This notebook shows what becomes of numbers that do not add up, on the samples of `data/raw` and on the
# example bureaus of notebook 2.

# %%
import altair as alt
import pandas as pd
import shared
from IPython.display import display

shared.set_up()
samples, example = shared.sample_tables(), shared.comparison_tables()

# %% [markdown]
# ## The short answer: `reports.status`, and `reason`
#
# `ok`: whole, and everything adds up. `flagged`: read whole, but some sum fails or a cell is in doubt.
# `partial`, `no_tables`: something of the form is not in the document; `missing` or `error` says what.

# %%
reports = pd.concat([shared.table(samples, "reports"), shared.table(example, "reports")])
display(reports.groupby(["status", "reason"]).size().rename("reports").to_frame())
odd = reports[reports["status"] != "ok"].sort_values(["status", "agency"])
odd = odd.assign(what_is_missing=odd["missing"].where(odd["missing"] != "", odd["error"]))
odd.set_index("agency")[["fiscal_year", "status", "checks_failed", "what_is_missing"]]

# %% [markdown]
# ## What is checked
#
# A bar is an identity of the form, or one between two years of a bureau (`series.…`), with how often it
# held. The rare failures are what to look at.

# %%
checks = pd.concat([shared.table(samples, "checks"), shared.table(example, "checks")])
counts = checks.groupby(["check", "verdict"]).size().rename("count").reset_index()
counts["said"] = counts["verdict"].map({"pass": "相符", "fail": "不符"})
failed = counts[counts["verdict"] == "fail"].assign(text=lambda frame: frame["count"].astype(str) + " 处不符")
sums = counts.groupby("check")["count"].sum().sort_values(ascending=False).reset_index()
check = alt.Y("check:N", title=None, sort=sums["check"].tolist())
colour = alt.Color("said:N", title=None, legend=alt.Legend(orient="top")).scale(
    domain=["相符", "不符"], range=["#a9c1d9", shared.RUST]
)
base = alt.Chart(counts, title="核对了什么：次数")
bars = base.mark_bar(height=14).encode(alt.X("count:Q", title="次"), check, colour)
texts = alt.Chart(sums.merge(failed[["check", "text"]])).mark_text(align="left", dx=5, color=shared.RUST)
bars + texts.encode(alt.X("count:Q"), check, text="text:N")

# %% [markdown]
# ## Whose error is it?
#
# What fails is read again by a second, independent PDF library. `publisher`: both see the same digits, so
# the document itself does not add up; the values stay as printed. `reading`: they differ, or a number may be
# missing, and the cells are `suspect`.

# %%
fails = checks[checks["verdict"].eq("fail") & ~checks["check"].str.startswith("series.")]
fails.set_index("agency")[["fiscal_year", "check", "scope", "left", "right", "attribution"]]

# %% [markdown]
# ## The page beside the cells
#
# Every cell knows its page and its place on it. Here are the failed rows of 示例市公安示例局 as the form
# prints them, and below what was read. 行政复议: 1+7+0+0 is 8, and the page does print a 0.

# %%
flagged = shared.table(samples, "reports").query("checks_failed > 0").iloc[0]
fails = fails[fails["report_id"] == flagged["report_id"]]
numbers = shared.table(samples, "observations")
cells = numbers[(numbers["report_id"] == flagged["report_id"]) & (numbers["table"] == fails["table"].iloc[0])]
page = int(cells["page"].iloc[0])
marked = cells["item"].isin(fails["scope"]) & (cells["column"] == "total")
shared.page_part(shared.ROOT / flagged["source_file"], page, cells, marked)

# %%
cells[cells["item"].isin(fails["scope"])].pivot(index="item", columns="column", values="value")[
    ["upheld", "corrected", "other", "pending", "total"]
]

# %% [markdown]
# ## Cells in doubt
#
# One report is hard for any program: a table without rulings, a row torn by the page's end, a sum that fails.
# First 本年新收, whose six parts make 53 and whose total is 44.

# %%
everything = pd.concat([numbers, shared.table(example, "observations")])
suspect = everything[everything["status"] == "suspect"]
doubted = reports[reports["report_id"] == suspect["report_id"].iloc[0]].iloc[0]
file = shared.ROOT / doubted["source_file"]
first = suspect[suspect["item"] == "new_received"]
shared.page_part(file, int(first["page"].iloc[0]), first, [True] * len(first), room=4)

# %% [markdown]
# That could be the bureau's slip. But the row that the page tears leaves its label on one page and its
# numbers on the next, where no label of the form claims them (`leftovers`). As long as numbers are left over,
# one may be missing in the sum: so it is not laid to the bureau, and all cells of it are in doubt, like those
# of the torn row.

# %%
torn = suspect[suspect["item"] == "declined.reconfirmation"]
left = shared.table(example, "leftovers").query("report_id == @doubted.report_id and text == '0'")
for boxes, room in ((torn, 0), (left, 4)):
    display(shared.page_part(file, int(boxes["page"].iloc[0]), boxes, [True] * len(boxes), room))

# %% [markdown]
# What was read of them stands in the tables, with the warning: here a person has to look. The others of its
# 200 cells are sure.

# %%
suspect.groupby("item", sort=False).agg(
    page=("page", "first"), columns=("column", ", ".join), as_read=("raw", " ".join)
)

# %% [markdown]
# In a terminal, a whole report as text, and its pages with every cell named and coloured by its status:
#
#     python -m pipeline inspect data/raw/示例市公安示例局2022年政府信息公开工作年度报告.pdf --image one.png
#
# ## What follows for rates
#
# A rate over numbers that fail a check keeps its value, with the status `check_failed`; over a suspect
# cell, or one that is missing, there is none. Whether to leave out what failed is yours to decide; here is
# what it would change.

# %%
rates = shared.table(example, "panel_rates")
touched = rates[rates["rate"].isin(["share_granted", "share_refused", "share_carried_over", "review_rate"])]
touched[touched["status"] != "ok"].set_index("agency")[
    ["fiscal_year", "rate", "numerator", "denominator", "value", "status"]
].round(3)

# %% [markdown]
# ## Labels that are not quite the form's
#
# Bureaus mistype and shorten. `match` says how a label was recognised: `near` is close to the form's, and
# worth a look. Without rulings all labels count as `near`: the report above is left out.

# %%
near = everything[everything["match"].ne("exact") & everything["report_id"].ne(doubted["report_id"])]
near.groupby(["row_label", "item", "match"])["report_id"].nunique().rename("reports").to_frame()
