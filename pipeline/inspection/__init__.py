"""inspection: one report, or the data dictionary, for a person's eyes."""
