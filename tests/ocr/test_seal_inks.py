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
from ocr.seal.ink import red_beside_black
from ocr.seal.patch import Original, cut_patch
from ocr.seal.place import SealPlace
from ocr.seal.read import read_seals
from ocr.seal.unroll import cut_print
from ocr.text.rapid import RapidEngine
from ocr.witness import Answer
from samples.generator import seal_ways
from tests.ocr.seal_pages import PAPER, blank, photographed, printed, seal, stamped

NAME = "示例玉石珠宝检测中心"
OTHER = "镇平县宝石鉴定所"
BLUE, BLACK = (38, 62, 158), (42, 42, 46)


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


def paled(page: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The page with paper laid over it, as much as the weight (height × width) says."""
    mixed = page * (1 - weight[..., None]) + np.array(PAPER) * weight[..., None]
    return mixed.astype(np.uint8)


def polar(page: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Radius in parts of the seal's, and degrees clockwise from the top; height × width."""
    y, x = np.mgrid[: page.shape[0], : page.shape[1]]
    return np.hypot(x - 450, y - 320) / 140, np.degrees(np.arctan2(x - 450, 320 - y))


def test_an_end_that_faded_is_cut_with_the_rest() -> None:
    page = stamped(blank(), seal(NAME, seed=3), (450, 320))
    whole = find_course(red_density(page), find_seals(page)[0])
    # The first character all but gone, the ring beside it whole: no gap, by the star.
    radius, angle = polar(page)
    faded = paled(page, 0.75 * ((radius < 0.86) & (radius > 0.4) & (angle < -80) & (angle > -135)))
    course = find_course(red_density(faded), find_seals(faded)[0])
    assert whole is not None and course is not None
    assert course.start == pytest.approx(whole.start, abs=0.03)
    assert course.end == pytest.approx(whole.end, abs=0.03)


def test_pale_stretches_of_a_name_are_as_black_in_the_strip() -> None:
    page = stamped(blank(), seal(NAME, seed=3), (450, 320))
    pale = paled(page, 0.55 * (polar(page)[1] < 0))
    (place,) = find_seals(pale)
    red = red_density(pale)
    course = find_course(red, place)
    assert course is not None
    assert course.start < 0.25
    strip = 255 - cut_print(red, place, course)[..., 0].astype(float)
    half = strip.shape[1] // 2
    left, right = (np.quantile(part, 0.97) for part in (strip[20:-20, :half], strip[20:-20, half:]))
    assert left > 0.75 * right


def test_colours_beside_print_count_less_than_the_ink_around() -> None:
    # Black print over even red ink, its rim coloured falsely as coding leaves it.
    density = np.zeros((60, 60, 3), np.float32)
    density[..., :2], density[..., 2] = 1.0, 0.12
    density[28:32] += 1.2
    density[28:32, :, 2] += 0.7
    truth = density[0, 0, 1] - density[0, 0, 2]
    plain, beside = red_of(density)[30, 30], red_beside_black(density, 140)[30, 30]
    assert abs(beside - truth) < 0.5 * abs(plain - truth)
