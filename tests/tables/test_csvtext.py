"""CSV is harmless in a spreadsheet, whole for every reader, and exact on its way back."""

from __future__ import annotations

import csv
import io
import re
import sys
import unicodedata

import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.tables.csvtext import BLANKS, SIGNS, neutralise, neutralised, restore, restored

ALL = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
FORMULA_SIGNS = {char for char in ALL if unicodedata.normalize("NFKC", char)[:1] in tuple("=+-@")}
INVISIBLE = {char for char in ALL if unicodedata.category(char) in ("Cc", "Cf", "Zs", "Zl", "Zp")}
FIRST = "".join(sorted(FORMULA_SIGNS)) + "'␀NSZ\x00\x1a\t\r\n \u3000\u200b\ufeff\xa0\",;|1"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(FIRST, max_size=8)


def table(*texts: str | None) -> pa.Table:
    return pa.table({"a": pa.array(texts, pa.large_string()), "n": range(len(texts))})


def written(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    pa.csv.write_csv(neutralise(rows), sink)
    return sink.getvalue()


def read(content: bytes, schema: pa.Schema) -> pa.Table:
    """As folder.load reads it."""
    convert = pa.csv.ConvertOptions(
        column_types=schema, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    parse = pa.csv.ParseOptions(newlines_in_values=True)
    return restore(pa.csv.read_csv(io.BytesIO(content), parse_options=parse, convert_options=convert))


def first_seen(text: str) -> str:
    """What a spreadsheet sees first that drops everything invisible and folds the rest."""
    seen = "".join(char for char in text if char not in INVISIBLE)
    return unicodedata.normalize("NFKC", seen[:1])


@given(st.lists(TEXTS | st.none(), min_size=1, max_size=6))
@example(["␀N", "\x00", "␀", "␀␀N", "\x00N", "'\x00=", "␀S\x1a"])
@example(["", None, "'", "''=", "' =", "=", "\ufeff=", "\r\n"])
def test_every_text_comes_back_and_none_is_live(texts: list[str | None]) -> None:
    rows = table(*texts)
    content = written(rows)
    assert read(content, rows.schema).equals(rows)
    assert not {0, 0x1A} & set(content)
    cells = [row[0] for row in csv.reader(io.StringIO(content.decode(), newline=""))][1:]
    assert cells == [neutralised(text or "") for text in texts]
    assert [restored(cell) for cell in cells] == [text or "" for text in texts]
    assert [cell for cell in cells if first_seen(cell) in tuple("=+-@")] == []


def test_every_character_that_folds_to_a_sign_is_one() -> None:
    assert set(SIGNS.replace("\\", "")) == FORMULA_SIGNS


def test_everything_invisible_is_a_blank() -> None:
    blanks = set(re.findall(f"[{BLANKS}]", "".join(ALL)))
    assert INVISIBLE - blanks == {"\x00"}  # which is written otherwise
    assert not blanks & FORMULA_SIGNS
    assert {char for char in blanks if unicodedata.category(char)[0] in "NPS"} == {"\u2800"}  # Braille's


@pytest.mark.parametrize("sign", sorted(FORMULA_SIGNS))
@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\u3000", "\xa0", "\u200b", "\ufeff", "\x0b\x1f", "\u202e ", "''"]
)
def test_a_formula_has_an_apostrophe(sign: str, before: str) -> None:
    text = f"{before}{sign}cmd|' /C calc'!A0"
    assert neutralise(table(text)).column(0).to_pylist() == [f"'{text}"]


@pytest.mark.parametrize("text", ["", "'", "a=1", " a", "《=》", "（=", "1-2", "|", "'a", "—", "−5"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert neutralise(table(text)).column(0).to_pylist() == [text]


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())],
    ids=str,
)
def test_texts_of_every_type_and_names_of_columns_are_made_harmless(kind: pa.DataType) -> None:
    rows = pa.table({"=a\x00": pa.array(["=1", "x"], pa.string()).cast(kind)})
    assert neutralise(rows).to_pylist() == [{"'=a␀N": "'=1"}, {"'=a␀N": "x"}]
