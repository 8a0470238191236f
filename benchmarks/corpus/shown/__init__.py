"""Reports whose numbers are not plain text, or seem to be others: in fields, hidden, struck out, damaged.

They lie in a folder of their own beside the other documents, whose figures stay what they are.
"""

from .plan import FOLDER, SHOWN_AXIS, plan_shown

__all__ = ["FOLDER", "SHOWN_AXIS", "plan_shown"]
