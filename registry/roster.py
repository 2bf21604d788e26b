"""Every laboratory by what it goes by, one after the other: for an index that lies elsewhere."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from registry.index import chunks
from registry.models import Accreditation, Lab, Signatory


@dc.dataclass(frozen=True, slots=True)
class Listed:
    """A laboratory.

    Attributes:
        lab_id: its id.
        name: as registered.
        names: other names: aliases, and those in which it holds certificates.
        numbers: of its accreditations, and its social credit code.
        signatories: their names.
    """

    lab_id: str
    name: str
    names: Sequence[str]
    numbers: Sequence[str]
    signatories: Sequence[str]


def roster(session: Session) -> Iterator[Listed]:
    """All laboratories by their ids; a few hundred are in memory at a time."""
    ids = session.exec(select(Lab.lab_id).order_by(col(Lab.lab_id))).all()
    for some in chunks(ids):
        yield from listed(session, some)


def listed(session: Session, lab_ids: Sequence[str]) -> Iterator[Listed]:
    """Some laboratories, at most `index.CHUNK`, by their ids."""
    labs = session.exec(select(Lab).where(col(Lab.lab_id).in_(lab_ids))).all()
    wanted = select(Accreditation.lab_id, Accreditation.number, Accreditation.holder_name)
    rights: dict[str, list[tuple[str, str]]] = {}
    for lab_id, number, holder in session.exec(
        wanted.where(col(Accreditation.lab_id).in_(lab_ids))
    ):
        rights.setdefault(lab_id, []).append((number, holder))
    people: dict[str, list[str]] = {}
    names = select(Signatory.lab_id, Signatory.name).where(col(Signatory.lab_id).in_(lab_ids))
    for lab_id, name in session.exec(names):
        people.setdefault(lab_id, []).append(name)
    for lab in sorted(labs, key=lambda one: one.lab_id):
        held = rights.get(lab.lab_id, [])
        others = (*lab.alias_names, *(holder for _, holder in held))
        yield Listed(
            lab.lab_id,
            lab.name,
            _once(one for one in others if one != lab.name),
            _once((lab.uscc, *(number for number, _ in held))),
            _once(people.get(lab.lab_id, ())),
        )


def _once(texts: Iterator[str] | Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({one for one in texts if one}))
