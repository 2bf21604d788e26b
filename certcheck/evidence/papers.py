"""The report of a check on paper, for a pack that is made where no page asked for it."""

from __future__ import annotations

import contextlib
import dataclasses as dc
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from certcheck import pdf
from certcheck.errors import CertcheckError
from certcheck.evidence.held import Held
from certcheck.pictures import pictures_of
from ocr.errors import OcrError


@dc.dataclass(frozen=True, slots=True)
class _Shown:
    """A check as the page's templates look at it; see `web.paper.Shown`."""

    id: str
    reports: Sequence[Mapping[str, Any]]
    pictures: Mapping[int, str]


def report(one: Held, lang: str = "zh") -> bytes:
    """The PDF of the last judgement; earlier ones have no page here to lead to.

    Args:
        one: the check.
        lang: `zh` or `en`.

    Raises:
        PdfError: no PDF can be made on this machine.
    """
    from web import paper  # as `check --pdf` does: the page's own layout

    with tempfile.TemporaryDirectory() as name:
        pictures = one.pictures or _made(one, Path(name))
        shown = _Shown(one.id, one.reports, {at: str(path) for at, path in pictures.items()})
        with paper.bare_app().test_request_context(f"/?lang={lang}"):
            html, names = paper.report_html(shown)
        return pdf.pdf_of(html, {address: Path(path) for address, path in names.items()})


def _made(one: Held, folder: Path) -> dict[int, Path]:
    """Pictures of a photo of which there are none yet; none where it cannot be opened."""
    if all(not report["photo"]["width"] for report in one.reports):
        return {}
    found: dict[int, Path] = {}
    with contextlib.suppress(CertcheckError, OcrError, OSError):
        data = next(iter(one.photos.values())).read_bytes()
        for page, picture in pictures_of(data, "").items():
            found[page] = folder / f"{page}.jpg"
            found[page].write_bytes(picture.small)
    return found
