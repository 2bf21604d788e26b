"""Pictures made by others, one scene in all eight EXIF orientations and phones' HEIC.

They (exif-orientation-examples, MIT; pillow_heif's tests, BSD-3) are not part of the
repository.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.errors import DamagedPhotoError
from ocr.photo import load

REAL = Path(__file__).parents[3] / "shared" / "real"


def real(name: str) -> bytes:
    path = REAL / name
    if not path.is_file():
        pytest.skip(f"no picture at {path}: it is not part of the repository")
    return path.read_bytes()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_orientations_come_out_the_same_way_up(orientation: int) -> None:
    (plain,) = load(real("orientation/Landscape_0.jpg"), "0")
    (photo,) = load(real(f"orientation/Landscape_{orientation}.jpg"), "n")
    assert (photo.width, photo.height) == (plain.width, plain.height)
    one, two = (
        cv2.resize(p.image, (60, 40), interpolation=cv2.INTER_AREA).astype(float)
        for p in (plain, photo)
    )
    # Each file has its number written in the middle, so a few places differ.
    assert float(np.median(np.abs(one - two))) < 4


def test_a_phones_heic_opens_upright() -> None:
    (photo,) = load(real("heic/xiaomi.heic"), "xiaomi.heic")
    assert (photo.width, photo.height) == (2592, 1944)


def test_a_small_heif_opens() -> None:
    (photo,) = load(real("heic/RGB_8__128x128.heif"), "a.heif")
    assert (photo.width, photo.height) == (128, 128)


def test_a_broken_heic_is_damaged() -> None:
    with pytest.raises(DamagedPhotoError):
        load(real("heic/corrupted.heic"), "corrupted.heic")
