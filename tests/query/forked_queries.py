"""Loaded where many queries are asked: their processes are forked, and load no library anew."""

from __future__ import annotations

import multiprocessing

import pyarrow.parquet  # noqa: F401  # so that no query loads it
import pytest

import pipeline.query.result_formats
import pipeline.query.run_query  # noqa: F401

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def forked_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The query processes of a test are forked; tests without this start them as the program does."""
    monkeypatch.setattr("pipeline.query.process.CONTEXT", FORK)
