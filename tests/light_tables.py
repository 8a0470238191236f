"""Runs and nights without what takes most of their time: tables made of tables, and the contract's checks."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from pipeline.derive.chain import frames_to_derived
from pipeline.tables.frames import Frames, empty_frames


def leave_out_derived(patch: pytest.MonkeyPatch) -> None:
    """Panels, rates and coverage are empty: tests/derive makes them."""
    empty = _empty()
    patch.setattr("pipeline.derive.chain.frames_to_derived", lambda frames: dict(empty))


def write_light_tables(patch: pytest.MonkeyPatch) -> None:
    """And nothing is checked: tests/tables does that."""
    leave_out_derived(patch)
    for place in ("schemas", "writer"):
        patch.setattr(f"pipeline.tables.{place}.require_valid", lambda frames: None)


@cache
def _empty() -> dict[str, pd.DataFrame]:
    none: Frames = empty_frames()
    return frames_to_derived(none)
