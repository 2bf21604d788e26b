"""What would break: a visitor's home address served to whoever has the link."""

from __future__ import annotations

import io

import pytest
from PIL import ExifTags, Image

from certcheck.pictures import DETAIL_SIDE, ENLARGED, LONGEST_SIDE, enlarged, pictures_of

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
    (found,) = pictures_of(data, "a.jpg").values()
    picture = found.small
    served = Image.open(io.BytesIO(picture))
    assert not served.getexif() and "comment" not in served.info
    assert b"Exif" not in picture and MAKER.encode() not in picture
    assert served.size == (200, 400), "upright"
    red = served.convert("RGB").getpixel((190, 10))
    assert isinstance(red, tuple) and red[0] > 200 and red[1] < 60


def test_what_is_served_is_no_larger_than_a_page_needs() -> None:
    (found,) = pictures_of(photo(4000, 1000, 1), "a.jpg").values()
    assert Image.open(io.BytesIO(found.small)).size == (LONGEST_SIDE, 400)
    assert found.detail is not None and MAKER.encode() not in found.detail
    assert Image.open(io.BytesIO(found.detail)).size == (DETAIL_SIDE, 900)


def test_a_photo_that_has_no_more_to_show_is_kept_once() -> None:
    (found,) = pictures_of(photo(1700, 1000, 1), "a.jpg").values()
    assert found.detail is None


def test_what_is_no_picture_has_none() -> None:
    assert pictures_of(b"no picture", "a.jpg") == {}


def test_a_place_is_shown_enlarged_with_what_stands_around_it() -> None:
    """The box is in pixels of the photo, whatever size the picture has that is cut."""
    image = Image.new("RGB", (1000, 500), "white")
    image.paste("blue", (400, 200, 440, 210))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    box = [[800, 400], [880, 400], [880, 420], [800, 420]]
    shown = Image.open(io.BytesIO(enlarged(out.getvalue(), 2000, box))).convert("RGB")
    width, height = shown.size
    assert width == 640 and height < width
    blue = shown.getpixel((width // 2, height // 2))
    assert isinstance(blue, tuple) and blue[2] > 200 and blue[0] < 80
    corner = shown.getpixel((3, 3))
    assert isinstance(corner, tuple) and min(corner) > 230


@pytest.mark.parametrize(
    "box",
    [
        [[-50, -50], [20, -50], [20, 20], [-50, 20]],
        [[0, 0], [400, 0], [400, 200], [0, 200]],
        [[399, 199], [400, 199], [400, 200], [399, 200]],
        [[200, 10], [210, 10], [210, 190], [200, 190]],
    ],
)
def test_a_place_at_the_edge_is_shown_as_far_as_it_goes(box: list[list[float]]) -> None:
    (found,) = pictures_of(photo(400, 200, 1), "a.jpg").values()
    shown = Image.open(io.BytesIO(enlarged(found.small, 400, box)))
    assert max(shown.size) <= ENLARGED * 2 and min(shown.size) > 20


def test_a_place_beside_the_photo_is_none() -> None:
    (found,) = pictures_of(photo(400, 200, 1), "a.jpg").values()
    with pytest.raises(ValueError, match="outside"):
        enlarged(found.small, 400, [[900, 0], [990, 0], [990, 9], [900, 9]])
