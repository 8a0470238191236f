"""What a panel of many agency-years costs: `python -m benchmarks.panel [--years 100000]`.

Observations, reports and checks of invented agencies are made (no PDF is read), then timed, each in a process
of its own: making the panels, rates and coverage of them; writing these as Parquet; and asking them
questions by DuckDB and by pandas. Printed and written to benchmarks/.results/panel.json: seconds by the clock
and of CPU, and the most memory that the process held before and during the step (resident, MB).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from pipeline.derive.chain import frames_to_derived
from pipeline.forms import TableForm, load_forms
from pipeline.records import sha256_to_report_id
from pipeline.tables.arrow import arrow_to_frame, frame_to_arrow, table_to_schema
from pipeline.tables.dictionary import STORED, cells, tables
from pipeline.tables.frames import UNPLACED, Frames
from pipeline.tables.schemas import require_valid

RESULTS = Path(__file__).parent / ".results"
SPAN = 10
"""Fiscal years of one agency."""
FIRST = 2016

QUESTIONS = {
    "rate by region and year": """
        select substr(region_code, 1, 2) as province, fiscal_year, median(value), count(*)
        from panel_rates where rate = 'share_granted' and status = 'ok' group by all order by all""",
    "ranking in a year": """
        select agency, value, numerator, denominator from panel_rates
        where rate = 'litigation_rate' and fiscal_year = 2022 and status = 'ok'
        order by value desc limit 20""",
    "applications received by year": """
        select fiscal_year, sum(new_received__total), count(new_received__total)
        from panel_applications group by 1 order by 1""",
    "agency-years that are missing": """
        select fiscal_year, status, count(*) from coverage group by all order by all""",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock and of CPU; MB resident before, and at the most."""

    step: str
    clock: float
    cpu: float
    before_mb: int
    peak_mb: int


# ------------------------------------------------------------- made-up frames


def make_frames(folder: Path, agency_years: int) -> None:
    """Writes the stored tables of so many agency-years; one of ten has no report, half have older forms."""
    rng = np.random.default_rng(0)
    there = np.flatnonzero(rng.random(agency_years) > 0.1)
    agency, year = np.divmod(there, SPAN)
    reports = _reports(agency, year + FIRST)
    columns: dict[str, list[pa.Table]] = {"observations": [], "checks": []}
    for form in load_forms():
        chosen = {"fy2014": year < 3, "fy2019": (year >= 3) & (year < 5), "fy2021": year >= 5}[form.form]
        mine = reports.loc[chosen]
        numbers = rng.poisson(4.0, (len(mine), len(form.units))).astype(float)
        columns["observations"].append(_observations(form, mine, numbers))
        columns["checks"].append(_checks(form, mine))
    write = pyarrow.parquet.write_table
    for name, parts in columns.items():
        write(pa.concat_tables(parts), folder / f"{name}.parquet")
    write(frame_to_arrow("reports", reports), folder / "reports.parquet")


def _reports(agency: Any, year: Any) -> pd.DataFrame:
    hashes = [f"{place:016x}".ljust(64, "0") for place in range(len(agency))]
    names = [f"示例市示例局{place}" for place in agency]
    told: dict[str, Any] = {
        **UNPLACED,
        "report_id": [sha256_to_report_id(each) for each in hashes],
        "sha256": hashes,
        "source_file": [f"{each}.pdf" for each in hashes],
        "reading_version": "1",
        "agency": names,
        "agency_id": names,
        "region_code": [f"{11 + place % 50}{place % 9000:04}" for place in agency],
        "fiscal_year": year,
    }
    plain = {"string": "", "date": None, "int16": 0, "int32": 0, "float32": 0.0, "float64": 0.0}
    blank = {column.name: plain[column.type] for column in tables()["reports"].columns}
    return pd.DataFrame({**blank, **told}).assign(status="ok")[list(blank)]


def _observations(form: TableForm, reports: pd.DataFrame, numbers: Any) -> pa.Table:
    pairs = list(form.units)
    rows, wide = len(reports), len(pairs)
    told = {
        **_shared(reports, wide),
        "table": _constant(form.table, rows * wide),
        "template": _constant(form.form, rows * wide),
        "item": _tiled([item for item, _ in pairs], rows),
        "column": _tiled([column for _, column in pairs], rows),
        "value": pa.array(numbers.ravel()),
        "unit": _tiled([cells()[form.table, *pair] for pair in pairs], rows),
        "raw": pa.array(numbers.ravel().astype(int)).cast(pa.large_string()),
        "status": _constant("ok", rows * wide),
        "match": _constant("exact", rows * wide),
        "seen": _constant("yes", rows * wide),
    }
    return _table("observations", told, rows * wide)


def _checks(form: TableForm, reports: pd.DataFrame) -> pa.Table:
    scopes = [
        (identity.name, label.key)
        for identity in form.identities
        for label in (form.columns if identity.across == "columns" else form.rows)
    ]
    rows, wide = len(reports), len(scopes)
    told = {
        **_shared(reports, wide),
        "table": _constant(form.table, rows * wide),
        "check": _tiled([name for name, _ in scopes], rows),
        "scope": _tiled([scope for _, scope in scopes], rows),
        "verdict": _constant("pass", rows * wide),
    }
    return _table("checks", told, rows * wide)


def _shared(reports: pd.DataFrame, wide: int) -> dict[str, pa.Array]:
    names = ("report_id", "agency", "region_code", "fiscal_year")
    return {name: pa.array(np.repeat(reports[name].to_numpy(), wide)) for name in names}


def _constant(text: str, size: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.large_string()), size)


def _tiled(texts: Sequence[str], times: int) -> pa.Array:
    places = pa.array(np.tile(np.arange(len(texts), dtype=np.int32), times))
    return pa.array(list(texts), pa.large_string()).take(places)


def _table(name: str, told: Mapping[str, pa.Array], size: int) -> pa.Table:
    """The table with its schema; columns that nothing is told of hold 0, 1 or an empty text."""
    schema = table_to_schema(name)
    plain = {pa.large_string(): "-", pa.int16(): 1, pa.int32(): 1, pa.float32(): 1.0, pa.float64(): 0.0}
    arrays = [
        told[field.name].cast(field.type)
        if field.name in told
        else pa.repeat(pa.scalar(plain[field.type], field.type), size)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


# ------------------------------------------------------------------ measured


def load_frames(folder: Path) -> Frames:
    """The stored tables as a run holds them."""

    def frame(name: str) -> pd.DataFrame:
        path = folder / f"{name}.parquet"
        table = pyarrow.parquet.read_table(path) if path.exists() else table_to_schema(name).empty_table()
        return arrow_to_frame(name, table)

    return Frames(**{name: frame(name) for name in STORED})


def measure_making(folder: Path) -> Iterator[Cost]:
    """Loading the stored tables, the derived ones of them, and writing these."""
    frames, cost = _timed("load what is stored", lambda: load_frames(folder))
    yield cost
    derived, cost = _timed("make panels, rates and coverage", lambda: frames_to_derived(frames))
    yield cost
    guarded = {**derived, "reports": frames.reports}
    yield _timed("hold them against the contract", lambda: require_valid(guarded))[1]
    yield _timed("write them as Parquet", lambda: _write(derived, folder))[1]


def measure_asking(folder: Path) -> Iterator[Cost]:
    """Questions to the written tables, by SQL and by pandas."""
    connection = duckdb.connect()
    for path in folder.glob("*.parquet"):
        connection.execute(f"create view {path.stem} as select * from '{path}'")
    for name, query in QUESTIONS.items():
        yield _timed(f"SQL: {name}", partial(_answers, connection, query))[1]
    yield _timed("pandas: read panel_rates whole", lambda: pd.read_parquet(folder / "panel_rates.parquet"))[1]
    chosen = [("rate", "==", "share_granted")]
    path = folder / "panel_rates.parquet"
    yield _timed("pandas: read one rate", lambda: pd.read_parquet(path, filters=chosen))[1]


def _answers(connection: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    return connection.execute(query).fetchall()


def _write(derived: Mapping[str, pd.DataFrame], folder: Path) -> None:
    for name, frame in derived.items():
        table = frame_to_arrow(name, frame)
        pyarrow.parquet.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _timed(step: str, call: Callable[[], Any]) -> tuple[Any, Cost]:
    before, clock, cpu = _memory_mb("VmRSS"), time.perf_counter(), time.process_time()
    outcome = call()
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    return outcome, Cost(step, round(clock, 2), round(cpu, 2), before, _memory_mb("VmHWM"))


def _memory_mb(name: str) -> int:
    """A figure of Linux about this process: VmRSS is what it holds now, VmHWM the most it ever held."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(name))


def _apart(measure: Callable[[Path], Iterator[Cost]], folder: Path) -> list[Cost]:
    """The costs, measured in a fresh process, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_all, (measure, folder))


def _all(measure: Callable[[Path], Iterator[Cost]], folder: Path) -> list[Cost]:
    return list(measure(folder))


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.panel", description=__doc__)
    parser.add_argument("--years", type=int, default=100_000, help="agency-years (default: 100000)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_frames(folder, options.years)
        costs = _apart(measure_making, folder) + _apart(measure_asking, folder)
        sizes = {path.name: path.stat().st_size for path in sorted(folder.glob("*.parquet"))}
        rows = {name: pyarrow.parquet.read_metadata(folder / name).num_rows for name in sizes}
    for cost in costs:
        print(
            f"{cost.step:<34} {cost.clock:7.2f} s, {cost.cpu:7.2f} s CPU, {cost.before_mb:6} MB before,"
            f" {cost.peak_mb:6} MB at most"
        )
    for name, size in sizes.items():
        print(f"{name:<34} {rows[name]:>12,} rows {size / 1e6:8.1f} MB")
    RESULTS.mkdir(parents=True, exist_ok=True)
    told = [asdict(cost) for cost in costs]
    result = {"agency_years": options.years, "costs": told, "rows": rows, "bytes": sizes}
    (RESULTS / "panel.json").write_text(json.dumps(result, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
