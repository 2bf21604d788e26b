"""Where the log ended on each day, under an authority's time stamp: once a day, looked at offline.

Whoever runs the database could make all rows anew from some row on; he cannot have them stamped
with the days that they tell of. A stamp is of one line of JSON that anybody can spell (`Day`).
"""

from __future__ import annotations

import base64
import bisect
import dataclasses as dc
import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from cryptography import x509
from sqlmodel import Session, col, select

from certcheck.audit.chain import Head, canonical, moment
from certcheck.audit.tables import AuditRow
from certcheck.evidence import stamps
from certcheck.evidence.stamping import Stamped
from certcheck.evidence.stamps import StampError
from certcheck.evidence.tables import StampedDay
from registry.days import CHINA

FORM = "certcheck.audit-day/1"
# In a pack: its days, one a line.
NAME = "log-days.jsonl"
_ONE_DAY = dt.timedelta(days=1)
# A row that was begun before midnight may be there after it.
_GRACE = dt.timedelta(minutes=5)


@dc.dataclass(frozen=True, slots=True)
class Day:
    """Where the log ended on a day.

    Attributes:
        day: in China, `2026-11-21`.
        head: the day's last row.
    """

    day: str
    head: Head

    @property
    def end(self) -> dt.datetime:
        """The first moment after it."""
        return dt.datetime.fromisoformat(_end(dt.date.fromisoformat(self.day)))

    def packed(self) -> bytes:
        """What is stamped."""
        return canonical({"form": FORM, "day": self.day, **dc.asdict(self.head)}).encode()


@dc.dataclass(frozen=True, slots=True)
class Vouched:
    """A day with its stamp.

    Attributes:
        of: the day.
        authority: whose stamp it is said to be.
        answer: the stamp, in DER.
    """

    of: Day
    authority: str
    answer: bytes

    def line(self) -> str:
        """As a pack has it."""
        told = {"form": FORM, "day": self.of.day, **dc.asdict(self.of.head)}
        stamp = base64.b64encode(self.answer).decode()
        return canonical({**told, "authority": self.authority, "stamp": stamp}) + "\n"


@dc.dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the stamps of some days.

    Attributes:
        code: of the sentence: sound, not verified as nobody is trusted here, or what is wrong with
            the first of them that is not right; "" where there is none.
        day: that is not right, or "".
        count: how many days.
        first, last: of them.
        slowest: days that passed at most until a day was stamped.
        sound: whether nothing is wrong.
    """

    code: str = ""
    day: str = ""
    count: int = 0
    first: str = ""
    last: str = ""
    slowest: int = 0
    sound: bool = True


def ended(now: dt.datetime) -> dt.date:
    """The last day that is over, in China."""
    return (now - _GRACE).astimezone(CHINA).date() - _ONE_DAY


def due(opened: Session, now: dt.datetime) -> Day | None:
    """The first day that is over, has rows, and no stamp; None where there is none.

    Where nothing has been stamped yet, it is the last one: its end vouches for all before it.
    """
    until = ended(now)
    last = opened.exec(select(StampedDay.seq).order_by(col(StampedDay.seq).desc()).limit(1)).first()
    day: dt.date | None = until
    if last is not None:
        day = _first_day(opened, last, until)
    if day is None:
        return None
    wanted = (
        select(AuditRow.seq, AuditRow.digest).where(col(AuditRow.at) < _end(day))
        .order_by(col(AuditRow.seq).desc()).limit(1)
    )  # fmt: skip
    found = opened.exec(wanted).first()
    return Day(day.isoformat(), Head(*found)) if found else None


def keep(opened: Session, one: Vouched, now: dt.datetime) -> None:
    """Writes a stamp down; the transaction is the caller's."""
    head = one.of.head
    opened.add(
        StampedDay(
            seq=head.seq, day=one.of.day, digest=head.digest, authority=one.authority, at=now,
            answer=one.answer,
        )
    )  # fmt: skip


def every(opened: Session) -> list[Vouched]:
    """All days that are stamped, the first first."""
    return _days(opened.exec(select(StampedDay).order_by(col(StampedDay.seq))).all())


def over(opened: Session, rows: Sequence[int]) -> list[Vouched]:
    """The days that vouch for some rows: for each the first that ended with it or after it."""
    ends = list(opened.exec(select(StampedDay.seq).order_by(col(StampedDay.seq))))
    places = {bisect.bisect_left(ends, seq) for seq in rows}
    wanted = [ends[place] for place in sorted(places) if place < len(ends)]
    found = select(StampedDay).where(col(StampedDay.seq).in_(wanted))
    return _days(opened.exec(found.order_by(col(StampedDay.seq))).all())


def missing(opened: Session, found: Sequence[Vouched]) -> str:
    """A day between two that are stamped whose own stamp was taken away; "" where there is none."""
    for before, one in zip(found, found[1:], strict=False):
        until = dt.date.fromisoformat(one.of.day)
        first = _first_day(opened, before.of.head.seq, until)
        if first is not None and first != until:
            return first.isoformat()
    return ""


def look(found: Sequence[Vouched], roots: tuple[x509.Certificate, ...]) -> Seen:
    """Whether the stamps of some days are right; needs no network.

    Args:
        found: the days.
        roots: certificates of authorities that are trusted.
    """
    if not found:
        return Seen()
    slowest, of_all = 0, Seen(count=len(found), first=found[0].of.day, last=found[-1].of.day)
    for one in found:
        seen = _look(one, roots)
        if not seen.sound or seen.at is None:
            return dc.replace(of_all, code=seen.code, day=one.of.day, sound=False)
        waited = seen.at - one.of.end
        if waited < dt.timedelta():
            return dc.replace(of_all, code="stamp.early", day=one.of.day, sound=False)
        slowest = max(slowest, waited.days)
    code = "stamp.days" if roots else "stamp.days_unverified"
    return dc.replace(of_all, code=code, slowest=slowest)


def unpacked(line: bytes) -> Vouched | None:
    """A day from a pack; None where it is none, or is spelt otherwise."""
    try:
        told: dict[str, Any] = json.loads(line)
        day = Day(dt.date.fromisoformat(told["day"]).isoformat(), Head(told["seq"], told["digest"]))
        made = Vouched(day, str(told["authority"]), base64.b64decode(told["stamp"], validate=True))
        return made if made.line().encode() == line + b"\n" else None
    except (ValueError, TypeError, KeyError):
        return None


def _look(one: Vouched, roots: tuple[x509.Certificate, ...]) -> Stamped:
    if not roots:
        at = stamps.told_time(one.answer)
        return Stamped("stamp.days_unverified" if at else "stamp.none", one.authority, at)
    try:
        at = stamps.looked(one.answer, one.of.packed(), roots)
        return Stamped("stamp.days", one.authority, at)
    except StampError as error:
        return Stamped(error.code, one.authority, sound=False)


def _first_day(opened: Session, after: int, until: dt.date) -> dt.date | None:
    """The day of the first row behind another that is of some day or before it."""
    wanted = (
        select(AuditRow.at).where(AuditRow.seq > after, col(AuditRow.at) < _end(until))
        .order_by(col(AuditRow.seq)).limit(1)
    )  # fmt: skip
    at = opened.exec(wanted).first()
    return dt.datetime.fromisoformat(at).astimezone(CHINA).date() if at else None


def _end(day: dt.date) -> str:
    """The first moment after a day, as rows have it."""
    return moment(dt.datetime.combine(day + _ONE_DAY, dt.time(), CHINA))


def _days(rows: Sequence[StampedDay]) -> list[Vouched]:
    return [Vouched(Day(one.day, Head(one.seq, one.digest)), one.authority, one.answer)
            for one in rows]  # fmt: skip
