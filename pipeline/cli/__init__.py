"""The command line: one module for each command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from pipeline import __version__
from pipeline.cli import compare, inspect, nightly, retry, run, schema, sql, status, verify
from pipeline.cli.options import INTERRUPTED, OK, USAGE, refusal_to_text
from pipeline.cli.output_streams import printable_streams, silence
from pipeline.installation.program import SCRIPT, to_command
from pipeline.printable import to_printable

COMMANDS = (run, nightly, status, retry, verify, inspect, compare, sql, schema)
_EVERYWHERE = (compare, sql, schema)
"""What looks at tables needs nothing of the system; the others have locks, or processes in a sandbox."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    with printable_streams():
        return _main(arguments)


def _main(arguments: Sequence[str] | None) -> int:
    """Run one command; expected errors become one line and an exit status."""
    from pipeline.errors import DefectError, Error
    from pipeline.installation.platforms import require_unix

    parsed = _parse(arguments)
    command: Callable[[argparse.Namespace], int] = parsed.command
    try:
        if parsed.needs_unix:
            require_unix(parsed.name)
        return command(parsed)
    except DefectError:
        raise
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # of binary output; `… | head` is no error
        silence(sys.stdout)
        return OK
    except OSError as error:  # our own too, such as a file that is a pipe: they name the file apart
        print(f"error: {to_printable(refusal_to_text(error))}", file=sys.stderr)
        return USAGE
    except Error as error:
        print(f"error: {to_printable(str(error))}", file=sys.stderr)
        return USAGE


class _OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line each, whatever was typed."""

    def error(self, message: str) -> NoReturn:
        """Print the error in one line and exit with status 2."""
        self.exit(USAGE, f"error: {to_printable(message)}; see `{self.prog} --help`\n")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the parsed arguments. An unknown option is reported by the command it was given to."""
    whole = parser()
    parsed, unknown = whole.parse_known_args(arguments)
    if unknown:
        parsed.parser.error(_unknown_to_text(unknown, parsed.parser))
    return parsed


def _unknown_to_text(unknown: Sequence[str], sub: argparse.ArgumentParser) -> str:
    """Return a message on unknown arguments, with the option that the first may have meant."""
    from difflib import get_close_matches

    options = [option for action in sub._actions for option in action.option_strings]
    near = get_close_matches(unknown[0].partition("=")[0], options, 1)
    return f"unrecognized arguments: {' '.join(unknown)}" + (f" (is {near[0]} meant?)" if near else "")


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands with their help texts."""
    whole = _OneLineParser(
        prog=to_command(),
        description="Annual reports on government information disclosure: PDF in, verified tidy tables out.",
        epilog=f"{to_command()} COMMAND --help shows examples.",
    )
    whole.add_argument("--version", action="version", version=f"{SCRIPT} {__version__}")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        sub = commands.add_parser(
            module.NAME,
            help=module.WHAT,
            description=f"{module.WHAT[0].upper()}{module.WHAT[1:]}.",
            epilog=module.EXAMPLES.replace(f"\n  {SCRIPT} ", f"\n  {to_command()} "),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_options(sub)
        sub.set_defaults(
            command=module.command, name=module.NAME, needs_unix=module not in _EVERYWHERE, parser=sub
        )
    return whole
