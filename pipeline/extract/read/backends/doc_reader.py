"""Read .doc and .wps files (binary Word documents) from their own bytes, and have LibreOffice read them too.

The stored text counts: LibreOffice calculates sums anew, and so mends what a bureau printed wrong. What it
reads otherwise is told, for each of the two may lose something without a word.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import olefile

from pipeline.extract.read.backends.office_kit import convert_to_docx, office_folder
from pipeline.extract.read.flow.blocks import FlowDocument, FlowTable
from pipeline.extract.read.flow.word_binary import (
    WordFile,
    WordFileError,
    file_to_paragraphs,
    is_locked,
    streams_to_file,
    table_stream_name,
)
from pipeline.extract.read.flow.word_tables import WordBlocks
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.files.regular_file import MB
from pipeline.records import Reason

READER, SECOND_READER = "doc", "libreoffice"

STREAM_MAX_BYTES = 128 * MB
"""Bytes. A part of such a file that is larger is no report's."""

LOCKED = "it is locked with a password: save it without one"
RICH_TEXT = "it is rich text (RTF), which is not read: open it in Word or WPS and save it as .docx"
UNOPENED = "its text cannot be found ({words}): open it in Word or WPS and save it as .docx"
ALONE = (
    "a .doc or .wps file is read by one reader alone where LibreOffice is missing: install it "
    "(libreoffice-writer-nogui), or save the file as .docx"
)
NOT_CONVERTED = "LibreOffice does not open it, so that one reader alone read it: save it as .docx"
OTHERWISE = (
    "LibreOffice reads other numbers in its tables ({more} more, {fewer} fewer): save it as .docx and compare"
)

_RTF = b"{\\rtf"
_NUMBER = re.compile(r"[0-9][0-9,.]*")
_WORD_STREAM = "WordDocument"


def file_to_flow(path: Path) -> FlowDocument:
    """Return the document as its bytes have it. Raises UnreadableError."""
    blocks = WordBlocks()
    try:
        file = _open(path)
        blocks.add(file_to_paragraphs(file, 0, file.body))
        blocks.add(file_to_paragraphs(file, *file.boxes))
    except WordFileError as error:
        raise UnreadableError(Reason.UNOPENED, UNOPENED.format(words=error)) from error
    flow = FlowDocument(READER, blocks.finished(), "", blocks.pictures, tuple(blocks.losses))
    return replace(flow, losses=(*flow.losses, *_differences(path, flow)))


def file_to_second_flow(path: Path) -> FlowDocument:
    """Return the document as LibreOffice has it. Raises UnreadableError where there is none, or it fails."""
    program = office_folder()
    if program is None:
        raise UnreadableError(Reason.UNOPENED, ALONE)
    flow = _converted(path, sha256(path.read_bytes()).hexdigest(), program)
    if flow is None:
        raise UnreadableError(Reason.UNOPENED, NOT_CONVERTED)
    return flow


@lru_cache(maxsize=1)
def _converted(path: Path, digest: str, program: Path) -> FlowDocument | None:
    """Return a document as LibreOffice has it, None where it fails; `digest` is that of its bytes."""
    reader = import_module("pipeline.extract.read.backends.docx_reader")
    with tempfile.TemporaryDirectory(prefix="docx") as folder:
        docx = convert_to_docx(path, Path(folder), program)
        if docx is None:
            return None
        try:
            flow: FlowDocument = reader.file_to_flow(docx)
        except UnreadableError:
            return None
    return replace(flow, reader=SECOND_READER)


def _open(path: Path) -> WordFile:
    """Return the document of a file. Raises UnreadableError, WordFileError."""
    with path.open("rb") as given:
        if given.read(len(_RTF)) == _RTF:
            raise UnreadableError(Reason.UNOPENED, RICH_TEXT)
    try:
        with olefile.OleFileIO(str(path)) as container:
            stream = _stream(container, _WORD_STREAM)
            if is_locked(stream):
                raise UnreadableError(Reason.LOCKED, LOCKED)
            data = _stream(container, "Data") if container.exists("Data") else b""
            return streams_to_file(stream, _stream(container, table_stream_name(stream)), data)
    except (OSError, ValueError, IndexError, TypeError) as error:
        words = " ".join(str(error).split())[:80]
        raise UnreadableError(Reason.UNOPENED, UNOPENED.format(words=words)) from error


def _stream(container: olefile.OleFileIO, name: str) -> bytes:
    """Return a part of a file."""
    if not container.exists(name):
        raise WordFileError(f"it has no part {name}")
    if container.get_size(name) > STREAM_MAX_BYTES:
        raise WordFileError(f"its part {name} has more than {STREAM_MAX_BYTES // MB} MB")
    data: bytes = container.openstream(name).read()
    return data


# --------------------------------------------------------- the other reading


def _differences(path: Path, flow: FlowDocument) -> Iterator[str]:
    """Yield in words what LibreOffice reads otherwise, or that it did not read the document."""
    try:
        other = file_to_second_flow(path)
    except UnreadableError as error:
        yield str(error)
        return
    own, others = _numbers(flow), _numbers(other)
    more, fewer = (others - own).total(), (own - others).total()
    if more or fewer:
        yield OTHERWISE.format(more=more, fewer=fewer)


def _numbers(flow: FlowDocument) -> Counter[str]:
    """Return the numbers that stand alone in cells of tables, and how often each does."""
    texts = (
        cell.text.strip() for block in flow.blocks if isinstance(block, FlowTable) for cell in block.cells
    )
    return Counter(text for text in texts if _NUMBER.fullmatch(text))
