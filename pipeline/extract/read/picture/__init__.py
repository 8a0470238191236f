"""Read a page that is a picture: a scan, outlines, a table pasted as an image. Nothing is interpreted."""
