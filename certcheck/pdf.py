"""A page of HTML as a PDF, without any network.

WeasyPrint lays it out with Pango, whose memory and whose faults are kept out of the server:
`certcheck.runner.printer` runs this module in a process of its own for each document.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import ImageFile

from certcheck.errors import (
    CertcheckError,
    PdfFontError,
    PdfLibraryError,
    PdfPictureError,
    SettingError,
)
from certcheck.operation import logs

log = logging.getLogger(__name__)

# Files of a folder that a process is given, and those that it leaves there.
PAGE, PICTURES = "page.html", "pictures.json"
PDF, ERROR = "page.pdf", "error.json"

# The characters of GB 2312 lie here; a font that lacks one of them is no Chinese font. Rarer
# ones, and emoji in a file's name, may be missing without a reader losing the result.
_HANZI = re.compile("[\u4e00-\u9fa5]")


def pdf_of(html: str, pictures: Mapping[str, Path]) -> bytes:
    """Lays a page out on paper.

    Args:
        html: a whole page with its styles in it. Links lead to places of the page itself; all
            others are dropped, as an address of a check is nothing to pass on with a paper.
        pictures: address in the page to the file. Nothing else is opened, of whatever address.

    Returns:
        A PDF with bookmarks for its headings, and tagged for those who have it read to them.

    Raises:
        PdfLibraryError: Pango is missing on this machine.
        PdfFontError: there is no font with Chinese characters.
        PdfPictureError: a picture cannot be read.
    """
    html_of, fetcher = _library()
    refused: list[str] = []
    told = _Told()
    with told.listening():
        # An address without a scheme is then one that no file has.
        document = html_of(string=html, base_url="page:/", url_fetcher=fetcher(pictures, refused))
        for link in document.etree_element.iter("a"):
            if not link.get("href", "").startswith("#"):
                link.attrib.pop("href", None)
        made: bytes = document.write_pdf(pdf_tags=True)
    if refused:
        raise PdfPictureError(address=refused[0])
    if missing := _HANZI.findall(told.missing):
        raise PdfFontError(characters="".join(sorted(set(missing))[:8]))
    return made


def _library() -> tuple[Any, Callable[[Mapping[str, Path], list[str]], Any]]:
    """WeasyPrint's page, and what makes a fetcher of the given pictures.

    Raises:
        PdfLibraryError: Pango is missing on this machine.
        PdfFontError: there is no font at all.
    """
    try:
        from weasyprint import HTML
        from weasyprint.text.ffi import ffi, fontconfig
        from weasyprint.urls import URLFetcher, URLFetcherResponse
    except OSError as error:
        raise PdfLibraryError() from error

    # Importing it makes Pillow accept pictures that are cut off, everywhere in the process: a
    # photo that is damaged must go on being refused. The pictures laid out here are whole.
    ImageFile.LOAD_TRUNCATED_IMAGES = False

    # Without any font at all Pango takes the process with it.
    fonts = ffi.gc(fontconfig.FcInitLoadConfigAndFonts(), fontconfig.FcConfigDestroy)
    if not fontconfig.FcConfigGetFonts(fonts, fontconfig.FcSetSystem).nfont:
        raise PdfFontError()

    class Ours(URLFetcher):  # type: ignore[misc]
        """Opens the pictures that were given, and nothing else; notes what else was asked for."""

        def __init__(self, pictures: Mapping[str, Path], refused: list[str]) -> None:
            super().__init__()
            self._pictures, self._refused = pictures, refused

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            try:
                data = self._pictures[url].read_bytes()
            except (KeyError, OSError) as error:
                self._refused.append(url)
                raise ValueError(url) from error
            return URLFetcherResponse(url, data, {"Content-Type": "image/jpeg"})

    return HTML, Ours


class _Told(logging.Handler):
    """Hears which characters no font has; what WeasyPrint says of styles is for nobody."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.missing = ""

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Hears what is said meanwhile, whatever this program otherwise listens to."""
        logger = logging.getLogger("weasyprint")
        level, propagate = logger.level, logger.propagate
        logger.addHandler(self)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        try:
            yield
        finally:
            logger.removeHandler(self)
            logger.setLevel(level)
            logger.propagate = propagate

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the characters."""
        if str(record.msg).startswith(".notdef") and isinstance(record.args, tuple):
            self.missing += str(record.args[0])


def main(folder: Path) -> None:
    """Makes the document of a folder, and leaves it, or why there is none, beside it."""
    pictures = json.loads((folder / PICTURES).read_text("utf-8"))
    try:
        made = pdf_of(
            (folder / PAGE).read_text("utf-8"),
            {address: Path(path) for address, path in pictures.items()},
        )
    except CertcheckError as error:
        log.error("no PDF: %s", error)
        (folder / ERROR).write_text(json.dumps({"code": error.code}), encoding="utf-8")
    else:
        (folder / PDF).write_bytes(made)


if __name__ == "__main__":
    with contextlib.suppress(SettingError):  # told by who started this process
        logs.set_up()
    main(Path(sys.argv[1]))
