"""Tables → datapackage.json, their Frictionless description. It follows from the tables alone: the same
reports give the same bytes on any day and machine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from pipeline.installation.version import VERSION
from pipeline.tables.dictionary import PROSE, REMARK, STORED, Column, Table, coded_values, tables, values
from pipeline.tables.file_names import CODEBOOK, DATABASE
from pipeline.tables.stata import table_to_stata_names
from pipeline.tables.titles import column_to_title

LICENCE = {
    "name": "MIT",
    "path": "https://opensource.org/license/mit",
    "title": "MIT License, for what this program adds: names, titles, keys, places, checks. "
    "The reports are those of the bodies that published them.",
}
REGIONS = {
    "title": "GB/T 2260 中华人民共和国行政区划代码, all codes since 2007 (places/regions.csv of this program)"
}
MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "dta": "application/x-stata-dta",
}

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
    exported: Mapping[str, pd.DataFrame],
    formats: Collection[str],
    checksums: Mapping[str, Checksum],
    set_name: str,
) -> dict[str, Any]:
    """Return the content of datapackage.json for these tables and formats; `checksums` are by file name.

    `version` is that of the program and the name of the set of tables. `created` is the day on which the last
    of the reports was published: when the files were written would differ from run to run.
    """
    there = [name for name in tables() if name in exported]
    versions = sorted(exported["reports"]["reading_version"].unique())
    return {
        "profile": "tabular-data-package",
        "name": "government-information-disclosure-annual-reports",
        "title": "政府信息公开工作年度报告",
        "description": REMARK,
        "version": f"{VERSION}+{set_name}",
        **_created(exported["reports"]),
        "licenses": [LICENCE],
        "sources": [*reports_to_sources(exported["reports"]), REGIONS],
        "contract_version": 2,
        "reading_version": "+".join(versions),
        "counts": {name: len(exported[name]) for name in there},
        "resources": [
            _resource(tables()[name], len(exported[name]), fmt, checksums[f"{name}.{fmt}"])
            for name in there
            for fmt in formats
            if fmt in MEDIA_TYPES
        ]
        + [_codebook(checksums[CODEBOOK]), *([_DATABASE] if "duckdb" in formats else [])],
    }


_DATABASE = {
    "name": DATABASE,
    "path": DATABASE,
    "format": "duckdb",
    "mediatype": "application/vnd.duckdb",
    "description": "All tables with views and comments in one file; the same tables give it other bytes.",
}


def reports_to_created(reports: pd.DataFrame) -> datetime | None:
    """Return the day on which the last of these reports was published, None if none has a date."""
    told = reports["published_on"].dropna()
    return datetime.fromisoformat(told.max()) if len(told) else None


def reports_to_sources(reports: pd.DataFrame) -> Iterator[dict[str, str]]:
    """Yield the sites that published these reports, and how many are files without an address."""
    files = reports.drop_duplicates("sha256")["source_url"]
    sites = Counter(_to_site(url) for url in files.dropna())
    for site, count in sorted(sites.items()):
        yield {"title": f"{site.partition('://')[2]}: {_files(count)}", "path": f"{site}/"}
    if unknown := int(files.isna().sum()):
        yield {"title": f"{_files(unknown)} given without an address"}


def _created(reports: pd.DataFrame) -> dict[str, str]:
    """Return the key `created` as Frictionless writes times, nothing if it is not known."""
    created = reports_to_created(reports)
    return {"created": f"{created:%Y-%m-%dT%H:%M:%SZ}"} if created else {}


def _files(count: int) -> str:
    return f"{count:,} file{'s' if count > 1 else ''}"


def _to_site(url: str) -> str:
    """Return scheme and host of an address."""
    scheme, _, rest = url.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    return f"{scheme}://{host}"


def _codebook(checksum: Checksum) -> dict[str, Any]:
    """Return the description of the codebook."""
    return {
        "name": CODEBOOK,
        "path": CODEBOOK,
        "format": "html",
        "mediatype": "text/html",
        "encoding": "utf-8",
        "description": "变量说明: every table and column, in Chinese and English, for people.",
        "bytes": checksum.size,
        "hash": f"sha256:{checksum.hash}",
    }


def _resource(table: Table, rows: int, fmt: str, checksum: Checksum) -> dict[str, Any]:
    """Return the description of one file."""
    return {
        "profile": "tabular-data-resource",
        "name": f"{table.name}.{fmt}",
        "path": f"{table.name}.{fmt}",
        "format": fmt,
        "mediatype": MEDIA_TYPES[fmt],
        "encoding": "utf-8",
        "description": table.meaning,
        "bytes": checksum.size,
        "hash": f"sha256:{checksum.hash}",
        "rows": rows,
        "schema": _schema(table, fmt),
    }


def _schema(table: Table, fmt: str) -> dict[str, Any]:
    """Return the fields and keys of a table."""
    schema: dict[str, Any] = {"fields": [_field(table.name, column, fmt) for column in table.columns]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.name in (*STORED, *PROSE) and table.name != "reports":
        reference = {"resource": f"reports.{fmt}", "fields": "report_id"}
        schema["foreignKeys"] = [{"fields": "report_id", "reference": reference}]
    return schema


def _field(table: str, column: Column, fmt: str) -> dict[str, Any]:
    """Return the description of a column in a file of this format."""
    in_stata = fmt == "dta"
    coded = in_stata and bool(coded_values(table, column.name))
    name = table_to_stata_names(table)[column.name] if in_stata else column.name
    field: dict[str, Any] = {"name": name, "type": "integer" if coded else FIELD_TYPES[column.type]}
    if column.unit:
        field["unit"] = column.unit
    field["title"] = column_to_title(table, column.name)
    field["description"] = column.meaning
    allowed = values(table, column.name)
    if allowed and not coded:
        field["constraints"] = {"enum": list(allowed)}
    return field
