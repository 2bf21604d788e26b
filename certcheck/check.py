"""One photo, end to end: read it, find the laboratory, judge the eight items, report."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import logging
import os
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from certcheck import corrections, files, ink_book, report
from certcheck.abroad import Sighting, recognise
from certcheck.ahead import Read
from certcheck.case import Case
from certcheck.corrected import asked, tempered
from certcheck.corrections import ByHand, Correction
from certcheck.errors import (
    CertcheckError,
    CheckCrashedError,
    NotACertificateError,
    Problem,
    SeveralCertificatesError,
    explain,
)
from certcheck.evidence.keep import Keeper
from certcheck.identify import identify
from certcheck.record.model import Record
from certcheck.remember import RememberingWitness
from certcheck.report import PhotoInfo, Report
from certcheck.rules.framework import ItemResult, judge
from certcheck.seen.memory import remembering
from ocr.errors import EngineFailedError, OcrError, PhotoTooLargeError
from ocr.photo import LIMITS
from ocr.read import Part, read_print
from ocr.readers import ENGINE_SETTING
from ocr.reading import Reading
from registry.errors import RegistryError
from registry.lookup import Candidate, Registry, Revision

log = logging.getLogger(__name__)


@dc.dataclass(frozen=True, slots=True)
class Wish:
    """How a check is to be done.

    Attributes:
        as_of: the day to judge on instead of the printed date of issue.
        paid: what was paid for the certificate, in yuan.
        engine: text engine to read with; None for the first that is installed.
        visitor: the photo is of somebody who came to another's machine; see `ink_book`.
        corrections: values that were entered by hand; see `certcheck.corrections`.
        online: whether the laboratory's own record is looked up; see `certcheck.record`.
    """

    as_of: dt.date | None = None
    paid: Decimal | None = None
    engine: str | None = None
    visitor: bool = False
    corrections: tuple[Correction, ...] = ()
    online: bool = False


def check_file(
    path: Path,
    registry: Registry,
    wish: Wish = Wish(),  # noqa: B008 - frozen
    name: str = "",
    read: Read = read_print,
    keeper: Keeper | None = None,
) -> list[Report]:
    """Checks a photo on disk; see `check_bytes`.

    Args:
        path: the photo; opened for reading only.
        registry: who may do what.
        wish: how to check.
        name: the name to report; by default the path as given.
        read: reads the photo; see `certcheck.ahead`.
        keeper: keeps photo and reports for evidence, or None.
    """
    name = name or files.shown_name(path)
    try:
        data = files.read(path)
    except CertcheckError as error:
        return [failed(name, files.NOTHING, registry.revision, wish, explain(error))]
    if len(data) > LIMITS.max_bytes:
        problem = explain(PhotoTooLargeError(max_bytes=LIMITS.max_bytes))
        return [failed(name, files.sha256(path), registry.revision, wish, problem)]
    finish = keeper.begin(data) if keeper else None
    reports: list[Report] = []
    try:
        reports = check_bytes(data, name, registry, wish, read)
    finally:
        if finish is not None:
            finish(reports)
    return reports


def check_bytes(
    data: bytes,
    name: str,
    registry: Registry,
    wish: Wish = Wish(),  # noqa: B008 - frozen
    read: Read = read_print,
) -> list[Report]:
    """Checks every certificate of a photo or PDF.

    Args:
        data: the file's bytes.
        name: the file's name, for the report.
        registry: who may do what.
        wish: how to check.
        read: reads the photo; see `certcheck.ahead`.

    Returns:
        One report a certificate; one with an error where the photo cannot be read.

    Raises:
        RegistryError: the registry cannot be asked at all.
    """
    # Before anything is asked of the registry: should it change meanwhile, the report is
    # taken for an old one and made again, rather than an old one for new.
    revision = registry.revision
    try:
        parts = read(data, name, engine=wish.engine)
    except Exception as error:  # a decoder's own bug must not cost the batch
        digest = hashlib.sha256(data).hexdigest()
        return [failed(name, digest, revision, wish, _problem(error, f"reading {name}"))]
    share = 1 / max(1, len(parts))
    return [check_part(part, name, registry, revision, wish, share) for part in parts]


def check_part(
    part: Part,
    name: str,
    registry: Registry,
    revision: Revision,
    wish: Wish = Wish(),  # noqa: B008 - frozen
    share: float = 1.0,
) -> Report:
    """Judges one certificate that was read; what was read is reported whatever happens.

    Args:
        part: what was read, with its picture.
        name: to report.
        registry: who may do what.
        revision: of the registry.
        wish: how to check.
        share: of the time that looking records up may take for the whole photo.
    """
    now = _now()
    done = _Judged(part, wish.as_of or issued_on(part.reading))
    problem = _not_judged(part.reading)
    if problem is None:
        try:
            _judge(done, registry, wish, now, share)
        except Exception as error:  # what was read must not be lost with it
            problem = _problem(error, f"judging {name}")
    reading = done.part.whole().reading
    return report.build(
        photo=PhotoInfo(
            name, reading.page, reading.part, part.sha256, reading.width, reading.height
        ),
        reading=reading,
        match=done.match,
        foreign=done.foreign,
        items=done.items,
        revision=revision,
        checked_at=now,
        problem=problem,
        settings=settings(wish),
        judged_on=done.day,
        earlier_ink=done.earlier_ink,
        by_hand=done.by_hand,
        record=done.record,
    )


@dc.dataclass(slots=True)
class _Judged:
    """What is known so far; what a later step breaks off is kept.

    Attributes:
        part: what was read, with what was entered by hand in it.
        day: to judge on.
        match: the laboratory the paper names.
        foreign: the one abroad.
        record: the laboratory's own.
        items: the eight.
        by_hand: what was entered by hand.
        earlier_ink: digest of the ink that was compared with, "" where none was.
    """

    part: Part
    day: dt.date | None
    match: Candidate | None = None
    foreign: Sighting | None = None
    record: Record | None = None
    items: tuple[ItemResult, ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    earlier_ink: str = ""


def _judge(done: _Judged, registry: Registry, wish: Wish, now: dt.datetime, share: float) -> None:
    """Fills in what `check_part` reports."""
    book = ink_book.configured(visitor=wish.visitor)
    earlier: Case | None = None
    if wish.corrections:
        done.part, done.by_hand, earlier = _by_hand(done.part, registry, wish, now, book)
        done.day = wish.as_of or issued_on(done.part.reading)
    done.match = identify(done.part.reading, done.part.witness, registry)
    done.part = done.part.whole()
    case = _case(done.part, registry, done.match, wish, now, book)
    done.foreign = case.foreign
    done.record = _record(case, share) if wish.online else None
    done.items = judge(dc.replace(case, record=done.record))
    if earlier is not None:
        before = judge(dc.replace(earlier, record=done.record))
        done.items = tempered(done.items, before, done.by_hand)
    done.earlier_ink = book.digest() if book else ""
    if not done.by_hand:
        _keep(case, done.items)


def _case(
    part: Part,
    registry: Registry,
    match: Candidate | None,
    wish: Wish,
    now: dt.datetime,
    book: ink_book.InkBook | None,
) -> Case:
    """All that a rule may look at."""
    reading = part.reading
    foreign = recognise(reading) if match is None else None
    day = wish.as_of or issued_on(reading)
    return remembering(Case(
        reading, part.witness, registry, match, day, now.date(), wish.paid, foreign, part.sha256,
        book,
    ))  # fmt: skip


def _record(case: Case, share: float) -> Record:
    """What the laboratory's own record says."""
    from certcheck.record.ask import Asker

    return Asker.from_environment().ask(case, share)


def _by_hand(
    part: Part,
    registry: Registry,
    wish: Wish,
    now: dt.datetime,
    book: ink_book.InkBook | None,
) -> tuple[Part, tuple[ByHand, ...], Case | None]:
    """The certificate as corrected, its corrections, and the case as it was read."""
    by_hand = corrections.of(wish.corrections, part.reading)
    if not by_hand:
        return part, (), None
    part = part.whole()
    # Both judgements put mostly the same questions to the picture.
    part = dc.replace(part, witness=RememberingWitness(part.witness))
    match = identify(part.reading, part.witness, registry)
    earlier = _case(part, registry, match, wish, now, book)
    by_hand = asked(by_hand, part.reading, part.witness)
    return dc.replace(part, reading=corrections.applied(part.reading, by_hand)), by_hand, earlier


def _keep(case: Case, items: Sequence[ItemResult]) -> None:
    """Notes ink and record for later checks; a failure costs nobody's report."""
    try:
        if case.memory is not None:
            case.memory.keep(items)
        _keep_ink(case)
    except Exception:  # what was judged must not be lost with it
        log.info("no record of %s was kept", case.photo, exc_info=True)


def _keep_ink(case: Case) -> None:
    """Notes the approver's ink for later certificates."""
    if case.ink_book is None:
        return
    from certcheck.rules.item4_ink import entry

    kept = entry(case)
    if kept is not None:
        case.ink_book.add(kept)


def _not_judged(reading: Reading) -> Problem | None:
    """Why a reading cannot be judged; None where it can."""
    if reading.several:
        return explain(SeveralCertificatesError())
    if reading.is_certificate:
        return None
    # A page that no engine could read is not a page without a certificate.
    if not reading.lines and any(one.code == EngineFailedError.code for one in reading.failures):
        return explain(EngineFailedError())
    return explain(NotACertificateError())


def _problem(error: Exception, doing: str) -> Problem:
    """Any failure as a problem for a person.

    One of our own making is one line on a user's terminal; its traceback is for those who
    ask for it.
    """
    if isinstance(error, OcrError | RegistryError):
        log.warning("%s: %s", doing, error)
        return explain(error)
    log.error("%s: %s", doing, type(error).__name__)
    log.debug("%s", doing, exc_info=error)
    return explain(CheckCrashedError())


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


def failed(name: str, digest: str, revision: Revision, wish: Wish, problem: Problem) -> Report:
    """The report of a photo that could not be checked.

    Args:
        name: to report.
        digest: SHA-256 of the file's bytes.
        revision: of the registry.
        wish: how it was to be checked.
        problem: why it could not be.
    """
    return report.build(
        photo=PhotoInfo(name, 1, 1, digest, 0, 0),
        reading=None,
        match=None,
        items=(),
        revision=revision,
        checked_at=_now(),
        problem=problem,
        settings=settings(wish),
    )


def settings(wish: Wish) -> str:
    """What else than photo, registry and program a result depends on."""
    paid = "" if wish.paid is None else f"{wish.paid.normalize():f}"
    told = f"{wish.as_of or ''}|{paid}|{wish.engine or os.environ.get(ENGINE_SETTING, '')}"
    if wish.online:
        told += "|online"
    return f"{told}|{corrections.packed(wish.corrections)}" if wish.corrections else told


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
