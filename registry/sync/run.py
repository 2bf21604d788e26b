"""Sources against the registry: shown, and applied when told to or when the change is small."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from registry import store
from registry.errors import (
    BadImportError,
    BadMappingError,
    RegistryError,
    SourceBrokenError,
    UnknownSourceError,
)
from registry.importing.apply import apply_plan
from registry.importing.changes import Kind
from registry.importing.plan import ImportPlan, Wish, read_plan
from registry.importing.source import Document
from registry.importing.steps import steps
from registry.imports import ImportRecord
from registry.records import Revision
from registry.sync import staging
from registry.sync.config import Format, Settings, Source
from registry.sync.staging import Pause, Staged

# What makes a source broken; anything else is the database's or ours.
_BROKEN = (SourceBrokenError, BadImportError, BadMappingError, UnknownSourceError)


class State(StrEnum):
    """What became of a source.

    Attributes:
        CURRENT: the registry holds what the source says.
        APPLIED: it was imported.
        WAITING: it differs by more than may be applied unasked; it was staged.
        BROKEN: it could not be had or is not sound; nothing changed, here or on disk.
    """

    CURRENT = "current"
    APPLIED = "applied"
    WAITING = "waiting"
    BROKEN = "broken"


@dc.dataclass(frozen=True, slots=True)
class Orders:
    """How to go about it.

    Attributes:
        apply: import whatever the sources say, however much it changes.
        staged: take what was staged last and ask no source.
        loaded_by: who does this.
        pause: waits between attempts.
    """

    apply: bool = False
    staged: bool = False
    loaded_by: str = ""
    pause: Pause = time.sleep


@dc.dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source.

    Attributes:
        source: its name.
        state: see State.
        staged: its last sound content; None where there never was any.
        plan: the difference; None where none was worked out.
        beyond: the kinds of which there are more than the bound has.
        revision: of the registry after it was applied.
        error: why it is broken.
        undone: number of the import of this very content that was taken back; it is not
            applied again unasked.
    """

    source: str
    state: State
    staged: Staged | None = None
    plan: ImportPlan | None = None
    beyond: Mapping[Kind, int] = dc.field(default_factory=dict)
    revision: Revision | None = None
    error: RegistryError | None = None
    undone: int | None = None


def sync(
    engine: Engine, settings: Settings, orders: Orders, only: Sequence[str] = ()
) -> Iterator[Outcome]:
    """Takes one source after the other; a broken one keeps none of the others back.

    Args:
        engine: the registry's.
        settings: the sources.
        orders: how to go about it.
        only: names of sources; all without any.

    Raises:
        DatabaseUnreachableError: if the database does not answer.
    """
    for source in settings.sources:
        if not only or source.name in only:
            yield _sync_one(engine, settings, source, orders)


def _sync_one(engine: Engine, settings: Settings, source: Source, orders: Orders) -> Outcome:
    try:
        if orders.staged:
            last = staging.last_sound(source, settings.state)
            if last is None:
                raise SourceBrokenError(reason="nothing_staged", url=source.name)
            return _compare(engine, source, last, orders)
        with staging.fetched(source, settings.state, orders.pause) as staged:
            return _compare(
                engine,
                source,
                staged,
                orders,
                lambda plan: staging.keep(source, settings.state, staged, plan),
            )
    except _BROKEN as error:
        last = staging.last_sound(source, settings.state)
        return Outcome(source.name, State.BROKEN, last, error=error)


def _imported(session: Session, staged: Staged, day: dt.date | None) -> ImportRecord | None:
    """The last import of this very content as the list of a day."""
    same = select(ImportRecord).where(
        ImportRecord.source_sha256 == staged.sha256, ImportRecord.list_date == day
    )
    return session.exec(same.order_by(col(ImportRecord.id).desc()).limit(1)).first()


def _planned(
    session: Session, source: Source, staged: Staged, orders: Orders, *, compared: bool
) -> ImportPlan:
    """What importing a content would do.

    Args:
        session: of the registry.
        source: that it is of.
        staged: its content.
        orders: how to go about it.
        compared: whether its changes are worked out.

    Raises:
        BadImportError: if it is not sound.
    """
    wish = Wish(
        # What a document says of its own day counts before what its server says.
        staged.list_date if staged.files or source.format is not Format.XLSX else None,
        loaded_by=orders.loaded_by,
        mapping=source.mapping,
        whole=source.whole,
        else_date=staged.list_date,
    )
    plan = read_plan(session, staged.path, wish)
    staging.restate(staged, plan)
    if compared and not plan.problems:
        for _ in steps(session, plan):
            pass
    if plan.problems:
        raise BadImportError(plan.problems)
    # Whichever way it came here, what is imported are the publisher's documents.
    plan.source_name, plan.source_sha256 = source.name, staged.sha256
    plan.documents = tuple(
        Document(name, one.sha256) for name, one in sorted(staged.documents.items())
    )
    return plan


def _compare(
    engine: Engine,
    source: Source,
    staged: Staged,
    orders: Orders,
    keep: Callable[[ImportPlan], Staged] | None = None,
) -> Outcome:
    """The difference to the registry, applied where it may be, in one transaction.

    Args:
        engine: the registry's.
        source: that it is of.
        staged: its content.
        orders: how to go about it.
        keep: makes the content the last sound one; called once it has proved to be
            sound; None for content that is so already.

    Raises:
        BadImportError: if it is not sound.
    """
    with store.session(engine) as session:
        if orders.apply or source.bound is not None:
            store.lock(session)
        record = _imported(session, staged, staged.list_date)
        current = record is not None and record.undone_by is None
        if current and keep is None:
            return Outcome(source.name, State.CURRENT, staged)
        plan = _planned(session, source, staged, orders, compared=not current)
        kept = keep(plan) if keep else staged
        if plan.list_date != staged.list_date:
            record = _imported(session, staged, plan.list_date)
            current = record is not None and record.undone_by is None
        if current:
            return Outcome(source.name, State.CURRENT, kept)
        beyond = _beyond(plan, source.bound)
        undone = record.id if record else None
        outcome = Outcome(source.name, State.CURRENT, kept, plan, beyond, undone=undone)
        if plan.empty and not plan.news:
            return outcome
        # What replaces the demo, or was taken back by hand, is a person's to decide.
        small = source.bound is not None and not beyond and not plan.replaces and record is None
        if not orders.apply and not small:
            return dc.replace(outcome, state=State.WAITING)
        revision = apply_plan(session, plan)
        session.commit()
        return dc.replace(outcome, state=State.APPLIED, revision=revision)


def _beyond(plan: ImportPlan, bound: Mapping[Kind, int] | None) -> dict[Kind, int]:
    if bound is None:
        return {}
    return {kind: plan.counts[kind] for kind in Kind if plan.counts[kind] > bound[kind]}
