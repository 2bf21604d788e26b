"""Batches of a work store: written down whole before they are acknowledged, looked up, deleted.

Each item is an ordinary check, after those of people who wait for one.
"""

from __future__ import annotations

import collections
import dataclasses as dc
import datetime as dt
import hashlib
import json
import secrets
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from certcheck import audit, messages
from certcheck.archive import filing, keeping
from certcheck.errors import (
    UNREADABLE,
    Problem,
    RefusedError,
    TokenReusedError,
)
from certcheck.messages import Text
from certcheck.runner.asked import drop_batches, drop_unasked
from certcheck.runner.tables import Batch, BatchItem, Check, Job, Status
from certcheck.runner.wishes import unpacked
from certcheck.runner.work import Request, Work
from certcheck.stock.entries import MOST_ITEMS, Entry
from certcheck.stock.items import Brief, Item, Stock
from certcheck.stock.outcome import Outcome, State, of_reports
from registry import store

_ID_BYTES = 20
# Outcomes that are kept in memory: those of some dozen batches that are looked at.
_KEPT_OUTCOMES = 4096
_LIST_LENGTH = 50


class Batches:
    """The batches of a work store.

    Args:
        work: the store.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._outcomes: collections.OrderedDict[tuple[int, dt.datetime | None], Outcome]
        self._outcomes = collections.OrderedDict()
        self._keeping = threading.Lock()

    def accept(self, entries: Sequence[Entry], title: str, request: Request) -> str:
        """Writes a batch down, photos first; returns its id.

        Args:
            entries: its items.
            title: given by whoever sent it, or "".
            request: of each item, but for its name.

        Raises:
            RefusedError: more photos than may ever wait here.
            QueueFullError: too many wait.
            TokenReusedError: the client used the token for another request.
            StorageError: the disk is full or gone.
            DatabaseUnreachableError: the database does not answer.
        """
        most = min(MOST_ITEMS, self._work.settings.most_queued)
        if len(entries) > most:
            raise RefusedError("stock.too_many", most=most)
        self._work.make_room()
        stored = [self._stored(one) for one in entries]
        try:
            batch_id = self._write(stored, title, request)
        except IntegrityError:  # somebody wrote the same at the same moment
            batch_id = self._write(stored, title, request)
        self._work.rung()
        return batch_id

    def look(self, batch_id: str) -> Stock | None:
        """How a batch stands; None where it is unknown, or its time is over.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        wanted = (
            select(BatchItem, Check.job_id)
            .join(Check, col(Check.id) == col(BatchItem.check_id), isouter=True)
            .where(BatchItem.batch_id == batch_id)
            .order_by(col(BatchItem.number))
        )
        with store.session(self._work.engine) as opened:
            batch = opened.get(Batch, batch_id)
            if batch is None or batch.expires_at <= self._work.clock():
                return None
            rows = [(row, job) for row, job in opened.exec(wanted).all()]
            again = _corrected(opened, [row.check_id for row, _ in rows if row.check_id])
            jobs = {job for _, job in rows if job is not None}
            states = _states(opened, jobs | {job for _, job, _ in again.values()})
            outcomes = self._known(opened, states)
        items = tuple(_item(row, job, again, states, outcomes) for row, job in rows)
        return Stock(
            batch.id, batch.title, batch.owner, batch.created_at, batch.expires_at, items
        )  # fmt: skip

    def of_owner(self, owner: str) -> list[Brief]:
        """The latest batches of somebody, the newest first.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        wanted = (
            select(Batch, func.count(col(BatchItem.number)))
            .join(BatchItem, col(BatchItem.batch_id) == col(Batch.id))
            .where(Batch.owner == owner, col(Batch.expires_at) > self._work.clock())
            .group_by(col(Batch.id))
            .order_by(col(Batch.created_at).desc())
            .limit(_LIST_LENGTH)
        )
        with store.session(self._work.engine) as opened:
            rows = opened.exec(wanted).all()
        return [
            Brief(one.id, one.title, one.created_at, one.expires_at, total) for one, total in rows
        ]

    def forget(self, batch_id: str, by: audit.Who | None = None) -> bool:
        """Deletes a batch with all its checks at once; whether there was one.

        Args:
            batch_id: of the batch.
            by: who deletes it; whoever owns it, where nothing is said.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._work.engine) as opened:
            store.write(opened)
            found = opened.get(Batch, batch_id)
            if found is None:
                return False
            ids = select(BatchItem.check_id).where(BatchItem.batch_id == batch_id)
            checks = [one for one in opened.exec(ids).all() if one]
            audit.write(
                opened, who=by or audit.of_owner(opened, found.owner), what="batch.deleted",
                about=("batch", batch_id), detail={"checks": sorted(checks)},
            )  # fmt: skip
            drop_batches(opened, [batch_id])
            # Those of corrected values belong to the first of the same photo.
            theirs = col(Check.id).in_(checks) | col(Check.root).in_(checks)
            keeping.drop(opened, theirs)
            drop_unasked(opened)
            opened.commit()
        return True

    def _stored(self, entry: Entry) -> _Stored:
        """An item whose photo is on the disk, or that is refused."""
        if entry.open is None:
            return _Stored(entry)
        try:
            with entry.open() as stream:
                return _Stored(entry, *self._work.blobs.put(stream))
        except RefusedError as error:
            told = dc.replace(entry, open=None, error=error.code, details=error.details)
            return _Stored(told)

    def _write(self, stored: Sequence[_Stored], title: str, request: Request) -> str:
        digest = _digest(stored, title)
        with store.session(self._work.engine) as opened:
            store.write(opened)
            known = _by_token(opened, request)
            if known is not None and known.expires_at <= self._work.clock():
                drop_batches(opened, [known.id])  # not swept yet
            elif known is not None:
                if known.digest != digest:
                    raise TokenReusedError()
                return known.id
            moment = self._work.clock()
            batch = Batch(
                id=secrets.token_hex(_ID_BYTES), title=title, digest=digest, owner=request.owner,
                token=request.token or None, created_at=moment,
                expires_at=keeping.until(opened, self._work.settings, request.owner, moment),
            )  # fmt: skip
            opened.add(batch)
            opened.flush()
            for number, one in enumerate(stored, start=1):
                self._put(opened, self._row(opened, batch.id, number, one, request))
            opened.commit()
            return batch.id

    def _put(self, opened: Session, row: BatchItem) -> None:
        """Writes an item; where its check is answered already, that it belongs here."""
        opened.add(row)
        opened.flush()
        check = opened.get(Check, row.check_id) if row.check_id else None
        if check is not None:
            filing.asked(opened, check)

    def _row(
        self, opened: Session, batch_id: str, number: int, one: _Stored, request: Request
    ) -> BatchItem:
        entry = one.entry
        row = BatchItem(batch_id=batch_id, number=number, name=entry.name, file=entry.file)
        if one.sha256 is None:
            row.error = entry.error
            row.details = json.dumps(dict(entry.details), ensure_ascii=False, default=str)
            return row
        asked = dc.replace(request, name=entry.file, token="")
        row.check_id = self._work.enlist(opened, one.sha256, one.size, asked).id
        return row

    def _known(self, opened: Session, states: Mapping[int, _Standing]) -> dict[int, Outcome]:
        """Outcomes of jobs that are done; a report is taken apart once."""
        keys = {(job, done_at) for job, (status, done_at) in states.items() if status == _DONE}
        with self._keeping:
            found = {key: self._outcomes[key] for key in keys if key in self._outcomes}
        lacking = [job for job, _ in keys - found.keys()]
        if lacking:
            wanted = select(Job.id, Job.done_at, Job.reports).where(
                col(Job.id).in_(lacking), Job.status == _DONE
            )
            for job, done_at, reports in opened.exec(wanted).all():
                if job is not None and reports:
                    found[job, done_at] = of_reports(json.loads(reports))
            with self._keeping:
                self._outcomes.update(found)
                while len(self._outcomes) > _KEPT_OUTCOMES:
                    self._outcomes.popitem(last=False)
        return {job: outcome for (job, _), outcome in found.items()}


_DONE = Status.DONE
# A job's status, and when it was done.
_Standing = tuple[str, dt.datetime | None]


def _states(opened: Session, jobs: set[int]) -> dict[int, _Standing]:
    wanted = select(Job.id, Job.status, Job.done_at).where(col(Job.id).in_(jobs))
    return {
        job: (status, done_at)
        for job, status, done_at in opened.exec(wanted).all()
        if job is not None
    }


@dc.dataclass(frozen=True, slots=True)
class _Stored:
    """An item with its photo's SHA-256 and size; None where it is refused."""

    entry: Entry
    sha256: str | None = None
    size: int = 0


def _digest(stored: Sequence[_Stored], title: str) -> str:
    """Of all that was sent: the same request has the same."""
    told: list[Any] = [title]
    told += [[one.entry.name, one.entry.file, one.sha256, one.entry.error] for one in stored]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _by_token(opened: Session, request: Request) -> Batch | None:
    if request.owner is None or not request.token:
        return None
    wanted = select(Batch).where(Batch.owner == request.owner, Batch.token == request.token)
    return opened.exec(wanted).first()


def _item(
    row: BatchItem,
    first: int | None,
    again: Mapping[str, _Again],
    states: Mapping[int, _Standing],
    outcomes: Mapping[int, Outcome],
) -> Item:
    """An item of its row and the job of its check, or the later one of corrected values."""
    check_id, job, corrected = row.check_id, first, False
    latest = again.get(row.check_id or "")
    if latest is not None and latest[1] in outcomes:
        check_id, job, corrected = latest
    standing = None if job is None else states.get(job)
    if job is None or standing is None:
        state = State.REFUSED if row.error else State.DELETED
        problem = _problem(row.error, json.loads(row.details or "{}")) if row.error else None
        return Item(row.number, row.name, row.file, state, None, problem, None)
    outcome = outcomes.get(job)
    # Done without an outcome: asked for again at this moment.
    running = standing[0] == _DONE and outcome is None
    state = State.RUNNING if running else State(standing[0])
    return Item(row.number, row.name, row.file, state, check_id, None, outcome, corrected)


# The id of a check, its job, and whether it has corrected values: they may be taken back.
_Again = tuple[str, int, bool]


def _corrected(opened: Session, first: Sequence[str]) -> dict[str, _Again]:
    """Of checks whose values somebody corrected, the latest that could be judged."""
    wanted = (
        select(Check.root, Check.id, Check.job_id, Job.wish)
        .join(Job)
        .where(col(Check.root).in_(first), Job.status == _DONE, col(Job.error).is_(None))
        .order_by(col(Check.created_at), col(Check.id))
    )
    return {
        str(root): (check_id, job, bool(unpacked(wish).corrections))
        for root, check_id, job, wish in opened.exec(wanted).all()
    }


def _problem(code: str, details: Mapping[str, object]) -> Problem:
    return Problem(
        code=code,
        message=messages.text(code, **details),
        next_step=messages.next_step(code, **details) or Text("", ""),
        exit_status=messages.exit_status(code) or UNREADABLE,
        http_status=messages.http_status(code) or 400,
    )
