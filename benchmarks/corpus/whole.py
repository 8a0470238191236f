"""All that the corpus consists of: the reports of benchmarks.corpus.plan, of .shown and of .merged."""

from __future__ import annotations

from .merged import EACH as EACH_MERGED
from .merged import plan_merged
from .plan import Entry, plan
from .shown.plan import EACH, plan_shown


def whole_plan(small: bool = False, seed: int = 0) -> tuple[Entry, ...]:
    """Every document; or a representative few, of every kind of number and of merged cells one."""
    shown, merged = plan_shown(seed), plan_merged(seed)
    if small:
        shown, merged = shown[::EACH], merged[::EACH_MERGED]
    return (*plan(small, seed), *shown, *merged)
