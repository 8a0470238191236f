"""Every character that steers is made visible on every way out, and nothing else is."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from pipeline.cli.output_streams import Printable, printable_streams, stream_to_console
from pipeline.inspection.schema import schema_to_text
from pipeline.printable import json_to_printable, path_to_shell, to_lines, to_printable, to_short
from tests.cli.hostile_texts import STEERING, is_steering

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
KINDS = [*EVERY[:0x40000], *EVERY[0xE0000:0xE1000], *EVERY[0xF0000:0xF0100], *EVERY[-0x100:]]
"""Without the planes that hold nothing, whose characters all become escapes, and most of private use."""
TEXTS = st.text(st.characters(codec=None), max_size=40)


def test_every_character_that_steers_is_shown_as_its_escape() -> None:
    wrong = [c for c in EVERY if category(c) in STEERING and to_printable(c) != ascii(c)[1:-1]]
    assert [ascii(char) for char in wrong] == []


def test_no_other_character_is_touched() -> None:
    unseen = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    touched = [c for c in EVERY if category(c) not in STEERING and to_printable(f"局{c}") != f"局{c}"]
    assert touched == list(unseen)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("海东市工业和信息化局2022年度　报告（一）", "海东市工业和信息化局2022年度　报告（一）"),
        ("葛\U000e0100城市", "葛\U000e0100城市"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("a\ufe0f.pdf", r"a\ufe0f.pdf"),
        ("葛\U000e0100\U000e0101", r"葛" + "\U000e0100" + r"\U000e0101"),
        ("a" + "\u0301" * 8, "a" + "\u0301" * 8),
        ("a" + "\u0301" * 10, "a" + "\u0301" * 8 + r"\u0301\u0301"),
        ("a\nerror: b\tc", r"a\nerror: b\tc"),
        (r"back\x1b", r"back\x1b"),
        ("\ue000", "\ue000"),
    ],
)
def test_texts_as_they_are_shown(text: str, shown: str) -> None:
    assert to_printable(text) == shown


@given(TEXTS)
def test_what_is_shown_steers_nothing_and_stays_as_it_is(text: str) -> None:
    shown = to_printable(text)
    assert not any(map(is_steering, shown)) and "\n" not in shown
    assert to_printable(shown) == shown
    assert to_lines(text).count("\n") == text.count("\n")


def test_a_long_text_is_cut_before_it_is_escaped() -> None:
    assert to_short("\x1b" * 30, 3) == r"\x1b\x1b\x1b…"
    assert to_short("局" * 500) == "局" * 500


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_json_says_the_same_in_escapes(value: object) -> None:
    shown = json_to_printable(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(shown) == json.loads(json.dumps(value))
    assert not any(map(is_steering, shown))


@pytest.mark.skipif(not shutil.which("bash"), reason="bash takes the words apart")
@given(st.lists(st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name), min_size=40))
def test_a_command_to_copy_leads_to_the_file(names: list[bytes]) -> None:
    words = [path_to_shell(name.decode("utf-8", "surrogateescape")) for name in names]
    assert not any(is_steering(char) or char == "\n" for word in words for char in word)
    done = subprocess.run(["bash"], input=f"printf '%s\\0' {' '.join(words)}".encode(), stdout=-1, check=True)
    meant = [f"./{name!r}" and (b"./" + name if name.startswith(b"-") else name) for name in names]
    assert done.stdout.split(b"\0")[:-1] == meant


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "gbk"])
def test_nothing_raw_passes_a_stream_and_no_character_ends_it(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    below = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    monkeypatch.setattr(sys, "stdout", below)
    with printable_streams():
        print("\x1b[31m\u202e\udcff 局\u20ac é", *EVERY[:0x180])
        print(" ".join(KINDS))  # at once: as many writes would say no more than these few
        sys.stdout.writelines(["\x9b"])
    below.buffer.seek(0)
    text = below.buffer.read().decode(encoding)
    assert text.startswith(r"\x1b[31m\u202e\udcff ")
    assert [char for char in set(text) if is_steering(char)] == []
    assert sys.stdout is below


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1"])
def test_json_stays_json_in_any_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    below = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    monkeypatch.setattr(sys, "stdout", below)
    value = {"局": "é € 👩 \x1b \u202e \udcff"}
    with printable_streams():
        print(json_to_printable(json.dumps(value, ensure_ascii=False)))
    below.buffer.seek(0)
    assert json.loads(below.buffer.read().decode(encoding)) == value


def test_a_console_shows_texts_and_keeps_its_own_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    below = io.StringIO()
    monkeypatch.setattr(below, "isatty", lambda: True)
    console = stream_to_console(Printable(below))  # type: ignore[arg-type]
    table = Table("\x1b[32mhead\u202e")
    table.add_row("[red]cell\x9b[/red] :skull:")
    console.print(table, "[bold]\x1b]0;x\x1b\\", style="green")
    shown = below.getvalue()
    for text in (r"\x1b[32mhead\u202e", r"[red]cell\x9b[/red] :skull:", r"[bold]\x1b]0;x\x1b"):
        assert text in shown
    assert "\x1b[32m" in shown  # its own
    assert "\x1b]0" not in shown and "\u202e" not in shown


def test_a_warning_is_one_clean_line() -> None:
    code = """if True:
        import warnings
        from pipeline.cli.output_streams import printable_streams
        with printable_streams():
            warnings.warn("odd \\x1b[31m\\nerror: forged")
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "warning: odd \\x1b[31m\\nerror: forged (UserWarning)\n"


@pytest.mark.parametrize("layout", ["text", "markdown", "json", "crosswalk"])
def test_our_own_texts_pass_as_they_are(layout: str) -> None:
    text = schema_to_text(layout)
    assert to_lines(text) == text
