"""Seals in other inks and shapes, and what is cut of them from the photo itself."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from PIL import Image

from ocr.seal.ask import ask_names
from ocr.seal.course import find_axis, find_course
from ocr.seal.density import paper_small, red_density, red_of
from ocr.seal.find import find_seals
from ocr.seal.patch import Original, cut_patch
from ocr.seal.place import SealPlace
from ocr.seal.read import read_seals
from ocr.text.rapid import RapidEngine
from ocr.witness import Answer
from samples.generator import seal_ways
from tests.ocr.seal_pages import blank, photographed, printed, seal, stamped

NAME = "示例玉石珠宝检测中心"
OTHER = "镇平县宝石鉴定所"
BLUE, BLACK = (38, 62, 158), (42, 42, 46)


@pytest.fixture(scope="module")
def engine() -> RapidEngine:
    return RapidEngine()


@pytest.mark.parametrize(("ink", "colour"), [("blue", BLUE), ("black", BLACK)])
def test_seals_in_other_inks_are_found_and_read(ink: str, colour, engine: RapidEngine) -> None:
    drawn = seal(NAME, seed=3, colour=colour)
    page = photographed(stamped(blank(), drawn, (450, 320)))
    (place,) = find_seals(page)
    assert place.ink == ink
    assert math.dist(place.centre, (450, 320)) < 6
    (found,) = read_seals(page, engine, [place])
    assert found.seal_in_page.name == NAME


def test_black_ink_accuses_nobody(engine: RapidEngine) -> None:
    drawn = seal(NAME, seed=3, colour=BLACK)
    (found,) = read_seals(photographed(stamped(blank(), drawn, (450, 320))), engine)
    own, other = ask_names(found, [NAME, OTHER], engine)
    assert own.answer is Answer.AGREES
    assert other.answer is Answer.CANNOT_TELL


@pytest.mark.parametrize("seed", [1, 2, 3, 5])
def test_square_seals_are_read_in_rows_and_in_columns(seed: int, engine: RapidEngine) -> None:
    drawn = seal("示例玉石珠宝检测有限公司", seed=seed, size=220, shape="square")
    page = photographed(stamped(printed(), drawn, (450, 320)))
    (place,) = find_seals(page)
    assert place.shape == "square"
    (found,) = read_seals(page, engine, [place])
    own, other = ask_names(found, ["示例玉石珠宝检测有限公司", OTHER], engine)
    assert own.answer is Answer.AGREES
    assert other.answer is Answer.DIFFERS


@pytest.mark.parametrize("decoy", sorted(seal_ways.DECOYS))
def test_red_things_of_the_generator_are_no_seals(decoy: str) -> None:
    page = Image.fromarray(blank()[..., ::-1].copy())
    drawn = seal_ways.DECOYS[decoy](page, (450, 320), 260, np.random.default_rng(2))
    assert find_seals(photographed(np.asarray(drawn)[..., ::-1].copy())) == []


def test_a_bracelet_of_red_beads_is_no_seal() -> None:
    page = blank()
    for step in range(22):
        turn = step * 2 * math.pi / 22
        at = (round(450 + 124 * math.cos(turn)), round(300 + 124 * math.sin(turn)))
        cv2.circle(page, at, 19, (45, 35, 170), -1, cv2.LINE_AA)
        cv2.circle(page, (at[0] - 5, at[1] - 6), 5, (150, 140, 225), -1, cv2.LINE_AA)
    assert find_seals(photographed(page)) == []


def test_a_patch_has_the_photos_own_detail() -> None:
    photo = np.full((1200, 1600, 3), 235, np.uint8)
    photo[:, ::4] = (60, 50, 200)
    page = cv2.resize(photo, (400, 300), interpolation=cv2.INTER_AREA)
    place = SealPlace((200.0, 150.0), (60.0, 60.0), 0.0, "round", 1.0)
    light = np.full((30, 40, 3), 235, np.float32)
    original = Original(photo, np.diag([4.0, 4.0, 1.0]))
    coarse = red_of(cut_patch(page, light, place).density)
    fine = red_of(cut_patch(page, light, place, original).density)
    assert fine.std() > 5 * coarse.std()


def test_what_lies_beyond_the_page_is_no_ink() -> None:
    photo = np.full((400, 800, 3), (40, 40, 190), np.uint8)
    photo[:, :400] = 235
    page = photo[:, :400]
    place = SealPlace((380.0, 200.0), (60.0, 60.0), 0.0, "round", 1.0)
    patch = cut_patch(page, paper_small(page), place, Original(photo, np.eye(3)))
    assert red_of(patch.density).max() < 0.1
    assert patch.image[..., 0].min() < 60


@pytest.mark.parametrize("turned", [-28, 0, 17])
def test_the_star_tells_how_far_a_seal_is_turned(turned: int) -> None:
    drawn = seal(NAME, seed=3).rotate(-turned, expand=True, resample=Image.Resampling.BICUBIC)
    page = stamped(blank(), drawn, (450, 320))
    (place,) = find_seals(page)
    red = red_density(page)
    usual = find_axis(red_density(stamped(blank(), seal(NAME, seed=3), (450, 320))), place, 0.5)
    axis = find_axis(red, place, 0.5 + turned / 360)
    assert usual is not None and axis is not None
    assert axis - usual == pytest.approx(turned, abs=2)


def test_an_end_that_faded_is_cut_with_the_rest() -> None:
    page = stamped(blank(), seal(NAME, seed=3), (450, 320)).astype(np.float32)
    whole = find_course(red_density(page.astype(np.uint8)), find_seals(page.astype(np.uint8))[0])
    # The left end of the name all but gone, as in glare.
    far = np.hypot(np.arange(900)[None, :] - 330, np.arange(640)[:, None] - 370)
    weight = np.exp(-((far / 45) ** 2))[..., None] * 0.8
    page = (page * (1 - weight) + np.array((238, 246, 248)) * weight).astype(np.uint8)
    faded = find_course(red_density(page), find_seals(page)[0])
    assert whole is not None and faded is not None
    assert faded.start == pytest.approx(whole.start, abs=0.03)
    assert faded.end == pytest.approx(whole.end, abs=0.03)
