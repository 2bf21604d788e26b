"""What tests of PDFs need: whether this machine makes any, and what stands in one."""

from __future__ import annotations

import ctypes.util

import pypdfium2
import pytest

# Both halves of Pango; where they are missing, `test_pdf` shows that a person is told so.
PANGO = all(ctypes.util.find_library(name) for name in ("pango-1.0", "pangoft2-1.0"))
needs_pango = pytest.mark.skipif(not PANGO, reason="Pango is missing: ./run test installs it")


def pages(pdf: bytes) -> list[str]:
    """The text of each page."""
    opened = pypdfium2.PdfDocument(pdf)
    try:
        return [str(page.get_textpage().get_text_bounded()) for page in opened]
    finally:
        opened.close()


def pictures(pdf: bytes) -> list[int]:
    """How many pictures each page has, however deep they lie."""
    opened = pypdfium2.PdfDocument(pdf)
    try:
        kind = pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
        return [sum(1 for _ in page.get_objects([kind], max_depth=9)) for page in opened]
    finally:
        opened.close()


def bookmarks(pdf: bytes) -> list[str]:
    """The headings that a reader jumps to."""
    opened = pypdfium2.PdfDocument(pdf)
    try:
        return [str(one.get_title()) for one in opened.get_toc()]
    finally:
        opened.close()


def tagged(pdf: bytes) -> bool:
    """Whether programs that read aloud find headings and paragraphs in it."""
    opened = pypdfium2.PdfDocument(pdf)
    try:
        return bool(pypdfium2.raw.FPDFCatalog_IsTagged(opened.raw))
    finally:
        opened.close()


def links(pdf: bytes) -> list[str | None]:
    """Where the links lead: an address, or None for a place of the document itself."""
    raw = pypdfium2.raw
    opened = pypdfium2.PdfDocument(pdf)
    found: list[str | None] = []
    try:
        for page in opened:
            for at in range(raw.FPDFPage_GetAnnotCount(page.raw)):
                annotation = raw.FPDFPage_GetAnnot(page.raw, at)
                if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_LINK:
                    action = raw.FPDFLink_GetAction(raw.FPDFAnnot_GetLink(annotation))
                    kind = raw.FPDFAction_GetType(action) if action else raw.PDFACTION_GOTO
                    found.append(None if kind == raw.PDFACTION_GOTO else f"action {kind}")
                raw.FPDFPage_CloseAnnot(annotation)
    finally:
        opened.close()
    return found
