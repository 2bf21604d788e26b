"""What would break: print laid into a file saved before goes untold, or an honest one is."""

from __future__ import annotations

import functools
import io

import cv2
import numpy as np
import pytest
from PIL import Image

from ocr import geometry
from ocr.geometry import Picture
from ocr.photo import load
from ocr.reading import ALTERED, RESAVED, Field, Line, Quad, Sign
from ocr.signs.altered import TRACES, altered
from ocr.signs.saved import saving
from tests.ocr.drawing import draw_print

FIRST, LAST = 75, 92
SIZE = (720, 960)
# Where values stand, as a photo taken by hand has them: a little aslant.
LEANS = np.array([[0, -1], [0, 2], [0, 2], [0, -1]])
STRAIGHT = {
    "mass": geometry.box_quad(120, 103, 260, 26),
    "density": geometry.box_quad(121, 303, 258, 26),
    "colour": geometry.box_quad(117, 505, 262, 26),
}
PLACES = {key: geometry.as_quad(geometry.as_array(box) + LEANS) for key, box in STRAIGHT.items()}
ROWS = tuple(geometry.box_quad(100, y, 500, 30) for y in range(60, 860, 40))


def jpeg(image: Picture, quality: int, **options: object) -> bytes:
    """The picture as a file, its colours as fine as its grey."""
    out = io.BytesIO()
    Image.fromarray(image[..., ::-1]).save(out, "JPEG", quality=quality, **options)
    return out.getvalue()


@functools.cache
def phone(quality: int) -> bytes:
    """A page of print with grain, saved once."""
    rng = np.random.default_rng(5)
    page = np.full((SIZE[1], SIZE[0], 3), (205, 214, 216), np.uint8)
    draw_print(page, (100, 60, 640, 880), 24, (60, 58, 57), 3)
    soft = cv2.GaussianBlur(page, (0, 0), 0.8).astype(np.float32)
    noisy = soft + rng.normal(0, 3, page.shape).astype(np.float32)
    return jpeg(np.clip(noisy, 0, 255).astype(np.uint8), quality)


def changed(key: str, stretch: tuple[float, float] = (0.0, 1.0)) -> Picture:
    """The page with other print in one place, or in a part of it."""
    image = load(phone(FIRST), "a.jpg")[0].image.copy()
    left, top, right, bottom = map(
        int, geometry.bounds(geometry.stretch_quad(PLACES[key], *stretch))
    )
    image[top - 3 : bottom + 3, left:right] = (204, 213, 215)
    draw_print(image, (left, top + 1, right, bottom + 1), 22, (52, 52, 52), 9)
    return image


def signs(data: bytes, places: dict[str, Quad] = PLACES) -> list[Sign]:
    """What the picture tells of the three values."""
    photo = load(data, "a.jpg")[0]
    fields = {key: Field(key, "1", "1", 1.0, box, "test") for key, box in places.items()}
    lines = [Line("1", 1.0, box, box, "test") for box in ROWS]
    return list(altered(photo.image, saving(data, photo), fields, lines))


def test_print_laid_in_between_two_savings_is_told() -> None:
    """The value and its place, and no other."""
    found = signs(jpeg(changed("density"), LAST))
    assert found == [Sign(ALTERED, TRACES, PLACES["density"], "density")]


def test_a_page_that_lies_straight_is_not_asked() -> None:
    """A program drew it, or a scanner: its values are saved in ways of their own."""
    assert signs(jpeg(changed("density"), LAST), STRAIGHT) == []


def test_a_few_characters_of_a_value_are_told_by_their_place() -> None:
    (found,) = signs(jpeg(changed("mass", (0.5, 1.0)), LAST))
    assert found.key == "mass" and found.box is not None
    left, _, right, _ = geometry.bounds(found.box)
    assert 190 < left < 270 and 330 < right <= 381


@pytest.mark.parametrize("first", [FIRST, LAST])
def test_an_honest_file_saved_once_or_twice_tells_nothing(first: int) -> None:
    assert signs(phone(first)) == []
    assert signs(jpeg(load(phone(first), "a.jpg")[0].image, LAST)) == []


def test_a_messenger_s_picture_tells_nothing() -> None:
    """Made smaller the blocks are lost; whatever was done before cannot be told by them."""
    small = cv2.resize(changed("density"), None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    scaled = jpeg(np.asarray(small, np.uint8), 80)
    photo = load(scaled, "a.jpg")[0]
    boxes: dict[str, Quad] = {
        key: geometry.as_quad(geometry.as_array(box) * 0.7) for key, box in PLACES.items()
    }
    fields = {key: Field(key, "1", "1", 1.0, box, "test") for key, box in boxes.items()}
    lines = [
        Line("1", 1.0, box, box, "test")
        for box in (geometry.as_quad(geometry.as_array(row) * 0.7) for row in ROWS)
    ]
    assert altered(photo.image, saving(scaled, photo), fields, lines) == ()


def test_a_turned_file_is_told_by_its_own_grid() -> None:
    """The blocks lie as they were saved, not as the picture is shown; its sides are no eights."""
    image = changed("density")[3:, 5:]
    stored = load(jpeg(np.ascontiguousarray(np.rot90(image)), FIRST), "a.jpg")[0].image
    again = np.rot90(stored, -1).copy()
    box = geometry.as_quad(geometry.as_array(PLACES["density"]) - (5, 3))
    left, top, right, bottom = map(int, geometry.bounds(box))
    again[top:bottom, left:right] = cv2.GaussianBlur(again[top:bottom, left:right], (0, 0), 1.0)
    exif = Image.Exif()
    exif[0x0112] = 6
    data = jpeg(np.ascontiguousarray(np.rot90(again)), LAST, exif=exif)
    photo = load(data, "a.jpg")[0]
    assert photo.image.shape == again.shape
    field = Field("density", "1", "1", 1.0, box, "test")
    lines = [Line("1", 1.0, row, row, "test") for row in ROWS]
    found = altered(photo.image, saving(data, photo), {"density": field}, lines)
    assert [one.key for one in found] == ["density"]


def test_a_camera_s_file_saved_again_is_told_and_signed_names_are_not() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Xiaomi", "14 Pro"
    data = jpeg(changed("density"), LAST, exif=exif)
    photo = load(data, "a.jpg")[0]
    field = Field("approver", "1", "1", 1.0, PLACES["density"], "test")
    lines = [Line("1", 1.0, row, row, "test") for row in ROWS]
    found = altered(photo.image, saving(data, photo), {"approver": field}, lines)
    assert found == (Sign(RESAVED, "Xiaomi 14 Pro"),)


def test_too_little_print_tells_nothing() -> None:
    data = jpeg(changed("density"), LAST)
    photo = load(data, "a.jpg")[0]
    field = Field("density", "1", "1", 1.0, PLACES["density"], "test")
    assert altered(photo.image, saving(data, photo), {"density": field}, []) == ()
    assert altered(photo.image, saving(data, photo), {}, []) == ()
    assert altered(photo.image, None, {"density": field}, []) == ()
