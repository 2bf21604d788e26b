"""Quick ways with whole pictures must say what the plain ways say."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.geometry import Picture
from ocr.page import edges
from ocr.pixels import at_most, components, highest, percentile, shrunk
from ocr.reading import Quad
from ocr.seal.ellipse import fitted
from samples.generator import make


@pytest.fixture(scope="module")
def photo() -> Picture:
    return make(79).image


@pytest.mark.parametrize("part", [0.9, 0.62, 0.41, 0.23, 0.09])
def test_a_picture_made_smaller_is_that_of_every_pixel_weighed(photo: Picture, part: float) -> None:
    size = (round(photo.shape[1] * part), round(photo.shape[0] * part))
    weighed = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(int)
    small = shrunk(photo, size)
    assert small.shape == weighed.shape
    # Every stroke is there: skipping pixels loses thin ones and is off by far more.
    skipped = cv2.resize(photo, size, interpolation=cv2.INTER_NEAREST).astype(int)
    assert np.abs(small - weighed).mean() < 0.12 * np.abs(skipped - weighed).mean()


def test_a_picture_that_is_small_enough_stays_as_it_is(photo: Picture) -> None:
    assert at_most(photo, max(photo.shape)) == (photo, 1.0)
    thin, scale = at_most(np.zeros((3, 5000, 3), np.uint8), 500)
    assert thin.shape == (1, 500, 3) and scale == 0.1


def test_percentiles_are_those_of_numpy() -> None:
    rng = np.random.default_rng(1)
    for size in (1, 2, 3, 40, 5000):
        levels = rng.integers(90, 256, size, dtype=np.uint8)
        for share in (0, 1, 4, 33.3, 60, 90, 99, 100):
            assert percentile(levels, share) == pytest.approx(np.percentile(levels, share))
    every_other = np.arange(200, dtype=np.uint8).reshape(10, 20)[:, ::2]
    assert percentile(every_other, 50) == np.percentile(every_other, 50)


def test_what_touches_at_a_corner_is_one_component() -> None:
    mask = np.zeros((6, 9), np.uint8)
    mask[1, 1] = mask[2, 2] = mask[3, 1] = 1
    mask[1:5, 6:8] = 1
    labels, stats = components(mask)
    assert sorted(stats[1:, cv2.CC_STAT_AREA].tolist()) == [3, 8]
    assert labels[1, 1] == labels[3, 1] != labels[2, 6] and labels[0, 0] == 0


def test_the_highest_channel_is_taken_of_every_pixel() -> None:
    picture = np.random.default_rng(2).normal(size=(7, 5, 3))
    assert np.array_equal(highest(picture), picture.max(axis=2))


def test_sides_set_together_are_set_as_each_alone(photo: Picture) -> None:
    soft = np.asarray(cv2.GaussianBlur(photo, (0, 0), 1.2), np.uint8)
    height, width = soft.shape[:2]
    quads: list[Quad] = []
    for margin in (-0.1, 0.04, 0.15, 0.3):  # the first one leaves the photo
        x, y = margin * width, margin * height
        quads.append(((x, y), (width - x, y + 9), (width - x - 5, height - y), (x + 7, height - y)))
    together = edges.refine(soft, quads, 9.0)
    alone = [edges.refine(soft, [quad], 9.0)[0] for quad in quads]
    assert np.abs(np.array(together) - np.array(alone)).max() < 1e-3
    for one, quad in zip(edges.support(soft, together), together, strict=True):
        (other,) = edges.support(soft, [quad])
        assert one.sides == pytest.approx(other.sides) and one.seen == other.seen
        assert one.contrast == pytest.approx(other.contrast, rel=1e-3)
    assert any(quad != before for quad, before in zip(together, quads, strict=True))


@pytest.mark.parametrize("stray", [0, 30, 55])
def test_a_ring_is_told_through_points_of_other_things(stray: int) -> None:
    rng = np.random.default_rng(stray)
    turn = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    ring = np.stack([300 + 120 * np.cos(turn), 260 + 100 * np.sin(turn)], axis=1)
    chosen = rng.permutation(len(ring))[: round(len(ring) * stray / 100)]
    ring[chosen] = rng.uniform(100, 500, (len(chosen), 2))
    found = fitted(ring, (800, 1000))
    assert found is not None
    assert found.centre == pytest.approx((300, 260), abs=2)
    assert found.axes == pytest.approx((120, 100), abs=2)
