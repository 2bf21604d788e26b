"""Advice: silent on a good photo, and naming what is wrong with a bad one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr import quality
from ocr.geometry import as_array, as_quad, bounds
from ocr.page import find_pages
from ocr.quality import measure
from ocr.reading import Advice
from samples.generator import make
from tests.ocr.drawing import Picture, draw_desk, draw_paper, draw_print, lay_on_desk, photo_of

CORNERS = ((180.0, 160.0), (1440.0, 180.0), (1420.0, 1030.0), (190.0, 1010.0))


def good_photo() -> Picture:
    return lay_on_desk(draw_paper(), draw_desk("wood", 1600, 1200), CORNERS, shade=0.15)


def advice_on(image: Picture) -> dict[str, Advice]:
    photo = photo_of(image)
    (page,) = find_pages(photo)
    return {advice.code: advice for advice in measure(photo, page)}


def test_a_good_photo_gets_no_advice() -> None:
    assert advice_on(good_photo()) == {}


@pytest.mark.parametrize("level", ["flat", "mild"])
@pytest.mark.parametrize("seed", [901, 902, 903])
def test_advice_is_silent_on_mild_photographs(level: str, seed: int) -> None:
    assert advice_on(make(seed, level=level).image) == {}


def test_a_blurred_photo() -> None:
    image = np.asarray(cv2.GaussianBlur(good_photo(), (0, 0), 4.5), dtype=np.uint8)
    advice = advice_on(image)
    assert advice.keys() == {quality.BLURRED}
    assert advice[quality.BLURRED].measure > quality.BLUR_MAX


def test_a_blurred_desk_around_sharp_print_is_no_fault() -> None:
    image = good_photo()
    soft = np.asarray(cv2.GaussianBlur(image, (0, 0), 9), dtype=np.uint8)
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, as_array(CORNERS).astype(np.int32), 1)
    assert advice_on(np.where(mask[..., None] == 1, image, soft)) == {}


def test_a_dark_photo() -> None:
    image = np.asarray(good_photo() * 0.2, dtype=np.uint8)
    advice = advice_on(image)
    assert quality.DARK in advice
    assert advice[quality.DARK].measure < quality.DARK_MAX


def test_print_too_small_to_read() -> None:
    image = np.asarray(
        cv2.resize(good_photo(), None, fx=0.36, fy=0.36, interpolation=cv2.INTER_AREA)
    )
    advice = advice_on(image)
    assert quality.TOO_FAR in advice
    assert advice[quality.TOO_FAR].measure < quality.PRINT_MIN


def with_spot(image: Picture, at: tuple[int, int], size: int) -> Picture:
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    distance = np.hypot(x - at[0], y - at[1]) / size
    spot = np.clip(1.6 - distance, 0, 1)[..., None]
    return np.asarray(image + (255 - image.astype(np.float32)) * spot, dtype=np.uint8)


def test_a_reflection_that_hides_print() -> None:
    image = good_photo()
    advice = advice_on(with_spot(np.asarray(image * 0.85, dtype=np.uint8), (560, 600), 110))
    assert quality.GLARE in advice
    left, top, right, bottom = bounds(advice[quality.GLARE].box or CORNERS)
    assert left < 560 < right
    assert top < 600 < bottom
    assert right - left < 500


def test_a_reflection_on_blank_paper_hides_nothing() -> None:
    paper = np.full((800, 1200, 3), (225, 228, 228), np.uint8)
    draw_print(paper, (80, 60, 600, 740), 26, (40, 40, 40), 4)
    image = lay_on_desk(paper, draw_desk("wood", 1600, 1200), CORNERS, shade=0.1)
    assert quality.GLARE not in advice_on(with_spot(image, (1150, 600), 110))


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_paper_cut_by_the_photos_edge(side: str) -> None:
    shift = -330 if side == "left" else 330
    corners = as_quad(as_array(CORNERS) + (shift, 0))
    image = lay_on_desk(draw_paper(), draw_desk("plain", 1600, 1200), corners, shade=0.1)
    advice = advice_on(image)
    assert quality.CUT_EDGE in advice
    assert advice[quality.CUT_EDGE].measure > quality.CUT_MIN


def test_print_that_runs_off_a_close_up() -> None:
    sheet = np.full((900, 1400, 3), (235, 238, 238), np.uint8)
    draw_print(sheet, (-40, 60, 1500, 860), 34, (40, 40, 40), 6)
    assert quality.CUT_EDGE in advice_on(sheet)
    assert quality.CUT_EDGE not in advice_on(draw_paper())


@pytest.mark.parametrize("size", [(1, 1), (8, 300), (50, 50)])
def test_tiny_pictures_do_not_break_the_measures(size: tuple[int, int]) -> None:
    advice_on(np.full((*size, 3), 128, np.uint8))
