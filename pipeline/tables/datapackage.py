"""Tables → datapackage.json, their Frictionless description, without times and machine names, so that it
is reproducible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.tables.dictionary import PROSE, REMARK, STORED, Column, Table, tables, values

FIELD_TYPES = {
    "string": "string",
    "date": "date",
    "int16": "integer",
    "int32": "integer",
    "float32": "number",
    "float64": "number",
}


@dataclass(frozen=True, slots=True)
class Checksum:
    """The size of a file in bytes and its SHA-256, by which a file of another set is recognised."""

    size: int
    hash: str


def frames_to_package(
    exported: Mapping[str, pd.DataFrame], formats: Iterable[str], checksums: Mapping[str, Checksum]
) -> dict[str, Any]:
    """Return the content of datapackage.json for these tables and formats; `checksums` are by file name."""
    there = [name for name in tables() if name in exported]
    versions = sorted(exported["reports"]["reading_version"].unique())
    return {
        "profile": "tabular-data-package",
        "name": "government-information-disclosure-annual-reports",
        "title": "政府信息公开工作年度报告",
        "description": REMARK,
        "contract_version": 1,
        "reading_version": "+".join(versions),
        "counts": {name: len(exported[name]) for name in there},
        "resources": [
            _resource(tables()[name], len(exported[name]), fmt, checksums[f"{name}.{fmt}"])
            for name in there
            for fmt in formats
        ],
    }


def _resource(table: Table, rows: int, fmt: str, checksum: Checksum) -> dict[str, Any]:
    """Return the description of one file."""
    return {
        "profile": "tabular-data-resource",
        "name": f"{table.name}.{fmt}",
        "path": f"{table.name}.{fmt}",
        "format": fmt,
        "mediatype": {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}[fmt],
        "encoding": "utf-8",
        "description": table.meaning,
        "bytes": checksum.size,
        "hash": f"sha256:{checksum.hash}",
        "rows": rows,
        "schema": _schema(table, fmt),
    }


def _schema(table: Table, fmt: str) -> dict[str, Any]:
    """Return the fields and keys of a table."""
    schema: dict[str, Any] = {"fields": [_field(table.name, column) for column in table.columns]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.name in (*STORED, *PROSE) and table.name != "reports":
        reference = {"resource": f"reports.{fmt}", "fields": "report_id"}
        schema["foreignKeys"] = [{"fields": "report_id", "reference": reference}]
    return schema


def _field(table: str, column: Column) -> dict[str, Any]:
    """Return the description of a column."""
    field: dict[str, Any] = {"name": column.name, "type": FIELD_TYPES[column.type]}
    if column.unit:
        field["unit"] = column.unit
    field["description"] = column.meaning
    if allowed := values(table, column.name):
        field["constraints"] = {"enum": list(allowed)}
    return field
