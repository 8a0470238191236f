"""The training of pipeline/extract/digit_shapes.py, with one font, one page and a few steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import reportlab

from pipeline.extract.digit_shapes import CLASSES, DIGITS, INPUTS, inputs_to_probabilities
from tools import digit_shapes
from tools.digit_shapes import (
    Examples,
    Face,
    drawn_to_examples,
    examples_to_inputs,
    examples_to_layers,
    face_to_drawn,
    file_to_faces,
    text_to_class,
)

VERA = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"


@pytest.fixture(scope="module")
def face() -> Face:
    (found,) = file_to_faces(VERA)
    return found


@pytest.fixture(scope="module")
def examples(face: Face) -> Examples:
    return drawn_to_examples(list(face_to_drawn(face, np.random.default_rng(1), 0.7)))


def test_a_face_is_cut_to_what_is_drawn(face: Face) -> None:
    assert len(face.data) < 40_000
    assert 0.6 < face.digits < 0.8
    assert "一" not in face.advances and face.advances["1"] == face.advances["8"]


@pytest.mark.parametrize(("char", "shape"), [("7", "7"), ("−", "-"), ("．", "."), ("，", ","), ("O", "")])
def test_characters_have_classes(char: str, shape: str) -> None:
    assert CLASSES[text_to_class(char)[0]] == shape


def test_a_page_has_every_class(examples: Examples) -> None:
    assert examples.inputs.shape == (len(examples.classes), INPUTS)
    assert set(examples.classes) == set(range(len(CLASSES)))
    assert (examples.classes < DIGITS).mean() > 0.5


def test_the_same_seed_draws_the_same(face: Face, examples: Examples) -> None:
    again = drawn_to_examples(list(face_to_drawn(face, np.random.default_rng(1), 0.7)))
    assert (again.inputs == examples.inputs).all() and (again.classes == examples.classes).all()


def test_a_few_steps_learn_something(examples: Examples, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digit_shapes, "EPOCHS", 12)
    monkeypatch.setattr(digit_shapes, "BATCH", 32)
    layers = examples_to_layers(examples, np.random.default_rng(1))
    digits = examples.classes < DIGITS
    told = inputs_to_probabilities(examples_to_inputs(examples.inputs[digits]), layers).argmax(axis=1)
    assert (told == examples.classes[digits]).mean() > 0.8
