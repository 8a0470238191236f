"""Reports as web pages, Word files and spreadsheets: printed, damaged, read, and held against their truth."""
