"""What would break: a laboratory's name on a dark band lost in a dark desk, or another's taken."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr import geometry
from ocr.geometry import Picture
from ocr.page import Page
from ocr.page.band import with_bands
from ocr.text.rapid import RapidEngine

DESK = (48, 34, 24)
LIGHT, DARK = (235, 240, 240), (30, 30, 30)
TOP, BOTTOM = 260, 860


def photo(row: int, ground: tuple[int, int, int], ink: tuple[int, int, int]) -> Picture:
    """A paper on a dark desk, and a line of print at a row above or below it."""
    picture = np.full((1120, 1300, 3), DESK, np.uint8)
    picture[row - 60 : row + 30, 100:1200] = ground
    picture[TOP:BOTTOM, 100:1200] = (225, 235, 235)
    for y in range(TOP + 80, BOTTOM - 40, 60):
        cv2.putText(picture, "Total mass 3.721 g", (150, y), cv2.FONT_HERSHEY_SIMPLEX, 1, DARK, 2)
    cv2.putText(picture, "SHILI TESTING", (250, row), cv2.FONT_HERSHEY_SIMPLEX, 2, ink, 4)
    return picture


def body(picture: Picture) -> Page:
    to_photo = np.array([[1, 0, 100], [0, 1, TOP], [0, 0, 1]], dtype=np.float64)
    corners = geometry.box_quad(100, TOP, 1100, BOTTOM - TOP)
    return Page(picture[TOP:BOTTOM, 100:1200].copy(), to_photo, corners, 0, 0.9)


@pytest.mark.parametrize("row", [200, 960])
def test_light_print_on_a_band_of_the_desks_colour_belongs_to_the_page(
    row: int, engine: RapidEngine
) -> None:
    picture = photo(row, DESK, LIGHT)
    page = with_bands(picture, body(picture), engine.detect)
    line = page.from_photo_quad(geometry.box_quad(250, row - 45, 450, 50))
    assert all(0 <= y < page.height for _, y in line)
    assert geometry.contains(page.corners, (400, row - 20))
    x, y = page.to_photo_point((50, 500))
    assert tuple(page.image[500, 50]) == tuple(picture[round(y), round(x)])


@pytest.mark.parametrize("row", [200, 960])
def test_dark_print_beyond_the_rim_is_another_papers(row: int, engine: RapidEngine) -> None:
    picture = photo(row, (225, 235, 235), DARK)
    page = body(picture)
    assert with_bands(picture, page, engine.detect) is page


def test_a_plain_desk_is_not_searched() -> None:
    picture = photo(200, DESK, DESK)
    page = body(picture)
    asked: list[Picture] = []
    assert with_bands(picture, page, lambda strip: asked.append(strip) or []) is page
    assert not asked
