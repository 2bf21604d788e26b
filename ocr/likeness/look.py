"""The likenesses of a photo: its frame, the page, the picture of the piece."""

from __future__ import annotations

from collections.abc import Sequence

from ocr import geometry
from ocr.likeness.hashes import hash_of, hashes_of
from ocr.likeness.piece import find_piece
from ocr.page import Page
from ocr.photo import Photo
from ocr.reading import Likeness, Quad

# A paper that takes up more of the photo has no ground around it that would tell one photo
# from another: a scan.
_FILLS = 0.9
# Pixels of a page's shorter side below which nothing on it is told from print.
_SMALLEST = 200


def likenesses(
    photo: Photo, page: Page, taken: Sequence[Quad], *, alone: bool = True
) -> tuple[Likeness, ...]:
    """What the photo and the page may be known again by.

    Args:
        photo: as taken, upright.
        page: straightened and upright.
        taken: places of print, codes and seals, in pixels of the page.
        alone: whether it is the photo's only paper; else the frame is not this paper's own.
    """
    if min(page.width, page.height) < _SMALLEST:
        return ()
    whole = (hash_of(page.image),)
    found = [Likeness("page", page.corners, whole, whole)]
    fills = geometry.quad_area(page.corners) >= _FILLS * photo.width * photo.height
    if alone and page.certainty and not fills:
        frame = (hash_of(photo.image),)
        box = geometry.box_quad(0, 0, photo.width - 1, photo.height - 1)
        found.append(Likeness("photo", box, frame, frame))
    boxes = find_piece(page, list(taken))
    if boxes:
        each = [hashes_of(page.image[y : y + h, x : x + w]) for x, y, w, h in boxes]
        place = page.to_photo_quad(geometry.box_quad(*boxes[-1]))
        kept = tuple(some[0] for some in each)
        found.append(Likeness("piece", place, kept, tuple(one for some in each for one in some)))
    return tuple(found)
