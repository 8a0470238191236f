"""`schema`: show the data dictionary."""

from __future__ import annotations

import argparse

from pipeline.cli.options import OK

NAME, WHAT = "schema", "show the data dictionary"
EXAMPLES = """\
examples:
  nianbao schema
  nianbao schema --format markdown > dictionary.md
  nianbao schema --format json
  nianbao schema --format crosswalk > crosswalk.md"""


def add_options(sub: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    formats = ("text", "markdown", "json", "crosswalk")
    sub.add_argument("--format", choices=formats, default="text", help="default: text")


def command(parsed: argparse.Namespace) -> int:
    """Print the data dictionary."""
    from pipeline.inspection.schema import schema_to_text

    print(schema_to_text(parsed.format))
    return OK
