"""Compare: a folder of tables → one page, one workbook or pictures that set bureaus beside each other.

selection → figures → charts → page, workbook, pictures. Import its modules only when needed: they load
duckdb, pandas and altair, this package does not.
"""
