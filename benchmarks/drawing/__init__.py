"""What `python -m benchmarks.report` draws and writes with: results, goals, plots, pages, the words."""
