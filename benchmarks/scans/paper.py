"""What happens to a printed page before it lies on the glass. Ink is a share from 0 (bare paper) to 1."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.scans.printing import Shades
from benchmarks.scans.settings import Setting

Ink = npt.NDArray[np.float32]

CLOUD = 90
"""Pixels. How far apart places are where toner is differently thin."""

SEEN_THROUGH = 2.2
"""Pixels. The spread of ink that is seen through paper."""


def shades_to_ink(shades: Shades) -> Ink:
    """Return the ink of a drawn page."""
    ink: Ink = np.float32(1) - shades.astype(np.float32) / np.float32(255)
    return ink


def spoil_ink(ink: Ink, setting: Setting, chance: np.random.Generator) -> Ink:
    """Return the ink as thin toner, copiers and dirt leave it."""
    if setting.toner:
        ink = _thinned(ink, setting.toner, chance)
    for _ in range(setting.copies):
        ink = _copied(ink, setting, chance)
    if setting.salt:
        ink = _salted(ink, setting.salt, chance)
    return _dusted(ink, setting, chance)


def seen_through(ink: Ink, strength: float) -> Ink:
    """Return what is seen of the ink on the other side of the paper."""
    seen: Ink = cv2.GaussianBlur(ink[:, ::-1], (0, 0), SEEN_THROUGH) * np.float32(strength)
    return seen


def _thinned(ink: Ink, loss: float, chance: np.random.Generator) -> Ink:
    """Return ink that is pale in some places, with grains missing."""
    cloud = _cloud(ink.shape, CLOUD, chance)
    grain = chance.random(ink.shape, dtype=np.float32)
    worn = cv2.erode(ink, np.ones((2, 2), np.uint8))
    thin = cloud * np.float32(loss)
    paled = ink - (ink * np.float32(0.8) + (ink - worn) * np.float32(0.4)) * thin
    thinned: Ink = np.where(grain < thin * thin, paled * np.float32(0.3), paled)
    return thinned


def _copied(ink: Ink, setting: Setting, chance: np.random.Generator) -> Ink:
    """Return ink as a copier prints it again: a little turned, blurred, harder, with specks."""
    high, wide = ink.shape
    turn = cv2.getRotationMatrix2D(
        (wide / 2, high / 2), chance.uniform(-0.25, 0.25), chance.uniform(0.994, 1.004)
    )
    turn = np.column_stack([turn[:, :2], turn[:, 2] + chance.uniform(-1.5, 1.5, 2)])
    moved = cv2.warpAffine(ink, turn, (wide, high), flags=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(moved, (0, 0), 0.004 * setting.dpi)
    soft = soft + chance.standard_normal(ink.shape, dtype=np.float32) * np.float32(0.05)
    hard = 1 / (1 + np.exp(-(soft - np.float32(chance.uniform(0.36, 0.48))) * np.float32(9)))
    floor = np.float32(1 / (1 + np.exp(0.42 * 9)))
    return _specked(np.clip((hard - floor) / (1 - floor), 0, 1), 25, setting, chance)


def _salted(ink: Ink, share: float, chance: np.random.Generator) -> Ink:
    """Return ink with specks of one to four pixels, as many black as white."""
    lot = chance.random(ink.shape, dtype=np.float32)
    black = (lot < share / 2).astype(np.uint8)
    white = (lot > 1 - share / 2).astype(np.uint8)
    size = np.ones((2, 2), np.uint8)
    large = chance.random(ink.shape, dtype=np.float32) < 0.3
    black = np.maximum(black, cv2.dilate(black * large, size))
    white = np.maximum(white, cv2.dilate(white * large, size))
    salted: Ink = np.where(black > 0, np.float32(0.85), np.where(white > 0, np.float32(0), ink))
    return salted


def _dusted(ink: Ink, setting: Setting, chance: np.random.Generator) -> Ink:
    """Return ink with grains of dust and a hair or two."""
    hairs = np.zeros(ink.shape, np.uint8)
    for _ in range(int(chance.poisson(setting.dust / 20))):
        points = chance.normal(0, setting.dpi / 14, (5, 2)).cumsum(axis=0)
        points += chance.random(2) * (ink.shape[1], ink.shape[0])
        cv2.polylines(hairs, [points.astype(np.int32)], False, int(chance.integers(60, 150)), 1, cv2.LINE_AA)
    with_hairs = np.maximum(ink, hairs.astype(np.float32) / 255)
    return _specked(with_hairs, setting.dust, setting, chance)


def _specked(ink: Ink, count: int, setting: Setting, chance: np.random.Generator) -> Ink:
    """Return ink with about so many round specks of a tenth of a millimetre to half of one."""
    specks = np.zeros(ink.shape, np.uint8)
    for _ in range(int(chance.poisson(count))):
        place = (int(chance.integers(ink.shape[1])), int(chance.integers(ink.shape[0])))
        axes = chance.uniform(0.05, 0.25, 2) * setting.dpi / 25.4
        size = (max(round(axes[0]), 0), max(round(axes[1]), 0))
        shade = int(chance.integers(70, 230))
        cv2.ellipse(specks, place, size, chance.uniform(0, 180), 0, 360, shade, -1, cv2.LINE_AA)
    specked: Ink = np.maximum(ink, specks.astype(np.float32) / np.float32(255))
    return specked


def _cloud(shape: Sequence[int], pixels: int, chance: np.random.Generator) -> Ink:
    """Return a smooth field of shares from 0 to 1."""
    coarse = chance.random((shape[0] // pixels + 3, shape[1] // pixels + 3), dtype=np.float32)
    cloud: Ink = np.clip(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), 0, 1)
    return cloud
