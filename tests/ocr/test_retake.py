"""What hides print is told with its place, and half a value is not taken for the whole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr import quality, retake, screen, spots
from ocr.geometry import as_array, box_quad, centre
from ocr.page import find_pages
from ocr.page.model import whole_photo
from ocr.read import Part, read_photo
from ocr.reading import Field, Reading
from samples.generator import lens, make, overlays
from samples.generator.sample import Sample, encode
from tests.ocr.drawing import Picture, draw_paper, photo_of


def read(image: Picture) -> Reading:
    (part,) = parts(image)
    return part.reading


def parts(image: Picture) -> list[Part]:
    return read_photo(encode(image, ".jpg", 92), "photo.jpg")


def snapshot(seed: int, treatment: str) -> Sample:
    return make(seed, level="normal", treatment=treatment)


def test_a_field_under_a_reflection_is_asked_for_again_with_its_part() -> None:
    sample = snapshot(840001, "glare")
    (hidden,) = sample.truth["hidden"]
    reading = read(sample.image)
    assert hidden not in reading.fields
    (advice,) = [one for one in reading.advice if one.code == quality.GLARE]
    assert advice.fields == (hidden,)
    assert advice.part.startswith("bottom")
    assert advice.box is not None
    away = np.subtract(centre(advice.box), as_array(sample.truth["boxes"][hidden]).mean(axis=0))
    assert np.hypot(*away) < 150


def test_fingers_over_a_corner_are_told() -> None:
    sample = snapshot(840057, "hand")
    assert sample.truth["hidden"]
    reading = read(sample.image)
    covered = [one for one in reading.advice if one.code == retake.COVERED]
    assert {one.part for one in covered} <= {"bottom_left", "bottom"}
    asked = {key for one in covered for key in one.fields}
    assert asked & set(sample.truth["hidden"])
    for key in sample.truth["hidden"]:
        read_as = reading.fields.get(key)
        assert read_as is None or read_as.value == sample.truth["hidden"][key]


def field(key: str, left: float, right: float) -> Field:
    return Field(key, "268", "268", 0.9, box_quad(left, 100, right - left, 30), "rapidocr")


def sheet(*, washed: tuple[int, int] | None) -> Picture:
    """A line of strokes from x 300 to 600, fading into a burnt spot between two x."""
    image = np.full((400, 900, 3), 215, np.uint8)
    for x in range(300, 600, 10):
        cv2.line(image, (x, 102), (x, 128), (40, 40, 40), 3)
    for row in range(200, 380, 40):
        for x in range(60, 840, 10):
            cv2.line(image, (x, row), (x, row + 26), (40, 40, 40), 3)
    if washed is not None:
        x = np.arange(900, dtype=np.float32)[None, :]
        y = np.arange(400, dtype=np.float32)[:, None]
        middle, reach = sum(washed) / 2, (washed[1] - washed[0]) / 2
        spot = np.exp(-(((x - middle) / reach) ** 4) - ((y - 115) / 30) ** 4)[..., None]
        image = np.asarray(image + (255 - image) * spot, dtype=np.uint8)
    return image


@pytest.mark.parametrize(("washed", "taken_back"), [((520, 680), True), ((700, 860), False)])
def test_a_value_that_runs_into_a_reflection_is_taken_back(
    washed: tuple[int, int], *, taken_back: bool
) -> None:
    page = whole_photo(sheet(washed=washed))
    seen = retake.look(photo_of(page.image), page)
    assert seen.reflections
    value = field("density", 300, 555 if taken_back else 600)
    rows = {key: box_quad(60, 200 + 40 * n, 780, 26) for n, key in enumerate(("mass", "shape"))}
    half = retake.half_seen(page, seen, {"density": value}, rows)
    assert half == (["density"] if taken_back else [])


def test_parts_are_named_as_a_reader_holds_the_paper() -> None:
    page = whole_photo(np.zeros((300, 600, 3), np.uint8))
    named = [
        retake.part_of(page, box_quad(x - 5, y - 5, 10, 10))
        for x, y in ((50, 50), (300, 50), (550, 250), (300, 150), (50, 150))
    ]
    assert named == ["top_left", "top", "bottom_right", "centre", "left"]


def test_fingers_are_found_and_nothing_else_is_taken_for_one() -> None:
    paper = draw_paper("white", seed=3)
    assert spots.fingers(paper) == []
    covered = paper.astype(np.float32)
    height, width = paper.shape[:2]
    overlays.hand(covered, as_array(box_quad(0, 0, width, height)), np.random.default_rng(4))
    found = spots.fingers(covered.clip(0, 255).astype(np.uint8))
    assert len(found) >= 1
    for treatment in ("plain", "sleeve", "fold"):
        photo = photo_of(make(845001, level="normal", treatment=treatment).image)
        assert spots.fingers(find_pages(photo)[0].image) == []


def test_a_screen_is_told_from_paper() -> None:
    tones = {}
    for treatment in ("moire", "plain"):
        photo = photo_of(make(845002, level="normal", treatment=treatment).image)
        (page,) = find_pages(photo)
        tones[treatment] = screen.tone(photo.image, as_array(page.corners))
        codes = [one.code for one in quality.measure(photo, page)]
        assert (quality.SCREEN in codes) == (treatment == "moire")
    assert tones["moire"] > quality.TONE_MIN > tones["plain"]


@pytest.mark.parametrize("kind", ["shake", "focus"])
def test_shake_and_lack_of_focus_are_told_apart(kind: str) -> None:
    image = make(845003, level="normal", layout="a5", treatment="plain").image
    kernel = lens.stroke(11, 20) if kind == "shake" else lens.disc(4.5)
    photo = photo_of(np.asarray(cv2.filter2D(image, -1, kernel), dtype=np.uint8))
    (page,) = find_pages(photo)
    codes = {one.code for one in quality.measure(photo, page)}
    wanted, other = quality.SHAKEN, quality.BLURRED
    if kind == "focus":
        wanted, other = other, wanted
    assert wanted in codes
    assert other not in codes


def stone() -> Picture:
    """A polished green pebble on a cloth."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:900, 0:1200].astype(np.float32)
    ground = 120 + 8 * np.sin(x * 1.3) + 8 * np.sin(y * 1.3)
    image = np.repeat(ground[..., None], 3, axis=2)
    inside = 1 - ((x - 600) / 340) ** 2 - ((y - 450) / 240) ** 2
    light = np.sqrt(np.clip(inside, 0, 1))[..., None]
    colour = np.array([70, 130, 60], np.float32) * (0.5 + light) + 120 * light**12
    image = np.where(inside[..., None] > 0, colour, image)
    return np.asarray(np.clip(image + rng.normal(0, 4, image.shape), 0, 255), np.uint8)


def head(skin: tuple[int, int, int], *, cat: bool) -> Picture:
    """A face on a plain ground; with ears, whiskers and fur it is a cat's."""
    rng = np.random.default_rng(2)
    image = np.full((1200, 900, 3), (150, 140, 130), np.uint8)
    if cat:
        for side in (-1, 1):
            ear = np.array(
                [[450 + side * 90, 430], [450 + side * 290, 200], [450 + side * 280, 560]]
            )
            cv2.fillPoly(image, [ear.astype(np.int32)], skin)
    cv2.ellipse(image, (450, 620), (290, 330 if not cat else 270), 0, 0, 360, skin, -1)
    for side in (-1, 1):
        cv2.ellipse(image, (450 + side * 115, 560), (48, 26), 0, 0, 360, (235, 240, 240), -1)
        cv2.circle(image, (450 + side * 115, 560), 22, (50, 60, 40), -1)
        if cat:
            for turn in (-12, 0, 12):
                end = (450 + side * 380, 700 + turn * 5)
                cv2.line(image, (450 + side * 90, 690), end, (230, 230, 230), 2)
    cv2.ellipse(image, (450, 680), (30, 22), 0, 0, 360, (90, 90, 150), -1)
    cv2.ellipse(image, (450, 780), (100, 40), 0, 10, 170, (60, 50, 130), 6)
    noise = rng.normal(0, 12 if cat else 4, image.shape)
    return np.asarray(np.clip(image + noise, 0, 255), np.uint8)


@pytest.mark.parametrize("thing", ["stone", "face", "cat"])
def test_what_has_no_print_is_no_certificate_and_told_so(thing: str) -> None:
    image = stone() if thing == "stone" else head((150, 180, 225), cat=thing == "cat")
    reading = read(image)
    assert not reading.is_certificate
    assert quality.NO_PRINT in {one.code for one in reading.advice}
