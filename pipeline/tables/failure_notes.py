"""Failures that other settings may mend, and with which settings each came about: those are tried again.

What is noted is kept beside the tables, readable by its owner alone. Passwords are never in it: their
digest is salted and slow, so that even who has the file has to guess.
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
"""What the limits of a worker decide; libraries that get no more memory may crash without a word."""


@dataclass(frozen=True, slots=True)
class FailureNotes:
    """A mark for every content (SHA-256) that failed with other settings than the default ones."""

    salt: str
    marks: Mapping[str, str]

    def is_due(self, sha256: str, reason: str | None, settings: Settings) -> bool:
        """Whether a document came out so with other settings than these."""
        return self.marks.get(sha256, "") != _mark(reason, settings, self.salt)

    def with_reports(self, reports: Iterable[Report], settings: Settings) -> FailureNotes:
        """The notes with what these reports came out with."""
        fresh = {report.sha256: _mark(report.reason, settings, self.salt) for report in reports}
        return replace(self, marks={name: mark for name, mark in {**self.marks, **fresh}.items() if mark})


def load_notes(out: Path) -> FailureNotes:
    """The notes on the tables in `out`; none where there are none or they cannot be read."""
    try:
        noted = read_json(_place(out))
        return FailureNotes(str(noted["salt"]), {str(key): str(mark) for key, mark in noted["marks"].items()})
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return FailureNotes(secrets.token_hex(16), {})


def save_notes(before: FailureNotes, notes: FailureNotes, out: Path) -> None:
    """Writes the notes where they changed; there is no file where there is nothing to note."""
    if notes.marks == before.marks:
        return
    if not notes.marks:
        _place(out).unlink(missing_ok=True)
        return
    noted: dict[str, Any] = {"salt": notes.salt, "marks": dict(sorted(notes.marks.items()))}
    with written_beside(_place(out), 0o600) as file:
        file.write(json.dumps(noted, indent=1).encode())


def _place(out: Path) -> Path:
    return out_to_beside(out, "settings.json")


def _mark(reason: str | None, settings: Settings, salt: str) -> str:
    """The settings that decided on this outcome in one word; "" for the default ones, and where none did."""
    if reason == Reason.LOCKED and settings.passwords:
        return _digest(settings.passwords, salt)
    limits, default = (
        f"{some.timeout:g} s {some.memory_mb} {some.temp_mb} MB" for some in (settings, Settings())
    )
    return limits if reason in LIMITED and limits != default else ""


@cache
def _digest(passwords: tuple[str, ...], salt: str) -> str:
    """Takes 50 ms and 16 MB, so that guessing is dear."""
    return hashlib.scrypt(json.dumps(passwords).encode(), salt=salt.encode(), n=1 << 14, r=8, p=1).hex()
