# %% [markdown]
# # 2 Bureau against bureau, region against region
#
# The samples in `data/raw` are too few to compare. The next cell makes 55 reports of thirteen example
# bureaus in three regions, and reads them: half a minute the first time. **All their figures are invented
# and say nothing about the places.** For your own reports, put the folder that `python -m pipeline run …
# --out FOLDER` has written in place of it.

# %%
import altair as alt
import shared

shared.set_up()
folder = shared.comparison_tables()

# %% [markdown]
# ## What is there, and what is missing
#
# Look at this first: what is missing is not zero. `coverage` has a row for every agency and year from its
# first report to the last year on which it should have reported. Agencies are joined by `agency_id`, which
# survives renames: 洪泽县 became 洪泽区 in 2016. No report on 2019 is in this collection, so that year is
# missing wherever 2018 is there.

# %%
reports = shared.table(folder, "reports").sort_values("fiscal_year")
names = reports.groupby("agency_id")["agency"].last().str.removesuffix("（示例）")
coverage = shared.table(folder, "coverage")
coverage["agency"] = coverage["agency_id"].map(names)
coverage["said"] = coverage["status"].map(
    {"numbers": "有数字", "no_table": "有报告，无表", "missing": "缺报告"}
)
cells = alt.Chart(coverage, title="有哪些机关、哪些年度的报告").mark_rect(stroke="#ffffff", strokeWidth=3)
cells.encode(
    shared.years(),
    shared.agencies(),
    alt.Color("said:N", title=None).scale(
        domain=["有数字", "有报告，无表", "缺报告"], range=["#a9c1d9", "#e0a458", shared.RUST]
    ),
).properties(width=420, height={"step": 22})

# %% [markdown]
# ## A ranking that says how sure it is
#
# `share_disclosed`: applications granted in full or in part, of all that were handled in the year. The bar
# is the share; the thin line is the range that chance alone would explain (Wilson's 95 % interval): where
# the cases are few it is wide, and a place in the ranking means little. A share over numbers that fail a
# check of the form stands apart in colour. 湘潭市教育局 is not there: its report is missing.
#
# Σ marks a report that says it sums up the bureaus below it (`reports.scope` is 本级汇总): the 614 of
# 淮安市人民政府 hold those of its bureaus and of 洪泽区. Never add such a report to theirs.

# %%
rates = shared.table(folder, "panel_rates").merge(
    reports[["report_id", "agency_id", "region_name", "bureau_type", "scope"]]
)
sums_up = rates["scope"].eq("本级汇总").map({True: " Σ", False: ""})
rates["agency"] = rates["agency_id"].map(names) + sums_up
rates["region"] = rates["region_name"].str.extract(r"省(.+?市)", expand=False)
ranking = rates.query("rate == 'share_disclosed' and fiscal_year == 2022").dropna(subset=["value"])

n, share, z = ranking["denominator"], ranking["value"], 1.96
middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
spread = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
ranking = ranking.assign(
    low=middle - spread,
    high=middle + spread,
    said=ranking["numerator"].map("{:.0f}".format) + " / " + n.map("{:.0f}".format),
    trust=ranking["status"].map({"ok": "核对无误", "check_failed": "报告的合计不符"}),
)
order = ranking.sort_values("value", ascending=False)["agency"].tolist()
percent = alt.Axis(format="%", tickCount=5)
base = alt.Chart(ranking, title="2022 年度：公开率（含部分公开）").encode(shared.agencies(order))
bars = base.mark_bar(height=16).encode(
    alt.X("value:Q", title="占本年度办理总数", axis=percent, scale=alt.Scale(domain=[0, 1])),
    alt.Color("trust:N", title=None).scale(
        domain=["核对无误", "报告的合计不符"], range=["#a9c1d9", "#e0a458"]
    ),
)
ranges = base.mark_rule(color=shared.INK, strokeWidth=1.4).encode(alt.X("low:Q"), alt.X2("high:Q"))
texts = base.mark_text(align="left", dx=6, color=shared.INK).encode(alt.X("high:Q"), text="said:N")
bars + ranges + texts

# %% [markdown]
# ## What becomes of applications, by region
#
# Six outcomes that add up to all. Agencies stand beside each other and are not added up, for Σ holds the
# others of its city. 海东市公安局 is left out: cells of it are in doubt (notebook 4), so there is no whole.

# %%
outcomes = {
    "share_granted": "予以公开", "share_partially_granted": "部分公开", "share_refused": "不予公开",
    "share_unavailable": "无法提供", "share_declined": "不予处理", "share_other": "其他处理",
}  # fmt: skip
now = rates[rates["rate"].isin(outcomes) & (rates["fiscal_year"] == 2023)]
now = now[now["value"].notna().groupby(now["agency"]).transform("all")]
now = now.assign(outcome=now["rate"].map(outcomes), place=now["rate"].map(list(outcomes).index))
now["bureau"] = now["bureau_type"].where(~now["agency"].str.contains("洪泽"), "洪泽区人民政府") + sums_up
colours = ["#2f7d5b", "#93c7a8", "#b3541e", "#e0a458", "#7a6c9d", "#c3c9d0"]
alt.Chart(now, title="2023 年度：申请是怎样办理的").mark_bar(height=16).encode(
    alt.X("value:Q", title="占本年度办理总数", axis=percent, scale=alt.Scale(domain=[0, 1])),
    alt.Y("bureau:N", title=None),
    alt.Color("outcome:N", title=None, legend=alt.Legend(orient="top", columns=6))
    .scale(domain=list(outcomes.values()), range=colours),
    alt.Order("place:Q"),
    alt.Row("region:N", title=None, header=alt.Header(labelAngle=0, labelAlign="left")),
).resolve_scale(y="independent").properties(height={"step": 22})  # fmt: skip

# %% [markdown]
# ## The same by SQL, and as a page
#
# Every table is a view, by English and by Chinese names. In a terminal: `python -m pipeline sql "select
# …"`.

# %%
from pipeline.query.run_query import run_query

query = """
select region_name, bureau_type, count(*) as reports,
  median(value) as median, min(value) as least, max(value) as most
from panel_rates join reports using (report_id)
where rate = 'share_disclosed' and panel_rates.status = 'ok'
group by all order by all
"""
run_query(folder, query).to_pandas().set_index(["region_name", "bureau_type"]).round(2)

# %% [markdown]
# All of this and more as one HTML page that needs no network, and as a workbook; both say whose figures each
# report counts, and lie in `notebooks/tables` now.

# %%
page = shared.TABLES / "huaian-2023.html"
wanted = ["--region", "3208", "--year", "2023", "--item", "applications.new_received.total", "share_granted"]
shared.project(
    "pipeline", "compare", *wanted, "--processed", folder, "--out", page, page.with_suffix(".xlsx")
)
sorted(path.name for path in shared.TABLES.glob("huaian-2023.*"))
