"""Keys of settings files: what a field says is what is checked, said and printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from pipeline.errors import TomlError
from pipeline.setting_keys import key, keys, keys_to_help, keys_to_markdown, table_to_record


@dataclass(frozen=True)
class Wheel:
    size: int = key(meaning="inches", least=1)


@dataclass(frozen=True)
class Cart:
    load: float = key(2.5, "tons | at once", above=0)
    wheels: tuple[Wheel, ...] = key((), "what it stands on", name="wheel", record=Wheel)
    plate: str = key("a", "never shown", secret=True)
    inner: int = 3


def test_a_table_becomes_a_record_with_those_within() -> None:
    found = table_to_record({"load": 1, "wheel": [{"size": 2}]}, Cart)
    assert found == Cart(1.0, (Wheel(2),))
    assert isinstance(found.load, float)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"wheel": [{"size": 0}]}, "cart, wheel: size = 0: must be a whole number, at least 1 (inches)"),
        ({"wheel": [{}]}, "cart, wheel: size is missing: it must be a whole number, at least 1 (inches)"),
        ({"wheel": [1]}, "cart: wheel = [1]: must be a list of tables (what it stands on)"),
        ({"wheel": {}}, "cart: wheel = {}: must be a list of tables"),
        ({"inner": 1}, "cart: unknown inner: allowed are load, wheel, plate"),
        ({"load": float("inf")}, "cart: load = inf: must be a number, above 0 (tons | at once)"),
        ({"load": float("nan")}, "cart: load = nan"),
        ({"plate": 7}, "cart: plate (not shown): must be a text"),
        ([], "cart: must be a table"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(table: Any, says: str) -> None:
    with pytest.raises(TomlError) as caught:
        table_to_record(table, Cart, "cart")
    assert str(caught.value).startswith(says)


def test_help_and_markdown_show_every_key_of_a_file_and_no_other() -> None:
    assert keys_to_help(Cart, ("load",)) == "  load = 2.5   tons | at once (a number, above 0)"
    lines = keys_to_markdown(Cart).splitlines()
    assert len(lines) == 2 + len(keys(Cart)) == 5
    assert "| `size` | has to be given | inches | a whole number, at least 1 |" in keys_to_markdown(Wheel)
