"""Small upright pictures of what was sent in: pixels alone, nothing of what a camera adds."""

from __future__ import annotations

import dataclasses as dc
import logging
import math
from collections.abc import Sequence

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from ocr.errors import OcrError
from ocr.geometry import as_quad, pad_quad, quad_size
from ocr.photo import Photo, load

log = logging.getLogger(__name__)

# Sharp enough to read the print on a desk's screen, small enough for a phone's network.
LONGEST_SIDE = 1600
JPEG_QUALITY = 82
# Places are enlarged from a picture of so many pixels; of a whole A4 page that is 12 a millimetre.
DETAIL_SIDE = 3600
DETAIL_QUALITY = 88
# A detail that has hardly more pixels shows nothing more.
_MORE = 1.2
# Around a place that is enlarged, of its height; at least so much of the picture's width is shown.
_MARGIN = 0.9
_LEAST_SHARE = 0.16
# Between print and the line around it, of the place's height, so that no stroke is covered.
_AIR = 0.15
# Pixels of an enlarged place: as wide as two phones, so that it stays sharp on either.
ENLARGED = 800
_MOST_ENLARGED = 4.0

Box = Sequence[Sequence[float]]


@dc.dataclass(frozen=True, slots=True)
class Pictures:
    """JPEGs of one page.

    Attributes:
        small: at most LONGEST_SIDE pixels.
        detail: at most DETAIL_SIDE; None where the photo has no more to show than `small`.
    """

    small: bytes
    detail: bytes | None


def pictures_of(data: bytes, name: str) -> dict[int, Pictures]:
    """JPEGs of the pages, by page from 1, EXIF applied.

    Args:
        data: the file's bytes.
        name: the file's name, for errors.

    Returns:
        None where the file cannot be opened, which the report says already.
    """
    try:
        photos = load(data, name)
    except OcrError as error:
        log.info("no picture of %s: %s", name, error.code)
        return {}
    return {photo.page: _pictures(photo) for photo in photos}


def enlarged(jpeg: bytes, width: int, box: Box) -> bytes:
    """The place of a box, enlarged, its surroundings left light and dark as they are.

    Args:
        jpeg: a picture of the page.
        width: of the upright photo in pixels, which the box is measured in.
        box: four corners.

    Returns:
        A JPEG with the box drawn around the place.

    Raises:
        ValueError: the picture is none, or the box lies outside it.
    """
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError("no picture")
    scale = image.shape[1] / width
    corners = np.array(box, np.float64) * scale
    left, top, right, bottom = _window(corners, image.shape[1], image.shape[0])
    if right - left < 1 or bottom - top < 1:
        raise ValueError("the box lies outside the picture")
    zoom = min(_MOST_ENLARGED, ENLARGED / (right - left))
    size = (round((right - left) * zoom), max(1, round((bottom - top) * zoom)))
    way = cv2.INTER_CUBIC if zoom > 1 else cv2.INTER_AREA
    cut = cv2.resize(image[top:bottom, left:right], size, interpolation=way)
    quad = as_quad(corners)
    air = _AIR * quad_size(quad)[1]
    drawn = np.array(pad_quad(quad, air, air))
    places = np.round((drawn - (left, top)) * zoom).astype(np.int32)
    for colour, thickness in (((255, 255, 255), 5), ((58, 73, 35), 2)):
        cv2.polylines(cut, [places], isClosed=True, color=colour, thickness=thickness,
                      lineType=cv2.LINE_AA)  # fmt: skip
    return _encoded(cut, DETAIL_QUALITY)


def _window(corners: NDArray[np.float64], width: int, height: int) -> tuple[int, int, int, int]:
    """What is shown around a place: left, top, right, bottom."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    short = max(1.0, min(right - left, bottom - top))
    across = max(right - left + 2 * _MARGIN * short, _LEAST_SHARE * width)
    down = max(bottom - top + 2 * _MARGIN * short, across / 4)
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    return (
        max(0, math.floor(middle_x - across / 2)), max(0, math.floor(middle_y - down / 2)),
        min(width, math.ceil(middle_x + across / 2)), min(height, math.ceil(middle_y + down / 2)),
    )  # fmt: skip


def _pictures(photo: Photo) -> Pictures:
    more = max(photo.width, photo.height) > _MORE * LONGEST_SIDE
    return Pictures(
        _jpeg(photo, LONGEST_SIDE, JPEG_QUALITY),
        _jpeg(photo, DETAIL_SIDE, DETAIL_QUALITY) if more else None,
    )


def _jpeg(photo: Photo, longest: int, quality: int) -> bytes:
    image = photo.image
    scale = longest / max(photo.width, photo.height)
    if scale < 1:
        size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return _encoded(image, quality)


def _encoded(image: MatLike, quality: int) -> bytes:
    done, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("JPEG encoding failed")
    return bytes(encoded)
