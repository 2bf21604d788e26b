"""Files that somebody makes to bring a decoder down, to be two things at once, or to run.

All are made here, small, and their answer is written beside each: a code of ours, or how many pages
were opened.
"""

from __future__ import annotations

import functools
import io
import struct
import zlib
from collections.abc import Callable, Sequence

from PIL import Image

from tests.certcheck.bad_files import black_png, text_bomb

_LARGE, _DAMAGED, _UNKNOWN = "photo.too_large", "photo.damaged", "photo.unknown_format"
_SIDE = 65_535
_SCRIPT = b"<script>alert(1)</script>"


@functools.cache
def plain(form: str, **how: object) -> bytes:
    """A small picture."""
    file = io.BytesIO()
    picture = Image.effect_noise((64, 48), 40).convert("RGB")
    if form == "HEIF":
        import pillow_heif

        pillow_heif.from_pillow(picture).save(file)
    else:
        picture.save(file, form, **how)
    return file.getvalue()


def zeros(count: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(2**20)
    return b"".join(packer.compress(block) for _ in range(count // 2**20)) + packer.flush()


def png_that_bursts() -> bytes:
    """Data of 200 MB where the header promises 64 by 48."""
    whole = plain("PNG")
    at = whole.index(b"IDAT") - 4
    body = b"IDAT" + zeros(200 * 2**20)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return whole[:at] + chunk + whole[whole.index(b"IEND") - 4 :]


def jpeg_that_claims() -> bytes:
    data = bytearray(plain("JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", _SIDE, _SIDE)
    return bytes(data)


def gif_that_claims() -> bytes:
    data = bytearray(plain("GIF"))
    data[6:10] = struct.pack("<HH", _SIDE, _SIDE)
    return bytes(data)


def bmp_that_claims() -> bytes:
    data = bytearray(plain("BMP"))
    data[18:26] = struct.pack("<ii", _SIDE, _SIDE)
    return bytes(data)


def webp_that_claims() -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\xff\xff" * 2
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def heif_that_claims(form: str) -> bytes:
    """Its size stands in a box of its own, besides the picture's."""
    data = bytearray(plain(form))
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", _SIDE, _SIDE)
    return bytes(data)


def tiff(*, side: int = 48, following: int | None = None) -> bytes:
    """One grey strip; the next directory is where `following` says, also the same again."""
    strip = bytes(48 * 48)
    entries = [
        (256, 4, side), (257, 4, side), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8),
        (277, 3, 1), (278, 4, side), (279, 4, len(strip)),
    ]  # fmt: skip
    start = 8 + len(strip)
    head = b"II*\0" + struct.pack("<I", start) + strip + struct.pack("<H", len(entries))
    listed = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return head + listed + struct.pack("<I", start if following is None else following)


def pdf(objects: Sequence[bytes], more: bytes = b"") -> bytes:
    """A PDF of these objects, the first its catalogue."""
    made, places = b"%PDF-1.7\n" + more, []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    rows = b"".join(b"%010d 00000 n \n" % at for at in places)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n" % size + rows
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(made))
    return made + table + trailer


def stream(told: bytes, body: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (told, len(body), body)


def page(content: bytes, *, box: bytes = b"0 0 200 100", more: bytes = b"") -> list[bytes]:
    """The objects of a PDF with one page; its content is the fourth."""
    return [
        b"<</Type/Catalog/Pages 2 0 R" + more + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[" + box + b"]/Contents 4 0 R"
        b"/Resources<</XObject<</X 5 0 R>>>>>>",
        stream(b"", content),
    ]  # fmt: skip


def pdf_that_runs() -> bytes:
    runs = b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\); while\\(1\\){})>>"
    runs += b"/AA<</WC<</S/Launch/F(/bin/sh)>>>>"
    return pdf(page(b"0 0 100 50 re f", more=runs))


def pdf_with_a_picture(side: int) -> bytes:
    """A black picture as large as told, packed twice."""
    packed = zlib.compress(zeros(side * side // 2**20 * 2**20), 9)
    told = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8" % (side, side)
    told += b"/ColorSpace/DeviceGray/Filter[/FlateDecode/FlateDecode]"
    return pdf([*page(b"200 0 0 100 0 0 cm /X Do"), stream(told, packed)])


def pdf_that_holds_itself() -> bytes:
    """Once: twice would take the process until its limits, as `security.md` says."""
    told = b"/Type/XObject/Subtype/Form/BBox[0 0 200 100]/Resources<</XObject<</X 5 0 R>>>>"
    return pdf([*page(b"/X Do"), stream(told, b"/X Do")])


def pdf_of_itself() -> bytes:
    """Pages whose pages are they themselves."""
    pages = b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99999999/Parent 2 0 R>>"
    return pdf([b"<</Type/Catalog/Pages 2 0 R>>", pages])


def pdf_of_many() -> bytes:
    count = 5_000
    kids = b" ".join(b"3 0 R" for _ in range(count))
    made = page(b"")
    made[1] = b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % count
    return pdf(made)


# Name to the file and what may come of it; a bomb is made when asked for.
SET: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "bomb.png": (lambda: black_png(30_000), (_LARGE,)),
    "text.png": (text_bomb, (_DAMAGED,)),
    "bursts.png": (png_that_bursts, (_DAMAGED, "1")),
    "claims.jpg": (jpeg_that_claims, (_LARGE,)),
    "claims.gif": (gif_that_claims, (_LARGE,)),
    "claims.bmp": (bmp_that_claims, (_LARGE,)),
    "claims.webp": (webp_that_claims, (_LARGE,)),
    "claims.heic": (lambda: heif_that_claims("HEIF"), (_LARGE, _DAMAGED)),
    "claims.avif": (lambda: heif_that_claims("AVIF"), (_LARGE, _DAMAGED)),
    "claims.tiff": (lambda: tiff(side=_SIDE, following=0), (_LARGE,)),
    "loop.tiff": (tiff, (_DAMAGED, "1", "3")),
    "lost.tiff": (lambda: tiff(following=2**31), (_DAMAGED, "1")),
    "runs.pdf": (pdf_that_runs, ("1",)),
    "wide.pdf": (lambda: pdf(page(b"", box=b"0 0 1e9 1e9")), ("1", _DAMAGED)),
    "thin.pdf": (lambda: pdf(page(b"", box=b"0 0 1e-9 14400")), ("1", _DAMAGED)),
    "bare.pdf": (lambda: pdf(page(b"", box=b"a b c d")), ("1", _DAMAGED)),
    "picture.pdf": (lambda: pdf_with_a_picture(16_000), ("1", _DAMAGED)),
    "holds.pdf": (pdf_that_holds_itself, ("1", _DAMAGED)),
    "itself.pdf": (pdf_of_itself, (_DAMAGED, "1", "3")),
    "many.pdf": (pdf_of_many, ("3",)),
    # Several things at once: what their first bytes say counts, and nothing else is looked at.
    "page.png": (lambda: plain("PNG") + b"<html>" + _SCRIPT, ("1",)),
    "page.gif": (lambda: b"GIF89a/*" + _SCRIPT, (_DAMAGED, _LARGE)),
    "archive.jpg": (lambda: plain("JPEG") + b"PK\x05\x06" + bytes(18), ("1",)),
    "program.jpg": (lambda: plain("JPEG", comment=b"<?php system($_GET[0]); ?>"), ("1",)),
    "page.pdf": (lambda: pdf(page(b""), more=b"%" + _SCRIPT + b"\n"), ("1",)),
    "pdf.html": (lambda: b"<html>%PDF-1.7" + _SCRIPT, (_DAMAGED,)),
    "drawing.svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", (_UNKNOWN,)),
    "program.exe": (lambda: b"MZ" + bytes(200), (_UNKNOWN,)),
    "program.sh": (lambda: b"#!/bin/sh\ntouch /tmp/hit\n", (_UNKNOWN,)),
}
