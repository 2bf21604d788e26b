"""What would break: a replaced preview, or a file saved anew, goes untold, or a plain one is."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from ocr.geometry import Picture
from ocr.photo import load
from ocr.reading import RESAVED, THUMBNAIL
from ocr.signs.saved import resized, saving
from ocr.signs.thumbnail import thumbnail_sign

MAKE, MODEL, EXIF_IFD = 0x010F, 0x0110, 0x8769


def scene(seed: int) -> Picture:
    """A picture unlike that of another seed: patches of many colours."""
    rng = np.random.default_rng(seed)
    patches = rng.integers(0, 255, (9, 12, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(patches, (640, 480), interpolation=cv2.INTER_CUBIC), np.uint8)


def with_preview(picture: Picture, preview: Picture, *, turn: int = 0) -> bytes:
    """A JPEG file with a small picture of its own, as a camera writes it (EXIF 2.32, 4.5.5)."""
    small = Image.fromarray(
        cv2.resize(preview, (160, 120), interpolation=cv2.INTER_AREA)[..., ::-1]
    )
    packed = io.BytesIO()
    small.rotate(90 * turn, expand=True).save(packed, "JPEG", quality=70)
    thumb = packed.getvalue()
    # Header, an empty first directory that leads to the second, and that with three entries.
    head = b"MM\0*\0\0\0\x08" + b"\0\0" + b"\0\0\0\x0e"
    entry = "{:04x}{:04x}00000001"
    rows = [
        bytes.fromhex(entry.format(0x0103, 3)) + b"\0\x06\0\0",
        bytes.fromhex(entry.format(0x0201, 4)) + (14 + 2 + 36 + 4).to_bytes(4, "big"),
        bytes.fromhex(entry.format(0x0202, 4)) + len(thumb).to_bytes(4, "big"),
    ]
    exif = b"Exif\0\0" + head + b"\0\x03" + b"".join(rows) + b"\0\0\0\0" + thumb
    out = io.BytesIO()
    Image.fromarray(picture[..., ::-1]).save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


def told(data: bytes) -> list[object]:
    """Kinds and places of what the preview tells."""
    return [(one.kind, one.box) for one in thumbnail_sign(data, load(data, "a.jpg")[0])]


@pytest.mark.parametrize("turn", [0, 1, 3])
def test_a_preview_of_the_same_picture_tells_nothing(turn: int) -> None:
    assert told(with_preview(scene(1), scene(1), turn=turn)) == []


def test_a_crop_and_black_padding_tell_nothing() -> None:
    """The photo cropped on the phone; the camera's preview with bars."""
    picture = scene(2)
    assert told(with_preview(np.ascontiguousarray(picture[60:440, 90:600]), picture)) == []
    barred = cv2.copyMakeBorder(picture, 80, 80, 0, 0, cv2.BORDER_CONSTANT)
    assert told(with_preview(picture, np.asarray(barred, np.uint8))) == []


def test_a_preview_of_another_picture_is_told() -> None:
    assert told(with_preview(scene(3), scene(4))) == [(THUMBNAIL, None)]


def test_the_place_that_was_changed_is_told() -> None:
    """A part of the picture replaced: its place is marked, no more than that."""
    picture = scene(5)
    changed = picture.copy()
    changed[160:320, 240:400] = (230, 10, 10)
    ((kind, box),) = told(with_preview(changed, picture))
    assert kind == THUMBNAIL and box is not None
    xs, ys = [point[0] for point in box], [point[1] for point in box]
    assert min(xs) > 180 and max(xs) < 460 and min(ys) > 100 and max(ys) < 380


def test_no_preview_or_a_broken_one_tells_nothing() -> None:
    data = with_preview(scene(6), scene(7))
    plain = io.BytesIO()
    Image.fromarray(scene(6)).save(plain, "JPEG")
    assert told(plain.getvalue()) == []
    at = data.index(b"\xff\xd8", 4)
    assert told(data[:at] + b"\0" * 40 + data[at + 40 :]) == []
    assert thumbnail_sign(b"nothing", load(data, "a.jpg")[0]) == ()


def camera_file(size: tuple[int, int], said: tuple[int, int] | None, *, make: str) -> bytes:
    """A file with a camera's name and the size it says its picture has."""
    exif = Image.Exif()
    exif[MAKE], exif[MODEL] = make, "HUAWEI P60" if make else ""
    if said:
        exif.get_ifd(EXIF_IFD).update({0xA002: said[0], 0xA003: said[1]})
    out = io.BytesIO()
    Image.fromarray(scene(8)).resize(size).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(
    ("size", "said", "make", "expected"),
    [
        ((300, 400), (4000, 3000), "HUAWEI", ["HUAWEI P60"]),
        ((300, 400), (400, 300), "HUAWEI", []),
        ((300, 400), None, "HUAWEI", []),
        ((300, 400), (4000, 3000), "", []),
    ],
)
def test_a_camera_s_file_that_was_made_smaller(
    size: tuple[int, int], said: tuple[int, int] | None, make: str, expected: list[str]
) -> None:
    """Only where the file names the camera and another size: messengers leave neither."""
    data = camera_file(size, said, make=make)
    photo = load(data, "a.jpg")[0]
    how = saving(data, photo)
    assert how is not None
    signs = resized(how, photo)
    assert [one.detail for one in signs] == expected
    assert all(one.kind == RESAVED for one in signs)


@pytest.mark.parametrize("turn", range(1, 9))
def test_table_and_grid_lie_as_the_picture_does(turn: int) -> None:
    """A turned file: where its blocks begin in the upright picture, and their steps."""
    exif = Image.Exif()
    exif[0x0112] = turn
    out = io.BytesIO()
    Image.fromarray(scene(9)).resize((163, 101)).save(out, "JPEG", exif=exif)
    data = out.getvalue()
    photo = load(data, "a.jpg")[0]
    how = saving(data, photo)
    plain = np.array(Image.open(io.BytesIO(data)).quantization[0]).reshape(8, 8)
    assert how is not None
    assert (how.steps == (plain.T if turn > 4 else plain)).all()
    # The stored picture's first corner, followed through the turn.
    x = photo.width % 8 if turn in (2, 3, 6, 7) else 0
    y = photo.height % 8 if turn in (3, 4, 7, 8) else 0
    assert how.origin == (x, y)
