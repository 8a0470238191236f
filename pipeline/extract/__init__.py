"""Extract: one document → one Report. Everything that decides what a number is stands here."""
