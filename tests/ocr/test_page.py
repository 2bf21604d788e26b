"""The paper in a photo: found to a hair where it can be seen, never guessed where not."""

from __future__ import annotations

import dataclasses as dc

import cv2
import numpy as np
import pytest

from ocr import geometry
from ocr.geometry import as_array, as_quad, box_quad, map_quad
from ocr.page import edges, find_pages
from ocr.page.find import _Candidate, _choose
from ocr.page.lines import line_angle
from ocr.page.model import whole_photo
from ocr.reading import Quad
from samples.generator import make
from tests.ocr.drawing import (
    DESKS,
    PAPERS,
    Picture,
    corner_error,
    draw_desk,
    draw_paper,
    draw_print,
    lay_on_desk,
    photo_of,
    photograph,
    random_corners,
)

CLOSE = 0.006  # of the page's diagonal: half a line of print


def snapshot(paper: Picture, desk: str, seed: int, **options: float) -> tuple[Picture, Quad]:
    rng = np.random.default_rng(seed)
    corners = random_corners(
        paper, 1600, 1200, rng, share=options.get("share", 0.85), turn=options.get("turn", 15)
    )
    return lay_on_desk(paper, draw_desk(desk, 1600, 1200, seed), corners, seed=seed), corners


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("paper", ["white", "blue", "red cover"])
def test_the_paper_is_found_on_any_desk(desk: str, paper: str) -> None:
    seed = DESKS.index(desk) * 10 + list(PAPERS).index(paper)
    image, corners = snapshot(draw_paper(paper, seed=seed), desk, seed)
    (page,) = find_pages(photo_of(image))
    assert corner_error(page.corners, corners) < CLOSE
    assert page.certainty > 0.6


def test_the_way_back_leads_to_the_print() -> None:
    paper = draw_paper()
    mark = (300, 620)
    cv2.circle(paper, mark, 9, (255, 0, 255), -1)
    image, corners = snapshot(paper, "wood", 5)
    (page,) = find_pages(photo_of(image))
    for turned in (page, page.rotated(1), page.rotated(2), page.rotated(3)):
        spots = np.argwhere(cv2.inRange(turned.image, (150, 0, 150), (255, 110, 255)))
        y, x = spots.mean(axis=0)
        back = turned.to_photo_point((float(x), float(y)))
        height, width = paper.shape[:2]
        true = geometry.map_point(
            mark, geometry.homography(box_quad(-0.5, -0.5, width, height), corners)
        )
        assert np.hypot(back[0] - true[0], back[1] - true[1]) < 4
        there = turned.from_photo_quad(turned.to_photo_quad(box_quad(3, 4, 50, 20)))
        assert np.allclose(as_array(there), as_array(box_quad(3, 4, 50, 20)), atol=1e-3)


def test_the_page_is_straight_and_as_fine_as_the_photo() -> None:
    paper = draw_paper()
    image, corners = snapshot(paper, "plain", 6)
    (page,) = find_pages(photo_of(image))
    wide, tall = geometry.quad_size(corners)
    assert wide <= page.width <= 1.04 * wide
    assert tall <= page.height <= 1.06 * tall
    assert abs(line_angle(page.image).degrees) < 1.0


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_lines_of_a_turned_paper_lie_level_again(turns: int) -> None:
    paper = draw_paper(width=1200, height=800)
    image, corners = snapshot(paper, "wood", 9, turn=8, share=0.8)
    turned = np.ascontiguousarray(np.rot90(image, -turns))
    (page,) = find_pages(photo_of(turned))
    assert page.width > page.height
    assert page.rotation in ((0, 180) if turns % 2 == 0 else (90, 270))
    angle = line_angle(page.image)
    assert abs(angle.degrees) < 1.5
    assert angle.certainty > 0.6
    assert corner_error(page.corners, geometry.order_corners(_turn(corners, image, turns))) < CLOSE
    # The page's first corner is its image's top left.
    inner = map_quad(page.corners, page.from_photo)
    assert geometry.centre(inner)[0] > inner[0][0]
    assert geometry.centre(inner)[1] > inner[0][1]


def _turn(quad: Quad, image: Picture, turns: int) -> Quad:
    height, width = image.shape[:2]
    points = as_array(quad)
    for _ in range(turns):
        points = np.stack([height - 1 - points[:, 1], points[:, 0]], axis=1)
        width, height = height, width
    return as_quad(points)


@pytest.mark.parametrize("paper", ["white", "cream", "red cover"])
def test_a_flat_scan_is_the_whole_picture(paper: str) -> None:
    image = photograph(draw_paper(paper), shade=0.1, blur=0.6, noise=3, seed=1)
    (page,) = find_pages(photo_of(image))
    height, width = image.shape[:2]
    assert corner_error(page.corners, box_quad(0, 0, width - 1, height - 1)) < 0.03


@pytest.mark.parametrize("angle", [-14, -6, 3, 9, 14])
def test_a_skewed_close_up_without_edges_is_levelled(angle: int) -> None:
    sheet = np.full((1400, 1800, 3), (235, 240, 240), np.uint8)
    draw_print(sheet, (150, 100, 1700, 1300), 30, (50, 50, 50), 3)
    spin = cv2.getRotationMatrix2D((900, 700), -angle, 1.0)
    turned = cv2.warpAffine(sheet, spin, (1800, 1400), borderMode=cv2.BORDER_REPLICATE)
    image = photograph(turned[200:1200, 250:1550], shade=0.2, blur=0.7, noise=3, seed=2)
    (page,) = find_pages(photo_of(image))
    assert page.certainty == 0.0
    assert abs(line_angle(page.image).degrees) < 0.8
    # Nothing of the photo is lost and every corner goes back to its place.
    there = as_array(map_quad(page.corners, page.from_photo))
    assert there.min() > -2
    assert there[:, 0].max() < page.width + 2
    assert there[:, 1].max() < page.height + 2


@pytest.mark.parametrize("side", range(4))
def test_a_paper_that_goes_on_beyond_the_photo(side: int) -> None:
    image, corners = snapshot(draw_paper(seed=side), "wood", 20 + side, share=0.9, turn=6)
    left, top, right, bottom = geometry.bounds(corners)
    cut = [
        (0, 0, 1600, int(bottom - 60)), (0, 0, int(right - 70), 1200),
        (0, int(top + 60), 1600, 1200), (int(left + 70), 0, 1600, 1200),
    ][side]  # fmt: skip
    crop = np.ascontiguousarray(image[cut[1] : cut[3], cut[0] : cut[2]])
    true = as_quad(as_array(corners) - (cut[0], cut[1]))
    (page,) = find_pages(photo_of(crop))
    visible = as_array(true).clip((0, 0), (crop.shape[1] - 1, crop.shape[0] - 1))
    for point in visible:
        assert (
            cv2.pointPolygonTest(
                as_array(page.corners).astype(np.float32),
                (float(point[0]), float(point[1])),
                measureDist=True,
            )
            > -20
        ), "print of the paper was cut off"


@pytest.mark.parametrize("way", ["beside", "above"])
def test_two_papers_are_two_pages_in_reading_order(way: str) -> None:
    size = (700, 900) if way == "beside" else (1100, 520)
    first = draw_paper("white", *size, seed=1)
    second = draw_paper("cream", *size, seed=2)
    desk = draw_desk("wood", 1700, 1300, 3)
    if way == "beside":
        quads = (
            ((90, 150), (760, 130), (790, 1050), (60, 1060)),
            ((900, 200), (1600, 180), (1630, 1130), (880, 1100)),
        )
    else:
        quads = (
            ((200, 60), (1400, 90), (1390, 600), (190, 590)),
            ((260, 700), (1480, 680), (1500, 1230), (250, 1240)),
        )
    image = lay_on_desk(first, desk, quads[0], noise=0, seed=1)
    image = lay_on_desk(second, image, quads[1], seed=2)
    pages = find_pages(photo_of(image))
    assert len(pages) == 2
    for page, quad in zip(pages, quads, strict=True):
        assert corner_error(page.corners, quad) < CLOSE


def test_two_papers_of_clear_edges_are_not_the_rectangle_around_them() -> None:
    """The quads of one photograph: over the desk between them runs no edge."""
    first = _Candidate(((54, 20), (518, 54), (495, 345), (41, 326)), 0.952, 0.361, 1.0)
    second = _Candidate(((39, 379), (484, 426), (446, 707), (14, 651)), 0.971, 0.321, 1.0)
    around = _Candidate(((55, 20), (520, 54), (455, 709), (22, 651)), 0.847, 0.753, 1.0)
    assert _choose([around, first, second]) == [first, second]
    # Frames printed on one paper are no clearer than its own edge.
    paper = dc.replace(around, score=0.93)
    assert _choose([paper, first, second]) == [paper]


def band_paper(band: str, tint: tuple[int, int, int]) -> Picture:
    """A white paper with a printed band: its inner, plain part looks like a paper too."""
    paper = draw_paper()
    height, width = paper.shape[:2]
    left, top, right, bottom = {
        "header": (0, 0, width, height // 6), "footer": (0, height * 5 // 6, width, height),
        "left": (0, 0, width // 7, height), "right": (width * 4 // 5, 0, width, height),
    }[band]  # fmt: skip
    part = paper[top:bottom, left:right]
    part[:] = (part.astype(np.float32) * (np.array(tint) / 255)).astype(np.uint8)
    return paper


@pytest.mark.parametrize("band", ["header", "footer", "left", "right"])
@pytest.mark.parametrize("tint", [(235, 222, 205), (150, 190, 140), (100, 50, 30)])
def test_a_coloured_band_belongs_to_the_paper(band: str, tint: tuple[int, int, int]) -> None:
    image, corners = snapshot(band_paper(band, tint), "cloth", 71 + tint[0], turn=8)
    (page,) = find_pages(photo_of(image))
    assert corner_error(page.corners, corners) < CLOSE


@pytest.mark.parametrize(
    ("seed", "level", "layout", "fault"),
    [
        (1000032, "normal", None, "not_yet_granted"),
        (600107, "hard", "stacked", None),
        (600047, "hard", "spaced", None),
        (840051, "normal hand", None, None),  # fingers over the corner of a printed head
    ],
)
def test_no_print_of_a_certificate_lies_outside_its_page(
    seed: int, level: str, layout: str | None, fault: str | None
) -> None:
    level, *treatment = level.split()
    named = treatment[0] if treatment else None
    sample = make(seed, level=level, layout=layout, fault=fault, treatment=named)
    (page,) = find_pages(photo_of(sample.image))
    truth = sample.truth
    marks = [mark["box"] for mark in truth["seals"] + truth["codes"]]
    points = [point for box in [*truth["boxes"].values(), *marks] for point in box]
    assert page.certainty > 0.5
    assert edges.depth(page.corners, np.array(points)).min() >= 0


def test_a_printed_frame_is_not_the_paper() -> None:
    sheet = np.full((800, 1200, 3), 246, np.uint8)
    cv2.rectangle(sheet, (40, 40), (1160, 760), (60, 60, 60), 3)
    draw_print(sheet, (100, 100, 1100, 700), 26, (40, 40, 40), 4)
    image = photograph(sheet, shade=0.1, blur=0.6, noise=3, seed=1)
    (page,) = find_pages(photo_of(image))
    assert corner_error(page.corners, box_quad(0, 0, 1199, 799)) < 0.01


@pytest.mark.parametrize("panels", [("white", "cream"), ("white", "red cover"), ("blue", "blue")])
def test_a_folder_of_two_panels_is_one_page(panels: tuple[str, str]) -> None:
    left, right = (draw_paper(panel, 620, 800, seed=i) for i, panel in enumerate(panels))
    folder = np.hstack([left, np.full((800, 4, 3), 90, np.uint8), right])
    image, corners = snapshot(folder, "wood", 31, turn=6)
    (page,) = find_pages(photo_of(image))
    assert corner_error(page.corners, corners) < CLOSE


def test_a_thumb_on_a_corner_does_not_move_the_sides() -> None:
    image, corners = snapshot(draw_paper(), "plain", 41, turn=5)
    x, y = (int(v) for v in corners[2])
    cv2.ellipse(image, (x, y), (75, 55), 40, 0, 360, (120, 150, 205), -1)
    (page,) = find_pages(photo_of(image))
    assert corner_error(page.corners, corners) < CLOSE


@pytest.mark.parametrize("desk", DESKS)
def test_no_paper_is_made_up_on_a_bare_desk(desk: str) -> None:
    (page,) = find_pages(photo_of(draw_desk(desk, 1200, 900, 2)))
    assert page.certainty == 0.0


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2000, 3), (39, 39), (64, 64)])
def test_pictures_of_any_size_give_a_page(size: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 255, (*size, 3), dtype=np.uint8)
    (page,) = find_pages(photo_of(image))
    assert page.image.size > 0


def test_a_very_large_photo_gives_a_page_of_bounded_size() -> None:
    image, corners = snapshot(draw_paper(), "wood", 51, turn=5)
    large = cv2.resize(image, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    (page,) = find_pages(photo_of(np.asarray(large, dtype=np.uint8)))
    assert max(page.width, page.height) <= 2400 * 1.02
    true = as_quad((as_array(corners) + 0.5) * 3 - 0.5)
    assert corner_error(page.corners, true) < CLOSE


def test_the_same_photo_gives_the_same_page() -> None:
    image, _ = snapshot(draw_paper(), "checked", 61)
    first, second = (find_pages(photo_of(image))[0] for _ in range(2))
    assert np.array_equal(first.to_photo, second.to_photo)


def test_four_quarter_turns_are_none() -> None:
    page = whole_photo(draw_paper())
    back = page.rotated(1).rotated(1).rotated(1).rotated(1)
    assert np.array_equal(page.image, back.image)
    assert np.allclose(page.to_photo, back.to_photo)
    assert page.corners == back.corners
    assert page.rotated(-1).rotation == 270
