"""Whether the small picture that a camera put into the file shows what the picture shows.

Many editors change the picture and leave its small copy (EXIF 2.32, 4.5.5) as it was. Cameras pad
that copy with black or cut it to 4 : 3, and people turn and crop a photo on the phone, which is no
sign: the one is looked for within the other, at any quarter turn.
"""

from __future__ import annotations

import dataclasses as dc
import io
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import ExifTags

from ocr import geometry
from ocr.errors import PhotoError
from ocr.geometry import Picture
from ocr.photo import DECODE_ERRORS, PDF, Photo, load, opener, sniff
from ocr.pixels import at_most
from ocr.reading import THUMBNAIL, Quad, Sign

_OFFSET, _LENGTH = 0x0201, 0x0202  # EXIF 2.32: JPEGInterchangeFormat and its length
_HEAD = b"Exif\0\0"
_LEAST, _MOST = 48, 96  # px of the small picture's long side: tells enough, is quick
_PADDING = 20  # grey level up to which a whole row is the camera's padding
_PLAIN = 6.0  # standard deviation of grey levels below which a picture shows nothing
_ASPECT = 0.04  # of the sides' relation: whole pictures, rounded to whole px
# Measured on 50 photographs, see docs/benchmarks.md: one that is told as another's, so alike that
# a place may be told, and how far that place differs in grey levels.
_OTHER, _SAME, _CHANGED = 0.7, 0.97, 65.0
_SCALES = np.geomspace(0.5, 2.0, 29)  # of the picture's long side to the small one's
_FINER = np.linspace(0.97, 1.03, 11)
_SHARE = 0.3  # of the small picture that has to be found in the large one, or the other way
_CELL = 0.06  # of the long side: a place that may differ


@dc.dataclass(frozen=True, eq=False)
class _Match:
    """The same view of both.

    Attributes:
        likeness: correlation, -1..1.
        large, small: grey, of one size.
        corners: of the view in the large picture as shares of its sides: left, top, right, bottom.
    """

    likeness: float
    large: Picture
    small: Picture
    corners: tuple[float, float, float, float]


def thumbnail_sign(data: bytes, photo: Photo) -> tuple[Sign, ...]:
    """A sign where the file's small picture shows something else; none without such a one.

    Args:
        data: the file's bytes.
        photo: its picture.
    """
    small = _thumbnail(data)
    if small is None:
        return ()
    large = _grey(at_most(photo.image, 3 * _MOST)[0])
    if min(float(large.std()), float(small.std())) < _PLAIN:
        return ()
    best = max(_matches(large, small), key=lambda one: one.likeness)
    if best.likeness < _OTHER:
        return (Sign(THUMBNAIL, ""),)
    place = _changed(best)
    if place is None:
        return ()
    scale = np.array((photo.width, photo.height))
    return (Sign(THUMBNAIL, "", geometry.as_quad(geometry.as_array(place) * scale)),)


def _thumbnail(data: bytes) -> Picture | None:
    """The small picture, its padding cut off; None where there is none worth a look."""
    kind = sniff(data)
    if kind is None or kind == PDF:
        return None
    try:
        with opener(kind)(io.BytesIO(data)) as image:
            ifd = image.getexif().get_ifd(ExifTags.IFD.IFD1)
            start, length = int(ifd[_OFFSET]), int(ifd[_LENGTH])
            packed = bytes(image.info.get("exif", b"")).removeprefix(_HEAD)
        small = load(packed[start : start + length], "thumbnail")[0].image
    except (*DECODE_ERRORS, PhotoError):
        return None
    grey = _unpadded(at_most(_grey(small), _MOST)[0])
    return grey if max(grey.shape) >= _LEAST and min(grey.shape) >= _LEAST / 2 else None


def _grey(image: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def _unpadded(grey: Picture) -> Picture:
    """Without rows and columns of black at its rims."""
    rows = np.flatnonzero(np.percentile(grey, 95, axis=1) > _PADDING)
    columns = np.flatnonzero(np.percentile(grey, 95, axis=0) > _PADDING)
    if not len(rows) or not len(columns):
        return grey
    # The compression blurs the padding's edge.
    top, left = (int(one[0]) + 2 * bool(one[0]) for one in (rows, columns))
    bottom = int(rows[-1]) + 1 - 2 * (rows[-1] + 1 < grey.shape[0])
    right = int(columns[-1]) + 1 - 2 * (columns[-1] + 1 < grey.shape[1])
    return np.ascontiguousarray(grey[top:bottom, left:right])


def _matches(large: Picture, small: Picture) -> Iterator[_Match]:
    """Both as a whole; where that is not the same picture, one within the other."""
    turned = [np.ascontiguousarray(np.rot90(small, turn)) for turn in range(4)]
    best = -1.0
    for one in turned:
        height, width = one.shape
        relation = (large.shape[1] / large.shape[0]) / (width / height)
        if abs(relation - 1) < _ASPECT:
            match = _found(large, one, 1.0)
            best = max(best, match.likeness)
            yield match
    if best < _SAME:
        for one in turned:
            coarse = [_found(large, one, float(scale)) for scale in _SCALES]
            best_scale = _SCALES[int(np.argmax([match.likeness for match in coarse]))]
            fine = (_found(large, one, float(best_scale * step)) for step in _FINER)
            yield max(fine, key=lambda match: match.likeness)


def _found(large: Picture, small: Picture, scale: float) -> _Match:
    """The place of one picture in the other, where the large one has that scale to the small."""
    factor = scale * max(small.shape) / max(large.shape)
    size = (max(1, round(large.shape[1] * factor)), max(1, round(large.shape[0] * factor)))
    if abs(size[0] - small.shape[1]) <= 2 and abs(size[1] - small.shape[0]) <= 2:
        size = (small.shape[1], small.shape[0])
    scaled, small = (
        np.asarray(cv2.blur(one, (3, 3)), np.uint8)
        for one in (cv2.resize(large, size, interpolation=cv2.INTER_AREA), small)
    )
    within = scaled.shape[0] <= small.shape[0] and scaled.shape[1] <= small.shape[1]
    around = scaled.shape[0] >= small.shape[0] and scaled.shape[1] >= small.shape[1]
    share = small.size / scaled.size if around else scaled.size / small.size
    if not (within or around) or share < _SHARE:
        return _Match(-1.0, scaled, small, (0.0, 0.0, 1.0, 1.0))
    whole, part = (small, scaled) if within and not around else (scaled, small)
    likeness = cv2.matchTemplate(whole, part, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(likeness)
    view = whole[y : y + part.shape[0], x : x + part.shape[1]]
    if whole is small:
        return _Match(float(best), scaled, view, (0.0, 0.0, 1.0, 1.0))
    wide, tall = scaled.shape[1], scaled.shape[0]
    corners = (x / wide, y / tall, (x + part.shape[1]) / wide, (y + part.shape[0]) / tall)
    return _Match(float(best), view, small, corners)


def _changed(match: _Match) -> Quad | None:
    """The place that differs where all else is the same, in shares of the large picture's sides."""
    side = max(3, round(_CELL * max(match.large.shape))) | 1
    large, small = (one.astype(np.float32) for one in (match.large, match.small))
    slope, level = np.polyfit(large.ravel(), small.ravel(), 1)
    apart = np.abs(cv2.blur(slope * large + level - small, (side, side)))
    peak = float(apart.max())
    if peak < _CHANGED:
        return None
    _, parts, boxes, _ = cv2.connectedComponentsWithStats((apart > peak / 3).astype(np.uint8))
    part = parts[np.unravel_index(int(apart.argmax()), apart.shape)]
    rest = parts != part
    if float(np.corrcoef(large[rest], small[rest])[0, 1]) < _SAME:
        return None
    left, top, width, height = (int(one) for one in boxes[part, :4])
    tall, wide = apart.shape
    return _share(match, (left / wide, top / tall, (left + width) / wide, (top + height) / tall))


def _share(match: _Match, part: tuple[float, float, float, float]) -> Quad:
    left, top, right, bottom = match.corners
    wide, tall = right - left, bottom - top
    return geometry.box_quad(
        left + part[0] * wide, top + part[1] * tall,
        (part[2] - part[0]) * wide, (part[3] - part[1]) * tall,
    )  # fmt: skip
