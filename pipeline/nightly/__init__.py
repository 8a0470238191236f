"""A night: sites → store → tables → published release, unattended, and safe to run again after any
accident."""
