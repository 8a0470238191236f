"""Know how this program is installed and called: its system, its extras, its own command."""
