"""Panels, rates, coverage and checks, computed a second time by other means, and held against what was
written."""
