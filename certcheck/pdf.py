"""A page made a PDF, in a process of its own.

WeasyPrint lays HTML out with Pango. It is given a text and a style and nothing else: no file and
no address is opened, pictures are part of the text (`data:`). A layout that hangs or eats memory
costs its process, not the server.
"""

from __future__ import annotations

import concurrent.futures
import ctypes
import functools
import logging
import multiprocessing
import threading
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pebble

from certcheck.errors import CertcheckError
from certcheck.runner import limits

log = logging.getLogger(__name__)

# A report of four pages takes 0.8 s of a core, the first of a process 6 s (fonts are looked for).
TIME_LIMIT_S = 60
# Writable memory; a report takes 0.3 GB.
_MEMORY_BYTES = 1536 * 2**20
# The process is renewed after so many, as layouts leave caches behind.
_TASKS = 30
_LANGUAGE = b":lang=zh-cn"


class PdfError(CertcheckError):
    """No PDF can be made now."""

    code = "pdf.failed"


class PdfLibraryMissingError(PdfError):
    """Pango, which lays the text out, is not installed."""

    code = "pdf.no_library"


class PdfFontMissingError(PdfError):
    """No font with Chinese characters is installed."""

    code = "pdf.no_font"


class PdfBusyError(PdfError):
    """Others wait for theirs."""

    code = "pdf.busy"


class Press:
    """Makes PDFs, one after the other; its process starts with the first.

    Args:
        waiters: requests that may wait at once.
    """

    def __init__(self, waiters: int = 3) -> None:
        self._waiters = threading.BoundedSemaphore(waiters)
        self._starting = threading.Lock()
        self._pool: pebble.ProcessPool | None = None

    def make(self, html: str, css: str) -> bytes:
        """The PDF of a text.

        Args:
            html: a whole document; pictures as `data:` addresses.
            css: its style.

        Raises:
            PdfError: it cannot be made, or too many wait.
        """
        if not self._waiters.acquire(blocking=False):
            raise PdfBusyError()
        try:
            future = self._running().schedule(_make, args=[html, css], timeout=TIME_LIMIT_S)
            made = future.result()
        except (
            concurrent.futures.TimeoutError, concurrent.futures.CancelledError,
            pebble.ProcessExpired, BrokenProcessPool, RuntimeError, MemoryError,
        ) as error:  # fmt: skip
            log.exception("no PDF")
            raise PdfError() from error
        finally:
            self._waiters.release()
        if isinstance(made, str):
            raise _ERRORS[made]()
        return bytes(made)

    def stop(self) -> None:
        """Ends the process."""
        with self._starting:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def _running(self) -> Any:  # noqa: ANN401 - pebble has no types
        with self._starting:
            if self._pool is None or not self._pool.active:
                self._pool = pebble.ProcessPool(
                    1, max_tasks=_TASKS, context=multiprocessing.get_context("spawn"),
                    initializer=limits.confine, initargs=(_MEMORY_BYTES,),
                )  # fmt: skip
            return self._pool


_ERRORS: dict[str, type[PdfError]] = {
    one.code: one for one in (PdfLibraryMissingError, PdfFontMissingError)
}


def _make(html: str, css: str) -> bytes | str:
    """Runs in the process: the PDF, or the code of what is missing."""
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except OSError:  # cffi cannot load Pango
        return PdfLibraryMissingError.code
    if not has_chinese_font():
        return PdfFontMissingError.code
    # Nothing is fetched: what a certificate says must not make the server ask anybody.
    fetcher = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
    page = weasyprint.HTML(string=html, url_fetcher=fetcher)
    style = weasyprint.CSS(string=css, url_fetcher=fetcher)
    return bytes(page.write_pdf(stylesheets=[style], pdf_tags=True))


@functools.cache
def has_chinese_font() -> bool:
    """Whether fontconfig knows a font for simplified Chinese; it is what Pango asks."""

    class FontSet(ctypes.Structure):
        _fields_ = (("count", ctypes.c_int), ("room", ctypes.c_int), ("fonts", ctypes.c_void_p))

    try:
        config = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return False
    config.FcNameParse.restype = config.FcObjectSetCreate.restype = ctypes.c_void_p
    config.FcFontList.restype = ctypes.POINTER(FontSet)
    config.FcFontList.argtypes = [ctypes.c_void_p] * 3
    pattern, objects = config.FcNameParse(_LANGUAGE), config.FcObjectSetCreate()
    found = config.FcFontList(None, pattern, objects)
    return bool(found) and found.contents.count > 0
