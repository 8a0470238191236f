"""A page for a browser that is safe to open: it asks for nothing, and no text of a document is markup."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template

from pipeline.printable import to_short
from pipeline.records import Report

_TEXT_MAX_CHARACTERS = 200
"""Count. No more of a text is shown: labels and numbers are shorter."""


def to_page(report: Report, lead: Iterable[str], tables: Iterable[str]) -> bytes:
    """Return the page with these lines of HTML: its pictures are in it, and its policy forbids the rest."""
    style = _resource("page.css")
    page = Template(_resource("page.html")).substitute(
        title=to_html(report.heading.title or report.source_file),
        policy=_policy(style),
        style=style,
        lead="\n".join([*_heads(report), *lead]),
        tables="\n".join(tables),
    )
    return page.encode()


def to_html(text: str) -> str:
    """Return a text of a document as HTML in which nothing is markup, and nothing steers or hides."""
    return escape(to_short(text, _TEXT_MAX_CHARACTERS))


def _heads(report: Report) -> Iterable[str]:
    """Yield the lines that say which report it is, and what is wrong with it."""
    name = to_html(report.source_file)
    yield f"<p>{name}, report_id {to_html(report.report_id)}, status {report.status}</p>"
    if report.error:
        yield f"<p>{to_html(report.error)}</p>"


def _resource(name: str) -> str:
    """Return the text of a file of this folder."""
    return files("pipeline.inspection").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str) -> str:
    """Return the page's Content-Security-Policy: this style exactly, pictures in the page, nothing else."""
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
