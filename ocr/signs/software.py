"""Which programs a file says it went through, in its own words."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import unescape

from PIL import Image

from ocr.photo import DECODE_ERRORS, PDF, opener, sniff
from ocr.reading import SOFTWARE, Sign

_TAGS = (0x0131, 0x000B)  # EXIF 2.32: Software, ProcessingSoftware
# XMP part 1 and 2: the program that made the file, and each that saved it (history).
_XMP = re.compile(
    r"(?:xmp:CreatorTool|stEvt:softwareAgent|pdf:Producer)\s*(?:=\s*[\"']|>)\s*([^\"'<]{1,200})"
)
_XMP_AT = ("xmp", "XML:com.adobe.xmp")  # where Pillow keeps it, by format
_PNG_TEXT = "Software"  # PNG 1.2, 11.3.4.2
_PDF_SAYS = ("Producer", "Creator")
_LONGEST, _MOST = 100, 8  # letters of a name; names of a file


def named_software(data: bytes) -> tuple[Sign, ...]:
    """The programs named in a file's metadata, each once.

    Whatever is wrong with the metadata, there is only less of it.

    Args:
        data: the file's bytes; no picture is decoded.
    """
    kind = sniff(data)
    if kind is None:
        return ()
    told: dict[str, None] = {}
    try:
        for name in _pdf(data) if kind == PDF else _picture(data, kind):
            plain = " ".join(unescape(name).replace("\0", " ").split())[:_LONGEST]
            if plain:
                told[plain] = None
    except DECODE_ERRORS:
        pass  # what was found before counts
    return tuple(Sign(SOFTWARE, name) for name in list(told)[:_MOST])


def _picture(data: bytes, kind: str) -> Iterator[str]:
    with opener(kind)(io.BytesIO(data)) as image:
        exif = image.getexif()
        yield from (exif[tag] for tag in _TAGS if isinstance(exif.get(tag), str))
        text = image.info.get(_PNG_TEXT)
        if isinstance(text, str):
            yield text
        yield from _xmp(image)


def _xmp(image: Image.Image) -> Iterator[str]:
    for key in _XMP_AT:
        packet = image.info.get(key)
        if isinstance(packet, bytes):
            packet = packet.decode("utf-8", "replace")
        if isinstance(packet, str):
            yield from _XMP.findall(packet)


def _pdf(data: bytes) -> Iterator[str]:
    import pypdfium2  # loading it costs a tenth of a second

    document = pypdfium2.PdfDocument(data)
    try:
        yield from (document.get_metadata_value(key) for key in _PDF_SAYS)
    finally:
        document.close()
