"""What a scanner, a camera or a fax makes of the page on the glass."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.scans.paper import Ink
from benchmarks.scans.printing import POINTS_AN_INCH, Shades
from benchmarks.scans.settings import Setting

Homography = npt.NDArray[np.float64]
Light = npt.NDArray[np.float32]

PAPER = (0.995, 0.99, 0.975)
"""Shares of red, green and blue that bare paper throws back."""

LID = 0.97
"""Share. What the lid beside the paper throws back, as much as white paper."""

SCREEN = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32)
"""The order in which dots of a screen of 4 × 4 grow dark."""


class Scanned(NamedTuple):
    """A page as the file has it: rows × columns of shades, of three colours each, or of 0 and 255.

    `to_scan` takes points of the printed page to its pixels, the bow of the paper aside.
    """

    shades: Shades
    to_scan: Homography
    skew: float
    quarters: int


def reflect(
    ink: Ink, stamp: Ink | None, stamp_colour: tuple[float, ...], back: Ink | None, colour: bool
) -> Light:
    """Return the light that a page throws back, from 0 to 1; of three colours, or of one."""
    channels = []
    for place in range(3) if colour else (1,):
        light = (1 - ink * np.float32(0.97)) * np.float32(PAPER[place])
        if back is not None:
            light = light * (1 - back)
        if stamp is not None:
            light = light * (1 - stamp * np.float32(1 - stamp_colour[place]))
        channels.append(light)
    return np.dstack(channels) if colour else channels[0]


def scan_page(light: Light, setting: Setting, chance: np.random.Generator) -> Scanned:
    """Return the page as it comes out of the machine."""
    high, wide = light.shape[:2]
    skew = float(chance.uniform(*setting.skew) * chance.choice((-1, 1)))
    move = _moved((high, wide), skew, setting, chance)
    seen = _lit(_bent(light, move, setting, chance), setting, chance)
    shades = _sensed(seen, setting, chance)
    if setting.fax:
        shades = _one_bit(shades, setting)
    quarters = int(chance.choice(setting.quarters))
    turned = np.ascontiguousarray(np.rot90(shades, -quarters))
    points = np.diag([setting.dpi / POINTS_AN_INCH] * 2 + [1.0])
    return Scanned(turned, quarter_turns(quarters, high, wide) @ move @ points, skew, quarters)


def _moved(size: tuple[int, int], skew: float, setting: Setting, chance: np.random.Generator) -> Homography:
    """Return where the pixels of the page go: turned about its middle, and seen from aside."""
    high, wide = size
    turn: Homography = np.vstack([cv2.getRotationMatrix2D((wide / 2, high / 2), skew, 1.0), [0, 0, 1]])
    aside = np.eye(3)
    aside[:2, 2] = chance.uniform(-0.008, 0.008, 2) * wide
    if not setting.perspective:
        return np.asarray(aside @ turn)
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    reach = chance.uniform(0.1, 1.0, (4, 2)) * setting.perspective * wide
    moved = (corners + inwards * reach).astype(np.float32)
    seen: Homography = cv2.getPerspectiveTransform(corners, moved) @ aside @ turn
    return seen


def _bent(light: Light, move: Homography, setting: Setting, chance: np.random.Generator) -> Light:
    """Return the page moved so, its lines bent where the paper does not lie flat."""
    high, wide = light.shape[:2]
    lid = (LID, LID, LID)
    if not setting.bow:
        flat: Light = cv2.warpPerspective(light, move, (wide, high), flags=cv2.INTER_CUBIC, borderValue=lid)  # type: ignore[assignment]
        return flat
    back = np.linalg.inv(move)
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    weight = back[2, 0] * x + back[2, 1] * y + back[2, 2]
    from_x = ((back[0, 0] * x + back[0, 1] * y + back[0, 2]) / weight).astype(np.float32)
    from_y = ((back[1, 0] * x + back[1, 1] * y + back[1, 2]) / weight).astype(np.float32)
    depth = setting.bow * setting.dpi / POINTS_AN_INCH * chance.uniform(0.6, 1.0) * chance.choice((-1, 1))
    spine = np.exp(-np.clip(from_x / wide, 0, 1) * np.float32(chance.uniform(2, 4)))
    from_y += (depth * spine * (0.4 + 0.6 * y / high)).astype(np.float32)
    from_x += (0.3 * depth * np.sin(np.pi * from_y / high)).astype(np.float32)
    bent: Light = cv2.remap(light, from_x, from_y, cv2.INTER_CUBIC, borderValue=lid)  # type: ignore[assignment]
    return bent


def _lit(light: Light, setting: Setting, chance: np.random.Generator) -> Light:
    """Return the page in light that falls off to one side and in one corner."""
    high, wide = light.shape[:2]
    angle = chance.uniform(0, 2 * np.pi)
    x = np.linspace(-1, 1, wide, dtype=np.float32)[None]
    y = np.linspace(-1, 1, high, dtype=np.float32)[:, None]
    aside = (np.cos(angle) * x + np.sin(angle) * y) / 1.42
    corner = (x - chance.choice((-1, 1))) ** 2 / 8 + (y - chance.choice((-1, 1))) ** 2 / 8
    lost = np.float32(setting.light) * np.clip(0.3 + 0.35 * aside + 0.35 * (1 - corner), 0, 1)
    lit = (1 - lost).astype(np.float32)
    seen: Light = light * (lit[..., None] if light.ndim == 3 else lit)
    return seen


def _sensed(light: Light, setting: Setting, chance: np.random.Generator) -> Shades:
    """Return shades: blurred, between the machine's black and white, with the sensor's noise."""
    soft = cv2.GaussianBlur(light, (0, 0), setting.blur) if setting.blur else light
    shades = setting.black + soft * np.float32(setting.white - setting.black)
    shades += chance.standard_normal(shades.shape, dtype=np.float32) * np.float32(setting.noise)
    return _to_shades(shades + 0.5)


def _one_bit(shades: Shades, setting: Setting) -> Shades:
    """Return shades of 0 and 255 alone."""
    if setting.fax == "threshold":
        return np.where(shades < setting.threshold, 0, 255).astype(np.uint8)
    even = _stretched(shades, setting)
    if setting.fax == "screened":
        high, wide = shades.shape
        screen = np.tile((SCREEN + 0.5) * 16, (high // 4 + 1, wide // 4 + 1))[:high, :wide]
        return np.where(even < screen, 0, 255).astype(np.uint8)
    return np.asarray(Image.fromarray(even).convert("1")).astype(np.uint8) * 255


def _stretched(shades: Shades, setting: Setting) -> Shades:
    """Return shades with paper at white, as a machine sets them before it makes dots."""
    wide = setting.white * (1 - setting.light) - 12 - setting.black
    stretched = (shades.astype(np.float32) - setting.black) * (255 / wide)
    return _to_shades(stretched)


def _to_shades(light: Light) -> Shades:
    shades: Shades = np.clip(light, 0, 255).astype(np.uint8)
    return shades


def quarter_turns(quarters: int, high: int, wide: int) -> Homography:
    """Return what clockwise quarter turns do to pixels of a page of that size."""
    turn = np.eye(3)
    for _ in range(quarters % 4):
        turn = np.array([[0.0, -1, high - 1], [1, 0, 0], [0, 0, 1]]) @ turn
        high, wide = wide, high
    return turn
