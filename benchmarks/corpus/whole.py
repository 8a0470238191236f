"""All that the corpus consists of: the reports of benchmarks.corpus.plan and of benchmarks.corpus.shown."""

from __future__ import annotations

from .plan import Entry, plan
from .shown.plan import EACH, plan_shown


def whole_plan(small: bool = False, seed: int = 0) -> tuple[Entry, ...]:
    """Every document; or a representative few, of every kind of number one."""
    shown = plan_shown(seed)
    return (*plan(small, seed), *(shown[::EACH] if small else shown))
