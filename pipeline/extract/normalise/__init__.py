"""Turn printed phrases into numbers, and lines into titles, chapters and paragraphs."""
