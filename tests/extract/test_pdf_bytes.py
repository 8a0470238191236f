"""What the bytes of a file tell of its streams and pages, whatever an engine makes of them."""

from __future__ import annotations

import zlib

import pytest

from pipeline.extract.pdf_bytes import INSPECTED_MAX_BYTES, ByteFacts, data_to_byte_facts

PAGES = b"<< /Type /Page >> << /Type /Pages >> << /Type/Page /Parent 1 0 R >>"
WORDS = bytes(range(256)) * 40
PACKED = zlib.compress(WORDS)


def flushed(data: bytes) -> bytes:
    """Packed by a writer that flushes and never ends."""
    packer = zlib.compressobj()
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


def look(*streams: tuple[bytes, bytes], around: bytes = b"") -> ByteFacts | None:
    """A look at a file of these streams, each a piece of dictionary and its bytes."""
    parts = [
        b"%d 0 obj\n<< %s >>\nstream\n%s\nendstream\nendobj\n" % (number, *stream)
        for number, stream in enumerate(streams, 1)
    ]
    return data_to_byte_facts(b"%PDF-1.7\n" + around + b"".join(parts))


@pytest.mark.parametrize(
    ("packed", "damaged"),
    [
        (PACKED, 0),
        (PACKED[:-4] + b"bad!", 1),
        (PACKED[:-300], 1),
        (b"no flate at all", 1),
        (b"", 1),
        (PACKED[:-4], 0),
        (flushed(WORDS), 0),
        (PACKED + b"what follows", 0),
    ],
    ids=["whole", "bad sum", "cut", "other", "empty", "no sum", "only flushed", "more behind"],
)
def test_a_stream_is_damaged_where_it_does_not_give_what_its_checksum_says(
    packed: bytes, damaged: int
) -> None:
    assert look((b"/Filter /FlateDecode", packed)) == ByteFacts(damaged, 0)


def test_every_damaged_stream_counts() -> None:
    flate, bad = b"/Length 9 /Filter [/FlateDecode]", PACKED[:50]
    assert look((flate, bad), (flate, PACKED), (flate, bad)) == ByteFacts(2, 0)


@pytest.mark.parametrize(
    ("length", "packed", "damaged"),
    [(b"0", b"", 0), (b"0", b"\r\n", 0), (b"0", PACKED[:50], 1), (b"0 0 R", b"", 1), (b"05", b"", 1)],
)
def test_a_stream_that_says_to_be_empty_is_no_damage(length: bytes, packed: bytes, damaged: int) -> None:
    """A library adds a blank page with such a stream."""
    flate = b"/Length " + length + b" /Filter /FlateDecode"
    assert look((flate, packed)) == ByteFacts(damaged, 0)


@pytest.mark.parametrize("others", [b"/Filter /DCTDecode", b"/Filter [/ASCII85Decode /FlateDecode]", b""])
def test_what_flate_does_not_unpack_first_is_not_judged(others: bytes) -> None:
    assert look((others, b"whatever")) == ByteFacts(0, 0)


def test_a_broken_picture_costs_no_number() -> None:
    picture = b"/Type /XObject /Subtype /Image /Filter /FlateDecode"
    assert look((picture, PACKED[:50])) == ByteFacts(0, 0)


def test_pages_are_counted_among_plain_and_packed_objects() -> None:
    objects = b"/Type /ObjStm /N 2 /First 9 /Filter /FlateDecode"
    assert look((objects, zlib.compress(PAGES)), around=PAGES) == ByteFacts(0, 4)
    assert look((b"/Filter /FlateDecode", zlib.compress(PAGES))) == ByteFacts(0, 0)


def test_an_encrypted_file_is_not_looked_into() -> None:
    assert look((b"/Filter /FlateDecode", b"locked"), around=b"<< /Encrypt 9 0 R >>") is None


def test_a_bomb_is_looked_at_no_further_than_it_takes() -> None:
    bomb = zlib.compress(bytes(INSPECTED_MAX_BYTES + (1 << 20)), 9)[:-4] + b"bad!"
    assert look((b"/Filter /FlateDecode", bomb)) == ByteFacts(0, 0)
