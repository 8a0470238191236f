"""Read documents in separate processes. One that crashes, hangs or takes too much memory harms no other."""

from pipeline.workers.attempts import Failure, WorkerError
from pipeline.workers.pool import file_to_answer, tasks_to_reports
from pipeline.workers.progress_note import silence_libraries
from pipeline.workers.tasks import Read, Task, document_to_failure, task_to_report

__all__ = [
    "Failure",
    "Read",
    "Task",
    "WorkerError",
    "document_to_failure",
    "file_to_answer",
    "silence_libraries",
    "task_to_report",
    "tasks_to_reports",
]
