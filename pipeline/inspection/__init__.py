"""Inspection: one report, or the data dictionary, shown to a person."""
