"""What would break: copied or other print goes untold, or honest print is told of."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import ALTERED, Field, Quad, Sign
from ocr.signs.altered import COPIED, LOOK, SHIFTED, altered
from ocr.signs.copies import aslant as aslant_lines
from ocr.signs.copies import copies
from ocr.signs.strokes import OWN, PARTED, look_at
from ocr.signs.unlike import FEATURES, features, unlike
from tests.ocr.drawing import draw_print

KEYS = ("certificate_no", "mass", "density", "colour", "shape", "conclusion", "refractive_index")
HEIGHT = 26
PLACES = {key: geometry.box_quad(100, 80 + 70 * at, 220, HEIGHT) for at, key in enumerate(KEYS)}


def page(*, same: bool = False, seed: int = 7) -> Picture:
    """Values of like print, with one lens's softness and one sensor's grain.

    Args:
        same: whether all values are the same characters.
        seed: of the grain.
    """
    rng = np.random.default_rng(seed)
    image = np.full((640, 520, 3), (208, 216, 218), np.uint8)
    for at, quad in enumerate(PLACES.values()):
        left, top, right, bottom = map(int, geometry.bounds(quad))
        draw_print(image, (left, top, right + 120, bottom), 24, (62, 60, 58), 3 if same else at)
    soft = cv2.GaussianBlur(image, (0, 0), 0.9).astype(np.float32)
    grain = rng.normal(0, 3, image.shape[:2]).astype(np.float32)[..., None]
    return np.asarray(np.clip(soft + grain, 0, 255), np.uint8)


def sent(image: Picture, scale: float, quality: int) -> Picture:
    """The picture as a messenger sends it."""
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def copied(image: Picture, source: str, target: str) -> Picture:
    """The picture with one value's print laid over another's, as an editor does it."""
    out = image.copy()
    left, top, right, bottom = map(int, geometry.bounds(PLACES[source]))
    x, y = map(int, PLACES[target][0])
    patch = image[top - 8 : bottom + 8, left - 5 : right + 5]
    out[y - 8 : y - 8 + patch.shape[0], x - 5 : x - 5 + patch.shape[1]] = patch
    return out


def found(image: Picture, scale: float = 1.0) -> set[frozenset[str]]:
    """The pairs of values that are told."""
    places = {key: geometry.as_quad(geometry.as_array(q) * scale) for key, q in PLACES.items()}
    return {frozenset(one.keys) for one in copies(image, places)}


@pytest.mark.parametrize(("scale", "quality"), [(1.0, 90), (0.8, 88)])
def test_copied_print_is_told_with_both_its_places(scale: float, quality: int) -> None:
    """Also where the photo was made smaller and compressed since."""
    image = sent(copied(page(), "mass", "colour"), scale, quality)
    assert found(image, scale) == {frozenset(("mass", "colour"))}


@pytest.mark.parametrize("same", [False, True])
def test_the_same_characters_printed_twice_are_no_copy(same: bool) -> None:  # noqa: FBT001
    """Every printing has grain of its own, though the characters agree."""
    assert found(sent(page(same=same), 1.0, 90)) == set()


def aslant(image: Picture, degrees: float) -> tuple[Picture, dict[str, Quad]]:
    """The picture as a camera sees it that is held aslant, and where its values lie."""
    turn = cv2.getRotationMatrix2D((260, 320), degrees, 1.0)
    moved = {
        key: geometry.as_quad(geometry.as_array(quad) @ turn[:, :2].T + turn[:, 2])
        for key, quad in PLACES.items()
    }
    paper = (208, 216, 218)
    out = cv2.warpAffine(image, turn, (520, 640), flags=cv2.INTER_CUBIC, borderValue=paper)
    return np.asarray(out, np.uint8), moved


def shifted(image: Picture, places: dict[str, Quad]) -> set[frozenset[str]]:
    """The pairs of values that are told though their grain does not agree."""
    return {frozenset(one.keys) for one in copies(image, places) if not one.grain}


def without_grain(*, same: bool = False) -> Picture:
    """What compression leaves of the page: its grain is gone."""
    return np.asarray(cv2.bilateralFilter(page(same=same), 7, 25, 3), np.uint8)


@pytest.mark.parametrize("quality", [75, 90])
def test_print_shifted_by_whole_pixels_is_told_without_its_grain(quality: int) -> None:
    image, places = aslant(without_grain(), 3.0)
    off = geometry.as_array(places["colour"])[0] - geometry.as_array(places["mass"])[0]
    x, y = map(round, off)
    quad = geometry.as_array(geometry.pad_quad(places["mass"], 5, 8))
    left, top, right, bottom = map(int, geometry.bounds(geometry.as_quad(quad)))
    image[top + y : bottom + y, left + x : right + x] = image[top:bottom, left:right]
    image = sent(image, 1.0, quality)
    assert shifted(image, places) == {frozenset(("mass", "colour"))}
    fields = {key: Field(key, "1", "1", 1.0, box, "test") for key, box in places.items()}
    told = {one.key for one in altered(image, None, fields, []) if one.detail == SHIFTED}
    assert told == {"mass", "colour"}


def test_like_print_seen_aslant_is_no_copy() -> None:
    """One word throughout, without grain: between its pixels each lies elsewhere."""
    for degrees in (-2.0, 1.3):
        image, places = aslant(without_grain(same=True), degrees)
        assert shifted(sent(image, 1.0, 90), places) == set()


def test_a_page_drawn_on_whole_pixels_is_not_asked_where_its_print_lies() -> None:
    """A program sets like letters whole pixels apart: only what was taken aslant is asked."""
    image = without_grain(same=True)
    assert shifted(sent(image, 1.0, 90), PLACES) == set()
    assert not aslant_lines(PLACES.values()) and aslant_lines(aslant(image, 3.0)[1].values())


def test_places_that_lie_over_one_another_are_no_copy() -> None:
    image = page()
    one = PLACES["mass"]
    assert list(copies(image, {"mass": one, "density": geometry.pad_quad(one, 3, 3)})) == []


def test_a_copy_s_places_are_marked_once_a_value() -> None:
    image = copied(page(), "mass", "colour")
    fields = {key: Field(key, "1", "1", 1.0, box, "test") for key, box in PLACES.items()}
    signs = [one for one in altered(image, None, fields, []) if one.detail == COPIED]
    assert {one.key for one in signs} == {"mass", "colour"} and len(signs) == 2
    for one in signs:
        assert one.box is not None and geometry.overlap(one.box, PLACES[one.key]) > 0.5
    stamped = altered(image, None, fields, [], [PLACES["mass"]])
    assert not any(one.detail == COPIED for one in stamped), "print under a seal is not compared"


def changed(image: Picture, key: str, sigma: float) -> Picture:
    """The picture with other, softer or harder and darker print on paper without grain."""
    out = image.copy()
    left, top, right, bottom = map(int, geometry.bounds(PLACES[key]))
    patch = np.full((bottom - top + 10, right - left + 20, 3), (208, 216, 218), np.uint8)
    draw_print(patch, (10, 5, right - left + 20, bottom - top + 5), 24, (10, 10, 10), 33)
    patch = np.asarray(cv2.GaussianBlur(patch, (0, 0), sigma), np.uint8)
    out[top - 5 : bottom + 5, left - 10 : right + 10] = patch
    return out


def test_look_measures_what_was_changed() -> None:
    """Sharper edges, darker ink, paper without grain; nothing where there is no print."""
    image = page()
    for key, own in (("edge", -0.1), ("ink", -0.5), ("grain_step", -0.8)):
        before = look_at(image, PLACES["density"])
        after = look_at(changed(image, "density", 0.4), PLACES["density"])
        assert before is not None and after is not None
        at = OWN.index(key)
        assert after.own[at] - before.own[at] < own, key
        assert len(after.own) == len(OWN) and len(after.parted) == 2 * len(PARTED)
    assert look_at(image, geometry.box_quad(350, 560, 120, 26)) is None
    assert look_at(image, geometry.box_quad(0, 0, 30, 5)) is None
    assert look_at(image, geometry.box_quad(-90, -90, 40, 30)) is None


def test_a_stretch_that_differs_shows_along_the_print() -> None:
    image = page()
    left, top, _, bottom = map(int, geometry.bounds(PLACES["mass"]))
    part = image.copy()
    dark = part[top:bottom, left : left + 60].astype(np.float32)
    part[top:bottom, left : left + 60] = np.where(dark < 120, dark * 0.3, dark).astype(np.uint8)
    at = 2 * PARTED.index("ink") + 1
    plain, other = (look_at(one, PLACES["mass"]) for one in (image, part))
    assert plain is not None and other is not None
    assert other.parted[at] < plain.parted[at] - 0.3


def scores(image: Picture) -> dict[str, float]:
    """How unlike the others each value is thought."""
    looks = {key: (look_at(image, quad), geometry.centre(quad)) for key, quad in PLACES.items()}
    return unlike({key: (look, at) for key, (look, at) in looks.items() if look is not None})


def test_print_unlike_the_rest_is_told_and_no_other() -> None:
    """The model that is kept with the program, on a page it never saw."""
    image = page()
    assert max(scores(image).values()) < 0
    found = scores(changed(image, "density", 0.4))
    assert [key for key, score in found.items() if score > 0] == ["density"]


def test_the_sign_has_the_value_s_place() -> None:
    leans = np.array([[0, -1], [0, 2], [0, 2], [0, -1]])  # as in a photo taken by hand
    places = {key: geometry.as_quad(geometry.as_array(q) + leans) for key, q in PLACES.items()}
    fields = {key: Field(key, "1", "1", 1.0, box, "test") for key, box in places.items()}
    image = changed(page(), "density", 0.4)
    assert altered(image, None, fields, []) == (Sign(ALTERED, LOOK, places["density"], "density"),)
    straight = {key: Field(key, "1", "1", 1.0, box, "test") for key, box in PLACES.items()}
    assert altered(image, None, straight, []) == (), "a program draws values as it likes"


def test_among_few_values_none_is_unlike() -> None:
    image = page()
    few: dict[str, Quad] = dict(list(PLACES.items())[:4])
    looks = {}
    for key, quad in few.items():
        look = look_at(image, quad)
        assert look is not None
        looks[key] = (look, geometry.centre(quad))
    assert features(looks) == {} and unlike(looks) == {} and unlike({}) == {}
    assert len(FEATURES) == len(set(FEATURES))
