# %% [markdown]
# # 5 Prose: terms, copied reports, figures in words
#
# The chapters around the tables are in `sections`. Three tables are made of them; docs/prose.md says how,
# and where their limits are. The example bureaus' prose is invented like their figures, and chosen from a
# stock of some hundred sentences: they are more alike than real bureaus.

# %%
import altair as alt
import shared

shared.set_up()
folder = shared.comparison_tables()
reports = shared.table(folder, "reports").sort_values("fiscal_year")
names = reports.groupby("agency_id")["agency"].last().str.removesuffix("（示例）")

# %% [markdown]
# ## What bureaus say of their problems
#
# `terms` holds the heaviest twenty terms of every chapter. In how many reports of a year is a term among
# the ten heaviest of the chapter 存在的主要问题? Here those that are so in six reports or more: some belong
# to one year (查阅点, 无障碍, 助企纾困, 共享), others come back every year.

# %%
terms = shared.table(folder, "terms").query("section == 'problems' and rank <= 10 and fiscal_year >= 2020")
counts = terms.groupby(["term", "fiscal_year"]).size().rename("reports").reset_index()
counts = counts[counts.groupby("term")["reports"].transform("sum") >= 6]
heat = alt.Chart(counts, title="“存在的主要问题”一章的关键词：报告数").encode(
    shared.years(), alt.Y("term:N", title=None, sort=alt.EncodingSortField("reports", "sum", "descending"))
)
(
    heat.mark_rect(stroke="#ffffff", strokeWidth=2).encode(
        alt.Color("reports:Q", title=None, legend=None).scale(range=["#eef3f8", shared.BLUE])
    )
    + heat.mark_text().encode(
        text="reports:Q",
        color=alt.condition("datum.reports > 3", alt.value("#ffffff"), alt.value(shared.INK)),
    )
).properties(width=280, height={"step": 19})

# %% [markdown]
# ## Copied from the year before?
#
# `similarity` holds each report against the earlier ones of its agency, whole and by chapter. `copied` is
# the share of this report's text that stood there already; numbers do not count. Below, the chapter on
# problems against the year before; white is a year without the report before. Two hand in last year's chapter
# again, word for word.

# %%
similarity = shared.table(folder, "similarity").merge(reports[["report_id", "agency_id"]])
similarity["agency"] = similarity["agency_id"].map(names)
similarity["other_agency"] = similarity["other_agency"].str.removesuffix("（示例）")
before = similarity.query("relation == 'years' and section == 'problems' and other_year == fiscal_year - 1")
squares = alt.Chart(before, title="“存在的主要问题”一章：与上年相同的部分").encode(
    shared.years(), shared.agencies()
)
(
    squares.mark_rect(stroke="#ffffff", strokeWidth=3).encode(
        alt.Color("copied:Q", legend=None).scale(range=["#eef3f8", shared.BLUE])
    )
    + squares.mark_text().encode(
        text=alt.Text("copied:Q", format=".0%"),
        color=alt.condition("datum.copied > 0.7", alt.value("#ffffff"), alt.value(shared.INK)),
    )
).properties(width=300, height={"step": 22})

# %% [markdown]
# And from another bureau? For every report the nearest of another agency in the same year. One pair stands
# out. Which of the two copied, no number says; and read both before you call it a copy: the law's own
# sentences are alike everywhere.

# %%
nearest = similarity.query("relation == 'nearest' and fiscal_year == 2023").set_index("agency")
nearest.nlargest(6, "copied")[["other_agency", "similarity", "copied"]].round(2)

# %% [markdown]
# ## Figures in words, held against the table
#
# `claims`: what a sentence says, what the table says, and whether they agree. `differs` only where it is
# certain that both speak of the same; all else is `unclear`, and `doubt` says why.

# %%
claims = shared.table(folder, "claims")
titles = {
    "new_received": "新收申请",
    "carried_in": "上年结转",
    "review": "行政复议",
    "litigation": "行政诉讼",
}
verdicts = {"agrees": "一致", "unclear": "不能确定", "differs": "不一致"}
counted = claims.assign(title=claims["item"].map(titles), said=claims["verdict"].map(verdicts))
counted = counted.groupby(["title", "said"]).size().rename("count").reset_index()
counted["place"] = counted["said"].map(list(verdicts.values()).index)
alt.Chart(counted, title="文字中的数字与表格").mark_bar(height=18).encode(
    alt.X("count:Q", title="处"),
    alt.Y("title:N", title=None, sort="-x"),
    alt.Color("said:N", title=None).scale(
        domain=list(verdicts.values()), range=["#a9c1d9", "#e0a458", shared.RUST]
    ),
    alt.Order("place:Q"),
)

# %% [markdown]
# The sentences to read. The table stays as it is: a claim casts no doubt on it.

# %%
differs = claims[claims["verdict"] == "differs"]
differs.set_index("agency")[["fiscal_year", "item", "claimed", "table_value", "page", "sentence"]]
