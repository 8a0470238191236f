"""Annual reports as PDFs with the exact truth about every cell; `generate(Spec(...))` makes one."""

from .numbers import Printed
from .render import Break, Piece, Style
from .reports import Manuscript, Spec, compose, generate

__all__ = ["Break", "Manuscript", "Piece", "Printed", "Spec", "Style", "compose", "generate"]
