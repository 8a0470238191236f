"""Derive: tables made of tables: places, checks across years, panels, rates, coverage, prose."""
