"""Reports with damaged bytes. What their pages show stays as it was, so that the truth does too.

Damage of every other kind: benchmarks.mutants.
"""

from __future__ import annotations

import re
from random import Random

from .objects import plain

FLIPS = 2


def with_flipped_bytes(pdf: bytes, rng: Random) -> bytes:
    """Return the file with some bytes changed within what its fonts say of their characters."""
    changed = bytearray(plain(pdf))
    for start, end in _maps(bytes(changed)):
        for _ in range(FLIPS):
            changed[rng.randrange(start, end)] ^= rng.randint(1, 255)
    return bytes(changed)


def _maps(pdf: bytes) -> list[tuple[int, int]]:
    """Return where the maps from codes to characters begin and end."""
    numbers = {int(number) for number in re.findall(rb"/ToUnicode (\d+) 0 R", pdf)}
    found = []
    for number in sorted(numbers):
        head = re.search(rb"[\r\n]%d 0 obj\b.*?stream\r?\n" % number, pdf, re.DOTALL)
        if head:
            found.append((head.end(), pdf.index(b"endstream", head.end())))
    return found
