"""Print under a seal must become readable, and everything else stay as it was."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.seal.density import red_density, red_mask
from ocr.seal.find import find_seals
from ocr.seal.ink import only_red, without_red
from tests.ocr.seal_pages import blank, photographed, printed, seal, stamped

NAME = "示例玉石检测中心"
CENTRE = (500, 350)


def around_seal(picture: np.ndarray) -> np.ndarray:
    return picture[CENTRE[1] - 140 : CENTRE[1] + 140, CENTRE[0] - 140 : CENTRE[0] + 140]


def test_red_density_sees_red_and_no_black_print() -> None:
    clean = photographed(printed())
    marked = photographed(stamped(printed(), seal(NAME), CENTRE))
    assert red_mask(clean).mean() < 0.004
    assert red_mask(marked).mean() > 0.02
    assert red_density(marked).shape == marked.shape[:2]


def test_print_under_the_seal_comes_back() -> None:
    clean = photographed(printed())
    marked = photographed(stamped(printed(), seal(NAME), CENTRE))
    lifted = without_red(marked)
    before = np.abs(around_seal(marked).astype(int) - around_seal(clean)).mean()
    after = np.abs(around_seal(lifted).astype(int) - around_seal(clean)).mean()
    assert after < 0.35 * before
    # Black print is still black: as many dark pixels as on the page without a seal.
    dark = [int((around_seal(p).max(axis=2) < 110).sum()) for p in (clean, lifted)]
    assert 0.8 < dark[1] / dark[0] < 1.25


def test_red_print_and_a_red_stone_away_from_the_seal_are_not_touched() -> None:
    page = stamped(printed(), seal(NAME), (650, 420))
    cv2.circle(page, (180, 500), 80, (45, 35, 200), -1)
    cv2.putText(page, "TITLE", (60, 110), cv2.FONT_HERSHEY_SIMPLEX, 2.5, (40, 30, 190), 6)
    page = photographed(page)
    lifted = without_red(page)
    assert np.array_equal(lifted[:, :450], page[:, :450])
    assert not np.array_equal(lifted[:, 450:], page[:, 450:])


def test_page_without_a_seal_is_the_same() -> None:
    page = photographed(printed())
    assert np.array_equal(without_red(page), page)
    assert np.array_equal(without_red(page, []), page)


def test_given_places_are_used() -> None:
    page = photographed(stamped(printed(), seal(NAME), CENTRE))
    assert np.array_equal(without_red(page, find_seals(page)), without_red(page))


def test_only_red_leaves_the_seal_alone_on_white() -> None:
    page = photographed(stamped(printed(), seal(NAME), CENTRE))
    seals_only = only_red(page)
    assert seals_only.shape == page.shape
    assert (seals_only[:, :300] > 200).mean() > 0.999
    assert (around_seal(seals_only) < 100).mean() > 0.05


def test_blank_page_has_no_red() -> None:
    assert (only_red(blank()) == 255).all()
