"""nightly: a night from the sites to the published tables, left alone and run again after any accident."""
