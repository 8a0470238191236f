"""compare: a processed folder → one page, one workbook or pictures that set bureaus beside each other.

selection → figures → charts → page, workbook, pictures. Import its modules when comparing: they load
duckdb, pandas and altair, this does not.
"""
