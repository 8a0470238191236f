# %% [markdown]
# # 3 Trends, and what is carried over from year to year
#
# With the example bureaus of notebook 2 (all figures invented).

# %%
import altair as alt
import pandas as pd
import shared

shared.set_up()
folder = shared.comparison_tables()
reports = shared.table(folder, "reports").sort_values("fiscal_year")
names = reports.groupby("agency_id")["agency"].last().str.removesuffix("（示例）")
who = reports[["report_id", "agency_id", "bureau_type", "region_name"]]

# %% [markdown]
# ## A line over a change of forms
#
# Until 2018 the form asks for 收到申请数 (`received`), since 2019 for 本年新收 (`new_received`). The
# question is the same, and docs/crosswalk.md calls it the safest of all to join; still it is another form,
# so the plot says which. A year without a report breaks the line: `coverage` has a row for it, without a
# number. So has 2023 of 海东市公安局: what its report says there is in doubt (notebook 4), and panels leave
# that out.

# %%
newer = shared.table(folder, "panel_applications").rename(columns={"new_received__total": "value"})
older = shared.table(folder, "panel_statistics").rename(columns={"received__count": "value"})
both = pd.concat([newer.assign(form="本年新收"), older.assign(form="收到申请数（旧表）")])
received = both[["report_id", "fiscal_year", "form", "value"]].merge(reports[["report_id", "agency_id"]])
years = shared.table(folder, "coverage")[["agency_id", "fiscal_year"]]
line = years.merge(received, how="left")
line["agency"] = line["agency_id"].map(names)
long = line[line["agency"].isin(["淮安市洪泽区人民政府", "海东市公安局"])]
base = alt.Chart(long).encode(shared.years(), alt.Y("value:Q", title="件"))
lines = base.mark_line(invalid="break-paths-show-domains").encode(
    alt.Detail("agency:N"), color=alt.value(shared.GREY)
)
points = base.mark_point(filled=True, size=60, opacity=1).encode(alt.Color("form:N", title=None))
(lines + points.transform_filter("isValid(datum.value)")).properties(width=330, height=200).facet(
    alt.Column("agency:N", title=None), title="收到的政府信息公开申请"
).resolve_scale(y="independent")

# %% [markdown]
# ## By region: the middle of the bureaus
#
# Thin lines are bureaus, broken where a report is missing or its sums fail; the thick line is their median.
# 海东 grants more than in 2020, 湘潭 less. With four or five bureaus to a region, one that is missing moves
# the median.

# %%
rates = shared.table(folder, "panel_rates").merge(who)
rates["region"] = rates["region_name"].str.extract(r"省(.+?市)", expand=False)
granted = rates.query("rate == 'share_granted' and status == 'ok'")[["agency_id", "fiscal_year", "value"]]
regions = rates.groupby("agency_id")["region"].last()
granted = years.query("fiscal_year >= 2020").merge(granted, how="left")
granted["region"] = granted["agency_id"].map(regions)
share = alt.Y("value:Q", title="予以公开，占本年度办理总数", axis=alt.Axis(format="%"))
each = alt.Chart().encode(shared.years(), share, alt.Detail("agency_id:N"))
thin = each.mark_line(color="#a9c1d9", strokeWidth=1.3, invalid="break-paths-show-domains")
dots = each.mark_point(color="#a9c1d9", filled=True, size=22).transform_filter("isValid(datum.value)")
thick = (
    alt.Chart().mark_line(color=shared.INK, strokeWidth=3).encode(shared.years(), alt.Y("median(value):Q"))
)
alt.layer(thin, dots, thick, data=granted).properties(width=210, height=200).facet(
    alt.Column("region:N", title=None), title="予以公开率"
)

# %% [markdown]
# ## Carried over
#
# 结转下年度继续办理 of one year should be 上年结转 of the next: no form checks this, the two stand in
# different PDFs. The check `series.carried` holds one against the other. Points on the line agree.

# %%
carried = shared.table(folder, "panel_applications").merge(who)
ends = carried[["agency_id", "fiscal_year", "carried_out__total"]].assign(
    fiscal_year=carried["fiscal_year"] + 1
)
pairs = carried.merge(ends, on=["agency_id", "fiscal_year"], suffixes=("_this", "_before"))
pairs["agency"] = pairs["agency_id"].map(names)
pairs["differs"] = pairs["carried_out__total_before"] != pairs["carried_in__total"]
pairs["said"] = (pairs["agency"] + " " + pairs["fiscal_year"].astype(str)).where(pairs["differs"], "")
most = float(pairs[["carried_out__total_before", "carried_in__total"]].max().max()) + 2
base = alt.Chart(pairs, title="上年末结转下年度 与 本年的上年结转").encode(
    alt.X("carried_out__total_before:Q", title="上一年报告：结转下年度继续办理（件）").scale(
        domain=[0, most]
    ),
    alt.Y("carried_in__total:Q", title="本年报告：上年结转（件）").scale(domain=[0, most]),
)
same = alt.Chart(pd.DataFrame({"x": [0, most], "y": [0, most]})).mark_line(
    color=shared.GREY, strokeDash=[4, 4]
)
points = base.mark_circle(size=70, opacity=0.8).encode(
    alt.Color("differs:N", title=None, legend=None).scale(
        domain=[False, True], range=[shared.BLUE, shared.RUST]
    )
)
texts = base.mark_text(align="left", dx=8, dy=-4, angle=345, color=shared.RUST).encode(text="said:N")
(same.encode(x="x:Q", y="y:Q") + points + texts).properties(width=420, height=320)

# %% [markdown]
# The same, from `checks`. `publisher`: the drawn page or a second reading confirms every digit, so it is
# the bureau that forgot them. A bureau may have its reasons (a merger, cases counted anew); the table says
# only that the two reports do not agree.

# %%
checks = shared.table(folder, "checks")
broken = checks[
    checks["check"].eq("series.carried") & checks["verdict"].eq("fail") & checks["scope"].eq("total")
]
broken.set_index("agency")[["fiscal_year", "left", "right", "difference", "attribution"]].rename(
    columns={"left": "carried in", "right": "carried out the year before"}
)

# %% [markdown]
# ## How much stays open
#
# `share_carried_over`: still open at the end of the year, of all that was open or came in.

# %%
open_ = rates.query("rate == 'share_carried_over' and status in ['ok', 'check_failed']").assign(
    agency=lambda frame: frame["agency_id"].map(names), said=lambda frame: frame["value"].map("{:.0%}".format)
)
heat = alt.Chart(open_, title="结转率").encode(shared.years(), shared.agencies())
(
    heat.mark_rect(stroke="#ffffff", strokeWidth=3).encode(
        alt.Color("value:Q", legend=None).scale(range=["#eef3f8", shared.BLUE])
    )
    + heat.mark_text().encode(
        text="said:N", color=alt.condition("datum.value > 0.1", alt.value("#ffffff"), alt.value(shared.INK))
    )
).properties(width=320, height={"step": 22})
