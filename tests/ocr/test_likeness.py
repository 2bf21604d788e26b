"""What would break: a picture not known again in other light or another crop, two pictures
taken for one, a shadow or a band taken for the picture of a piece."""

import cv2
import numpy as np
import pytest

from ocr import geometry
from ocr.geometry import Picture
from ocr.likeness.hashes import BITS, BYTES, distance, hash_of, hashes_of, nearest
from ocr.likeness.look import hashes_at, likenesses
from ocr.likeness.piece import find_piece
from ocr.page import Page
from ocr.page.model import whole_photo
from ocr.photo import Photo
from samples.generator.pieces import draw_piece

# Bits up to which the tests hold two pictures for one, and from which on for two.
SAME, OTHER = 30, 40
PLACE = (120, 240, 300, 300)


def piece(seed: int, kind: str = "carving", hue: str = "绿") -> Picture:
    drawn = draw_piece(kind, hue, PLACE[2], np.random.default_rng(seed))
    return np.ascontiguousarray(np.asarray(drawn)[..., ::-1])


def photographed(picture: Picture, seed: int, quality: int = 70) -> Picture:
    """Another crop, another light, grain, a messenger's compression."""
    rng = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.normal(0, 0.005 * width, (4, 2)).astype(np.float32)
    way = cv2.getPerspectiveTransform(corners, moved)
    out = cv2.warpPerspective(picture, way, (width, height), borderMode=cv2.BORDER_REPLICATE)
    light = np.linspace(0.85, 1.1, width)[None, :, None]
    out = np.clip(out * light * 0.9 + rng.normal(0, 4, out.shape), 0, 255).astype(np.uint8)
    data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def sheet(drawn: Picture | None, paper: int = 245) -> Picture:
    """A page with print, a band, a rule across and, where one is given, a picture."""
    page = np.full((1200, 900, 3), paper, np.uint8)
    page[:90] = (150, 90, 40)
    page[400:403] = 60
    for line in range(16):
        cv2.putText(page, "Certificate 0123456789", (440, 230 + 50 * line), 0, 0.9, (30,) * 3, 2)
    if drawn is not None:
        x, y, width, height = PLACE
        page[y : y + height, x : x + width] = cv2.resize(drawn, (width, height))
    return page


def overlap(box: tuple[int, int, int, int]) -> float:
    return geometry.overlap(geometry.box_quad(*box), geometry.box_quad(*PLACE))


def test_a_picture_is_known_again_and_another_is_not() -> None:
    for seed in range(6):
        one, other = piece(seed), piece(seed + 50)
        kept = hashes_of(photographed(one, seed))[0]
        assert len(kept) == BYTES
        assert nearest(hashes_of(photographed(one, seed + 9)), [kept]) <= SAME
        assert nearest(hashes_of(photographed(other, seed + 9)), [kept]) >= OTHER


def test_a_whole_page_is_known_again_when_it_is_compressed() -> None:
    page = sheet(piece(1))
    data = cv2.imencode(".jpg", page[::2, ::2], [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    again = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    assert distance(hash_of(page), hash_of(again)) <= SAME
    assert distance(hash_of(page), hash_of(np.flipud(page))) >= OTHER


def test_shifts_are_what_finds_a_picture_in_another_crop() -> None:
    one = piece(3)
    beside = np.asarray(cv2.resize(one[9:, 6:], one.shape[:2]), np.uint8)
    kept, moved = hashes_of(one)[0], hashes_of(beside)
    assert nearest(moved, [kept]) < distance(moved[0], kept)


def test_distances_are_of_bits() -> None:
    assert distance(bytes(BYTES), bytes([255]) * BYTES) == BITS
    assert distance(bytes(BYTES), bytes(BYTES - 1) + b"\x03") == 2
    assert nearest([], [bytes(BYTES)]) == BITS


@pytest.mark.parametrize("hue", ["绿", "白", "黑"])
def test_the_piece_is_found_among_print_bands_and_rules(hue: str) -> None:
    page = whole_photo(sheet(piece(1, "bangle", hue)))
    boxes = find_piece(page, [])
    assert boxes and overlap(boxes[-1]) > 0.8


def test_a_piece_on_the_papers_own_ground_is_found() -> None:
    drawn = np.full((300, 300, 3), 245, np.uint8)
    cv2.circle(drawn, (150, 150), 100, (90, 150, 90), 34)
    boxes = find_piece(whole_photo(sheet(drawn)), [])
    assert boxes and overlap(boxes[0]) > 0.45


def test_nothing_is_found_where_there_is_no_picture() -> None:
    page = sheet(None)
    assert find_piece(whole_photo(page), []) == []
    y, x = np.mgrid[:1200, :900]
    shade = 90 * np.exp(-((x - 250) ** 2 + (y - 800) ** 2) / 200**2)
    shadowed = np.clip(page - shade[..., None], 0, 255).astype(np.uint8)
    assert find_piece(whole_photo(shadowed), []) == []
    # What is taken by print, a code or a seal is no picture.
    covered = [geometry.box_quad(*PLACE)]
    assert find_piece(whole_photo(sheet(piece(1))), covered) == []


def test_the_frame_tells_only_with_ground_around_and_alone() -> None:
    desk = np.full((1600, 1300, 3), 90, np.uint8)
    desk[200:1400, 200:1100] = sheet(piece(1))
    photo = Photo(desk, 1, 1300, 1600, "0" * 64)
    corners = geometry.box_quad(200, 200, 900, 1200)
    away = np.array([[1, 0, 200], [0, 1, 200], [0, 0, 1]], np.float64)
    page = Page(sheet(piece(1)), away, corners, 0, 0.9)

    def kinds(*, alone: bool = True, of: Page = page) -> list[str]:
        return [one.of for one in likenesses(photo, of, [], alone=alone)]

    assert kinds() == ["page", "photo", "piece"]
    assert kinds(alone=False) == ["page", "piece"]
    assert kinds(of=whole_photo(sheet(piece(1)))) == ["page", "piece"]
    (found,) = [one for one in likenesses(photo, page, []) if one.of == "piece"]
    assert geometry.contains(found.box, (200 + 270, 200 + 390))
    assert set(found.kept) <= set(found.hashes)
    assert likenesses(photo, whole_photo(np.full((90, 400, 3), 255, np.uint8)), []) == ()


@pytest.mark.parametrize(("size", "kept"), [(0, True), (60, False), (110, False)])
def test_a_picture_with_a_reflection_on_it_is_not_compared(size: int, kept: bool) -> None:  # noqa: FBT001
    """It would be another picture, by as many bits."""
    image = sheet(piece(1), paper=215)
    x, y, width, height = PLACE
    middle = (x + width // 2, y + height // 2)
    cv2.ellipse(image, middle, (size, size // 2 + 10 * bool(size)), 20, 0, 360, (255,) * 3, -1)
    page = whole_photo(image)
    photo = Photo(image, 1, 900, 1200, "0" * 64)
    assert ("piece" in [one.of for one in likenesses(photo, page, [])]) is kept


def test_a_place_found_on_one_photo_is_known_on_another() -> None:
    """Whatever was taken for the picture: the same place of the same page is the same."""
    one, other = whole_photo(sheet(piece(1))), whole_photo(sheet(piece(5)))
    photo = Photo(one.image, 1, 900, 1200, "0" * 64)
    (found,) = [each for each in likenesses(photo, one, []) if each.of == "piece"]
    beside = np.asarray(cv2.warpAffine(one.image, np.float32([[1, 0, 9], [0, 1, -7]]), (900, 1200)))
    for place, kept in zip(found.places, found.kept, strict=True):
        assert nearest(hashes_at(whole_photo(beside), place), [kept]) <= SAME
        assert nearest(hashes_at(other, place), [kept]) >= OTHER
    assert hashes_at(one, (0.99, 0.99, 0.5, 0.5)) == ()
