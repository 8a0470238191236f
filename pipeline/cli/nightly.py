"""`nightly`: from the sites to the published tables, unattended."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING

from pipeline.cli.options import (
    BROKEN,
    BUSY,
    INTERRUPTED,
    add_config,
    add_formats,
    add_jobs,
    add_json,
    add_out,
    add_raw,
    add_sources,
    check_out,
    check_raw,
    now,
    parsed_to_given,
    parsed_to_settings,
    refusal_to_text,
)
from pipeline.config import Settings
from pipeline.installation.extras import require_extra
from pipeline.installation.program import to_command
from pipeline.printable import to_printable
from pipeline.setting_keys import keys_to_help

if TYPE_CHECKING:
    from pipeline.nightly.crawl_record import CrawlRecord
    from pipeline.nightly.digest import Digest
    from pipeline.nightly.night import Plan

_LASTING = ("sources", "raw", "out", "jobs", "formats", "config")
"""The options that the next night, or the other half of this one, is to have as well."""

NAME, WHAT = "nightly", "fetch, read, compare with the last good release, publish"
EXAMPLES = f"""\
examples:
  nianbao nightly
  nianbao nightly --sources sources.toml --raw data/raw --out data/processed
  nianbao nightly --crawl-only          ask the sites, and leave the rest to --no-crawl
  nianbao nightly --no-crawl            read and publish what is in the store
  nianbao nightly --accept              publish although a gate failed, after a look

stdout has what is new as Markdown (or JSON), ready for a mail or a chat hook; data/nights keeps it, stderr
has the log. --out is a link to the newest release that passed the gates. What a killed or stopped night did
is not lost: the next one goes on from there. --crawl-only and then --no-crawl make the same night in two
processes, so that the one with the network opens no PDF and the one that opens them has no network.

pipeline.toml may say:
{keys_to_help(Settings, ("lost_documents", "lost_cells", "lost_checks", "batch"))}

exit status: 0 done; 1 done, and a document could not be read or the crawl ended early; 2 wrong usage or
configuration; 3 not published: a gate failed, the last good release stays; 4 another night is running, or a
run into --out did not end within an hour; 5 broken off (disk, ledger, a defect); 130 stopped. After 3, 4, 5
and 130 readers see a release that is whole."""


def add_options(sub: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_sources(sub)
    add_raw(sub)
    add_out(sub, "the tables for readers")
    half = sub.add_mutually_exclusive_group()
    half.add_argument("--crawl-only", action="store_true", help="ask the sites, read and publish nothing")
    half.add_argument("--no-crawl", action="store_true", help="ask no site")
    sub.add_argument("--accept", action="store_true", help="publish although a gate failed")
    add_jobs(sub)
    add_formats(sub)
    add_json(sub)
    add_config(sub)


def command(parsed: argparse.Namespace) -> int:
    """Run one night; return its exit status."""
    from pipeline.acquire.sources import load_sources
    from pipeline.errors import PathError
    from pipeline.logs import get_log, start_logs
    from pipeline.nightly.lock import BusyError
    from pipeline.nightly.night import Plan
    from pipeline.tables.written_tables import TablesError

    check_out(parsed.out)
    check_raw(parsed.raw)
    settings = parsed_to_settings(parsed.config, parsed.jobs)
    _require_extras(parsed, settings)
    plan = Plan(
        parsed.raw,
        parsed.out,
        settings,
        None if parsed.no_crawl else load_sources(parsed.sources),
        parsed.formats,
        parsed.accept,
        given=parsed_to_given(parsed, "no_crawl", *_LASTING),
    )
    start_logs()
    signal.signal(signal.SIGTERM, _stop)
    try:
        return _crawl_alone(plan, parsed) if parsed.crawl_only else _whole_night(plan, parsed.json)
    except BusyError as error:
        print(f"error: {to_printable(str(error))}", file=sys.stderr)
        return BUSY
    except KeyboardInterrupt:
        print("stopped: the next night goes on from here", file=sys.stderr)
        return INTERRUPTED
    except (PathError, TablesError):
        raise
    except Exception as error:  # whatever it was, what readers see is whole
        get_log("night").exception("night broken off", error=str(error))
        after = "readers see the last good release, the next night goes on from here"
        print(f"error: {to_printable(_error_to_text(error))}; {after}", file=sys.stderr)
        return BROKEN


def _require_extras(parsed: argparse.Namespace, settings: Settings) -> None:
    """ExtraError where something that this night needs is not installed: nobody would see it missing."""
    if not parsed.no_crawl:
        require_extra("crawl", "nightly without --no-crawl")
    if settings.prose and not parsed.crawl_only:
        require_extra("prose", "nightly, unless pipeline.toml says prose = false,")


def _whole_night(plan: Plan, as_json: bool) -> int:
    """Run a whole night and print its digest."""
    from pipeline.nightly.night import nightly

    digests = nightly(plan, now)
    _print_digests(digests, as_json)
    return digests[-1].exit_status


def _crawl_alone(plan: Plan, parsed: argparse.Namespace) -> int:
    """Ask the sites only. The output is short: the digest of the reading night has all of it."""
    from pipeline.nightly.night import DONE, LOOK, crawl_alone

    killed, crawled = crawl_alone(plan, now)
    _print_digests(killed, parsed.json)
    reading = to_command("nightly", "--no-crawl", *parsed_to_given(parsed, *_LASTING))
    print(_crawled_to_json(crawled) if parsed.json else _crawled_to_text(crawled, reading))
    return LOOK if crawled.problem else DONE


def _print_digests(digests: Sequence[Digest], as_json: bool) -> None:
    """Print digests as Markdown or JSON."""
    from pipeline.nightly.digest import digest_to_json, digest_to_markdown

    for digest in digests:
        print(digest_to_json(digest) if as_json else digest_to_markdown(digest))


def _crawled_to_json(crawled: CrawlRecord) -> str:
    """Return the record of a crawl as JSON."""
    import msgspec

    return msgspec.json.encode(crawled).decode()


def _crawled_to_text(crawled: CrawlRecord, reading: str) -> str:
    """Return the record of a crawl in one line; `reading` is the command that reads what it found."""
    from pipeline.nightly.digest import plain

    early = f"; the crawl ended early: {plain(crawled.problem)}" if crawled.problem else ""
    asked = f"sources asked: {len(crawled.sources):,}, requests: {crawled.total:,}"
    return f"{asked}{early}; `{reading}` reads what is new"


def _error_to_text(error: Exception) -> str:
    """Return what went wrong, and what to do if that is known."""
    if isinstance(error, OSError):
        return refusal_to_text(error)
    return str(error) or type(error).__name__


def _stop(number: int, frame: FrameType | None) -> None:
    """Stop as Ctrl-C does: systemd sends SIGTERM, and workers and crawl must end too."""
    raise KeyboardInterrupt
