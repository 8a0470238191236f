"""Traps: what readers of web pages, Word files and spreadsheets fall into, each put into a generated file."""
