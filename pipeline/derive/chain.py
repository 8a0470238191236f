"""Frames → every table that is made for comparison: the panels, their rates, and what is missing."""

from __future__ import annotations

import pandas as pd

from pipeline.derive.coverage import frames_to_coverage
from pipeline.derive.panels import spreads_to_panels
from pipeline.derive.rates import spreads_to_rates
from pipeline.derive.spreads import frames_to_spreads, with_missing
from pipeline.tables.frames import Frames


def frames_to_derived(frames: Frames) -> dict[str, pd.DataFrame]:
    """The panels, panel_rates and coverage by name."""
    spreads = frames_to_spreads(frames)
    return {
        **spreads_to_panels(spreads),
        "panel_rates": spreads_to_rates(with_missing(spreads, frames), frames.checks),
        "coverage": frames_to_coverage(frames),
    }
