"""What would break: a visitor's home address served to whoever has the link."""

from __future__ import annotations

import io

from PIL import ExifTags, Image

from certcheck.pictures import LONGEST_SIDE, small_pictures

PLACE = (33.0, 0.0, 18.5)
MAKER = "Maker of Cameras"


def photo(width: int, height: int, orientation: int) -> bytes:
    """A JPEG as a phone writes it: with the place, the maker and a thumbnail of sorts."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 4, height // 4))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = MAKER
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = PLACE
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"at home")
    return out.getvalue()


def test_what_is_served_holds_pixels_and_nothing_else() -> None:
    data = photo(400, 200, 6)
    sent = Image.open(io.BytesIO(data))
    assert sent.getexif().get_ifd(ExifTags.IFD.GPSInfo) and MAKER.encode() in data
    (picture,) = small_pictures(data, "a.jpg").values()
    served = Image.open(io.BytesIO(picture))
    assert not served.getexif() and "comment" not in served.info
    assert b"Exif" not in picture and MAKER.encode() not in picture
    assert served.size == (200, 400), "upright"
    red = served.convert("RGB").getpixel((190, 10))
    assert isinstance(red, tuple) and red[0] > 200 and red[1] < 60


def test_what_is_served_is_no_larger_than_a_page_needs() -> None:
    (picture,) = small_pictures(photo(3200, 1000, 1), "a.jpg").values()
    assert Image.open(io.BytesIO(picture)).size == (LONGEST_SIDE, 500)


def test_what_is_no_picture_has_none() -> None:
    assert small_pictures(b"no picture", "a.jpg") == {}
