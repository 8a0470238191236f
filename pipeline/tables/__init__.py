"""export: `Report` records → the tables, panels and data package of the contract.

Import its modules (`frames`, `folder`, `writer`, `panels`) when exporting: they load pandas, this does not.
"""
