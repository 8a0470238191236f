"""How this program is installed and called: the system below it, the extras that are there, its own command."""
