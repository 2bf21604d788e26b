"""A small picture of a certificate's back: pixels alone, nothing of what a camera adds.

No page's thread decodes what somebody sent: `apart` starts this module as a process of its own,
which takes the file from standard input and has limits of memory and time.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from certcheck.runner import aside

LONGEST_SIDE = 1600
_QUALITY = 82
# Pixels of a file that a page's thread opens whole; a JPEG is opened at a part of its size.
_MOST_PIXELS, _MOST_OF_JPEG = 24_000_000, 120_000_000
# Of the process: 24 million pixels are 96 MB, and as much again each time they are turned.
MEMORY_BYTES = 2**30
_CPU_SECONDS = 20


def apart(data: bytes) -> bytes | None:
    """`small`, made by a process of its own; None also where that dies or hangs.

    Args:
        data: the file's bytes.
    """
    return aside.answer(__name__, io.BytesIO(data)) or None


def small(data: bytes) -> bytes | None:
    """An upright JPEG of a photo; None for what cannot be opened in little memory.

    Args:
        data: the file's bytes.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as photo:
                most = _MOST_OF_JPEG if photo.format == "JPEG" else _MOST_PIXELS
                if photo.width * photo.height > most:
                    return None
                photo.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(photo).convert("RGB")
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                made = io.BytesIO()
                upright.save(made, "JPEG", quality=_QUALITY, exif=b"")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None  # Pillow raises each of these for a damaged file
    return made.getvalue()


if __name__ == "__main__":
    aside.answering(lambda file: small(file.read()) or b"", MEMORY_BYTES, _CPU_SECONDS)
