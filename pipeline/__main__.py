"""`python -m pipeline`."""

import sys
from types import TracebackType

from pipeline.cli import main


def tell_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """As Python tells it, but for what steers a terminal in the texts of an error."""
    import traceback

    from pipeline.printable import to_lines

    sys.stderr.write(to_lines("".join(traceback.format_exception(kind, error, trace))))


if __name__ == "__main__":
    sys.excepthook = tell_defect
    sys.exit(main())
