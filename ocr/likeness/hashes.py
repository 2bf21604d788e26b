"""A perceptual hash: 256 bits that stay when a picture is taken again, in other light.

It is the DCT hash of pHash, with as many bits as PDQ has, made by OpenCV's transform: the
signs of the 16 × 16 lowest frequencies of a 64 × 64 grey picture against their median.
docs/dependencies.md says which libraries of hashes were weighed.

A crop that lies two hundredths beside another changes more bits than another light does, so
a picture under check is hashed as it is and a little shifted and scaled: the nearest counts.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

BITS = 256
BYTES = BITS // 8
_SIDE = 16
_PICTURE = 4 * _SIDE
# Pictures are brought to this size before they are shifted.
_WORK = 2 * _PICTURE
# Shares of the side by which a picture is shifted, and by which it is scaled.
_SHIFTS = (0.0, -0.02, 0.02)
# The same where the place of a picture was taken from another photo of the page.
_FAR_SHIFTS = (0.0, -0.03, 0.03, -0.06, 0.06)
_SCALES = (1.0, 0.96, 1.04)
# What shifting brings in from outside must be of the picture itself.
_INSET = 0.94


def distance(one: bytes, other: bytes) -> int:
    """Bits in which two hashes differ, 0..256; unlike pictures differ in about 128."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def nearest(some: Iterable[bytes], others: Iterable[bytes]) -> int:
    """The least distance between any two of them; `BITS` where there are none."""
    others = tuple(others)
    return min((distance(one, other) for one in some for other in others), default=BITS)


def hash_of(picture: npt.NDArray[np.uint8]) -> bytes:
    """The hash of a picture.

    Args:
        picture: height × width, or height × width × 3 in BGR.
    """
    return _bits(_grey(picture, _WORK))


def hashes_of(picture: npt.NDArray[np.uint8], *, far: bool = False) -> tuple[bytes, ...]:
    """Hashes of a picture as it is, which is the first, and shifted and scaled a little.

    Args:
        picture: height × width, or height × width × 3 in BGR.
        far: shifted farther.
    """
    grey = _grey(picture, _WORK).astype(np.float32)
    moved = (
        cv2.warpAffine(grey, way, (_WORK, _WORK), flags=_FLAGS, borderMode=_BORDER)
        for way in _ways(_FAR_SHIFTS if far else _SHIFTS)
    )
    return tuple(_bits(np.asarray(each, np.float32)) for each in moved)


_FLAGS = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
_BORDER = cv2.BORDER_REPLICATE


@functools.cache
def _ways(shifts: tuple[float, ...]) -> tuple[Floats, ...]:
    found = []
    for scale in _SCALES:
        size = scale * _INSET
        start = _WORK / 2 * (1 - size)
        found += [
            np.array(
                [[size, 0, start + right * _WORK], [0, size, start + down * _WORK]], np.float32
            )
            for right in shifts
            for down in shifts
        ]
    return tuple(found)


def _grey(picture: npt.NDArray[np.uint8], side: int) -> Grey:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if picture.ndim > 2 else picture
    return np.asarray(cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _bits(grey: npt.NDArray[np.uint8] | Floats) -> bytes:
    small = cv2.resize(grey.astype(np.float32), (_PICTURE, _PICTURE), interpolation=cv2.INTER_AREA)
    low = cv2.dct(small)[:_SIDE, :_SIDE]
    return np.packbits(low > np.median(low)).tobytes()
