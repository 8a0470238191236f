"""Writes docs/configuration-keys.md from the fields of the settings: `python -m tools.configuration_keys`."""

from __future__ import annotations

from pathlib import Path

from pipeline.acquire.sources import Api, CrawlSettings, Source
from pipeline.config import Settings
from pipeline.setting_keys import keys_to_markdown

PAGE = Path(__file__).parents[1] / "docs" / "configuration-keys.md"

_SECTIONS = {
    "## pipeline.toml\n\nEvery key is optional.": Settings,
    "## sources.toml, `[crawl]`": CrawlSettings,
    "## sources.toml, `[[source]]`\n\nA source needs `lists`, `api`, `urls` or a `folder`.": Source,
    "## sources.toml, `[[source.api]]`": Api,
}


def to_markdown() -> str:
    """The text of docs/configuration-keys.md."""
    parts = [
        "# Keys of the settings files",
        "Made from the settings in the code; change those, not this file.",
    ]
    for head, record in _SECTIONS.items():
        parts += [head, keys_to_markdown(record)]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(to_markdown(), encoding="utf-8")
