"""Try a document again without the engine that failed on it, as long as that can help."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.config import Settings
from pipeline.errors import Error
from pipeline.records import PDF_MEDIA_TYPE, PICTURE_READER, Reason, Report
from pipeline.workers.tasks import Task, document_to_failure, document_to_todo

ATTEMPTS_MAX = 3
"""Count. A document is tried no more often: of three independent readers none is left for a fourth."""

ATTEMPT_MIN_SECONDS = 1.0
"""Seconds. With less time left, no other attempt is made: it would be in vain."""

_WHAT = {
    Reason.TIMEOUT: "ran out of time",
    Reason.MEMORY: "ran out of memory",
    Reason.CRASH: "crashed on it",
    Reason.TEMP_FILES: "filled its temporary files",
    Reason.ERROR: "gave no sound answer",
    Reason.BAD_FILE: "was not asked",
}


class WorkerError(Error):
    """No worker can be started on this machine. The message has the words of the system or of the worker."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt ended without an answer.

    `engine` is the library that was at work, "" before the first and after the last. `detail` has its words,
    "" if there are none. `spent` is the time from the start of the attempt to its end, in seconds.
    """

    reason: Reason
    engine: str
    detail: str
    spent: float

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.engine or 'the library that reads it'} {_WHAT[self.reason]}{detail}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A task, the seconds that are left for its document, and the failures of the earlier attempts."""

    task: Task
    left: float
    failures: tuple[Failure, ...] = ()

    @property
    def seconds(self) -> float:
        """Return the seconds of this attempt: half of what is left, or all of it for the last attempt."""
        return self.left / 2 if len(self.failures) < ATTEMPTS_MAX - 1 else self.left

    def failed(self, failure: Failure, settings: Settings) -> Attempt | Report:
        """Return the next attempt, without the engine that failed.

        Return a report with status failed if there is no next one: too many attempts, too little time, or no
        reader left that can open the file.
        """
        without = self.task.without | ({failure.engine} - {""})
        again = Attempt(
            replace(self.task, without=without), self.left - failure.spent, (*self.failures, failure)
        )
        if (
            len(again.failures) < ATTEMPTS_MAX
            and again.left >= ATTEMPT_MIN_SECONDS
            and _can_be_opened(self.task.document.snapshot.media_type, without)
        ):
            return again
        return _give_up(again, settings)

    def finished(self, report: Report) -> Report:
        """Return the report with the earlier failures written into it.

        A document that made a reader fail never has the status ok.
        """
        if not self.failures:
            return report
        first = self.failures[0].reason
        tried = _join(self.failures)
        if report.status == "failed":
            return replace(report, reason=first, error=f"{tried}; then: {report.error}")
        status = "flagged" if report.status == "ok" else report.status
        words = f"read without what failed on it: {tried}"
        return replace(
            report, status=status, reason=first, error="; ".join(filter(None, (words, report.error)))
        )


def _can_be_opened(media_type: str, without: frozenset[str]) -> bool:
    """Whether a reader is left that can open a file of this kind."""
    if media_type != PDF_MEDIA_TYPE:
        from pipeline.extract.opened_flow import FLOW_READERS

        return FLOW_READERS[media_type].first not in without
    from pipeline.extract.opened_pdf import OPENERS

    return any(step.reader not in without for step in OPENERS)


def _give_up(attempt: Attempt, settings: Settings) -> Report:
    """Return the report, with status failed, of a document that is not tried again."""
    first = attempt.failures[0]
    reason = first.reason
    words = f"{_join(attempt.failures)}: {_remedy(first, attempt.task, settings)}"
    seconds = sum(failure.spent for failure in attempt.failures)
    return document_to_failure(attempt.task.document, words, reason, seconds)


def _join(failures: tuple[Failure, ...]) -> str:
    """Return the failures as words, each of them once."""
    return ", then ".join(dict.fromkeys(map(str, failures)))


def _remedy(failure: Failure, task: Task, settings: Settings) -> str:
    """Return what the user can do about a failure."""
    pictures = f"a page that is a picture may take {settings.picture_seconds:g} s, raise picture_seconds"
    document = f"a document may take {settings.timeout:g} s, raise timeout"
    late = pictures if failure.engine == PICTURE_READER else document
    remedies = {
        Reason.TIMEOUT: f"{late} in pipeline.toml",
        Reason.MEMORY: f"a worker may take {settings.memory_mb} MB, raise memory_mb in pipeline.toml",
        Reason.TEMP_FILES: f"they may take {settings.temp_mb} MB, raise temp_mb in pipeline.toml",
    }
    return remedies.get(failure.reason, document_to_todo(task.document))
