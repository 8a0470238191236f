"""Query: a folder of tables as DuckDB views, for `sql` and `compare`; the query cannot change or open
anything.

Import its modules only when needed: they load duckdb and pyarrow, this package does not.
"""
