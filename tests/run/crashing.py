"""A reader for the tests of the workers: the name of the file says what becomes of it."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

from pipeline.records import Box, Heading, Observation, Report
from pipeline.workers import Task, document_to_failure


def read(task: Task, passwords: tuple[str, ...]) -> Report:
    name = task.document.snapshot.path.stem
    if "dies" in name:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "aborts" in name:
        os.abort()
    if "hangs" in name:
        time.sleep(60)
    if "swells" in name:
        bytearray(1 << 40)
    if "chatters" in name:
        os.write(2, b"noise on stderr\n")
    return sound_report(task)


def sound_report(task: Task) -> Report:
    """A report with a few cells of the year that ends the name of the file.

    Of files named `carries…`, two years do not fit together; the year of `strange…` breaks the contract.
    """
    empty = replace(document_to_failure(task.document), status="ok", error="")
    name = task.document.snapshot.path.stem
    year = 1 if "strange" in name else int(name[-4:])
    heading = Heading("示例局", year, f"示例局{year}年政府信息公开工作年度报告", None)
    figures = {"new_received": 3.0} | ({"carried_in": 3.0, "carried_out": 5.0} if "carries" in name else {})
    cells = tuple(_cell(task, item, value) for item, value in figures.items())
    return replace(empty, heading=heading, pages=1, observations=cells, readers=("tablers",))


def _cell(task: Task, item: str, value: float) -> Observation:
    return Observation(
        table="applications",
        template="fy2021",
        item=item,
        column="total",
        value=value,
        unit="件",
        raw=f"{value:g}",
        status="ok",
        page=1,
        box=Box(10, 10, 20, 20),
        reader="tablers",
        match="exact",
        row_label="一、本年新收政府信息公开申请数量",
        column_label="总计",
        confirmed_by="pdfplumber" if "applications" in task.confirm else "",
    )
