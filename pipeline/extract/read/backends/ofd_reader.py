"""Name .ofd files (GB/T 33190) as what they are: they are not read."""

from __future__ import annotations

from pathlib import Path

from pipeline.extract.read.flow.blocks import FlowDocument
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import Reason

NOT_READ = "it is an .ofd file, which is not read: open it in the viewer of its makers and export it as PDF"


def file_to_flow(path: Path) -> FlowDocument:
    """Raise UnreadableError with what to do."""
    raise UnreadableError(Reason.UNOPENED, NOT_READ)
