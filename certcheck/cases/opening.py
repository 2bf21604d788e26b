"""Cases opened: from checks, from a complaint or report, from something observed."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from certcheck import audit
from certcheck.accounts.people import Person
from certcheck.accounts.roles import Role
from certcheck.archive import lawsuits
from certcheck.cases import rules, running, things
from certcheck.cases.errors import CaseNeedsError, NothingToOpenError, StepRefusedError
from certcheck.cases.rules import Channel, Hold, Source, State
from certcheck.cases.tables import LONGEST_TITLE, CaseComplaint, CaseFile, Complainant
from certcheck.cases.things import CHECK, OBSERVATION
from certcheck.inspections import assigned
from certcheck.runner.tables import Check
from certcheck.runner.work import Work
from certcheck.seen.observations import Observation
from registry import store


@dc.dataclass(frozen=True, slots=True)
class Told:
    """A complaint or a report, as somebody typed it in; see `CaseComplaint`.

    Attributes:
        name, phone, address: of who told it, kept apart; "" for what is not known.
    """

    source: Source
    received_on: dt.date
    text: str
    number: str = ""
    channel: Channel = Channel.PLATFORM
    name: str = ""
    phone: str = ""
    address: str = ""

    @property
    def named(self) -> bool:
        """Whether whoever told it said who he is, and can be told what came of it."""
        return bool(self.name and (self.phone or self.address))


@dc.dataclass(frozen=True, slots=True)
class Wish:
    """What a case is to be about; at least one of the three.

    Attributes:
        title: "" for one made of what it is about.
        checks: ids.
        told: a complaint or a report, or None.
        observed: something observed, or None.
        lab: the laboratory that it is about, id and registered name, where nothing else tells it.
        market: where it was come upon, or ""; `stall` the stall in it.
        batch_id: of the inspection that it came of; None for that of its checks, if any.
    """

    title: str = ""
    checks: Sequence[str] = ()
    told: Told | None = None
    observed: Observation | None = None
    lab: tuple[str, str] | None = None
    market: str = ""
    stall: str = ""
    batch_id: str | None = None


def open_case(work: Work, person: Person, wish: Wish) -> int:
    """Opens a case; who opens it works on it, unless it is a chief. Returns its id.

    Raises:
        StepRefusedError: the person may not.
        NothingToOpenError: it is about nothing.
        CaseNeedsError: there is no such check, or something told makes no sense.
        DatabaseUnreachableError: the database does not answer.
    """
    if not rules.steps()["open"].allows(person.role, Hold.NOBODY):
        raise StepRefusedError()
    checks = list(dict.fromkeys(wish.checks))
    if not (checks or wish.told or wish.observed):
        raise NothingToOpenError()
    if len(checks) > things.MOST:
        raise CaseNeedsError(what="check")
    moment = work.clock()
    with store.session(work.engine) as opened:
        store.write(opened)
        said: dict[str, Mapping[str, Any]] = {one: things.of_check(opened, one) for one in checks}
        about = [*said.values(), *_observed(wish)]
        row = _row(wish, person, about, moment)
        row.batch_id = wish.batch_id or _inspection(opened, checks)
        opened.add(row)
        opened.flush()
        assert row.id is not None  # noqa: S101 - it was flushed
        for check_id, told in said.items():
            things.add(opened, row.id, CHECK, check_id, told, person.name, moment)
            things.hold(opened, check_id)
        if wish.observed:
            ref = things.ref_of(wish.observed)
            things.add(opened, row.id, OBSERVATION, ref, about[-1], person.name, moment)
        begun = _told(opened, row, wish.told, moment) if wish.told else {}
        begun |= running.happened(opened, row, "open", running.day_of(moment), moment)
        running.refresh(opened, row)
        lawsuits.put(opened, row)
        audit.write(
            opened, who=audit.person(person), what="case.open", about=("case", str(row.id)),
            detail={
                "to": row.state, "owner": row.owner, "source": row.source, "checks": checks,
                "due": begun,
            },
        )  # fmt: skip
        opened.commit()
        return row.id


def _inspection(opened: Session, checks: Sequence[str]) -> str | None:
    """The inspection that the checks belong to; None where it is none, or several."""
    first = func.coalesce(Check.root, Check.id)
    roots = opened.exec(select(first).where(col(Check.id).in_(checks))).all()
    found = {one.id for one in assigned.inspections_of(opened, roots).values()}
    return found.pop() if len(found) == 1 else None


def _observed(wish: Wish) -> list[dict[str, Any]]:
    return [things.of_observation(wish.observed)] if wish.observed else []


def _row(
    wish: Wish, person: Person, about: Sequence[Mapping[str, Any]], moment: dt.datetime
) -> CaseFile:
    every = [part for one in about for part in things.parts(one)]
    named = [{"lab_id": wish.lab[0], "lab": wish.lab[1]}] if wish.lab else []
    every += named
    first = next((one for one in every if one.get("lab_id")), every[0] if every else {})
    source = wish.told.source if wish.told else Source.OBSERVATION if wish.observed else None
    items = things.at_fault(about)
    # A complaint's own words may name people: they never make the title.
    made = " ".join(filter(None, (first.get("lab", ""), first.get("number", ""))))
    return CaseFile(
        title=(wish.title.strip() or made)[:LONGEST_TITLE],
        source=str(source or Source.CHECK),
        state=str(State.PENDING),
        owner=person.id if person.role is Role.INSPECTOR else None,
        opened_by=person.name,
        lab_id=first.get("lab_id"),
        lab=str(first.get("lab", ""))[:160],
        market=wish.market.strip()[:120],
        stall=wish.stall.strip()[:120],
        item=items[0] if items else None,
        opened_at=moment,
        changed_at=moment,
    )


def _told(opened: Session, row: CaseFile, told: Told, moment: dt.datetime) -> dict[str, str]:
    """Writes a complaint down, and who it was apart; returns what began to run."""
    assert row.id is not None  # noqa: S101 - it was flushed
    if told.received_on > running.day_of(moment) or not told.text.strip():
        raise CaseNeedsError(what="day" if told.text.strip() else "text")
    opened.add(
        CaseComplaint(
            case_id=row.id, kind=str(told.source), number=told.number, channel=str(told.channel),
            received_on=told.received_on, named=told.named, text=told.text,
        )
    )  # fmt: skip
    if told.name or told.phone or told.address:
        opened.add(
            Complainant(
                case_id=row.id, name=told.name, phone=told.phone, address=told.address
            )
        )  # fmt: skip
    return running.happened(opened, row, "received", told.received_on, moment)
