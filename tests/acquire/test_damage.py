"""A damaged copy of what was known is told from another version of it."""

from __future__ import annotations

import pytest

from pipeline.acquire.damage import body_to_damage

FIRST = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
ADDED = FIRST + b"2 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
RECODED = b"%PDF-1.4\n" + "é".encode() * 200 + FIRST[9:]
OTHER = FIRST.replace(b"<<>>", b"<</Other true>>")


@pytest.mark.parametrize("length", [20, len(ADDED) - 12, len(ADDED) - 2, len(FIRST) + 3])
def test_the_beginning_of_what_was_known_is_a_cut_copy(length: int) -> None:
    damage = body_to_damage(ADDED[:length], lambda: ADDED)
    assert damage == f"cut on the way: it holds the first {length} of {len(ADDED)} bytes of what was known"


@pytest.mark.parametrize("body", [OTHER[:-7], OTHER[:-7] + bytes(4000), RECODED])
def test_another_version_that_came_damaged(body: bytes) -> None:
    assert body_to_damage(body, lambda: FIRST).startswith("damaged on the way (")


@pytest.mark.parametrize("body", [FIRST, OTHER, ADDED + OTHER])
def test_a_whole_version_is_none_even_where_it_is_shorter(body: bytes) -> None:
    assert body_to_damage(body, lambda: ADDED) == ""


def test_a_damaged_copy_of_nothing_known_or_of_what_was_no_better() -> None:
    assert body_to_damage(FIRST[:20], lambda: None) == ""
    assert body_to_damage(OTHER[:-7], lambda: FIRST[:-7]) == ""


def test_what_was_known_is_not_asked_for_where_nothing_looks_damaged() -> None:
    def known() -> bytes:
        raise AssertionError("it was asked for")

    assert body_to_damage(OTHER, known) == ""
