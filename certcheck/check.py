"""One photo, end to end: read it, find the laboratory, judge the eight items, report."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import logging
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from certcheck import report
from certcheck.case import Case
from certcheck.errors import (
    CheckCrashedError,
    NotACertificateError,
    PhotoNotFoundError,
    Problem,
    explain,
)
from certcheck.identify import identify
from certcheck.report import PhotoInfo, Report
from certcheck.rules.framework import judge
from ocr.errors import OcrError
from ocr.read import Part, read_photo
from ocr.reading import Reading
from registry.lookup import Registry

log = logging.getLogger(__name__)


@dc.dataclass(frozen=True, slots=True)
class Wish:
    """How a check is to be done.

    Attributes:
        as_of: the day to judge on instead of the printed date of issue.
        paid: what was paid for the certificate, in yuan.
        engine: text engine to read with; None for the first that is installed.
    """

    as_of: dt.date | None = None
    paid: Decimal | None = None
    engine: str | None = None


def check_file(path: Path, registry: Registry, wish: Wish = Wish(), name: str = "") -> list[Report]:  # noqa: B008 - frozen
    """Checks a photo on disk; see `check_bytes`.

    Args:
        path: the photo; opened for reading only.
        registry: who may do what.
        wish: how to check.
        name: the name to report; by default the path as given.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        log.warning("%s: %s", path, error)
        missing = explain(PhotoNotFoundError(name=str(path)))
        return [failed(name or str(path), b"", registry, wish, missing)]
    return check_bytes(data, name or str(path), registry, wish)


def check_bytes(data: bytes, name: str, registry: Registry, wish: Wish = Wish()) -> list[Report]:  # noqa: B008 - frozen
    """Checks every certificate of a photo or PDF.

    Args:
        data: the file's bytes.
        name: the file's name, for the report.
        registry: who may do what.
        wish: how to check.

    Returns:
        One report a certificate; one with an error where the photo cannot be read.
    """
    try:
        parts = read_photo(data, name, engine=wish.engine)
    except OcrError as error:
        log.warning("%s: %s", name, error)
        return [failed(name, data, registry, wish, explain(error))]
    except Exception:  # a decoder's own bug must not cost the batch
        log.exception("reading %s", name)
        return [failed(name, data, registry, wish, explain(CheckCrashedError()))]
    return [check_part(part, name, registry, wish) for part in parts]


def check_part(part: Part, name: str, registry: Registry, wish: Wish) -> Report:
    """Judges one certificate that was read."""
    reading = part.reading
    photo = PhotoInfo(name, reading.page, reading.part, part.sha256, reading.width, reading.height)
    problem = None if reading.is_certificate else explain(NotACertificateError())
    match = identify(reading, part.witness, registry) if problem is None else None
    case = Case(
        reading=reading,
        witness=part.witness,
        registry=registry,
        match=match,
        issued_on=wish.as_of or issued_on(reading),
        checked_on=_now().date(),
        paid=wish.paid,
    )
    items = judge(case) if problem is None else ()
    return report.build(
        photo=photo,
        reading=reading,
        match=match,
        items=items,
        revision=registry.revision,
        checked_at=_now(),
        problem=problem,
        settings=_settings(wish),
        judged_on=case.issued_on,
    )


def issued_on(reading: Reading) -> dt.date | None:
    """The printed date of issue, or None where it could not be read."""
    field = reading.fields.get("issue_date")
    try:
        return dt.date.fromisoformat(field.text) if field else None
    except ValueError:
        return None


def exit_status(reports: Sequence[Report]) -> int:
    """The status of `check` and `batch`: 3 before 1 before 0 (contract, command line)."""
    if any(one.problem for one in reports):
        return 3
    return 1 if any(one.verdict in ("inconsistent", "suspected") for one in reports) else 0


def failed(name: str, data: bytes, registry: Registry, wish: Wish, problem: Problem) -> Report:
    """The report of a photo that could not be checked."""
    digest = hashlib.sha256(data).hexdigest()
    return report.build(
        photo=PhotoInfo(name, 1, 1, digest, 0, 0),
        reading=None,
        match=None,
        items=(),
        revision=registry.revision,
        checked_at=_now(),
        problem=problem,
        settings=_settings(wish),
    )


def _settings(wish: Wish) -> str:
    """What else than photo, registry and program a result depends on."""
    return f"{wish.as_of or ''}|{wish.paid or ''}|{wish.engine or ''}"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
