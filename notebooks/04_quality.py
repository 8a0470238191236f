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
odd = odd.assign(what_is_missing=odd["missing"] + odd["error"])
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
# the document itself does not add up; the values stay as printed. `reading`: they differ, and the cells are
# `suspect`. In these reports all failures are the bureaus' own (they were planted there).

# %%
fails = shared.table(samples, "checks").query("verdict == 'fail'")
fails.set_index("agency")[["fiscal_year", "check", "scope", "left", "right", "attribution"]]

# %% [markdown]
# ## The page beside the cells
#
# Every cell knows its page and its place on it. Here are the rows of the failed checks as the form prints
# them, and below what was read. 行政复议: 1+7+0+0 is 8, and the page does print a 0.

# %%
flagged = shared.table(samples, "reports").query("checks_failed > 0").iloc[0]
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
# In a terminal, a whole report as text, and its pages with every cell named and coloured by its status:
#
#     python -m pipeline inspect data/raw/示例市公安示例局2022年政府信息公开工作年度报告.pdf --image one.png
#
# ## What follows for rates
#
# A rate over numbers that fail a check keeps its value, with the status `check_failed`; over a suspect
# cell, or one that is missing, there is none; of a table that the report does not have, there is no row.
# Whether to leave out what failed is yours to decide; here is what it would change.

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
# worth a look.

# %%
everything = pd.concat([numbers, shared.table(example, "observations")])
near = everything[everything["match"] != "exact"]
near.groupby(["row_label", "item", "match"])["report_id"].nunique().rename("reports").to_frame()
