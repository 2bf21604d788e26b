"""The likenesses of a photo: its frame, the page, the picture of the piece."""

from __future__ import annotations

from collections.abc import Sequence

from ocr import geometry
from ocr.likeness.hashes import hash_of, hashes_of
from ocr.likeness.piece import Box, find_piece
from ocr.page import Page
from ocr.photo import Photo
from ocr.reading import Likeness, Quad
from ocr.spots import fingers, reflections

# A paper that takes up more of the photo has no ground around it that would tell one photo
# from another: a scan.
_FILLS = 0.9
# Of the picture of a piece, hidden by a reflection or a finger beyond which it tells nothing.
_HIDDEN = 0.03
# Pixels of a side below which a place shows nothing.
_LEAST = 16
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
    if boxes and not _hidden(page, boxes[-1]):
        each = [hashes_of(page.image[y : y + h, x : x + w]) for x, y, w, h in boxes]
        place = page.to_photo_quad(geometry.box_quad(*boxes[-1]))
        found.append(
            Likeness(
                "piece", place, tuple(some[0] for some in each),
                tuple(one for some in each for one in some),
                tuple((x / page.width, y / page.height, w / page.width, h / page.height)
                      for x, y, w, h in boxes),
            )
        )  # fmt: skip
    return tuple(found)


def _hidden(page: Page, area: Box) -> bool:
    """Whether a reflection or a finger lies on the picture of the piece.

    One that covers a tenth changes as many bits as another picture does (docs/benchmarks.md).
    """
    x, y, width, height = area
    spots = [*reflections(page.image), *fingers(page.image)]
    return sum(one.covers(x, y, x + width, y + height) for one in spots) > _HIDDEN


def hashes_at(page: Page, place: tuple[float, float, float, float]) -> tuple[bytes, ...]:
    """Hashes of what lies at a place that was found on another photo of the page.

    Args:
        page: straightened and upright.
        place: see `Likeness.places`.

    Returns:
        Hashes of the place, and of it shifted and scaled; () where it is not on the page.
    """
    x, y, width, height = place
    left, top = max(0, round(x * page.width)), max(0, round(y * page.height))
    right = min(page.width, round((x + width) * page.width))
    bottom = min(page.height, round((y + height) * page.height))
    if right - left < _LEAST or bottom - top < _LEAST:
        return ()
    return hashes_of(page.image[top:bottom, left:right], far=True)
