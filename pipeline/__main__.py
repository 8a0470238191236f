"""Start the program, as `nianbao` or `python -m pipeline`. Older Pythons can read this file too."""

import sys
from types import TracebackType

if sys.version_info < (3, 11):  # noqa: UP036
    print("error: this needs Python 3.11 or newer, and is run by", sys.version.split()[0], file=sys.stderr)
    sys.exit(2)

_USAGE, _INTERRUPTED = 2, 130
"""Exit statuses, as in cli/options.py, which cannot be loaded if a package is missing."""


def main() -> int:
    """Run the command line and return its exit status.

    If a package is not installed, print one line and return the status of wrong usage (2). Ctrl-C while the
    program is still being loaded returns 130.
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
    """Print an unexpected error as Python does.

    Characters that would steer a terminal are printed as escapes.
    """
    import traceback

    from pipeline.printable import to_lines

    sys.stderr.write(to_lines("".join(traceback.format_exception(kind, error, trace))))


def _missing_to_words(error: ModuleNotFoundError) -> str:
    """Return what is not installed and what to do, as one line."""
    from pipeline.installation.extras import core_to_remedy, extra_to_problem, module_to_extra

    extra = module_to_extra(error.name or "")
    if problem := extra and extra_to_problem(extra):
        return f"this needs {problem}"
    return f"{sys.executable} lacks a package that is needed ({error}): {core_to_remedy(sys.argv[1:])}"


if __name__ == "__main__":
    sys.exit(main())
