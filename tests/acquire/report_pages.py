"""Web pages as common programs for government sites make them, with a report in each."""

from __future__ import annotations

from collections.abc import Mapping

SHAPES: Mapping[str, str] = {
    "TRS": """<div class="header"><a href="/">首页</a></div>
<div class="article"><h1>{title}</h1><div class="info">来源：本局 浏览次数：<span id="hits">{day}</span></div>
<div class="TRS_Editor">{body}</div><div class="share">分享到：</div></div>
<div class="relevant"><a href="/x{day}.html">今日新闻{day}</a></div>""",
    "Hanweb": """<div id="barrierfree_container"><div class="nav">今天是2026年1月{day}日 星期一</div>
<table class="box"><tr><td class="title">{title}</td></tr><tr><td><div id="zoom">
<!--ZJEG_RSS.content.begin-->{body}</div></td></tr></table>
<div class="copyright">您是第{day}位访客</div></div>""",
    "gkmlpt": """<div class="gkmlpt"><div class="sidebar"><ul><li>目录{day}</li></ul></div>
<div class="content"><h1 class="title">{title}</h1><div class="article-content">{body}</div></div></div>""",
    "VSB": """<form name="_newscontent_fromname"><h3 align="center">{title}</h3>
<div>点击数：<span id="dynclicks">{day}</span></div><div id="vsb_content">{body}</div></form>
<div class="prevnext">上一条：<a href="{day}.htm">新闻{day}</a></div>""",
    "UCAP": """<div class="crumb">首页&gt;信息公开</div><h1>{title}</h1>
<div class="pages_content" id="UCAP-CONTENT">{body}</div>
<div class="related"><a href="/{day}">相关{day}</a></div>""",
    "common": """<div class="head-menu"><span class="nav">访问{day}</span></div><h2>{title}</h2>
<div class="con_text">{body}</div><div class="footer">浏览量{day}</div>""",
}
"""The shapes, by their names in site_shapes.toml; `day` is what is another each day."""


def title_of(year: int) -> str:
    return f"示例局{year}年政府信息公开工作年度报告"


def report_body(year: int, total: int = 7) -> str:
    """The text of a short report with a table of fifty numbers."""
    prose = "".join(
        f"<p>{heading}、本机关认真贯彻落实政府信息公开条例，{year}年主动公开政府信息{total}条，办理依申请公开若干件。</p>"
        for heading in "一二三四五六"
    )
    rows = "".join(
        f"<tr><td>第{row}类</td>{''.join(f'<td>{row * column + total}</td>' for column in range(10))}</tr>"
        for row in range(5)
    )
    return f"{prose}<table border='1'>{rows}</table>"


def report_page(year: int, shape: str = "TRS", *, day: int = 1, total: int = 7, further: str = "") -> str:
    """A page with the report on a year; `total` is a number in it, `further` what stands below its text."""
    within = SHAPES[shape].format(title=title_of(year), body=report_body(year, total) + further, day=day)
    return f"<html><head><title>{title_of(year)}</title></head><body>{within}</body></html>"
