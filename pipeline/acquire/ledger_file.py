"""The SQLite file of the ledger: create, recognise, write in whole transactions, explain errors."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.acquire.crashpoints import pass_point
from pipeline.errors import Error
from pipeline.files.regular_file import IrregularFileError, path_to_kind

SCHEMA = 1
"""Version of the tables, in user_version."""

APPLICATION = 0x6E69616E
"""Number in the file's header, "nian", that tells a ledger from other SQLite files."""

BUSY_SECONDS = 60.0
"""Seconds to wait for another writer, whose transactions are short."""

_ADDED = "CREATE TABLE IF NOT EXISTS texts"
"""How the statement begins that makes the one table of which older programs know nothing."""

_SWITCH_PAUSE_SECONDS = 0.01
"""Seconds between two tries to turn on write-ahead logging."""

_COPY = "put back a copy that `verify` finds whole"
_TODO = {
    "SQLITE_FULL": "free space, then run again",
    "SQLITE_IOERR": "free space and check the disk, then run again",
    "SQLITE_BUSY": "another run is writing: wait for its end",
    "SQLITE_READONLY": "check the rights of the file and its folder",
    "SQLITE_CANTOPEN": "check the path and the rights of its folder",
    "SQLITE_NOTADB": f"give another path, or {_COPY}",
    "SQLITE_CORRUPT": _COPY,
}

Values = Mapping[str, Any] | tuple[Any, ...]


class LedgerError(Error):
    """The ledger cannot be opened, read or written. No transaction was half recorded."""


class LedgerFile:
    """An open ledger file, for one thread. Other processes can read at any time, and wait up to
    `busy_seconds` to write."""

    def __init__(self, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path, self._busy_seconds = path, busy_seconds
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            _require_files(path)
            self._connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def rows(self, query: str, values: Values = ()) -> list[sqlite3.Row]:
        """Return the rows of a query. LedgerError if SQLite fails."""
        with self._explained():
            return self._connection.execute(query, values).fetchall()

    def write(self, statement: str, values: Values = ()) -> int:
        """Run one statement inside a transaction; return the id of the row it added."""
        number = self._connection.execute(statement, values).lastrowid
        pass_point("ledger: row written")
        return number or 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything written inside when this ends, or nothing of it. It is on the disk then."""
        with self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                pass_point("ledger: before a commit")
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        pass_point("ledger: after a commit")

    def _prepare(self) -> None:
        """Recognise or create the tables and set the connection up."""
        with self._explained():
            self._connection.row_factory = sqlite3.Row
            # In this order: another process may be making the tables between the two questions.
            if self._pragma("schema_version") and self._pragma("application_id") != APPLICATION:
                raise LedgerError(f"{self.path}: is a SQLite file, but no ledger: give another path")
            self._create_or_recognise()
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")

    def _create_or_recognise(self) -> None:
        """Create the tables in a new file; LedgerError if the file has another schema."""
        if self._pragma("user_version") == 0:
            self._switch_to_wal()
            with self.transaction():
                self._lay_out()
        elif not self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'texts'").fetchone():
            with self.transaction():
                self.write(next(each for each in _statements() if _ADDED in each))
        if (version := self._pragma("user_version")) != SCHEMA:
            raise LedgerError(
                f"{self.path}: has schema {version}, this program knows {SCHEMA}: "
                "a newer program wrote it, update this one"
            )

    def _switch_to_wal(self) -> None:
        """Turn on write-ahead logging. SQLite itself does not wait here if another process creates the
        same file."""
        until = time.monotonic() + self._busy_seconds
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(_SWITCH_PAUSE_SECONDS)

    def _lay_out(self) -> None:
        """Create the tables, unless another process just did."""
        if self._pragma("user_version"):  # another process was faster
            return
        for statement in _statements():
            self.write(statement)
        self.write(f"PRAGMA application_id = {APPLICATION}")
        self.write(f"PRAGMA user_version = {SCHEMA}")

    def _pragma(self, name: str) -> Any:
        """Return the value of a pragma."""
        return self._connection.execute(f"PRAGMA {name}").fetchone()[0]

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn errors of SQLite and of the system into LedgerError that says what to do."""
        try:
            yield
        except (sqlite3.DatabaseError, OSError) as error:
            raise LedgerError(f"{self.path}: {error}: {_error_to_todo(error)}") from error


def _require_files(path: Path) -> None:
    """Raise IrregularFileError if the ledger or a file beside it is a pipe or a device: SQLite would wait
    for ever."""
    for place in (path, *(Path(f"{path}{suffix}") for suffix in ("-wal", "-shm", "-journal"))):
        if kind := path_to_kind(place):
            raise IrregularFileError(f"{place.name} is {kind}, no regular file")


def _statements() -> Iterable[str]:
    """Yield the SQL statements that create the tables."""
    script = Path(__file__).with_name("ledger_schema.sql").read_text(encoding="utf-8")
    return (statement for statement in script.split(";\n") if statement.strip())


def _error_to_todo(error: Exception) -> str:
    """Return what to do about an error of SQLite, by its primary name (SQLITE_IOERR_WRITE → SQLITE_IOERR)."""
    if isinstance(error, IrregularFileError):
        return "move it elsewhere, or give another path"
    name = getattr(error, "sqlite_errorname", "")
    return _TODO.get("_".join(name.split("_")[:2]), "check the file and the disk, then run again")
