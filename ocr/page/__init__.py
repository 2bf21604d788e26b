"""Find the paper in a photo and straighten it."""

from ocr.page.find import find_pages
from ocr.page.model import Page

__all__ = ["Page", "find_pages"]
