"""`certcheck check --pdf FILE`: the reports of one photo on paper, as the page makes them."""

from __future__ import annotations

import contextlib
import dataclasses as dc
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from certcheck import files, pdf
from certcheck.errors import BadOutputError, CertcheckError
from certcheck.pictures import pictures_of
from certcheck.report import Report


@dc.dataclass(frozen=True, slots=True)
class _Checked:
    """A check as the page's templates look at it; see `web.paper.Shown`."""

    id: str
    reports: Sequence[Mapping[str, Any]]
    pictures: Mapping[int, str]


def write(out: Path, photo: Path, reports: Sequence[Report], lang: str) -> None:
    """Puts the reports of a photo on paper.

    Args:
        out: the PDF's place; what is there is replaced once the new one is whole.
        photo: the file that was checked.
        reports: all of it, at least one.
        lang: `zh` or `en`.

    Raises:
        PdfError: no PDF can be made on this machine.
        BadOutputError: it cannot be written.
    """
    with tempfile.TemporaryDirectory() as name:
        pictures = _pictures(photo, reports, Path(name))
        made = _made(reports, pictures, lang)
    try:
        _replace(out, made)
    except OSError as error:
        raise BadOutputError(name=files.shown_name(out), detail=error.strerror) from error


def _pictures(photo: Path, reports: Sequence[Report], folder: Path) -> dict[int, Path]:
    """Page to the file of its picture; none where the photo could not be opened."""
    if all(one.reading is None for one in reports):
        return {}
    with contextlib.suppress(CertcheckError):
        found = {}
        for page, one in pictures_of(files.read(photo), photo.name).items():
            found[page] = folder / f"{page}.jpg"
            found[page].write_bytes(one.small)
        return found
    return {}


def _made(reports: Sequence[Report], pictures: Mapping[int, Path], lang: str) -> bytes:
    from web import paper

    told = [one.to_json() for one in reports]
    checked = _Checked(reports[0].id, told, {page: str(path) for page, path in pictures.items()})
    with paper.bare_app().test_request_context(f"/?lang={lang}"):
        html, names = paper.report_html(checked)
    return pdf.pdf_of(html, {address: Path(name) for address, name in names.items()})


def _replace(out: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=".certcheck-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # As any other program writes a file: for whom the user's own mask lets in.
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
