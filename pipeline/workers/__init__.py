"""Read documents in processes of their own, so that one that crashes, hangs or swells costs only itself."""

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
