"""What a file says of the programs it went through."""

from __future__ import annotations

import io

import pytest
from PIL import Image, PngImagePlugin

from ocr.photo import load
from ocr.read import read_photo
from ocr.reading import SOFTWARE, Sign
from ocr.signs.software import named_software

PICTURE = Image.new("RGB", (32, 24), "white")
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description xmp:CreatorTool="Adobe Photoshop 24.0'
    ' (Windows)"><stEvt:softwareAgent>GIMP &amp; more</stEvt:softwareAgent>'
    "<dc:creator>Somebody</dc:creator></rdf:Description></x:xmpmeta>"
)


def file(kind: str, **options: object) -> bytes:
    """A small picture as a file."""
    stream = io.BytesIO()
    PICTURE.save(stream, kind, **options)
    return stream.getvalue()


def named(data: bytes) -> list[str]:
    """The programs' names."""
    found = named_software(data)
    assert all(sign.kind == SOFTWARE for sign in found)
    return [sign.detail for sign in found]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "WEBP"])
def test_exif_names_the_software_and_nobody(kind: str) -> None:
    """The name is found in every format; people's names are left where they are."""
    exif = Image.Exif()
    exif[0x0131] = "Snapseed  2.0\0"
    exif[0x013B] = "Somebody"
    assert named(file(kind, exif=exif)) == ["Snapseed 2.0"]


def test_xmp_tells_who_made_it_and_who_saved_it() -> None:
    """Creator tool and history of a JPEG, without the person who made it."""
    assert named(file("JPEG", xmp=XMP.encode())) == [
        "Adobe Photoshop 24.0 (Windows)",
        "GIMP & more",
    ]


def test_png_text_names_the_software() -> None:
    """Text chunks of a PNG, the same name once."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", "paint.net 5.0")
    info.add_itxt("XML:com.adobe.xmp", '<a xmp:CreatorTool="paint.net 5.0"/>')
    assert named(file("PNG", pnginfo=info)) == ["paint.net 5.0"]


def test_pdf_names_producer_and_creator() -> None:
    """The document's own properties."""
    made = file("PDF", producer="Adobe Photoshop for PDF", creator="Word")
    assert set(named(made)) == {"Adobe Photoshop for PDF", "Word"}


def test_a_plain_or_broken_file_names_nothing() -> None:
    """No metadata, metadata cut off, and what is no picture at all."""
    exif = Image.Exif()
    exif[0x0131] = "x" * 5000
    long = file("JPEG", exif=exif)
    assert named(file("JPEG")) == []
    assert named(b"no picture") == []
    assert [len(name) for name in named(long)] == [100]
    assert named(long[:40]) == []


def test_every_reading_has_what_its_file_told() -> None:
    """Also where nothing was read."""
    exif = Image.Exif()
    exif[0x0131] = "Snapseed 2.0"
    parts = read_photo(file("JPEG", exif=exif), "a.jpg")
    assert [part.reading.signs for part in parts] == [(Sign(SOFTWARE, "Snapseed 2.0"),)]


def test_the_picture_is_opened_as_before() -> None:
    """Metadata takes nothing from the pixels."""
    assert load(file("JPEG", xmp=XMP.encode()), "a.jpg")[0].width == PICTURE.width


def test_an_unknown_sign_is_refused() -> None:
    """A sign without a sentence is a slip of ours."""
    with pytest.raises(ValueError, match="unknown sign"):
        Sign("magic", "")
