"""Read .doc and .wps files (binary Word documents) from their own bytes, and have LibreOffice read them too.

The stored text counts: LibreOffice calculates sums anew, and so mends what a bureau printed wrong. What it
reads otherwise is told, for each of the two may lose something without a word.
"""

from __future__ import annotations

import re
import struct
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import olefile

from pipeline.extract.read.backends.office_kit import convert_to_docx
from pipeline.extract.read.flow.blocks import UNSURE, FlowBlock, FlowDocument, FlowTable
from pipeline.extract.read.flow.word_binary import (
    WordFile,
    WordFileError,
    file_to_paragraphs,
    is_locked,
    streams_to_file,
    table_stream_name,
)
from pipeline.extract.read.flow.word_tables import WordBlocks
from pipeline.extract.read.unreadable import UnreadableError, error_to_words
from pipeline.files.regular_file import MB
from pipeline.installation.libreoffice import office_library
from pipeline.records import Reason

READER, SECOND_READER = "doc", "libreoffice"

STREAM_MAX_BYTES = 128 * MB
"""Bytes. A part of such a file that is larger is no report's."""

LOCKED = "it is locked with a password: save it without one"
UNOPENED = "its text cannot be found ({words}): open it in Word or WPS and save it as .docx"
ALONE = (
    "a .doc or .wps file is read by one reader alone where LibreOffice is missing: install it "
    "(libreoffice-writer-nogui), or save the file as .docx"
)
NOT_CONVERTED = (
    "LibreOffice does not open it, or takes too long, so that one reader alone read it: save it as .docx"
)
OTHERWISE = (
    "LibreOffice reads other numbers in its tables ({more} more, {fewer} fewer): save it as .docx and compare"
)
IN_OTHER_ORDER = "LibreOffice reads the numbers of its tables in another order: save it as .docx and compare"

_NUMBER = re.compile(r"[0-9][0-9,.]*")
_WORD_STREAM = "WordDocument"

_CONVERTED_MAX = 1
"""Count. Of as many documents it is kept in memory what LibreOffice made of them."""


def file_to_flow(path: Path) -> FlowDocument:
    """Return the document as its bytes have it. Raises UnreadableError."""
    stored = _stored(path)
    flow = FlowDocument(READER, stored.finished(), "", stored.pictures, tuple(stored.losses))
    return replace(flow, losses=(*flow.losses, *_differences(path, flow, Counter(stored.results))))


def file_to_second_flow(path: Path) -> FlowDocument:
    """Return the document as LibreOffice has it, without numbers that are not stored: it calculates some.

    Raises UnreadableError where there is no LibreOffice, or it fails.
    """
    flow = _by_office(path)
    stored = frozenset(_numbers(_stored(path).finished()))
    return replace(flow, blocks=tuple(_as_stored(block, stored) for block in flow.blocks))


def _as_stored(block: FlowBlock, stored: Collection[str]) -> FlowBlock:
    """Return a block without those numbers in its number cells that no cell of the file has."""
    if not isinstance(block, FlowTable):
        return block
    cells = (
        cell._replace(text=UNSURE)
        if _NUMBER.fullmatch(text := cell.text.strip()) and text not in stored
        else cell
        for cell in block.cells
    )
    return block._replace(cells=tuple(cells))


def _stored(path: Path) -> WordBlocks:
    """Return what the bytes of a document have. Raises UnreadableError."""
    blocks = WordBlocks()
    try:
        file = _open(path)
        blocks.add(file_to_paragraphs(file, 0, file.body))
        blocks.add(file_to_paragraphs(file, *file.boxes))
    except WordFileError as error:
        raise UnreadableError(Reason.UNOPENED, UNOPENED.format(words=error)) from error
    return blocks


def _by_office(path: Path) -> FlowDocument:
    """Return the document as LibreOffice has it. Raises UnreadableError where there is none, or it fails."""
    library = office_library()
    if library is None:
        raise UnreadableError(Reason.UNOPENED, ALONE)
    flow = _converted(path, sha256(path.read_bytes()).hexdigest(), library)
    if flow is None:
        raise UnreadableError(Reason.UNOPENED, NOT_CONVERTED)
    return flow


@lru_cache(maxsize=_CONVERTED_MAX)
def _converted(path: Path, digest: str, library: Path) -> FlowDocument | None:
    """Return a document as LibreOffice has it, None where it fails; `digest` is that of its bytes."""
    reader = import_module("pipeline.extract.read.backends.docx_reader")
    with tempfile.TemporaryDirectory(prefix="docx") as folder:
        docx = convert_to_docx(path, Path(folder), library)
        if docx is None:
            return None
        try:
            flow: FlowDocument = reader.file_to_flow(docx)
        except UnreadableError:
            return None
    return replace(flow, reader=SECOND_READER)


def _open(path: Path) -> WordFile:
    """Return the document of a file. Raises UnreadableError, WordFileError."""
    try:
        with olefile.OleFileIO(str(path)) as container:
            stream = _stream(container, _WORD_STREAM)
            if is_locked(stream):
                raise UnreadableError(Reason.LOCKED, LOCKED)
            data = _stream(container, "Data") if container.exists("Data") else b""
            return streams_to_file(stream, _stream(container, table_stream_name(stream)), data)
    except (OSError, ValueError, IndexError, TypeError, struct.error) as error:
        words = error_to_words(error)
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


def _differences(path: Path, flow: FlowDocument, results: Counter[str]) -> Iterator[str]:
    """Yield in words what LibreOffice reads otherwise, or that it did not read the document.

    The stored results of formulas count; LibreOffice may have others.
    """
    try:
        other = _by_office(path)
    except UnreadableError as error:
        yield str(error)
        return
    own_numbers, other_numbers = _numbers(flow.blocks), _numbers(other.blocks)
    own, others = Counter(own_numbers), Counter(other_numbers)
    calculated = ((own - others) & results).total()
    more, fewer = max((others - own).total() - calculated, 0), (own - others).total() - calculated
    if more or fewer:
        yield OTHERWISE.format(more=more, fewer=fewer)
    elif own_numbers != other_numbers and not calculated:
        yield IN_OTHER_ORDER


def _numbers(blocks: Iterable[FlowBlock]) -> list[str]:
    """Return the numbers that stand alone in cells of tables, in reading order."""
    texts = (cell.text.strip() for block in blocks if isinstance(block, FlowTable) for cell in block.cells)
    return [text for text in texts if _NUMBER.fullmatch(text)]
