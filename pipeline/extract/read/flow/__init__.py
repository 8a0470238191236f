"""Documents without pages (web pages, Word, Excel): their text flows, their tables name rows and columns."""
