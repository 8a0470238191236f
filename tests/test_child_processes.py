"""What processes of this program share: what a child gets of the environment, and how its end is told."""

from __future__ import annotations

import pytest

from pipeline.child_processes import exit_to_words, kept_variables


@pytest.mark.parametrize(
    ("code", "words"),
    [(-9, "SIGKILL"), (-11, "SIGSEGV"), (3, "exit status 3"),
     (0, "exit status 0"), (None, "exit status None"),
     (-4242, "exit status -4242")],
)  # fmt: skip
def test_the_end_of_a_process_in_words(code: int | None, words: str) -> None:
    assert exit_to_words(code) == words


def test_what_a_child_needs_to_start_is_kept_and_nothing_else() -> None:
    needed = {"PATH": "/bin", "LC_ALL": "C", "PYTHONHOME": "/opt", "OMP_NUM_THREADS": "4"}
    assert (
        kept_variables(needed | {"TOKEN": "secret", "HTTP_PROXY": "http://u:p@x", "HOME": "/root"}) == needed
    )
