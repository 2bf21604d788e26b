"""Bytes to upright pictures, safely.

Sizes are read from the header and checked before anything is decoded, so that a small
file cannot ask for a large piece of memory. Formats are told by their first bytes, never
by the file's name, and only the formats listed here are opened.
"""

from __future__ import annotations

import dataclasses as dc
import hashlib
import io
import math
import threading
import warnings
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

from ocr.errors import (
    DamagedPhotoError,
    EmptyPhotoError,
    EncryptedPdfError,
    PhotoError,
    PhotoTooLargeError,
    UnknownFormatError,
)

Picture = npt.NDArray[np.uint8]

PDF = "PDF"
_PDF_HEAD = 1024  # readers accept `%PDF-` anywhere in the first kilobyte (ISO 32000-1, annex H)
_PDF_DPI = 220  # 8-point print is then 24 px tall, what the recogniser was trained on
_PDF_DPI_MAX = 600  # scans are rarely finer
_PDF_LONG_SIDE = 2200  # a certificate of a bank card's size is drawn at least this large
_POINTS_PER_INCH = 72
_ORIENTATION = 0x0112  # EXIF 2.32, tag 274
_REDUCED_COPY = 254  # TIFF 6.0, NewSubfileType: bit 0 marks a thumbnail
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1",
                b"msf1")  # fmt: skip
_WHITE = (255, 255, 255)

# What a broken file makes the decoders raise; anything else is a fault of ours.
DECODE_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    RuntimeError,
    MemoryError,
    ZeroDivisionError,
    NotImplementedError,
    Image.DecompressionBombError,
    cv2.error,
)

# One photo is decoded at a time: PDFium is not safe between threads, warning filters
# belong to the whole process, and two 72-megapixel pictures at once need twice the memory.
_decoding = threading.Lock()


@dc.dataclass(frozen=True, slots=True)
class Limits:
    """What is refused before decoding.

    Attributes:
        max_bytes: of the file.
        max_pixels: of one picture; 72 million lets the 64-megapixel phones through and
            costs about half a gigabyte while decoding.
        max_side: longest side in pixels; OpenCV's warps count in 16 bits.
        max_pages: pages of a PDF or TIFF that are looked at; the rest are left unread.
    """

    max_bytes: int = 64 * 2**20
    max_pixels: int = 72_000_000
    max_side: int = 32_000
    max_pages: int = 3


LIMITS = Limits()


@dc.dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """An upright picture.

    Attributes:
        image: height × width × 3, uint8, BGR, EXIF orientation applied.
        page: page of the file, from 1.
        width: pixels.
        height: pixels.
        sha256: of the original bytes, hexadecimal.
    """

    image: Picture
    page: int
    width: int
    height: int
    sha256: str


def load(data: bytes, name: str, limits: Limits = LIMITS) -> list[Photo]:
    """Opens a photo, scan or PDF.

    Args:
        data: the file's bytes: JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF, BMP or PDF.
        name: the file's name, only for the details of an error.
        limits: what is refused before decoding.

    Returns:
        One photo a page: the first `limits.max_pages` of a PDF or TIFF, the first frame
        of anything else.

    Raises:
        EmptyPhotoError: no bytes.
        UnknownFormatError: no picture and no PDF.
        PhotoTooLargeError: more bytes or pixels than the limits.
        EncryptedPdfError: the PDF asks for a password.
        DamagedPhotoError: cut off or broken.
    """
    if not data:
        raise EmptyPhotoError(name=name)
    if len(data) > limits.max_bytes:
        raise PhotoTooLargeError(name=name, bytes=len(data), max_bytes=limits.max_bytes)
    kind = sniff(data)
    if kind is None:
        raise UnknownFormatError(name=name)
    pages = _pdf_pages if kind == PDF else _picture_pages
    try:
        with _decoding, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            images = list(pages(data, kind, limits))
    except PhotoError as error:
        raise type(error)(name=name, **error.details) from error.__cause__
    except DECODE_ERRORS as error:
        raise DamagedPhotoError(name=name, format=kind, reason=str(error)) from error
    if not images:
        raise DamagedPhotoError(name=name, format=kind, reason="no pages")
    digest = hashlib.sha256(data).hexdigest()
    return [
        Photo(image, number, image.shape[1], image.shape[0], digest)
        for number, image in enumerate(images, start=1)
    ]


def is_photo(head: bytes) -> bool:
    """Whether a file of a known format begins so; a kilobyte tells."""
    return sniff(head) is not None


def sniff(data: bytes) -> str | None:
    """Pillow's name of the format, `PDF`, or None."""
    head = data[:16]
    for magic, kind in (
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF87a", "GIF"),
        (b"GIF89a", "GIF"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"BM", "BMP"),
    ):
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        brands = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
        if b"avif" in brands or b"avis" in brands:
            return "AVIF"
        return "HEIF" if any(brand in brands for brand in _HEIF_BRANDS) else None
    return PDF if b"%PDF-" in data[:_PDF_HEAD] else None


def _check_size(width: int, height: int, limits: Limits) -> None:
    if width <= 0 or height <= 0:
        raise DamagedPhotoError(reason="no size")
    if width * height > limits.max_pixels or max(width, height) > limits.max_side:
        raise PhotoTooLargeError(
            width=width, height=height, max_pixels=limits.max_pixels, max_side=limits.max_side
        )


def _picture_pages(data: bytes, kind: str, limits: Limits) -> Iterator[Picture]:
    """The frames of a TIFF, or the first frame of any other picture, upright BGR."""
    if kind == "WEBP":
        # Opening a WebP already allocates its canvas, so its size is read here first.
        _check_size(*_webp_size(data), limits)
    with opener(kind)(io.BytesIO(data)) as image:
        wanted = limits.max_pages if kind == "TIFF" else 1
        frame = made = 0
        while made < wanted:
            if frame:
                try:
                    image.seek(frame)
                except EOFError:
                    return
            frame += 1
            if kind == "TIFF" and frame > 1 and _is_reduced_copy(image):
                continue
            _check_size(*image.size, limits)
            image.load()
            made += 1
            yield _upright(_to_bgr(image), orientation(image))


def opener(kind: str) -> Callable[[io.BytesIO], ImageFile.ImageFile]:
    """The format's own class: unlike `Image.open` it decodes nothing it was not asked to."""
    if kind == "HEIF":
        import pillow_heif  # loading it costs a tenth of a second

        return pillow_heif.HeifImageFile
    Image.init()
    factory: Callable[[io.BytesIO, str], ImageFile.ImageFile] = Image.OPEN[kind][0]
    return lambda stream: factory(stream, "")


def _is_reduced_copy(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", {})
    return bool(int(tags.get(_REDUCED_COPY, 0)) & 1)


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk (WebP container specification)."""
    chunk, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise DamagedPhotoError(reason="cut off in the header")
    if chunk == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width, height = body[6:8], body[8:10]
        return int.from_bytes(width, "little") & 0x3FFF, int.from_bytes(height, "little") & 0x3FFF
    raise DamagedPhotoError(reason="no picture chunk")


def orientation(image: Image.Image) -> int:
    """EXIF orientation 1..8; Pillow has already turned TIFF, and libheif HEIC."""
    try:
        value = int(image.getexif().get(_ORIENTATION, 1))
    except DECODE_ERRORS:
        return 1  # broken EXIF says nothing of the pixels
    return value if 1 <= value <= 8 else 1


def _to_bgr(image: Image.Image) -> Picture:
    """8-bit BGR of a loaded picture of any mode; what is transparent becomes white."""
    mode = image.mode
    if mode.startswith("I") or mode == "F":
        return cv2.cvtColor(_to_8_bit(np.asarray(image)), cv2.COLOR_GRAY2BGR).astype(np.uint8)
    if mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, _WHITE)
        ground.paste(layer, mask=layer.getchannel("A"))
        image = ground
    elif mode != "RGB":
        image = image.convert("RGB")
    rgb = np.array(image)
    cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR, dst=rgb)  # in place: a copy is 200 MB at the limit
    return rgb


def _to_8_bit(values: npt.NDArray[np.generic]) -> Picture:
    """Grey of more than 8 bits or in floating point, brought to 0..255."""
    floats = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    top = float(floats.max(initial=0.0))
    if np.issubdtype(values.dtype, np.floating):
        full = 1.0 if top <= 1.0 else 255.0 if top <= 255.0 else top
    else:
        full = 255.0 if top <= 255 else 65535.0 if top <= 65535 else top
    return np.asarray(np.clip(floats * (255.0 / full), 0, 255), dtype=np.uint8)


def _upright(image: Picture, orientation: int) -> Picture:
    """Turns the pixels as EXIF orientation 1..8 says."""
    turned: np.ndarray = image
    if orientation in (5, 6, 7, 8):
        turned = cv2.transpose(turned)
    if orientation in (2, 3, 6, 7):
        turned = cv2.flip(turned, 1)
    if orientation in (3, 4, 7, 8):
        turned = cv2.flip(turned, 0)
    return np.ascontiguousarray(turned, dtype=np.uint8)


def _pdf_pages(data: bytes, kind: str, limits: Limits) -> Iterator[Picture]:
    """The first pages of a PDF, drawn with their stamps and form fields."""
    import pypdfium2  # loading it costs a tenth of a second

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise EncryptedPdfError() from error
        raise DamagedPhotoError(format=kind, reason=str(error)) from error
    try:
        document.init_forms()  # an electronic seal is most often a signature field
        for index in range(min(len(document), limits.max_pages)):
            page = document[index]
            width, height = page.get_size()
            scale = _pdf_scale(width, height, limits)
            bitmap = page.render(scale=scale, rev_byteorder=False, prefer_bgrx=False)
            yield np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8, order="C")
            bitmap.close()
            page.close()
    finally:
        document.close()


def _pdf_scale(width: float, height: float, limits: Limits) -> float:
    """Pixels a point: fine enough to read, and never above the limits."""
    if not (width > 0 and height > 0):
        raise DamagedPhotoError(format=PDF, reason="page without size")
    longest = max(width, height)
    scale = max(_PDF_DPI / _POINTS_PER_INCH, _PDF_LONG_SIDE / longest)
    scale = min(scale, _PDF_DPI_MAX / _POINTS_PER_INCH)
    # The page is rounded up to whole pixels, hence one less.
    room = (math.sqrt(limits.max_pixels) - 1) / math.sqrt(width * height)
    return min(scale, room, (limits.max_side - 1) / longest)
