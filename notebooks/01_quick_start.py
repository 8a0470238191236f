# %% [markdown]
# # 1 Quick start: from a fresh clone to a first plot
#
# Every Chinese government body publishes a yearly report on government information disclosure, as a PDF
# with statutory tables. This project reads such PDFs into tables. Ten sample reports lie in `data/raw`; all
# but one (海东市工业和信息化局) are invented, of bureaus that do not exist.
#
# Once, in a terminal:
#
#     make run
#
# Then choose `.venv` as the kernel of this notebook. The next cell reads the samples, as `python -m
# pipeline run data/raw` does; if they have been read before, it is done at once.

# %%
import altair as alt
import shared
from IPython.display import display

shared.set_up()
folder = shared.sample_tables()

# %% [markdown]
# ## What was read
#
# One row a report. `ok` means: every table of the form is there, every sum that the form prints adds up, no
# cell is in doubt. A `flagged` report has been read too; notebook 4 shows why it is flagged.

# %%
import pipeline

frames = pipeline.load(folder)
reports = frames.reports.sort_values(["fiscal_year", "agency"]).set_index("agency")
reports[["fiscal_year", "templates", "pages", "cells", "checks_passed", "checks_failed", "status"]]

# %% [markdown]
# ## Numbers
#
# One row a number cell: whose it is, which row (`item`) and column of the form, the value, and how far it
# can be trusted (`status`). `page` and the box say where it stands in the PDF. Keys are English; the labels
# of the form stand beside them. `python -m pipeline schema` explains every column and key.

# %%
numbers = frames.observations
one = numbers.query(
    "agency == '示例市示例局' and fiscal_year == 2023 and table == 'applications' and column == 'total'"
)
one.set_index("item")[["row_label", "value", "unit", "status", "page"]].head(8)

# %% [markdown]
# ## A first plot
#
# How many applications each bureau received. The form until fiscal year 2018 is another one (`fy2014`) and
# calls them 收到申请数; `docs/crosswalk.md` says what may be compared with what. A blank cell is never a 0:
# what is not `ok` is left out.

# %%
received = numbers.query(
    "item in ['new_received', 'received'] and column in ['total', 'count'] and status == 'ok'"
)
received = received.assign(label=received["agency"] + " " + received["fiscal_year"].astype(str))
bars = (
    alt.Chart(received[["label", "value", "template"]], title="收到的政府信息公开申请")
    .mark_bar(height=16)
    .encode(
        alt.X("value:Q", title="件"),
        alt.Y("label:N", sort="-x", title=None),
        alt.Color("template:N", title="表式"),
    )
)
bars + bars.mark_text(align="left", dx=4).encode(text="value:Q", color=alt.value(shared.INK))

# %% [markdown]
# Who applies? `panel_rates` has the shares that researchers use, each with what it was computed from, and
# whether it can be trusted. A bureau without any application has no share (`no_cases`), and is not drawn as
# 0.

# %%
applicants = {
    "share_from_natural_person": "自然人",
    "share_from_business": "商业企业",
    "share_from_research": "科研机构",
    "share_from_nonprofit": "社会公益组织",
    "share_from_legal_service": "法律服务机构",
    "share_from_other_org": "其他",
}
rates = shared.table(folder, "panel_rates")
shares = rates[rates["rate"].isin(applicants) & rates["value"].notna()]
shares = shares.assign(
    agency=shares["agency"] + " " + shares["fiscal_year"].astype(str),
    applicant=shares["rate"].map(applicants),
    place=shares["rate"].map(list(applicants).index),
)
alt.Chart(shares[["agency", "applicant", "place", "value"]], title="谁在申请").mark_bar(height=16).encode(
    alt.X("value:Q", axis=alt.Axis(format="%"), title="占本年新收申请", scale=alt.Scale(domain=[0, 1])),
    shared.agencies(),
    alt.Color("applicant:N", sort=list(applicants.values()), title=None),
    alt.Order("place:Q"),
)

# %% [markdown]
# ## Your own report
#
# One report, without writing anything. For a folder of them: `python -m pipeline run FOLDER --out TABLES`,
# then `pipeline.load("TABLES")`.

# %%
mine = pipeline.read_report(shared.ROOT / "data/raw/示例市水务示例局2023年政府信息公开工作年度报告.pdf")
display(
    mine.reports.set_index("agency")[["fiscal_year", "status", "cells", "checks_passed", "checks_failed"]]
)
mine.sections.set_index("section")[["heading", "page"]]

# %% [markdown]
# Next: [2 comparison across bureaus](02_comparison.ipynb), [3 trends](03_trends.ipynb), [4
# quality](04_quality.ipynb), [5 prose](05_prose.ipynb).
