"""Compound files as old Office programs write them, of a few names and nothing else."""

from __future__ import annotations

from struct import pack

FREE, END, TABLE, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def compound_file(*names: str, within: str = "") -> bytes:
    """A compound file with streams of these names in its root, and one of the name `within` in a storage."""
    streams = [(name, 2, NONE) for name in names]
    inner = [("ObjectPool", 1, len(streams) + 2), (within, 2, NONE)] if within else []
    in_root = len(streams) + (1 if within else 0)
    entries = [_entry("Root Entry", 5, NONE, 1)]
    for number, (name, kind, child) in enumerate([*streams, *inner], start=1):
        entries.append(_entry(name, kind, number + 1 if number < in_root else NONE, child))
    directory = b"".join(entries)
    directory += bytes(-len(directory) % 512)
    sectors = len(directory) // 512
    table = [TABLE, *range(2, sectors + 1), END]
    table += [FREE] * (128 - len(table))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    counts = pack("<IIIIIII", 1, 1, 0, 4096, END, 0, END) + pack("<I", 0)
    header = head + counts + pack("<109I", 0, *[FREE] * 108)
    return header + pack("<128I", *table) + directory


def _entry(name: str, kind: int, right: int, child: int) -> bytes:
    """An entry of the directory: its name, its kind, the next one beside it, the first one in it."""
    raw = name.encode("utf-16-le") + b"\x00\x00"
    head = raw.ljust(64, b"\x00") + pack("<HBBIII", len(raw), kind, 1, NONE, right, child)
    return head + bytes(36) + pack("<IQ", END, 0)
