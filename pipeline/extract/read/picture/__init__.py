"""Read a page that is a picture: a scan, outlines, a table pasted as an image. Nothing is interpreted."""

from importlib.util import find_spec

READER = "ocr"
"""The name of the reader of pictures in the tables."""

NEEDED = ("onnxruntime", "rapidocr")
"""The packages of the extra `scan`, which a plain installation does not have."""


def is_installed() -> bool:
    """Whether pictures can be read: what the recogniser needs is installed."""
    return all(find_spec(name) for name in NEEDED)
