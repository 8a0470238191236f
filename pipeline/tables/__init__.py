"""Tables: `Report` records → the tables and the data package on disk.

Import its modules (`frames`, `folder`, `writer`) only when needed: they load pandas, this package does not.
"""
