"""Small upright pictures of what was sent in: pixels alone, nothing of what a camera adds."""

from __future__ import annotations

import logging

import cv2

from ocr.errors import OcrError
from ocr.photo import Photo, load

log = logging.getLogger(__name__)

# Sharp enough to read the print on a desk's screen, small enough for a phone's network.
LONGEST_SIDE = 1600
JPEG_QUALITY = 82


def small_pictures(data: bytes, name: str) -> dict[int, bytes]:
    """JPEGs of the pages, by page from 1.

    Args:
        data: the file's bytes.
        name: the file's name, for errors.

    Returns:
        Pictures of at most LONGEST_SIDE pixels, EXIF applied; none where the file cannot
        be opened, which the report says already.
    """
    try:
        photos = load(data, name)
    except OcrError as error:
        log.info("no picture of %s: %s", name, error.code)
        return {}
    return {photo.page: _jpeg(photo) for photo in photos}


def _jpeg(photo: Photo) -> bytes:
    image = photo.image
    scale = LONGEST_SIDE / max(photo.width, photo.height)
    if scale < 1:
        size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    done, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError("JPEG encoding failed")
    return bytes(encoded)
