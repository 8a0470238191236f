"""Reports as pages of web sites: six shapes of pages, after the systems that government sites are made with.

trs, hanweb, gkmlpt and vsb are such systems; word is a page that a word processor saved, and old one whose
parts stand in tables, in the charset of its time. All names, addresses and sentences are invented.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from random import Random
from string import Template

from tools.generator.render import Beside, Table, Text

from .content import HOURS, SITES, Content, Flowing, Picture
from .editors import EDITORS, Editor, paragraph_to_html, table_to_html
from .markup import TableChange, unchanged

PAGES = Path(__file__).with_name("pages")

TITLED_AGAIN = 0.4
"""Share of the pages that print the title above the text once more."""

MENU = ("首页", "走进示例", "新闻中心", "政府信息公开", "政务服务", "互动交流", "数据开放")
CRUMBS = ("首页", "政府信息公开", "法定主动公开内容", "政府信息公开年报")
LINKS = ("网站地图", "联系我们", "版权声明", "无障碍浏览")
OTHER_BODIES = ("示例市统计局", "示例市审计局", "示例市气象局")

ATTACHMENT_VSB = (
    '<li>附件【<a href="/system/_content/download.jsp?urltype=news.DownloadAttachUrl&wbfileid={number}" '
    'target="_blank">{text}</a>】已下载<span id="nattach{number}">3</span>次</li>'
)
TITLE_WORD = (
    "<p class=MsoNormal align=center style='text-align:center'><b><span style='font-size:22.0pt;\n"
    "font-family:方正小标宋简体'>{}</span></b></p>"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of page, whose template is a file of `pages`: its editors, charset and line ends."""

    editors: tuple[str, ...]
    charset: str = "utf-8"
    line_end: str = "\n"


SHAPES: Mapping[str, Shape] = {
    "trs": Shape(("ueditor", "wps", "word", "plain")),
    "hanweb": Shape(("wps", "ueditor", "plain")),
    "gkmlpt": Shape(("135", "ueditor", "wps")),
    "vsb": Shape(("ueditor", "135", "wps")),
    "word": Shape(("word",), "gb18030", "\r\n"),
    "old": Shape(("old",), "gb18030", "\r\n"),
}
"""By name. A page in gb18030 says that it is in gb2312, as pages do."""


def content_to_page(content: Content, shape: str, change: TableChange = unchanged) -> str:
    """Return the page of a report in one of the SHAPES; `change` is what becomes of each of its tables."""
    kind = SHAPES[shape]
    chance = content.chance(shape)
    editor = EDITORS[chance.choice(kind.editors)]
    template = Template((PAGES / f"{shape}.html").read_text(encoding="utf-8"))
    page = template.substitute(
        _furniture(content, chance),
        body=content_to_body(content, editor, chance, change, with_title=chance.random() < TITLED_AGAIN),
        title_word="\n".join(TITLE_WORD.format(escape(line)) for line in content.title),
    )
    return page.replace("\n", kind.line_end)


def page_to_bytes(page: str, shape: str) -> bytes:
    """Return a page as its site sends it."""
    return page.encode(SHAPES[shape].charset)


def content_to_body(
    content: Content, editor: Editor, chance: Random, change: TableChange, *, with_title: bool
) -> str:
    """Return the report between what stands around it, without its title or with it once more."""
    heads = [Text(line, 21.0, "centre", bold=True) for line in content.title]
    shown = [*heads, *content.blocks] if with_title and editor.name != "word" else content.blocks
    return "\n".join(_block(block, content, editor, chance, change) for block in shown)


def _block(block: Flowing, content: Content, editor: Editor, chance: Random, change: TableChange) -> str:
    match block:
        case Text():
            return paragraph_to_html(block, editor, chance)
        case Table():
            return str(change(table_to_html(block, content.style, editor, chance)))
        case Beside():
            halves = (_block(half, content, editor, chance, change) for half in (block.left, block.right))
            cells = "".join(f'<td valign="top">{half}</td>' for half in halves)
            return f'<table width="100%" border="0"><tr>{cells}</tr></table>'
        case Picture():
            return f'<p style="text-align: center"><img src="{picture_address(block)}" border="0"/></p>'


def picture_address(picture: Picture) -> str:
    """Return the address of a picture that stands in the page itself."""
    return f"data:image/{picture.form};base64,{b64encode(picture.data).decode()}"


def _furniture(content: Content, chance: Random) -> dict[str, str]:
    """Return what stands around the report: texts, escaped, and markup."""
    number = str(chance.randint(1_000_000, 9_999_999))
    texts = {
        "site": chance.choice(SITES),
        "name": content.name,
        "agency": content.agency,
        "day": content.published,
        "hour": chance.choice(HOURS) if content.published else "",
        "number": number,
        "visits": str(chance.randint(3, 900)),
        "index": f"0000{number}/{content.year + 1}-{chance.randint(1, 999):05}",
        "note": content.note,
    }
    return {name: escape(text) for name, text in texts.items()} | _markup(content, number, chance)


def _markup(content: Content, number: str, chance: Random) -> dict[str, str]:
    """Return the links around the report: menus, the way to the page, other reports, attachments."""
    years = tuple(f"{content.year - back}年政府信息公开工作年度报告" for back in (1, 2, 3))
    others = (*years, *(f"{body}{content.year}年政府信息公开年报" for body in chance.sample(OTHER_BODIES, 2)))
    kept = (f"{content.name}.docx",)
    crumbs = [f'<a href="/col/{number}">{text}</a>' for text in CRUMBS]
    return {
        "crumbs_gt": "&nbsp;&gt;&nbsp;".join(crumbs),
        "crumbs_arrow": " → ".join(crumbs),
        "crumbs_slash": " / ".join(crumbs),
        "menu_li": _links(MENU, '<li><a href="/col/col{number}/">{text}</a></li>'),
        "menu_span": _links(MENU, '<span><a href="/col/col{number}/index.html">{text}</a></span>', " | "),
        "menu_a": _links(MENU, '<a href="/c{number}/" target="_blank">{text}</a>'),
        "menu_td": _links(MENU, '<TD ALIGN=center><A HREF="list{number}.asp">{text}</A></TD>'),
        "links": _links(LINKS, '<a href="/about/{number}.html">{text}</a>', " | "),
        "other_years": _links(others, '<li><a href="./t{number}.html" title="{text}">{text}</a></li>'),
        "other_years_tr": _links(others, '<TR><TD>·<A HREF="show.asp?id={number}">{text}</A></TD></TR>'),
        "attachments": _links(kept, '<a href="./P{number}.docx" OLDSRC="W{number}">{text}</a>'),
        "attachments_vsb": _links(kept, ATTACHMENT_VSB),
    }


def _links(texts: tuple[str, ...], link: str, between: str = "\n") -> str:
    """Return a link for each text."""
    return between.join(link.format(number=at, text=escape(text)) for at, text in enumerate(texts, 1))
