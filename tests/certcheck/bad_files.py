"""Files that people send by mistake or on purpose, each with the error it must give."""

from __future__ import annotations

import functools
import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from samples import PHOTOS

_BLOCK_ROWS = 500


def _chunk(kind: bytes, body: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + crc


def _zeros(count: int, block: int) -> bytes:
    """So many zeros, compressed without ever holding them all."""
    packer = zlib.compressobj(1)
    parts = [packer.compress(bytes(min(block, count - at))) for at in range(0, count, block)]
    return b"".join(parts) + packer.flush()


def black_png(side: int, *more: bytes) -> bytes:
    """A black picture of one bit a pixel: small on disk however many pixels it has."""
    row = 1 + (side + 7) // 8
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
            *more,
            _chunk(b"IDAT", _zeros(side * row, _BLOCK_ROWS * row)),
            _chunk(b"IEND", b""),
        )
    )


def text_bomb() -> bytes:
    """A small picture whose comment takes 200 MB unpacked."""
    size = 200 * 2**20
    return black_png(64, _chunk(b"zTXt", b"Comment\0\0" + _zeros(size, 2**20)))


def pdf(pages: int = 1) -> bytes:
    file = io.BytesIO()
    first, *rest = [Image.new("RGB", (200, 100), "white") for _ in range(pages)]
    first.save(file, "PDF", save_all=True, append_images=rest)
    return file.getvalue()


def locked_pdf() -> bytes:
    """A PDF whose password nobody knows: all a reader finds is that the empty one is wrong."""
    key = b"/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">"
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4" + key + b">>/Root"
    head, trailer = pdf().split(b"trailer")
    return head + b"trailer" + trailer.replace(b"/Root", lock)


def cat() -> bytes:
    """A drawn cat."""
    image = np.full((600, 800, 3), (190, 214, 170), np.uint8)
    fur, dark = (70, 140, 225), (40, 40, 60)
    cv2.ellipse(image, (400, 430), (190, 150), 0, 0, 360, fur, -1)
    cv2.circle(image, (400, 240), 120, fur, -1)
    for side in (-1, 1):
        x = 400 + side * 70
        ear = np.array([[x - 40, 170], [x + 40, 170], [x + side * 30, 70]], np.int32)
        cv2.fillPoly(image, [ear], fur)
        cv2.circle(image, (400 + side * 45, 220), 18, dark, -1)
        for dy in (-12, 0, 12):
            cv2.line(image, (400 + side * 30, 280), (400 + side * 160, 280 + dy * 2), dark, 2)
    cv2.circle(image, (400, 270), 12, (120, 120, 200), -1)
    done, data = cv2.imencode(".jpg", image)
    assert done
    return bytes(data)


# File name to its bytes and the code of its error. A bomb is made when asked for.
MADE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.jpg": (lambda: b"", "photo.empty"),
    "empty.pdf": (lambda: b"", "photo.empty"),
    "cut.jpg": (
        lambda: (PHOTOS / "honest-card.jpg").read_bytes()[:40_000], "photo.damaged"
    ),
    "letter.jpg": (lambda: "这不是照片\n".encode(), "photo.unknown_format"),
    "noise.jpg": (lambda: random.Random(1).randbytes(5_000), "photo.unknown_format"),
    "huge.png": (lambda: black_png(30_000), "photo.too_large"),
    "bomb.png": (text_bomb, "photo.damaged"),
    "locked.pdf": (locked_pdf, "photo.encrypted_pdf"),
    "cat.jpg": (cat, "photo.not_a_certificate"),
}  # fmt: skip


@functools.cache
def data(name: str) -> bytes:
    return MADE[name][0]()


def code(name: str) -> str:
    return MADE[name][1]


def put(folder: Path, names: Iterator[str] | tuple[str, ...] = tuple(MADE)) -> None:
    """Writes the files into a folder."""
    for name in names:
        (folder / name).write_bytes(data(name))
