"""Read a page that is a picture: a scan, outlines, a table pasted as an image. Nothing is interpreted."""

READER = "ocr"
"""The name of the reader of pictures in the tables."""
