"""What sites and files say, in digest, status and ledger: it steers, links and mentions nothing."""

from __future__ import annotations

import json
import logging
import re
import signal
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from pipeline.acquire.crawl.result import CrawlResult, SourceResult
from pipeline.acquire.ledger import Fetch, Ledger, ReadingRecord, SeenLink
from pipeline.cli import main
from pipeline.nightly.digest import (
    Digest,
    DocumentEntry,
    SourceEntry,
    address,
    digest_to_json,
    digest_to_markdown,
    json_to_digest,
    plain,
)
from pipeline.nightly.release_gates import GateFailure
from tests.cli.hostile_texts import NAMES, printed_to_text
from tests.nightly.stub import NOW, World, pdf

LIVE = (
    *("@user", "@org/team", "#123", "GH-123", "user/repo#1", "deadbeef1234567 is a commit", "<@U123>"),
    *(
        "<!channel>",
        "<at id=all></at>",
        "http://evil.example",
        "see https://evil.example/a?b=c#d.",
        "HTTPS://X.Y",
    ),
    *("www.evil.example", "ftp://evil.example", "mailto:a@b.example", "a@b.example", "evil.example/x"),
    *("[click](https://evil.example)", "![x](https://evil.example/x.png)", "<https://evil.example>"),
    *("[a]: https://evil.example", "[a]", "<script>alert(1)</script>", "<img src=x onerror=y>", "&lt;b&gt;"),
    *("# heading", "- item", "1. item", "1) item", "+ item", "> quote", "```", "``", "`", "` @user `"),
    *("a | b\n--|--", "***bold***", "__bold__", "~~gone~~", "---", "===", "\n\n# heading\n\n", "    code"),
    *("a\r\n## Withdrawn (9)\r\n- x", "\\", "\\`@user`", "$x$", ":skull:", "trailing  ", "tab\t@user"),
    *("<font color=red>", "[CDATA[", "<!-- x", "{{x}}", "%0a# x", "。@所有人", "＠user ＃1"),
)
# What programs make links and mentions of outside of code.
LINKED = re.compile(r"[@＠#＃<>\\`|/]|www|\w\.\w|[0-9a-f]{7}|[A-Z]-\d")
OURS = {
    *("heading_open", "heading_close", "inline", "text", "code_inline", "paragraph_open", "paragraph_close"),
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "strong_open"),
    "strong_close",
}
TEXTS = (*LIVE, *(name.decode("utf-8", "surrogateescape") for name in NAMES))


def digest_of(text: str) -> Digest:
    """A digest with this text in every place that a site or a file fills."""
    entry = DocumentEntry("0123456789abcdef", text, text, text, 2025, text)
    nameless, anonymous = replace(entry, agency=""), replace(entry, agency="", year=None, url="")
    entries = (entry, nameless, anonymous)
    chapters = ("new", "revised", "withdrawn", "gone", "failed", "flagged", "overdue")
    told: dict[str, Any] = dict.fromkeys(chapters, entries)
    kinds = ("lists", "blocked", "robots", "failed", "note")
    return Digest(
        *(7, "2026-11-22T02:00:00Z", "2026-11-22T03:00:00Z", 3, False, f"not published: {text}", text),
        counts={"documents": 3},
        findings=(GateFailure(f"source {text}", 3, 0, f"look at {text}"),),
        sources=tuple(SourceEntry(text, kind, text, text) for kind in kinds),
        **told,
    )


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_digest_links_mentions_and_formats_nothing(text: str) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    page = digest_to_markdown(digest_of(text))
    printed_to_text(page.encode("utf-8"))
    renderer = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = list(_flat(renderer.parse(page)))
    assert {token.type for token in tokens} <= OURS
    assert sum(token.type == "heading_open" for token in tokens) == 1 + 1 + 7 + 5
    assert sum(token.type == "list_item_open" for token in tokens) == 1 + 7 * 3 + 5
    shown = "".join(token.content for token in tokens if token.type == "text")
    foreign = shown.replace("2026-11-22T02:00:00Z", "").replace("Refused by robots.txt", "")
    assert not LINKED.search(foreign)
    for code in (token.content for token in tokens if token.type == "code_inline"):
        assert not re.search(r"[<>`@]", code)


def _flat(tokens: list[Any]) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from _flat(getattr(token, "children", None) or [])


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_digest_as_json_says_all_of_it(text: str) -> None:
    digest = digest_of(text)
    shown = digest_to_json(digest)
    printed_to_text(shown.encode("utf-8"))
    assert json_to_digest(shown) == digest


def test_words_stay_words_and_addresses_can_be_copied() -> None:
    for text in ("海东市工业和信息化局 2022", "no list could be read; 3 links in the last good night"):
        assert plain(text) == text
    page = digest_to_markdown(
        replace(digest_of("x"), new=(DocumentEntry("", "x", "https://one.example/a_b.pdf", "示例局", 2025),))
    )
    assert "- 示例局 2025 (`https://one.example/a_b.pdf`)" in page
    assert address("https://one.example/`a`<b>@c") == "`https://one.example/%60a%60%3Cb%3E%40c`"
    assert (
        address("https://one.example/%E5%B9%B4%E6%8A%A5%20%40.pdf") == "`https://one.example/年报%20%40.pdf`"
    )
    assert (
        address("https://one.example/%CD%EA.pdf?a=%E2%80%AE")
        == "`https://one.example/%CD%EA.pdf?a=%E2%80%AE`"
    )
    assert plain("see https://evil.example, a@b.c") == r"`see https:\x2f/evil.example, a\x40b.c`"


HOSTILE = "\x1b]0;x\x07\x9b31m\u202e\u200b\n[1/1] forged"


@pytest.fixture
def here(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A night over a site whose addresses, titles, refusals and notes are hostile."""

    def crawl(*arguments: object) -> CrawlResult:
        world.crawl(*arguments)  # type: ignore[arg-type]
        with Ledger(world.ledger) as ledger:
            ledger.record_link(
                SeenLink(f"https://one.example/{HOSTILE}/2025.pdf", "one", HOSTILE * 99, 2025, "/"), NOW
            )
            reason = f"the site answers 403 {HOSTILE * 99}"
            refused = (NOW, 403, {"Location": HOSTILE}, None, None, HOSTILE, "failed", reason)
            ledger.record(Fetch("https://one.example/x", "one", *refused))
        return CrawlResult((SourceResult("one", 1, 0, {}, {}, (HOSTILE,)),), {}, f"died {HOSTILE}")

    Path("sources.toml").write_text(
        '[crawl]\ncontact = "a@example.org"\n[[source]]\nname = "one"\nlists = ["https://one.example/"]\n'
        f"[[source]]\nname = {json.dumps('two ' + HOSTILE)}\n" + 'lists = ["https://two.example/"]\n'
    )
    world.sites["one"] = {
        **world.sites["one"],
        f"https://one.example/{HOSTILE}/2025.pdf": pdf("broken", 2025),
        f"https://one.example/{HOSTILE}/2021.pdf": pdf("two", 2021),
    }
    monkeypatch.setattr("pipeline.nightly.night._crawl", crawl)
    for command in ("nightly", "status", "retry"):
        monkeypatch.setattr(f"pipeline.cli.{command}.now", lambda: NOW)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    handlers = logging.getLogger().handlers[:]
    yield world
    logging.getLogger().handlers[:] = handlers  # the night's own writes to a stream that is gone
    structlog.reset_defaults()


def test_nothing_raw_of_a_site_comes_out_of_a_night(
    here: World, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for _ in range(3):
        assert main(["nightly"]) == 1
    out, err = map(printed_to_text, capfdbinary.readouterr())
    assert r"\x1b]0;x\x07\x9b31m\u202e\u200b" in out
    assert all(isinstance(json.loads(line), dict) for line in err.splitlines())
    for file in (here.data / "nights").iterdir():
        assert r"\u202e" in printed_to_text(file.read_bytes())
    for arguments in (["status"], ["status", "--json"], ["verify"], ["retry", "--all"], ["retry", HOSTILE]):
        main(arguments)
        out, err = map(printed_to_text, capfdbinary.readouterr())
        assert "\n[1/1] forged" not in out + err
    next(here.raw.glob("[0-9a-f][0-9a-f]/*.pdf")).write_bytes(b"%PDF-")
    (here.raw / "00").mkdir(exist_ok=True)
    for arguments in (["verify"], ["verify", "--json"]):
        assert main(arguments) == 1
        printed_to_text(capfdbinary.readouterr()[0])


def test_status_names_every_document_in_one_line(here: World, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        main(["nightly"])
    capsys.readouterr()
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert r"https://one.example/\x1b]0;x\x07\x9b31m\u202e\u200b\n[1/1] forged/2025.pdf: the reader" in out
    assert r"  two \x1b]0;x" in out
    assert main(["status", "--json"]) == 0
    (letter,) = json.loads(capsys.readouterr().out)["set_aside"]
    assert letter["url"] == f"https://one.example/{HOSTILE}/2025.pdf"


def test_the_ledger_keeps_titles_and_reasons_clean_and_short(here: World) -> None:
    main(["nightly"])
    with Ledger(here.ledger) as ledger:
        ledger.record_reading(ReadingRecord("0" * 64, "1", "failed", HOSTILE * 99, 1, NOW))
    with sqlite3.connect(here.ledger) as connection:
        kept = connection.execute("SELECT title FROM urls UNION SELECT reason FROM fetches").fetchall()
        kept += connection.execute("SELECT reason FROM outcomes").fetchall()
    connection.close()
    texts = [text for (text,) in kept if "forged" in text]
    assert len(texts) == 4
    for text in texts:
        assert printed_to_text(text.encode()) and "\n" not in text and text.count("forged") < 30
