"""The training of pipeline/extract/read/picture/ink_digits.py, with one font, one page and a few steps."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import reportlab

from pipeline.extract.digit_shapes import Floats
from pipeline.extract.read.picture import ink_digits as net
from pipeline.extract.read.picture.ink_digits import CLASSES, NONE, STRIP_HEIGHT
from tools import ink_digits
from tools.digit_shapes import Face, file_to_faces
from tools.ink_digits import Example, examples_to_layers, loss_of_texts, marks_to_kinds, written_to_example
from tools.printed_numbers import Mark, Written, char_to_kind, face_to_written, random_text, spoil

VERA = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"


@pytest.fixture(scope="module")
def face() -> Face:
    (found,) = file_to_faces(VERA)
    return found


@pytest.fixture(scope="module")
def written(face: Face) -> list[Written]:
    return list(face_to_written(face, None, np.random.default_rng(1)))


@pytest.fixture(scope="module")
def examples(written: list[Written]) -> list[Example]:
    random = np.random.default_rng(1)
    spoilt = [spoil(one, written[0].shades, random) for one in written]
    found = [written_to_example(one, random) for one in spoilt]
    return [one for one in found if one is not None]


@pytest.mark.parametrize(
    ("char", "shape"), [("7", "7"), ("—", "-"), ("．", "."), ("，", ","), ("件", "?"), ("O", "?"), ("(", "(")]
)
def test_characters_have_classes(char: str, shape: str) -> None:
    assert CLASSES[char_to_kind(char)] == shape


def test_texts_have_all_signs() -> None:
    random = np.random.default_rng(1)
    assert set("0123456789.,-/%()件") <= set("".join(random_text(random) for _ in range(2000)))


def test_marks_stand_on_their_ink(written: list[Written]) -> None:
    for one in written:
        assert len(one.marks) > 0
        for mark in one.marks:
            part = one.shades[:, round(mark.middle - mark.width / 2) : round(mark.middle + mark.width / 2)]
            assert part.min() < 128


def test_places_are_told_what_has_its_middle_there() -> None:
    kinds = marks_to_kinds([Mark(20, 10, 3), Mark(30, 10, 4)], scale=1.0, left=0.0, places=20)
    assert kinds[9] == 3 and kinds[14] == 4 and kinds[11] == -1
    assert kinds[0] == kinds[19] == NONE


def test_the_same_seed_spoils_the_same(written: list[Written]) -> None:
    first, again = (spoil(written[0], written[1].shades, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first.shades, again.shades) and first.marks == again.marks


def test_the_loss_is_that_of_all_ways_to_say_the_text() -> None:
    """Three places can say "3" in six ways, "33" in one, and nothing in one."""
    random = np.random.default_rng(1)
    shares = random.random((3, len(CLASSES))).astype(np.float32)
    shares /= shares.sum(axis=1, keepdims=True)

    def probability(text: tuple[int, ...]) -> float:
        total = 0.0
        for way in product({3, NONE}, repeat=3):
            said = [kind for at, kind in enumerate(way) if at == 0 or kind != way[at - 1]]
            if tuple(kind for kind in said if kind != NONE) == text:
                total += float(np.prod([shares[at, kind] for at, kind in enumerate(way)]))
        return total

    for text in ((3,), (3, 3), ()):
        example = Example(np.zeros((6, STRIP_HEIGHT), np.uint8), np.zeros(3, np.int8), text)
        assert loss_of_texts(shares, [example])[0] == pytest.approx(-np.log(probability(text)), rel=1e-4)


def test_the_slopes_are_those_of_the_loss() -> None:
    random = np.random.default_rng(1)
    texts = ((1, 1, 2), (3,), (), (4, 4, 4))
    batch = [Example(np.zeros((16, STRIP_HEIGHT), np.uint8), np.zeros(8, np.int8), text) for text in texts]
    scores = random.normal(0, 1, (32, len(CLASSES)))

    def loss(scores: np.ndarray) -> tuple[float, Floats]:
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        return loss_of_texts(shares.astype(np.float32), batch)

    slopes = loss(scores)[1]
    for place, kind in ((2, 1), (9, 3), (20, NONE), (30, 4)):
        step = np.zeros_like(scores)
        step[place, kind] = 0.02
        assert (loss(scores + step)[0] - loss(scores - step)[0]) / 0.04 == pytest.approx(
            slopes[place, kind], abs=2e-3
        )


def test_a_few_steps_learn_something(
    examples: list[Example], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ink_digits, "EPOCHS", 30)
    monkeypatch.setattr(ink_digits, "BATCH", 16)
    layers = examples_to_layers(examples, np.random.default_rng(1))
    assert all(np.isfinite(part).all() for layer in layers for part in layer)
    losses = [float(line.rpartition(" ")[2]) for line in capsys.readouterr().out.splitlines()]
    assert losses[-1] < 0.7 * losses[1]  # the first is that of places, not of texts


@pytest.fixture
def weights_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that a training writes, in place of that of the package."""
    file = tmp_path / "weights.npy"
    monkeypatch.setattr(ink_digits, "INK_WEIGHTS", file)
    monkeypatch.setattr(net, "INK_WEIGHTS", file)
    net.weights.cache_clear()
    yield file
    net.weights.cache_clear()


@pytest.fixture
def fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a font to train on, and the same for what is held out."""
    for name, of in (("seen", "TRAINED_ON"), ("unseen", "HELD_OUT")):
        (tmp_path / "fonts" / name).mkdir(parents=True)
        (tmp_path / "fonts" / name / VERA.name).symlink_to(VERA)
        monkeypatch.setattr(ink_digits, of, frozenset({name}))
    monkeypatch.setattr(ink_digits, "COMPANIONS", ("seen",))
    monkeypatch.setattr(ink_digits, "STANDARD", {})
    monkeypatch.setattr(ink_digits, "PAGES_HELD_OUT", 1)
    monkeypatch.setattr("sys.argv", ["ink_digits", str(tmp_path / "fonts")])
    return tmp_path / "fonts"


def test_the_command_writes_weights_and_prints_how_well_they_do(
    fonts: Path, weights_elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ink_digits, "EPOCHS", 2)
    monkeypatch.setattr(ink_digits, "BATCH", 16)
    monkeypatch.setattr(ink_digits, "SIZES", ((0, 1), (1, 99)))
    ink_digits.main()
    assert np.isfinite(np.load(weights_elsewhere)).all()
    said = capsys.readouterr().out
    assert "epoch 2: loss" in said and "held out: faces 1" in said and "digits 0-1 px: 0" in said


def test_too_few_numbers_leave_the_weights_alone(
    fonts: Path, weights_elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ink_digits, "BATCH", 1000)
    with pytest.raises(SystemExit, match="too few to train on"):
        ink_digits.main()
    assert not weights_elsewhere.exists()
