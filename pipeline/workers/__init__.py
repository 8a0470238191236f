"""Read documents in processes of their own, so that one that crashes, hangs or swells costs only itself."""

from pipeline.workers.inside import hush_readers
from pipeline.workers.pool import tasks_to_reports
from pipeline.workers.tasks import Read, Task, document_to_failure, task_to_report

__all__ = ["Read", "Task", "document_to_failure", "hush_readers", "task_to_report", "tasks_to_reports"]
