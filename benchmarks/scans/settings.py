"""The settings and fonts of scans.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PARTS = ("tuning", "held_out")


@dataclass(frozen=True, slots=True)
class Font:
    """What a report is set in; see scans.toml."""

    name: str
    part: str
    files: tuple[str, ...]
    digits: str = ""
    package: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """How pages are spoilt, in the order in which it happens.

    On paper:
    rulings: black, grey ones that a threshold loses, or none.
    toner: the share of ink that thin toner loses where it is thinnest.
    copies: how often the page was copied before it was scanned.
    salt: the share of pixels that are specks of black or white. dust: specks and hairs a page.
    seals: "", red, or grey: two on each page with a table, over its numbers, and one on the first page.
    through: how much of the next page's ink is seen through the paper, from 0 to 1.

    On the glass:
    dpi: pixels an inch.
    skew: degrees that a page is turned either way, from the least to the most.
    perspective: how far corners are moved, in shares of the page's width.
    bow: how far lines are bent, in points.
    light: the share of light that is lost where there is least.
    blur: the spread of the optics, in pixels. noise: of the sensor, in shades.
    black, white: shades of full ink and of bare paper.
    fax: "", threshold (at the shade `threshold`), diffused or screened: one bit a pixel.
    quarters: the clockwise quarter turns that a page may have. turned_back: the file's /Rotate undoes them.

    In the file:
    colour: three channels. codec: jpeg (of `quality`), flate, g4 or jbig2. mask: black is painted through an
    image mask.

    `reports` is how many are printed in this setting; `small` ones are read whenever the code changes.
    """

    name: str
    part: str
    rulings: str = "black"
    toner: float = 0.0
    copies: int = 0
    salt: float = 0.0
    dust: int = 4
    seals: str = ""
    through: float = 0.0
    dpi: int = 200
    skew: tuple[float, float] = (0.2, 1.0)
    perspective: float = 0.0
    bow: float = 0.0
    light: float = 0.04
    blur: float = 0.55
    noise: float = 2.5
    black: int = 35
    white: int = 247
    fax: str = ""
    threshold: int = 150
    quarters: tuple[int, ...] = (0,)
    turned_back: bool = False
    colour: bool = False
    codec: str = "jpeg"
    quality: int = 75
    mask: bool = False
    reports: int = 6
    small: bool = False


@cache
def load_settings() -> dict[str, Setting]:
    """Return every setting by name."""
    return {name: Setting(name=name, **_frozen(kept)) for name, kept in _load()["settings"].items()}


@cache
def load_fonts() -> dict[str, Font]:
    """Return every font by name."""
    return {name: Font(name=name, **_frozen(kept)) for name, kept in _load()["fonts"].items()}


def _load() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("scans.toml").read_text(encoding="utf-8"))


def _frozen(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in kept.items()}
