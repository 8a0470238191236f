"""docs/configuration-keys.md holds what the code holds."""

from __future__ import annotations

from tools.configuration_keys import PAGE, to_markdown


def test_the_page_is_what_the_settings_say() -> None:
    made = "make it anew with python -m tools.configuration_keys"
    assert PAGE.read_text(encoding="utf-8") == to_markdown(), made
