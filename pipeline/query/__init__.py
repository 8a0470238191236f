"""query: a processed folder as DuckDB views, for `sql` and for `compare`; what it opens it cannot change.

Import its modules when asking: they load duckdb and pyarrow, this does not.
"""
