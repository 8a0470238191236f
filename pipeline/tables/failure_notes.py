"""Failures that other settings may cure, noted with the settings of the run, so that they are tried again.

The notes lie beside the tables and only their owner can read them. Passwords are never in them, only their
digest, salted and slow to compute.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.files.durable import written_beside
from pipeline.files.regular_file import read_json
from pipeline.records import Reason, Report
from pipeline.tables.out_folder import out_to_beside

LIMITED = frozenset({Reason.TIMEOUT, Reason.MEMORY, Reason.TEMP_FILES, Reason.CRASH})
"""Failures that the limits of a worker can cause. A library without memory may simply crash."""

_SALT_BYTES = 16
"""Bytes of the random salt of the passwords' digest."""

_SCRYPT_COST, _SCRYPT_BLOCKS = 1 << 14, 8
"""Numbers of scrypt, its N and r. With these a digest takes 50 ms and 16 MB."""


@dataclass(frozen=True, slots=True)
class FailureNotes:
    """A mark for every content (SHA-256) that failed with other than the default settings."""

    salt: str
    marks: Mapping[str, str]

    def is_due(self, sha256: str, reason: str | None, settings: Settings) -> bool:
        """Whether a document failed for this reason with other settings than these, and is to be read
        again."""
        return self.marks.get(sha256, "") != _mark(reason, settings, self.salt)

    def with_reports(self, reports: Iterable[Report], settings: Settings) -> FailureNotes:
        """Return the notes with the outcomes of these reports added."""
        fresh = {report.sha256: _mark(report.reason, settings, self.salt) for report in reports}
        return replace(self, marks={name: mark for name, mark in {**self.marks, **fresh}.items() if mark})


def load_notes(out: Path) -> FailureNotes:
    """Return the notes on the tables in `out`; new empty ones if there are none or they cannot be read."""
    try:
        noted = read_json(_place(out))
        return FailureNotes(str(noted["salt"]), {str(key): str(mark) for key, mark in noted["marks"].items()})
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return FailureNotes(secrets.token_hex(_SALT_BYTES), {})


def save_notes(before: FailureNotes, notes: FailureNotes, out: Path) -> None:
    """Write the notes if they changed. Without marks the file is removed."""
    if notes.marks == before.marks:
        return
    if not notes.marks:
        _place(out).unlink(missing_ok=True)
        return
    noted: dict[str, Any] = {"salt": notes.salt, "marks": dict(sorted(notes.marks.items()))}
    with written_beside(_place(out), 0o600) as file:
        file.write(json.dumps(noted, indent=1).encode())


def _place(out: Path) -> Path:
    """Return the path of the notes on the tables in `out`."""
    return out_to_beside(out, "settings.json")


def _mark(reason: str | None, settings: Settings, salt: str) -> str:
    """Return the settings that decided this outcome as one text; "" for the defaults, or if none decided."""
    if reason == Reason.LOCKED and settings.passwords:
        return _digest(settings.passwords, salt)
    limits, default = (
        f"{some.timeout:g} s {some.memory_mb} {some.temp_mb} MB" + _pictures(some)
        for some in (settings, Settings())
    )
    return limits if reason in LIMITED and limits != default else ""


def _pictures(settings: Settings) -> str:
    """Return how long a page that is a picture may take; "" for the default, which old notes do not tell."""
    more = settings.picture_seconds
    return "" if more == Settings().picture_seconds else f" {more:g} s a picture"


@cache
def _digest(passwords: tuple[str, ...], salt: str) -> str:
    """Return a digest of the passwords. It is slow, so that guessing is expensive."""
    return hashlib.scrypt(
        json.dumps(passwords).encode(), salt=salt.encode(), n=_SCRYPT_COST, r=_SCRYPT_BLOCKS, p=1
    ).hex()
