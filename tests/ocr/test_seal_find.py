"""Seals must be found where they are, and nothing red that is no seal taken for one."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from ocr.geometry import box_quad
from ocr.page import Page
from ocr.seal.find import SealPlace, find_seals
from tests.ocr.seal_pages import PAPER, blank, photographed, printed, seal, stamped

NAME = "示例玉石检测中心"
RED = (45, 35, 200)


def the_only(places: list[SealPlace]) -> SealPlace:
    assert len(places) == 1
    return places[0]


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_round_seal_over_print_in_uneven_light(seed: int) -> None:
    page = photographed(stamped(printed(), seal(NAME, seed=seed), (500, 350)))
    place = the_only(find_seals(page))
    assert math.dist(place.centre, (500, 350)) < 6
    assert place.axes[0] == pytest.approx(140, rel=0.05)
    assert place.shape == "round"
    assert place.score > 0.8


@pytest.mark.parametrize("seed", [4, 6])
def test_oval_seal_is_told_from_a_round_one(seed: int) -> None:
    drawn = seal(NAME, seed=seed, size=300, shape="oval")
    place = the_only(find_seals(photographed(stamped(printed(), drawn, (450, 300)))))
    assert place.shape == "oval"
    assert 0.6 < place.axes[1] / place.axes[0] < 0.82
    assert abs(place.angle) < 20


def test_two_seals_on_one_page() -> None:
    page = stamped(printed(), seal(NAME, seed=1), (230, 350))
    page = stamped(page, seal("示例宝石鉴定站", seed=2, size=240), (650, 300))
    found = sorted(place.centre[0] for place in find_seals(photographed(page)))
    assert found == pytest.approx([230, 650], abs=8)


def test_seal_cut_by_the_edge_of_the_page() -> None:
    page = photographed(stamped(printed(), seal(NAME, seed=1), (840, 330)))
    place = the_only(find_seals(page))
    assert math.dist(place.centre, (840, 330)) < 12


def test_seal_that_touches_a_red_border() -> None:
    page = blank()
    cv2.rectangle(page, (20, 20), (880, 620), RED, 4)
    page = photographed(stamped(page, seal(NAME, seed=1), (745, 480)))
    place = the_only(find_seals(page))
    assert math.dist(place.centre, (745, 480)) < 8


def test_faded_seal() -> None:
    drawn = seal(NAME, seed=1)
    drawn.putalpha(drawn.getchannel("A").point(lambda value: int(value * 0.4)))
    place = the_only(find_seals(photographed(stamped(printed(), drawn, (500, 350)))))
    assert math.dist(place.centre, (500, 350)) < 8


def test_small_page_comes_back_in_the_pages_own_pixels() -> None:
    page = stamped(blank(2700, 1920), seal(NAME, seed=1, size=600), (1400, 900))
    place = the_only(find_seals(page))
    assert math.dist(place.centre, (1400, 900)) < 15
    assert place.axes[0] == pytest.approx(300, rel=0.05)


def red_stone(page: np.ndarray) -> None:
    cv2.circle(page, (450, 300), 140, RED, -1, cv2.LINE_AA)


def red_ring(page: np.ndarray) -> None:
    cv2.circle(page, (450, 300), 140, RED, 12, cv2.LINE_AA)


def red_mark(page: np.ndarray) -> None:
    cv2.ellipse(page, (450, 300), (100, 66), 0, 38, 322, RED, 14, cv2.LINE_AA)
    cv2.putText(page, "MA", (400, 325), cv2.FONT_HERSHEY_SIMPLEX, 2.2, RED, 8, cv2.LINE_AA)


def red_headline(page: np.ndarray) -> None:
    cv2.putText(page, "CERTIFICATE", (60, 300), cv2.FONT_HERSHEY_TRIPLEX, 3, RED, 6, cv2.LINE_AA)


def red_beads(page: np.ndarray) -> None:
    for step in range(24):
        at = (450 + 130 * math.cos(step * math.pi / 12), 300 + 130 * math.sin(step * math.pi / 12))
        cv2.circle(page, (round(at[0]), round(at[1])), 17, RED, -1, cv2.LINE_AA)


def brown_seal(page: np.ndarray) -> None:
    drawn = seal(NAME, seed=1, colour=(120, 80, 30))
    page[:] = stamped(page, drawn, (450, 300))


def nothing(page: np.ndarray) -> None:
    page[:] = printed()


@pytest.mark.parametrize(
    "draw", [red_stone, red_ring, red_mark, red_headline, red_beads, brown_seal, nothing]
)
def test_what_is_no_seal(draw) -> None:
    page = blank()
    assert tuple(page[0, 0]) == PAPER
    draw(page)
    assert find_seals(photographed(page)) == []


def test_place_knows_its_outline() -> None:
    place = SealPlace((100.0, 80.0), (50.0, 30.0), 0.0, "oval", 1.0)
    (left, top), _, (right, bottom), _ = place.quad()
    assert (left, top, right, bottom) == pytest.approx((50, 50, 150, 110), abs=0.1)
    assert place.scaled(2).axes == (100.0, 60.0)


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize(
    ("shape", "axes"), [("round", (60.0, 58.0)), ("oval", (70.0, 50.0)), ("square", (60.0, 55.0))]
)
@pytest.mark.parametrize("angle", [-30.0, 20.0])
def test_a_seal_turns_with_its_page(
    turns: int, shape: str, axes: tuple[float, float], angle: float
) -> None:
    page = Page(blank(), np.eye(3), box_quad(0, 0, 899, 639), 0, 0.0)
    place = SealPlace((200.0, 300.0), axes, angle, shape, 0.9, "blue")
    turned = place.turned(turns, page.width, page.height)
    back = turned.corners() @ page.rotated(turns).to_photo[:2, :2].T
    back += page.rotated(turns).to_photo[:2, 2]
    apart = np.linalg.norm(back[:, None] - place.corners()[None], axis=2)
    assert apart.min(axis=1).max() < 1e-6
    assert sorted(apart.argmin(axis=1)) == [0, 1, 2, 3]
    assert (turned.shape, turned.ink) == (shape, "blue")
    assert -90 <= turned.angle <= 90
