"""Which part of a photo is paper."""

from __future__ import annotations

from ocr.page.model import Page, whole_photo
from ocr.photo import Photo


def find_pages(photo: Photo) -> list[Page]:
    """The papers of a photo, left to right and top to bottom.

    Args:
        photo: as loaded.

    Returns:
        At least one page: the whole photo where no paper is told from its ground.
    """
    return [whole_photo(photo.image)]
