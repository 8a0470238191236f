"""Reports that are printed, degraded as paper and scanners degrade them, and read again as pictures."""
