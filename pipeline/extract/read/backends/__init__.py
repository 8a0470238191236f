"""The readers: one file for each engine that reads a PDF. None of them knows a form."""
