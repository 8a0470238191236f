"""`nightly`: from the sites to the published tables, without anybody looking."""

from __future__ import annotations

import argparse
import errno
import signal
import sys
from types import FrameType

from pipeline.cli.options import (
    INTERRUPTED,
    add_config,
    add_formats,
    add_jobs,
    add_json,
    add_out,
    add_raw,
    add_sources,
    check_out,
    now,
    parsed_to_settings,
)

NAME, WHAT = "nightly", "fetch, read, compare with the last good release, publish"
EXAMPLES = """\
examples:
  python -m pipeline nightly
  python -m pipeline nightly --sources sources.toml --raw data/raw --out data/processed
  python -m pipeline nightly --no-crawl            read and publish what is in the store
  python -m pipeline nightly --accept              publish although a gate failed, after a look

stdout has what is new as Markdown (or JSON), ready for a mail or a chat hook; data/nights keeps it, stderr
has the log. --out is a link to the newest release that passed the gates. What a killed or stopped night did
is not lost: the next one goes on from there.

pipeline.toml may say:
  lost_documents, lost_cells, lost_checks = 0.01   shares that may be missing, of what was there before
  batch = 250                                      documents read between two saves

exit status: 0 done; 1 done, and a document could not be read or the crawl ended early; 2 wrong usage or
configuration; 3 not published: a gate failed, the last good release stays; 4 another night is running, or a
run into --out did not end within an hour; 5 broken off (disk, ledger, a defect); 130 stopped. After 3, 4, 5
and 130 readers see a release that is whole."""


def add_options(sub: argparse.ArgumentParser) -> None:
    add_sources(sub)
    add_raw(sub)
    add_out(sub, "the tables for readers")
    sub.add_argument("--no-crawl", action="store_true", help="ask no site")
    sub.add_argument("--accept", action="store_true", help="publish although a gate failed")
    add_jobs(sub)
    add_formats(sub)
    add_json(sub)
    add_config(sub)


def command(parsed: argparse.Namespace) -> int:
    """One night; the exit status says how it ended."""
    from pipeline.acquire import PathError
    from pipeline.acquire.sources import load_sources
    from pipeline.logs import get_log, start_logs
    from pipeline.nightly.digest import digest_to_json, digest_to_markdown
    from pipeline.nightly.lock import BusyError
    from pipeline.nightly.night import BROKEN, BUSY, Plan, nightly
    from pipeline.written import WrittenError

    check_out(parsed.out)
    plan = Plan(
        parsed.raw,
        parsed.out,
        parsed_to_settings(parsed.config, parsed.jobs),
        None if parsed.no_crawl else load_sources(parsed.sources),
        parsed.formats,
        parsed.accept,
    )
    start_logs()
    signal.signal(signal.SIGTERM, _stop)
    try:
        digests = nightly(plan, now)
    except BusyError as error:
        print(f"error: {error}", file=sys.stderr)
        return BUSY
    except KeyboardInterrupt:
        print("stopped: the next night goes on from here", file=sys.stderr)
        return INTERRUPTED
    except (PathError, WrittenError):
        raise
    except Exception as error:  # whatever it was, what readers see is whole
        get_log("night").exception("night broken off", error=str(error))
        after = "readers see the last good release, the next night goes on from here"
        print(f"error: {_error_to_text(error)}; {after}", file=sys.stderr)
        return BROKEN
    for digest in digests:
        print(digest_to_json(digest) if parsed.json else digest_to_markdown(digest))
    return digests[-1].exit_status


def _error_to_text(error: Exception) -> str:
    """What went wrong, and what to do where that is known."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return f"{error}: free space, then run again" if full else str(error) or type(error).__name__


def _stop(number: int, frame: FrameType | None) -> None:
    """systemd stops with SIGTERM: as Ctrl-C, so that workers and crawl end too."""
    raise KeyboardInterrupt
