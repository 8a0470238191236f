"""Reports as web pages, Word files and spreadsheets; `print_flow` prints one, with the truth about it."""

from .files import FLOW_KINDS, FlowKind, print_flow, print_flows
from .sites import SHAPES

__all__ = ["FLOW_KINDS", "SHAPES", "FlowKind", "print_flow", "print_flows"]
