"""How a file was saved: the tables of its compression, and what its camera says of the picture."""

from __future__ import annotations

import dataclasses as dc
import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from ocr.photo import DECODE_ERRORS, PDF, Photo, opener, orientation, sniff
from ocr.reading import RESAVED, Sign

_SIDE = 8  # px of a JPEG's block
_LOSSLESS = ("PNG", "BMP")
_MAKE, _MODEL, _EXIF = 0x010F, 0x0110, 0x8769  # EXIF 2.32
_SIZE = 0xA002, 0xA003  # PixelXDimension, PixelYDimension
_TURNED, _LEFT_RIGHT, _UPSIDE_DOWN = (5, 6, 7, 8), (2, 3, 6, 7), (3, 4, 7, 8)


@dc.dataclass(frozen=True, eq=False)
class Saving:
    """A file's last saving, as the upright picture lies.

    Attributes:
        steps: 8 × 8 of the luminance's table; ones of a format without loss.
        origin: px of the first whole block's corner, x and y, each below 8.
        camera: make and model that the file names, or "".
        said: long and short side in px that the camera says the picture has; None where it
            does not.
    """

    steps: npt.NDArray[np.int64]
    origin: tuple[int, int]
    camera: str
    said: tuple[int, int] | None


def saving(data: bytes, photo: Photo) -> Saving | None:
    """How a file was saved; None of formats that tell nothing of it.

    Args:
        data: the file's bytes; no picture is decoded.
        photo: its picture.
    """
    kind = sniff(data)
    if kind is None or kind == PDF:
        return None
    try:
        with opener(kind)(io.BytesIO(data)) as image:
            steps = _steps(image, kind)
            turn = orientation(image)
            camera, said = _camera(image)
    except DECODE_ERRORS:
        return None
    if steps is None:
        return None
    origin = (
        photo.width % _SIDE if turn in _LEFT_RIGHT else 0,
        photo.height % _SIDE if turn in _UPSIDE_DOWN else 0,
    )
    return Saving(steps.T if turn in _TURNED else steps, origin, camera, said)


def _steps(image: Image.Image, kind: str) -> npt.NDArray[np.int64] | None:
    if kind in _LOSSLESS:
        return np.ones((_SIDE, _SIDE), np.int64)
    tables = getattr(image, "quantization", None)
    if kind != "JPEG" or not tables or image.mode not in ("RGB", "L"):
        return None
    return np.array(tables[0], np.int64).reshape(_SIDE, _SIDE)


def _camera(image: Image.Image) -> tuple[str, tuple[int, int] | None]:
    """What took the picture, and of what size it says it is."""
    exif = image.getexif()
    words = [" ".join(str(exif.get(tag, "")).replace("\0", " ").split()) for tag in (_MAKE, _MODEL)]
    camera = words[1] if words[1].casefold().startswith(words[0].casefold()) else " ".join(words)
    inner = exif.get_ifd(_EXIF)
    try:
        sides = sorted((int(inner[tag]) for tag in _SIZE), reverse=True)
    except (KeyError, TypeError, ValueError):
        return camera.strip()[:60], None
    return camera.strip()[:60], (sides[0], sides[1]) if min(sides) > 0 else None


def resized(how: Saving, photo: Photo) -> tuple[Sign, ...]:
    """Whether the camera that the file names took a picture of another size."""
    sides = (max(photo.width, photo.height), min(photo.width, photo.height))
    if not how.camera or how.said is None or how.said == sides:
        return ()
    return (Sign(RESAVED, how.camera),)
