"""Arrow tables → one file of DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

STORAGE = "v1.0.0"
"""The oldest version of DuckDB that can open the file."""


def write_database(path: Path, tables: Mapping[str, pa.Table], statements: Iterable[str]) -> None:
    """Write the tables, and run the statements over them: views and comments.

    DuckDB puts random bytes into each file: the same tables give another file. Raises duckdb.Error, and
    ImportError where the extra [compare] is not installed.
    """
    import duckdb

    with duckdb.connect() as connection:
        place = str(path).replace("'", "''")
        connection.execute(f"ATTACH '{place}' AS made (STORAGE_VERSION '{STORAGE}')")
        connection.execute("USE made")
        for name, table in tables.items():
            connection.register("handed_over", table)
            connection.execute(f"CREATE TABLE {quoted(name)} AS FROM handed_over")
            connection.unregister("handed_over")
        for statement in statements:
            connection.execute(statement)
        connection.execute("USE memory")
        connection.execute("DETACH made")


def quoted(name: str) -> str:
    """Return a name as SQL quotes it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
