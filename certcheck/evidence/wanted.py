"""Packs that are wanted: written down, looked up, taken, answered, deleted with their checks.

What is asked for twice at once is made once. A pack is a copy of what is kept anyway, so it stays
no longer than a visitor's check does, and no more of them than a disk bears.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from certcheck.audit import Who
from certcheck.evidence.errors import PacksBusyError, PacksStoppedError
from certcheck.evidence.tables import Wanted, WantedCheck
from certcheck.runner import begun
from certcheck.runner.asked import drop_packs
from certcheck.runner.tables import Status
from certcheck.runner.work import Work, new_id
from registry import store

# Packs that may wait: each takes seconds a certificate.
MOST_WAITING = 20
# Bytes that all packs together may take; the oldest go first.
MOST_BYTES = 8 * 2**30
# What ended so many processes ends the next one too.
_MOST_DEATHS = 2


def key_of(checks: Sequence[str], lang: str) -> str:
    """Names what is wanted."""
    return hashlib.sha256("\x1f".join((lang, *checks)).encode()).hexdigest()


def ask(work: Work, checks: Sequence[str], lang: str, who: Who) -> str:
    """Writes down that a pack is wanted, unless it waits already; returns its id.

    Args:
        work: the store.
        checks: ids, each of a photo of its own.
        lang: of its papers.
        who: wants it.

    Raises:
        PacksBusyError: too many wait.
        DatabaseUnreachableError: the database does not answer.
    """
    key, moment = key_of(checks, lang), work.clock()
    with store.session(work.engine) as opened:
        store.write(opened)
        waits = select(Wanted.id).where(col(Wanted.status) != Status.DONE)
        same = opened.exec(waits.where(Wanted.key == key)).first()
        if same is not None:
            return same
        if opened.exec(select(func.count()).select_from(waits.subquery())).one() >= MOST_WAITING:
            raise PacksBusyError()
        one = Wanted(
            id=new_id(), key=key, lang=lang, who_kind=who.kind, who_id=who.id, who_name=who.name,
            status=Status.QUEUED, asked_at=moment, expires_at=moment + work.settings.keep,
        )  # fmt: skip
        opened.add(one)
        opened.flush()
        for place, check_id in enumerate(checks, 1):
            opened.add(WantedCheck(pack_id=one.id, check_id=check_id, place=place))
        made = one.id
        opened.commit()
    return made


def latest(work: Work, checks: Sequence[str], lang: str) -> Wanted | None:
    """The pack that was asked for last of some checks; None where there is none any more.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    mine = select(Wanted).where(Wanted.key == key_of(checks, lang))
    mine = mine.where(col(Wanted.expires_at) > work.clock())
    with store.session(work.engine) as opened:
        return opened.exec(mine.order_by(col(Wanted.asked_at).desc()).limit(1)).first()


def look(work: Work, pack_id: str) -> tuple[Wanted, list[str]] | None:
    """A pack with the checks that are to be in it, in their order."""
    checks = select(WantedCheck.check_id).where(WantedCheck.pack_id == pack_id)
    with store.session(work.engine) as opened:
        one = opened.get(Wanted, pack_id)
        if one is None:
            return None
        return one, list(opened.exec(checks.order_by(col(WantedCheck.place))))


def take(work: Work) -> str | None:
    """The id of the next pack, now being made; None where none waits.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    waiting = select(Wanted).where(Wanted.status == Status.QUEUED)
    waiting = waiting.order_by(col(Wanted.asked_at)).limit(1)
    with store.session(work.engine) as opened:
        # Asked twice a second: nothing is locked while nothing waits.
        if opened.exec(waiting).first() is None:
            return None
        opened.rollback()
        store.write(opened)
        one = opened.exec(waiting).first()
        if one is None:
            return None
        one.status = Status.RUNNING
        opened.add(one)
        taken = one.id
        opened.commit()
    return taken


def finish(work: Work, pack_id: str, digest: str, sha256: str, size: int) -> bool:
    """Writes down that a pack is made; whether it was still wanted.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        one = opened.get(Wanted, pack_id)
        if one is None or one.status != Status.RUNNING:
            return False
        one.status, one.made_at = Status.DONE, work.clock()
        one.digest, one.sha256, one.size = digest, sha256, size
        opened.add(one)
        opened.flush()
        _make_room(opened)
        opened.commit()
    return True


def fail(work: Work, pack_id: str, code: str, details: Mapping[str, object]) -> None:
    """Writes down why there is no pack.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    told = json.dumps(details, ensure_ascii=False, default=str)
    over = update(Wanted).where(col(Wanted.id) == pack_id, col(Wanted.status) == Status.RUNNING)
    with store.session(work.engine) as opened:
        store.write(opened)
        opened.exec(over.values(status=Status.DONE, error=code, details=told))
        opened.commit()


def died(work: Work, pack_id: str) -> None:
    """A process died over a pack; see `begun.died`.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """

    def give_up(one: Wanted) -> None:
        one.error = PacksStoppedError.code

    begun.died(work, Wanted, pack_id, _MOST_DEATHS, give_up)


def take_up(work: Work) -> None:
    """Queues what a server that is gone had begun.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    begun.take_up(work, Wanted)


def sweep(work: Work) -> None:
    """Forgets packs whose time is over; their files go with the next sweep of the work store.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    over = select(Wanted.id).where(col(Wanted.expires_at) <= work.clock())
    with store.session(work.engine) as opened:
        store.write(opened)
        drop_packs(opened, opened.exec(over).all())
        opened.commit()


def _make_room(opened: Session) -> None:
    """Drops the oldest where all of them take too much."""
    made = select(Wanted.id, Wanted.size).where(col(Wanted.sha256).is_not(None))
    total, gone = 0, []
    for name, size in opened.exec(made.order_by(col(Wanted.asked_at).desc())):
        total += size or 0
        if total > MOST_BYTES:
            gone.append(name)
    drop_packs(opened, gone)
