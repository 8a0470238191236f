"""`python -m pipeline`; older Pythons read this file too."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    print("error: this needs Python 3.11 or newer, and is run by", sys.version.split()[0], file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    from pipeline.platforms import run_where_installed

    sys.exit(run_where_installed())
