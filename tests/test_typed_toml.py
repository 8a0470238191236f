"""TOML as typed values: what does not fit its shape is said with its place, what was read and expected."""

from __future__ import annotations

import pytest

from pipeline.errors import Error, TomlError
from pipeline.typed_toml import Strict, bytes_to_table, load_packaged, table_to_typed


class Row(Strict, frozen=True):
    key: str
    labels: tuple[str, ...] = ()


class Form(Strict, frozen=True):
    rows: tuple[Row, ...]
    units: dict[str, int]


def test_a_table_that_fits_is_typed() -> None:
    table = bytes_to_table("\ufeff[[rows]]\nkey = 'a'\nlabels = ['甲']\n[units]\n'千.元' = 1000\n".encode())
    assert table_to_typed(table, Form) == Form((Row("a", ("甲",)),), {"千.元": 1000})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rows = [{ key = 5 }]\nunits = {}", "rows[0].key: Expected `str`, got `int`, read 5"),
        (
            "rows = [{ key = 'a', label = 'b' }]\nunits = {}",
            "rows[0]: Object contains unknown field `label`, read {'key': 'a', 'label': 'b'}",
        ),
        ("units = {}", "the file: Object missing required field `rows`, read {'units': {}}"),
        ("rows = []\nunits = { 'a.b' = 'x' }", "units[...]: Expected `int`, got `str`, read {'a.b': 'x'}"),
    ],
)
def test_what_does_not_fit_is_named(text: str, says: str) -> None:
    with pytest.raises(TomlError) as caught:
        table_to_typed(bytes_to_table(text.encode()), Form)
    assert str(caught.value) == says


def test_a_packaged_file_that_does_not_fit_is_named_with_its_folder() -> None:
    with pytest.raises(Error, match=r"^pipeline/places/scope\.toml: .*: mend it there$"):
        load_packaged("pipeline.places", "scope.toml", Form)
    assert load_packaged("pipeline.places", "scope.toml", dict[str, tuple[str, ...]])["own"]
