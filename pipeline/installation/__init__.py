"""How this program is installed and called: its system, the extras that are there, its own command."""
