"""The golden corpus: reports of invented bureaus, printed by several programs, with the truth about them."""

from .plan import Entry, plan

__all__ = ["Entry", "plan"]
