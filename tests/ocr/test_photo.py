"""Bytes to upright pictures: what is opened, what is refused, and how it is said."""

from __future__ import annotations

import hashlib
import io
import struct
import tracemalloc
import warnings
import zlib

import cv2
import numpy as np
import pillow_heif
import pypdfium2
import pytest
from PIL import Image

from ocr.errors import (
    DamagedPhotoError,
    EmptyPhotoError,
    EncryptedPdfError,
    PhotoTooLargeError,
    UnknownFormatError,
)
from ocr.photo import Limits, load

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def quarters(mode: str = "RGB") -> Image.Image:
    """60 × 40: red, green over blue, white, so that every turn and mirror shows."""
    image = Image.new("RGB", (60, 40), WHITE)
    image.paste(RED, (0, 0, 30, 20))
    image.paste(GREEN, (30, 0, 60, 20))
    image.paste(BLUE, (0, 20, 30, 40))
    return image.convert(mode)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    ihdr = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    data = zlib.compress(bytes(1000))
    idat = b"IDAT" + data
    chunk = struct.pack(">I", len(data)) + idat + struct.pack(">I", zlib.crc32(idat))
    return b"\x89PNG\r\n\x1a\n" + ihdr + chunk


def resized(data: bytes, layout: str) -> bytes:
    """The picture's header made to claim 30 000 × 30 000."""
    return data.replace(struct.pack(layout, 60, 40), struct.pack(layout, 30_000, 30_000))


def pdf_of(sizes: list[tuple[float, float]]) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for width, height in sizes:
        document.new_page(width, height)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def assert_quarters(image: np.ndarray, tolerance: int = 40) -> None:
    height, width = image.shape[:2]
    for (x, y), rgb in {(1, 1): RED, (3, 1): GREEN, (1, 3): BLUE, (3, 3): WHITE}.items():
        pixel = image[height * y // 4, width * x // 4].astype(int)
        assert np.abs(pixel[::-1] - rgb).max() <= tolerance, (x, y, pixel)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
def test_every_format_gives_the_same_upright_bgr_picture(form: str) -> None:
    data = saved(quarters(), form)
    (photo,) = load(data, "a")
    assert photo.image.dtype == np.uint8
    assert photo.image.shape == (40, 60, 3)
    assert (photo.page, photo.width, photo.height) == (1, 60, 40)
    assert photo.sha256 == hashlib.sha256(data).hexdigest()
    assert_quarters(photo.image)


def test_a_phones_heic_opens() -> None:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(quarters()).save(buffer)
    (photo,) = load(buffer.getvalue(), "a.heic")
    assert (photo.width, photo.height) == (60, 40)
    assert_quarters(photo.image, tolerance=60)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_once(form: str, orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = quarters()
    stored = image.transpose(undo[orientation]) if orientation in undo else image
    exif = Image.Exif()
    exif[0x0112] = orientation
    (photo,) = load(saved(stored, form, exif=exif.tobytes()), "a")
    assert photo.image.shape == (40, 60, 3)
    assert_quarters(photo.image)


@pytest.mark.parametrize(
    ("mode", "form"),
    [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("P", "PNG"), ("RGBA", "PNG"), ("YCbCr", "TIFF")],
)
def test_colour_modes_keep_their_colours(mode: str, form: str) -> None:
    (photo,) = load(saved(quarters(mode), form), "a")
    assert_quarters(photo.image, tolerance=60)


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_grey_becomes_three_equal_channels(mode: str) -> None:
    (photo,) = load(saved(Image.new(mode, (9, 7), 0), "PNG"), "a")
    assert photo.image.shape == (7, 9, 3)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_tones(form: str) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    (photo,) = load(saved(Image.fromarray(np.tile(ramp, (4, 1))), form), "a")
    assert np.abs(photo.image[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_16_bit_colour_keeps_its_tones() -> None:
    pixels = np.zeros((4, 256, 3), np.uint16)
    pixels[:, :, 2] = np.linspace(0, 65535, 256).astype(np.uint16)
    ok, encoded = cv2.imencode(".png", pixels)
    assert ok
    (photo,) = load(encoded.tobytes(), "a.png")
    assert np.abs(photo.image[0, :, 2].astype(int) - np.arange(256)).max() <= 1
    assert photo.image[0, :, 0].max() == 0


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_becomes_white_paper(mode: str) -> None:
    clear = Image.new(mode, (8, 8), (0,) * len(mode))
    (photo,) = load(saved(clear, "PNG"), "a.png")
    assert photo.image.min() == 255


def test_a_transparent_palette_colour_becomes_white() -> None:
    image = Image.new("P", (8, 8), 0)
    image.putpalette([10, 10, 10] * 256)
    (photo,) = load(saved(image, "PNG", transparency=0), "a.png")
    assert photo.image.min() == 255


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_only_the_first_frame_of_an_animation(form: str) -> None:
    frames = [Image.new("RGB", (60, 40), RED), Image.new("RGB", (60, 40), BLUE)]
    photos = load(saved(quarters(), form, save_all=True, append_images=frames), "a")
    assert [photo.page for photo in photos] == [1]
    assert_quarters(photos[0].image)


def test_the_first_three_pages_of_a_tiff() -> None:
    pages = [Image.new("L", (20 + n, 10), 50 * n) for n in range(5)]
    photos = load(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]), "a.tif")
    assert [(photo.page, photo.width) for photo in photos] == [(1, 20), (2, 21), (3, 22)]
    assert [int(photo.image[0, 0, 0]) for photo in photos] == [0, 50, 100]


def test_the_first_three_pages_of_a_pdf_large_enough_to_read() -> None:
    photos = load(pdf_of([(595, 842), (243, 153), (595, 842), (595, 842)]), "a.pdf")
    assert [photo.page for photo in photos] == [1, 2, 3]
    for photo in photos:
        assert max(photo.width, photo.height) >= 1800
        assert photo.image.min() == 255
    assert photos[1].width > photos[1].height


def test_a_huge_pdf_page_is_drawn_within_the_limits() -> None:
    limits = Limits(max_pixels=1_000_000)
    (photo,) = load(pdf_of([(14_000, 9_000)]), "a.pdf", limits)
    assert 900_000 < photo.width * photo.height <= 1_000_000


def test_an_encrypted_pdf_says_so() -> None:
    # A user password nobody knows: PDFium only has to find the empty one wrong.
    key = b"/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">"
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4" + key + b">>/Root"
    head, trailer = pdf_of([(100, 100)]).split(b"trailer")
    data = head + b"trailer" + trailer.replace(b"/Root", lock)
    with pytest.raises(EncryptedPdfError):
        load(data, "a.pdf")


@pytest.mark.parametrize("name", ["a.jpg", "a.pdf"])
def test_an_empty_file_says_so(name: str) -> None:
    with pytest.raises(EmptyPhotoError) as caught:
        load(b"", name)
    assert caught.value.details["name"] == name


@pytest.mark.parametrize(
    "data",
    [b"hello, world", b"\0" * 100, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"PK\3\4" * 9,
     b"https://example.com/a.jpg", b"\0\0\0\x18ftypisom\0\0\0\0isomiso2"],
)  # fmt: skip
def test_what_is_no_picture_says_so(data: bytes) -> None:
    with pytest.raises(UnknownFormatError):
        load(data, "a.jpg")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF"])
@pytest.mark.parametrize("share", [0.05, 0.4, 0.8])
def test_a_file_cut_off_is_damaged(form: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), form)
    with pytest.raises(DamagedPhotoError) as caught:
        load(data[: max(24, int(len(data) * share))], "a")
    assert caught.value.details["name"] == "a"


def test_a_broken_heic_is_damaged() -> None:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(quarters()).save(buffer)
    data = buffer.getvalue()
    for end in (30, len(data) // 2, len(data) - 50):
        with pytest.raises(DamagedPhotoError):
            load(data[:end], "a.heic")


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\ngarbage\n%%EOF", b"\n%PDF-1.4" * 9])
def test_a_pdf_without_pages_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedPhotoError):
        load(data, "a.pdf")


@pytest.mark.parametrize(
    "data",
    [
        png_header(30_000, 30_000),
        resized(saved(quarters(), "BMP"), "<ii"),
        resized(saved(quarters(), "GIF"), "<HH"),
        b"RIFF\x30\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\x2f\x75\0" * 2 + bytes(40),
        b"RIFF\x30\0\0\0WEBPVP8L\x0a\0\0\0\x2f" + b"\xff\xff\xff\x0f" + bytes(40),
    ],
    ids=["png", "bmp", "gif", "webp", "webp lossless"],
)  # fmt: skip
def test_a_bomb_is_refused_without_allocating(data: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(PhotoTooLargeError) as caught:
            load(data, "bomb")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
    assert caught.value.details["name"] == "bomb"


def test_a_picture_too_long_for_the_warps_is_refused() -> None:
    with pytest.raises(PhotoTooLargeError):
        load(png_header(40_000, 100), "a.png")


def test_too_many_bytes_are_refused() -> None:
    data = saved(quarters(), "PNG")
    with pytest.raises(PhotoTooLargeError) as caught:
        load(data, "a.png", Limits(max_bytes=len(data) - 1))
    assert caught.value.details["max_bytes"] == len(data) - 1
    assert load(data, "a.png", Limits(max_bytes=len(data)))


def test_pillows_warnings_stay_inside() -> None:
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x09\0\0\0\x01\0\0\0"  # cut off
    data = saved(quarters(), "JPEG")
    data = data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (photo,) = load(data, "a.jpg")
    assert_quarters(photo.image)
