"""The command line: a module for each command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from pipeline.cli import compare, inspect, nightly, retry, run, schema, sql, status, verify
from pipeline.cli.options import INTERRUPTED, OK, USAGE

COMMANDS = (run, nightly, status, retry, verify, inspect, compare, sql, schema)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status of the contract."""
    from pipeline.acquire import PathError
    from pipeline.acquire.ledger_file import LedgerError
    from pipeline.acquire.sources import SourcesError
    from pipeline.config import ConfigError
    from pipeline.workers import WorkerError
    from pipeline.written import WrittenError

    parsed = parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = parsed.command
    try:
        return command(parsed)
    except (PathError, ConfigError, SourcesError, WrittenError, LedgerError, WorkerError) as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    except PermissionError as error:
        print(f"error: {error.filename}: {error.strerror}: check its rights", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `… | head` is no error
        sys.stderr.close()
        return OK


def parser() -> argparse.ArgumentParser:
    """All commands with their help texts."""
    whole = argparse.ArgumentParser(
        prog="python -m pipeline",
        description="Annual reports on government information disclosure: PDF in, verified tidy tables out.",
        epilog="python -m pipeline COMMAND --help shows examples.",
    )
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        sub = commands.add_parser(
            module.NAME,
            help=module.WHAT,
            description=module.WHAT.capitalize() + ".",
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_options(sub)
        sub.set_defaults(command=module.command)
    return whole
