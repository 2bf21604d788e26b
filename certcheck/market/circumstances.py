"""Photos from the market: written down with their circumstances, each once, however often sent.

A phone names each certificate by a key of its own making. What comes under a key that is known
is answered with the check that is there: a connection that broke off after the photo had come
leaves no second check behind.
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from typing import IO, Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from certcheck import audit
from certcheck.archive import filing
from certcheck.errors import RefusedError, TokenReusedError
from certcheck.inspections import assigned
from certcheck.inspections.errors import InspectionUnknownError, StateError
from certcheck.market.tables import Circumstances
from certcheck.runner.tables import Check, Job
from certcheck.runner.work import Request, Work
from registry import store

# What is kept of a place: some hundred metres, which tells the market and not the doorway.
PLACE_DIGITS = 3
_ROUNDING_M = 80
_MOST_METRES = 40_000_000
LONGEST_NAME, LONGEST_NOTE, LONGEST_CODE = 100, 2000, 4000
# Certificates that tell which markets somebody goes to, and how many of them are offered.
_LATELY, _OFFERED = 200, 20
# 128 bits in hexadecimal, with or without a UUID's hyphens.
_KEY = re.compile(r"[0-9a-f-]{32,36}")
_SPACES = re.compile(r"\s+")
# Control characters but the line's end; NUL is nothing that a database takes.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dc.dataclass(frozen=True, slots=True)
class Told:
    """What a phone tells of a certificate beside its photos.

    Attributes:
        key: see `Circumstances`, also for the others.
        captured_at: by the phone's clock.
        place: latitude, longitude and accuracy in metres, or None.
    """

    key: str
    captured_at: dt.datetime
    market: str = ""
    stall: str = ""
    note: str = ""
    batch: str | None = None
    code: str = ""
    place: tuple[float, float, int] | None = None


@dc.dataclass(frozen=True, slots=True)
class Accepted:
    """A certificate that is written down.

    Attributes:
        check_id: of its check.
        fresh: whether it was not there before.
    """

    check_id: str
    fresh: bool


def told(value: Any) -> Told:
    """What a phone tells, from its JSON; texts are trimmed and cut, a place is rounded.

    Raises:
        RefusedError: it is none of what our page sends.
    """
    if not isinstance(value, Mapping) or not _KEY.fullmatch(str(value.get("key", ""))):
        raise RefusedError("market.unreadable")
    try:
        captured = dt.datetime.fromisoformat(str(value.get("captured_at", "")))
        place = _place(value.get("place"))
    except (LookupError, ValueError, TypeError, OverflowError) as error:
        raise RefusedError("market.unreadable") from error
    if captured.tzinfo is None:
        raise RefusedError("market.unreadable")
    note = _text(value.get("note")).replace("\r\n", "\n")
    return Told(
        key=str(value["key"]),
        captured_at=captured.astimezone(dt.UTC),
        market=_line(value.get("market"), LONGEST_NAME),
        stall=_line(value.get("stall"), LONGEST_NAME),
        note=_CONTROL.sub("", note).strip()[:LONGEST_NOTE],
        batch=_line(value.get("batch"), LONGEST_NAME)[:64] or None,
        code=_CONTROL.sub("", _text(value.get("code")))[:LONGEST_CODE],
        place=place,
    )


def accept(
    work: Work, front: IO[bytes], back: IO[bytes] | None, asked: Request, about: Told
) -> Accepted:
    """Writes a certificate down: photos first, then check and circumstances together.

    Args:
        work: the store.
        front: the photo that is checked.
        back: one of the back, kept for evidence, or None.
        asked: how to check, and for whom; its token is the phone's key.
        about: what the phone tells.

    Raises:
        TokenReusedError: the key was used for another photo.
        QueueFullError: too many wait.
        StorageError: the disk is full or gone.
        DatabaseUnreachableError: the database does not answer.
    """
    asked = dc.replace(asked, token=about.key)
    # Else a full queue would refuse what it holds.
    if not _known(work, asked):
        work.make_room()
    sha256, size = work.blobs.put(front)
    kept = work.blobs.put(back)[0] if back is not None else None
    try:
        made = _write(work, sha256, size, kept, asked, about)
    except IntegrityError:  # the same came at the same moment
        made = _write(work, sha256, size, kept, asked, about)
    work.rung()
    return made


def of(opened: Session, check_id: str) -> Circumstances | None:
    """The circumstances of a check, also of one with corrected values; None where there are none.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    one = opened.get(Check, check_id)
    return opened.get(Circumstances, one.root or one.id) if one else None


def of_checks(opened: Session, check_ids: Sequence[str]) -> dict[str, Circumstances]:
    """Likewise of many, by the id of the check that was asked for.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    pairs = select(Check.id, Check.root).where(col(Check.id).in_(check_ids))
    roots = {check_id: root or check_id for check_id, root in opened.exec(pairs)}
    wanted = select(Circumstances).where(col(Circumstances.check_id).in_(set(roots.values())))
    found = {one.check_id: one for one in opened.exec(wanted)}
    return {check_id: found[root] for check_id, root in roots.items() if root in found}


def recent(opened: Session, owner: str) -> tuple[list[str], list[str]]:
    """Markets and stalls that somebody named lately, the latest first, each once.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    wanted = (
        select(Circumstances.market, Circumstances.stall)
        .where(Circumstances.owner == owner)
        .order_by(col(Circumstances.received_at).desc())
        .limit(_LATELY)
    )
    rows = opened.exec(wanted).all()
    markets = dict.fromkeys(market for market, _ in rows if market)
    stalls = dict.fromkeys(stall for _, stall in rows if stall)
    return list(markets)[:_OFFERED], list(stalls)[:_OFFERED]


def _known(work: Work, asked: Request) -> bool:
    with store.session(work.engine) as opened:
        return _by_key(opened, asked) is not None


def _by_key(opened: Session, asked: Request) -> Check | None:
    wanted = select(Check).where(Check.owner == asked.owner, Check.token == asked.token)
    return opened.exec(wanted).first()


def _write(
    work: Work, sha256: str, size: int, back: str | None, asked: Request, about: Told
) -> Accepted:
    with store.session(work.engine) as opened:
        store.write(opened)
        known = _by_key(opened, asked)
        if known is not None:
            if opened.get_one(Job, known.job_id).sha256 != sha256:
                raise TokenReusedError()
            return Accepted(known.id, fresh=False)
        made = work.enlist(opened, sha256, size, asked)
        opened.flush()
        opened.add(_row(made, back, about, work.clock()))
        if about.batch is not None:
            _into_inspection(opened, made, about.batch, work.clock())
        filing.asked(opened, made)
        _note(opened, made, back, about)
        check_id = made.id
        opened.commit()
        return Accepted(check_id, fresh=True)


def _note(opened: Session, made: Check, back: str | None, about: Told) -> None:
    """Says in the log that it came from the market, by the digest of its back."""
    detail = {
        "back": back, "captured_at": about.captured_at.isoformat(),
        "place": about.place is not None,
    }  # fmt: skip
    who = audit.of_owner(opened, made.owner)
    audit.write(opened, who=who, what="market.captured", about=("check", made.id), detail=detail)


def _into_inspection(opened: Session, made: Check, batch: str, moment: dt.datetime) -> None:
    """Puts a check where its phone said; one that names no inspection is a check all the same."""
    who = audit.of_owner(opened, made.owner)
    with contextlib.suppress(InspectionUnknownError, StateError):
        assigned.assign(opened, made.id, batch, by=who.name, at=moment)


def _row(made: Check, back: str | None, about: Told, moment: dt.datetime) -> Circumstances:
    assert made.owner is not None  # noqa: S101 - nobody but people who signed in send this
    latitude, longitude, accuracy = about.place or (None, None, None)
    return Circumstances(
        check_id=made.id, owner=made.owner, key=about.key, market=about.market,
        stall=about.stall, note=about.note, batch=about.batch, latitude=latitude,
        longitude=longitude, accuracy=accuracy, code=about.code, back=back,
        captured_at=about.captured_at, received_at=moment,
    )  # fmt: skip


def _place(value: Any) -> tuple[float, float, int] | None:
    if value is None:
        return None
    latitude, longitude = float(value["latitude"]), float(value["longitude"])
    metres = float(value.get("accuracy") or 0)
    if not (abs(latitude) <= 90 and abs(longitude) <= 180 and 0 <= metres <= _MOST_METRES):
        raise ValueError("no place on earth")
    accuracy = max(_ROUNDING_M, math.ceil(metres))
    return round(latitude, PLACE_DIGITS), round(longitude, PLACE_DIGITS), accuracy


def _line(value: Any, longest: int) -> str:
    return _CONTROL.sub("", _SPACES.sub(" ", _text(value))).strip()[:longest]


def _text(value: Any) -> str:
    """A text without halves of characters, which JSON can hold and no database."""
    return str(value or "").encode("utf-8", "ignore").decode()
