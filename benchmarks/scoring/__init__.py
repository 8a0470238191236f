"""What a program reads of a document, held against the truth, cell by cell."""
