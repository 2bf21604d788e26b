"""Which part of the paper to photograph again, and how, where something was not read.

Advice on the whole photo is measured before anything is read (`ocr.quality`). This is
about single places: a field's label was read and its value not, or what every
certificate has is missing and something lies where it might stand. Where everything was
read, reflections and fingers did no harm and nothing is said of them.

A value half of which is washed out or under a finger is worse than none: `2.68` reads as
`3`. Such values are taken back and asked for again.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry, quality, spots
from ocr.fields.extract import Extract
from ocr.geometry import Picture
from ocr.page import Page
from ocr.page.lines import ink_pieces
from ocr.photo import Photo
from ocr.pixels import percentile
from ocr.reading import Advice, Field, Quad
from ocr.spots import Spot

Plane = npt.NDArray[np.uint8]

COVERED = "photo.covered"
SMALL = "photo.small"
UNCLEAR = "photo.unclear"
# What every certificate has: one of them missing may lie under a finger.
ALWAYS = ("certificate_no", "lab_name", "cma_no", "conclusion", "approver", "issue_date", "address")
# Where these were said of the whole photo, nothing is added about its parts.
_WHOLE = frozenset({quality.BLURRED, quality.SHAKEN, quality.TOO_FAR, quality.DARK})
_FEW_LETTERS = 8  # fur and gravel read as a letter or two
_SMALL_PRINT = 15.0  # px: generated print below this is misread, above it hardly ever
_WIDTH, _DEPTH = 8.0, 1.3  # heights of a label: where its value stands, right and below
_LIGHTER = 8.0  # grey levels of a washed-out place over the paper beside its label
_BURNT_SHARE = 0.2  # of a place, beyond which it is the light that hid what stood there
_CLEAR_SPOT = 30.0  # contrast from which a spot is a lamp, not white paper
_LARGE_SPOT = 0.08  # of the page: beyond it, white paper in strong light
_BESIDE = 0.8  # heights of print beyond a value's ends, where its next character would stand
_TOUCHED = 0.03  # of that place and the value under a finger
# Contrast of a value's first or last character over the page's: where print was lost beside
# a reflection 0.15 to 0.59, where none was 0.63 and more (46 values near reflections).
_FADED = 0.62
# Of the place beside a value, from which a reflection may hide its next character: on 14
# photographs with one over a field all five values that lost some were told, and one whole
# one of 280 with them; at a touch (0.03), which soft light on ordinary photographs is, five.
_GAP = 0.25
# Grey level that is white, and its share of a place where print was lost: beside six values
# that reflections had cut 0.008 to 0.92, beside eleven whole ones below 0.005 but for one of
# 0.05 (26 photographs; light that leaves no white fades small print without hiding any).
_FULL, _FULL_SHARE = 253, 0.005
_RIM = 1.0  # px from the page's rim: a margin is left around paper, so print there is cut
_INK = 0.02  # of a place, below which nothing is printed there
_ROWS = ("top", "middle", "bottom")
_COLUMNS = ("left", "centre", "right")


@dc.dataclass(frozen=True, slots=True)
class _Place:
    """Where a value that was not read should stand.

    Attributes:
        key: of the field.
        label: box of its label, page px.
        box: of the value, page px.
    """

    key: str
    label: Quad
    box: Quad


@dc.dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a page before it was read.

    Attributes:
        advice: on the whole photo.
        reflections: places washed out by light.
        fingers: things over the print.
    """

    advice: tuple[Advice, ...]
    reflections: tuple[Spot, ...]
    fingers: tuple[Spot, ...]


def look(photo: Photo, page: Page) -> Look:
    """Everything that can be told without reading.

    Args:
        photo: the upright photo.
        page: found in it, upright.
    """
    return Look(
        tuple(quality.measure(photo, page)),
        tuple(spots.reflections(page.image)),
        tuple(spots.fingers(page.image)),
    )


def half_seen(
    page: Page, seen: Look, fields: Mapping[str, Field], labels: Mapping[str, Quad]
) -> list[str]:
    """Keys of the values that run into a reflection or under a finger.

    Args:
        page: upright.
        seen: what lies on it.
        fields: that were read.
        labels: places of the labels that were read, in the photo.
    """
    if not seen.reflections and not seen.fingers:
        return []
    grey = np.asarray(cv2.cvtColor(page.image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    boxes = [*(field.box for field in fields.values()), *labels.values()]
    common = [_contrast(grey, geometry.bounds(page.from_photo_quad(box))) for box in boxes]
    usual = float(np.median(common)) if common else 0.0
    return [k for k, field in fields.items() if _half_seen(page, seen, grey, usual, field)]


def cut_off(page: Page, fields: Mapping[str, Field]) -> list[str]:
    """Keys of the values that the page's rim cuts: 检测技术有限公司 is half a name.

    Args:
        page: upright.
        fields: that were read.
    """
    return [
        key
        for key, field in fields.items()
        if any(_at_rim(page, page.from_photo_quad(part)) for part in field.parts or (field.box,))
    ]


def _at_rim(page: Page, box: Quad) -> bool:
    left, top, right, bottom = geometry.bounds(box)
    return (
        min(left, top) <= _RIM or right >= page.width - 1 - _RIM or bottom >= page.height - 1 - _RIM
    )


def _half_seen(page: Page, seen: Look, grey: Plane, usual: float, field: Field) -> bool:
    for quad in field.parts or (field.box,):
        left, top, right, bottom = geometry.bounds(page.from_photo_quad(quad))
        height = bottom - top
        whole = (left - _BESIDE * height, top, right + _BESIDE * height, bottom)
        if any(finger.covers(*whole) > _TOUCHED for finger in seen.fingers):
            return True
        ends = (
            (whole[0], left, (left, top, left + height, bottom)),
            (right, whole[2], (right - height, top, right, bottom)),
        )
        for near, far, end in ends:
            lit = any(spot.covers(near, top, far, bottom) > _GAP for spot in seen.reflections)
            if (
                lit
                and _contrast(grey, end) < _FADED * usual
                and _white(page, (near, top, far, bottom))
            ):
                return True
    return False


def _white(page: Page, box: tuple[float, float, float, float]) -> bool:
    """Whether light has left nothing of a place: grain shows wherever print would."""
    left, top, right, bottom = (max(0, int(v)) for v in box)
    darkest = page.image[top : bottom + 1, left : right + 1].min(axis=2)
    return darkest.size > 0 and float((darkest >= _FULL).mean()) >= _FULL_SHARE


def _contrast(grey: Plane, box: tuple[float, float, float, float]) -> float:
    """Grey levels between paper and ink in a place of the page."""
    left, top, right, bottom = (max(0, int(v)) for v in box)
    place = grey[top : bottom + 1, left : right + 1]
    return percentile(place, 90) - percentile(place, 4) if place.size else 0.0


def advise(
    page: Page,
    seen: Look,
    extracted: Extract,
    fields: Mapping[str, Field],
    unread: Mapping[str, Quad],
    letters: int,
) -> list[Advice]:
    """All advice on a photo that was read.

    Args:
        page: upright.
        seen: what was told without reading.
        extracted: labels, and whether this is a certificate.
        fields: that can be stated.
        unread: where others stand, or should, in the photo.
        letters: how many characters were read at all.

    Returns:
        What was measured, reflections that hid nothing left out; then the places to
        photograph again, each with its `part` and the `fields` that stand there.
    """
    whole = [one for one in seen.advice if one.code != quality.GLARE]
    if not extracted.is_certificate:
        told = {one.code for one in seen.advice}
        bare = letters < _FEW_LETTERS and quality.NO_PRINT not in told
        return [*seen.advice, Advice(quality.NO_PRINT, float(letters))] if bare else [*seen.advice]
    places = _places(page, extracted.labels, fields, unread)
    known = {place.key for place in places}
    lost = [key for key in ALWAYS if key not in fields and key not in known]
    if not places and not lost:
        return whole
    finder = _Finder(page, seen, lost_anywhere=bool(lost))
    quiet = any(one.code in _WHOLE for one in whole)
    causes = {place: finder.cause(place) for place in places}
    said = [cause for cause in causes.values() if cause in (quality.GLARE, COVERED)]
    local = [
        advice
        for advice in _grouped(page, causes)
        if not quiet or advice.code in (quality.GLARE, COVERED)
    ]
    return whole + local + ([] if said else finder.lost(page))


def _places(
    page: Page,
    labels: Mapping[str, Quad],
    fields: Mapping[str, Field],
    unread: Mapping[str, Quad],
) -> list[_Place]:
    """Every field that was not read and whose place is known, by its label or by itself."""
    found = []
    for key in dict.fromkeys([*labels, *unread]):
        if key in fields:
            continue
        label = page.from_photo_quad(labels[key] if key in labels else unread[key])
        left, top, right, bottom = geometry.bounds(label)
        height = bottom - top
        box = geometry.box_quad(right, top, _WIDTH * height, height)
        if key in unread:
            box = page.from_photo_quad(unread[key])
        found.append(_Place(key, label, box))
    return found


class _Finder:
    """Looks at places of one page; what is common to all is worked out once."""

    def __init__(self, page: Page, seen: Look, *, lost_anywhere: bool) -> None:
        self.page, self.lost_anywhere = page, lost_anywhere
        self.reflections, self.fingers = seen.reflections, seen.fingers
        self.ink = ink_pieces(page.image)
        self.print = quality.print_of(page.image)

    def cause(self, place: _Place) -> str:
        """Why a value could not be read, or "" where none is printed."""
        if any(_meet(place.box, finger.box) for finger in self.fingers):
            return COVERED
        if self._washed_out(place):
            return quality.GLARE
        if not self._printed(place):
            return ""
        if self.print is None:
            return UNCLEAR
        if quality.height_in_photo(self.page, self.print, place.box) < _SMALL_PRINT:
            return SMALL
        return UNCLEAR

    def lost(self, page: Page) -> list[Advice]:
        """What may hide a thing whose place is not known: a finger, a lamp's reflection."""
        if not self.lost_anywhere:
            return []
        if self.fingers:
            return [_advice(page, COVERED, one) for one in self.fingers[:1]]
        lamps = [
            one
            for one in self.reflections
            if one.contrast >= _CLEAR_SPOT and one.share <= _LARGE_SPOT
        ]
        return [_advice(page, quality.GLARE, one) for one in lamps[:1]]

    def _washed_out(self, place: _Place) -> bool:
        if not any(_meet(place.box, spot.box) for spot in self.reflections):
            return False
        here, beside = (_crop(self.page.image, box) for box in (place.box, place.label))
        if not here.size or not beside.size:
            return False
        paper = float(np.percentile(beside.min(axis=2), 80))
        burnt = here.min(axis=2) >= max(spots.BURNT, paper + _LIGHTER)
        return float(burnt.mean()) > _BURNT_SHARE

    def _printed(self, place: _Place) -> bool:
        scale = self.ink.shape[1] / self.page.width
        left, top, right, bottom = geometry.bounds(place.box)
        deep = top + (bottom - top) * (1 + _DEPTH)
        rows = (max(0, round(top * scale)), round(bottom * scale))
        below = (rows[1], round(deep * scale))
        columns = slice(max(0, round(left * scale)), round(right * scale))
        return any(
            self.ink[first:last, columns].size and self.ink[first:last, columns].mean() > _INK
            for first, last in (rows, below)
        )


def _grouped(page: Page, causes: dict[_Place, str]) -> list[Advice]:
    """One advice for each cause and part of the page."""
    groups: dict[tuple[str, str], list[_Place]] = {}
    for place, cause in causes.items():
        if cause:
            groups.setdefault((cause, part_of(page, place.box)), []).append(place)
    found = []
    for (cause, part), members in groups.items():
        points = np.array([point for one in members for point in one.box], np.float32)
        left, top, wide, tall = (float(v) for v in cv2.boundingRect(points))
        box = page.to_photo_quad(geometry.box_quad(left, top, wide, tall))
        share = wide * tall / (page.width * page.height)
        keys = tuple(one.key for one in members)
        found.append(Advice(cause, round(share, 3), box, part, keys))
    return found


def _advice(page: Page, code: str, spot: Spot) -> Advice:
    box = page.to_photo_quad(spot.box)
    return Advice(code, round(spot.share, 3), box, part_of(page, spot.box))


def part_of(page: Page, box: Quad) -> str:
    """The ninth of the page that a box's middle lies in: `top_left`, `top` … `centre`."""
    x, y = geometry.centre(box)
    row = _ROWS[min(2, max(0, int(3 * y / page.height)))]
    column = _COLUMNS[min(2, max(0, int(3 * x / page.width)))]
    if row == "middle":
        return column
    return row if column == "centre" else f"{row}_{column}"


def _meet(one: Quad, two: Quad) -> bool:
    a, b = geometry.bounds(one), geometry.bounds(two)
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _crop(image: Picture, box: Quad) -> Picture:
    left, top, right, bottom = (round(v) for v in geometry.bounds(box))
    return image[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
