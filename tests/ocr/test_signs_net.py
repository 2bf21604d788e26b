"""What would break: values laid wrongly before the net, its word lost or weighed wrongly."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr import geometry
from ocr.photo import load
from ocr.reading import ALTERED, Field, Line
from ocr.signs import net, sheet, weighing
from ocr.signs.altered import altered
from ocr.signs.saved import saving
from tests.benchmarks import flat_pages
from tests.ocr.test_signs_look import PLACES, changed, page

TURNS = (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE)


def test_pieces_lie_side_by_side_with_their_stretches() -> None:
    image = page()
    laid = sheet.sheet(image, PLACES)
    assert laid is not None and laid.keys == tuple(PLACES)
    assert laid.image.shape[0] % sheet.CELL == 0 and laid.image.shape[1] == sheet.WIDE
    assert laid.inner.shape == (laid.image.shape[0] // sheet.CELL, sheet.WIDE // sheet.CELL)
    assert not ((laid.inner >= 0) & (laid.outer >= 0)).any()
    assert set(np.unique(laid.inner)) - {-1} == set(range(len(laid.owner)))
    assert np.bincount(laid.owner).min() >= 5, "a value of eight heights has several stretches"
    light = cv2.cvtColor(laid.image, cv2.COLOR_BGR2GRAY)[2::4, 2::4]
    assert light[laid.outer >= 0].mean() > light[laid.inner >= 0].mean() + 20
    assert sheet.sheet(image, {}) is None


@pytest.mark.parametrize("turn", TURNS)
def test_print_runs_across_however_the_photo_lies(turn: int) -> None:
    """Of a photo that was turned, the same pieces are seen."""
    image = page()
    turned = np.asarray(cv2.rotate(image, turn), np.uint8)
    high, wide = image.shape[:2]
    ways = {
        TURNS[0]: lambda q: np.stack((high - q[:, 1], q[:, 0]), axis=1),
        TURNS[1]: lambda q: np.array((wide, high)) - q,
        TURNS[2]: lambda q: np.stack((q[:, 1], wide - q[:, 0]), axis=1),
    }
    places = {
        key: geometry.as_quad(ways[turn](geometry.as_array(quad))) for key, quad in PLACES.items()
    }
    plain, other = sheet.sheet(image, PLACES), sheet.sheet(turned, places)
    assert plain is not None and other is not None
    assert abs(other.image.shape[0] - plain.image.shape[0]) <= 8 * sheet.CELL
    assert np.array_equal(np.bincount(other.owner), np.bincount(plain.owner))


def test_a_page_of_very_many_values_fills_no_more_than_one_sheet() -> None:
    many = {str(at): PLACES["mass"] for at in range(300)}
    laid = sheet.sheet(page(), many)
    assert laid is not None and 10 < len(laid.keys) < 300
    assert laid.image.shape[0] <= 1536


def test_the_net_tells_the_changed_value_from_the_others() -> None:
    words = net.judged(changed(page(), "density", 0.4), PLACES)
    assert set(words) == set(PLACES)
    assert max(words, key=lambda key: words[key].both) == "density"
    assert words["density"].both > max(words[key].both for key in PLACES if key != "density") + 1
    few = dict(list(PLACES.items())[: net.FEWEST - 1])
    assert net.judged(page(), few) == {}


def test_without_openvino_the_net_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openvino", None)
    monkeypatch.setattr(net, "_net", net._net.__wrapped__)
    assert net.judged(page(), PLACES) == {}


def test_both_words_weigh() -> None:
    """The surer either is, the further above the threshold a value lies."""
    weak, strong = net.Judged(-4, -4, -4, -5), net.Judged(4, 4, 4, 2)
    told = weighing.weighed(
        {"a": weak, "b": strong, "c": weak, "d": weak}, {"b": 1, "c": 3, "d": 0}
    )
    assert told["a"] < 0 < told["b"] and told["d"] < told["c"] < told["b"]
    assert len(weighing.terms(weak, None)) == len(weighing.TERMS)
    assert weighing.terms(weak, None)[-1] == 1 and weighing.terms(weak, 0.0)[-1] == 0
    far = net.Judged(99, 99, 99, 99)
    assert np.abs(weighing.terms(far, 99.0)).max() <= 6


@pytest.mark.parametrize("kind", flat_pages.KINDS)
def test_what_no_camera_took_is_not_told(kind: str) -> None:
    """Print of a screen or a scanner differs in nothing but what it says."""
    sent, truth = flat_pages.page(6_250_001, kind)
    photo = load(sent.data, kind)[0]
    fields = {key: Field(key, "", "", 1.0, box, "truth") for key, box in sent.boxes.items()}
    lines = [Line("", 1.0, box, box, "truth") for box in sent.boxes.values()]
    seals = [geometry.as_quad(one["box"]) for one in truth["seals"]]
    signs = altered(photo.image, saving(sent.data, photo), fields, lines, seals)
    assert [one for one in signs if one.kind == ALTERED] == []
    assert len(net.judged(photo.image, sent.boxes)) >= net.FEWEST
