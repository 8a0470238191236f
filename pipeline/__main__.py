"""`nianbao`, and `python -m pipeline`; older Pythons read this file too."""

import sys
from types import TracebackType

if sys.version_info < (3, 11):  # noqa: UP036
    print("error: this needs Python 3.11 or newer, and is run by", sys.version.split()[0], file=sys.stderr)
    sys.exit(2)

_USAGE, _INTERRUPTED = 2, 130


def main() -> int:
    """The command line; where a package is not installed, a line and the status of wrong usage.

    Ctrl-C may come while it is still being loaded.
    """
    sys.excepthook = tell_defect
    try:
        from pipeline import cli

        return cli.main()
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("pipeline."):
            raise
        print(f"error: {_missing_to_words(error)}", file=sys.stderr)
        return _USAGE
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return _INTERRUPTED


def tell_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """As Python tells it, but for what steers a terminal in the texts of an error."""
    import traceback

    from pipeline.printable import to_lines

    sys.stderr.write(to_lines("".join(traceback.format_exception(kind, error, trace))))


def _missing_to_words(error: ModuleNotFoundError) -> str:
    from pipeline.installation.extras import extra_to_problem, module_to_extra

    extra = module_to_extra(error.name or "")
    if problem := extra and extra_to_problem(extra):
        return f"this needs {problem}"
    return (
        f"{sys.executable} lacks a package that is needed ({error}): `make run` makes an environment that "
        "has all, then run .venv/bin/python -m pipeline (on Windows see README.md, Start)"
    )


if __name__ == "__main__":
    sys.exit(main())
