"""Pictures of pages are straightened: light, seals, skew and quarter turns."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.extract.read.picture.pictures import PagePicture, Shades
from pipeline.extract.read.picture.straighten import picture_to_straight
from tests.extract.read.picture.drawn_cells import draw

WIDTH, HEIGHT = 1654, 2339
SCALE = WIDTH / 595
PAPER = 245


def page() -> Shades:
    """Return a page at 200 dpi with lines of dashes as text, a ruling, and a decimal point of 3 pixels."""
    shades = np.full((HEIGHT, WIDTH), PAPER, np.uint8)
    for top in range(300, 1900, 60):
        for left in range(200, 1450, 40):
            cv2.rectangle(shades, (left, top), (left + 26, top + 28), 40, 2)
    cv2.line(shades, (200, 2000), (1450, 2000), 90, 1)
    shades[2100:2103, 700:703] = 60
    return shades


def skewed(shades: Shades, degrees: float) -> Shades:
    """Return the page with lines that fall to the right by `degrees`."""
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), -degrees, 1)
    return cv2.warpAffine(shades, turn, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderValue=(PAPER,))  # type: ignore[return-value]


@pytest.mark.parametrize("degrees", [0.0, 0.2, -0.75, 2.3, -4.0, 8.0])
def test_a_page_is_made_level(degrees: float) -> None:
    to_page = picture_to_straight(PagePicture(skewed(page(), degrees), SCALE)).to_page
    assert np.degrees(np.arctan2(to_page[1, 0], to_page[0, 0])) == pytest.approx(degrees, abs=0.05)


def test_light_is_even_and_nothing_small_is_lost() -> None:
    lamp = np.linspace(1, 0.6, WIDTH)[None, :] * np.linspace(1, 0.8, HEIGHT)[:, None]
    grain = np.random.default_rng(1).normal(0, 3, (HEIGHT, WIDTH))
    picture = np.clip(page() * lamp + grain, 0, 255).astype(np.uint8)
    shades = picture_to_straight(PagePicture(picture, SCALE)).shades
    blank = shades[2150:2300]
    assert np.quantile(blank, 0.02) >= 240
    assert shades[2101, 701] < 60
    assert (shades[2000, 220:1430] < 150).all()


def seal_on(shades: Shades, at: tuple[int, int]) -> Shades:
    """Return the page in colours, with a round red seal of 42 mm and its star over what is printed."""
    ink = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    cv2.circle(ink, at, 165, (215, 45, 50), 9, cv2.LINE_AA)
    cv2.fillConvexPoly(ink, np.array(at) + np.array([[0, -50], [45, 30], [-45, 30]]), (215, 45, 50))
    return (ink * (shades[..., None] / 255)).astype(np.uint8)


def test_a_seal_is_taken_out_and_what_is_printed_below_stays() -> None:
    straight = picture_to_straight(PagePicture(seal_on(page(), (800, 1000)), SCALE))
    bare = picture_to_straight(PagePicture(page(), SCALE)).shades
    zone = np.s_[820:1180, 620:980]
    assert straight.seal[1000 - 165, 800] and not straight.seal[400].any()
    assert np.abs(straight.shades[zone].astype(int) - bare[zone]).max() < 80


def test_coloured_letters_are_no_seal() -> None:
    colours = np.repeat(page()[..., None], 3, axis=2)
    cv2.putText(colours, "HEAD", (500, 200), cv2.FONT_HERSHEY_SIMPLEX, 4, (210, 30, 30), 12)
    straight = picture_to_straight(PagePicture(colours, SCALE))
    assert not straight.seal.any()
    assert straight.shades[:250].min() < 80


LABELS = ("本年新收政府信息公开申请数量", "上年结转政府信息公开申请数量", "其他法律行政法规禁止公开")


def labels() -> Shades:
    """Return a page of labels, and beside them one that stands sideways, as in heads of columns."""
    shades = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for at, label in enumerate(LABELS):
        crop = draw(label, 300.0)
        shades[500 + 200 * at : 500 + 200 * at + len(crop), 200 : 200 + crop.shape[1]] = crop
    sideways = np.rot90(draw("商业企业总计", 100.0))
    shades[500 : 500 + len(sideways), 1300 : 1300 + sideways.shape[1]] = sideways
    return shades


@pytest.mark.parametrize("quarters", range(4))
def test_a_page_is_turned_for_reading(quarters: int) -> None:
    shown = np.ascontiguousarray(np.rot90(skewed(labels(), 1.5), quarters))
    assert picture_to_straight(PagePicture(shown, SCALE)).quarters == quarters


@pytest.mark.parametrize("quarters", range(4))
def test_pixels_find_the_way_back(quarters: int) -> None:
    shades = labels()
    shades[2100:2106, 800:806] = 0
    shown = np.ascontiguousarray(np.rot90(skewed(shades, 1.5), quarters))
    straight = picture_to_straight(PagePicture(shown, SCALE))
    below = len(straight.shades) - 400
    row, column = np.argwhere(straight.shades[below:] < 128).mean(axis=0)
    x, y, _ = straight.to_page @ [column, row + below, 1]
    assert shown[round(y), round(x)] < 20
    assert shown[round(y) - 5 : round(y) + 6, round(x) - 5 : round(x) + 6].min(axis=0)[[0, -1]].min() > 128


def test_a_blank_page_stays_blank() -> None:
    straight = picture_to_straight(PagePicture(np.full((HEIGHT, WIDTH), 230, np.uint8), SCALE))
    assert (straight.shades == 255).all()
