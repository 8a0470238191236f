"""`python -m pipeline`; older Pythons read this file too."""

import sys
from types import TracebackType

if sys.version_info < (3, 11):  # noqa: UP036
    print("error: this needs Python 3.11 or newer, and is run by", sys.version.split()[0], file=sys.stderr)
    sys.exit(2)


def tell_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """As Python tells it, but for what steers a terminal in the texts of an error."""
    import traceback

    from pipeline.printable import to_lines

    sys.stderr.write(to_lines("".join(traceback.format_exception(kind, error, trace))))


if __name__ == "__main__":
    from pipeline.platforms import run_where_installed

    sys.excepthook = tell_defect
    sys.exit(run_where_installed())
