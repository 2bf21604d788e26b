"""Which laboratory is this, and what does the registry say of it?

Everything is asked in SQL of indexed, normalised columns; no question loads the registry.
What nearly agrees is found by the rare pieces of text that it shares (`registry.search`), and
only the best few dozen are compared in full (`registry.weighing`).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import operator
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session, func, select
from sqlmodel.sql.expression import SelectOfScalar

from registry import (
    bulk,
    names,
    pocket,
    revision,
    search,
    specimens,
    standards,
    store,
    weighing,
)
from registry.index import NAME_KINDS, ODD_NUMBER, chunks
from registry.listed import listed
from registry.models import (
    Accreditation,
    Coverage,
    Domain,
    Fee,
    Lab,
    LabRow,
    Membership,
    Phone,
    ScopeRow,
    SealText,
    Signatory,
)
from registry.records import Candidate, Contacts, LabEvidence, LabRecord, Named, Revision
from registry.roster import Listed, roster

__all__ = ["Candidate", "Contacts", "LabEvidence", "LabRecord", "Named", "Registry", "Revision"]

# Names less alike than this are not worth offering as a hypothesis.
MIN_SIMILARITY = 0.4

# Columns that hold a row's first day, by whichever name.
_FIRST_DAYS = ("valid_from", "joined_on", "filed_on")

_OWNER = operator.attrgetter("lab_id")

_R = TypeVar("_R", bound=LabRow)
# Spelt for the driver, see `registry.bulk.ask`.
_OF_KEYS = "SELECT lab_id, kind FROM lookup_keys WHERE key IN ({these})"
_HOLDERS = "SELECT lab_id, holder_name FROM accreditations WHERE lab_id IN ({these})"
_SEALS = "SELECT lab_id, text FROM seals WHERE lab_id IN ({these})"


class Registry:
    """Questions to the registry, all as of the moment they are asked.

    Args:
        bind: an engine (one short session a question; may be shared between threads), or a
            session, whose uncommitted rows are then seen too.
        editions: table of standards; the one that comes with the program by default.

    What is handed out is detached from any session and may be kept.
    """

    def __init__(self, bind: Engine | Session, editions: standards.Standards | None = None) -> None:
        self._bind = bind
        self.standards = editions or standards.shipped()
        self._sites: tuple[object, dict[str, str]] | None = None

    @contextlib.contextmanager
    def _session(self) -> Iterator[Session]:
        if isinstance(self._bind, Engine):
            with store.session(self._bind) as session:
                yield session
            return
        # A session of our own on the caller's connection: our rows stay readable whatever
        # the caller does with his, and closing ours leaves his transaction alone.
        self._bind.flush()
        with Session(
            self._bind.connection(),
            expire_on_commit=False,
            join_transaction_mode="rollback_only",
        ) as session:
            yield session

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """A session of the registry, for who looks at its rows themselves."""
        with self._session() as session:
            yield session

    @property
    def revision(self) -> Revision:
        """Which content the registry holds, and since when."""
        with self._session() as session:
            return revision.current(session)

    def lab(self, lab_id: str) -> LabRecord | None:
        """All about one laboratory, or None for an unknown id."""
        with self._session() as session:
            return next(iter(records_of(session, [lab_id])), None)

    @property
    def size(self) -> int:
        """How many laboratories it holds."""
        with self._session() as session:
            return session.exec(select(func.count()).select_from(Lab)).one()

    def roster(self) -> Iterator[Listed]:
        """Every laboratory by what it goes by."""
        with self._session() as session:
            yield from roster(session)

    def sites(self) -> Mapping[str, str]:
        """Every registered domain with the name of a laboratory that it is of.

        The same object as before while the registry holds the same.
        """
        wanted = select(Domain.domain, Lab.name).where(Domain.lab_id == Lab.lab_id)
        with self._session() as session:
            # Rows written past the importer leave the revision as it is.
            newest = session.exec(select(func.max(Domain.id))).one()
            known = revision.current(session).revision, newest
            if self._sites is None or self._sites[0] != known:
                self._sites = known, dict(session.exec(wanted).all())
            return self._sites[1]

    def pocket(self, authorities: Collection[str] = ()) -> dict[str, Any]:
        """The laboratories of some authorities as a phone takes them along; see `pocket`."""
        with self._session() as session:
            return pocket.pocket(session, authorities, revision.current(session))

    def contacts(self, lab_id: str, day: dt.date) -> Contacts | None:
        """How a laboratory is reached on a day; None for an unknown id."""
        record = self.lab(lab_id)
        if record is None:
            return None
        with self._session() as session:
            phones = _rows(session, Phone, [lab_id])
        rights = [row for row in record.accreditations if row.holds_on(day)]
        addresses = [row.address for row in rights if row.address] or [record.lab.licence_address]
        return Contacts(
            sites=tuple(dict.fromkeys(row.domain for row in record.on(day).domains)),
            phones=tuple(dict.fromkeys(row.phone for row in phones if row.holds_on(day))),
            addresses=tuple(dict.fromkeys(one for one in addresses if one)),
        )

    def holders(self, number: str) -> list[Accreditation]:
        """Who holds an accreditation number, of any kind, compared without print's whims."""
        key = names.number_key(number)
        with self._session() as session:
            lab_ids = _labs_by_key(session, key, ("number",))
            found = _rows(session, Accreditation, lab_ids)
        return [row for row in found if names.number_key(row.number) == key]

    def covers(self, authority_code: str, kind: str, day: dt.date) -> bool:
        """Whether the registry held every laboratory of an authority on a day.

        Not while it holds a CMA number of no known form: that may be any one misspelt.
        """
        wanted = select(Coverage).where(
            Coverage.authority_code == authority_code, Coverage.kind == kind
        )
        with self._session() as session:
            if kind == "CMA" and _labs_by_key(session, ODD_NUMBER[1], ODD_NUMBER[:1]):
                return False
            return any(row.holds_on(day) for row in session.exec(wanted))

    def similar_names(self, name: str, limit: int = 8) -> list[Named]:
        """Laboratories whose names are most like a text, the nearest first."""
        read = [("name", names.name_key(name))]
        with self._session() as session:
            connection = session.connection()
            near = search.shortlist(connection, read) or ()
            known = search.spellings(connection, {*near, *search.equal(connection, read)})
            scores = {
                lab_id: max(names.similarity(read[0][1], key) for key in own)
                for lab_id in known
                if (own := _of_kinds(known[lab_id], NAME_KINDS))
            }
            alike = (lab_id for lab_id in scores if scores[lab_id] >= MIN_SIMILARITY)
            order = sorted(alike, key=lambda lab_id: (-scores[lab_id], lab_id))
            return _named(session, order[:limit])

    def signatory_labs(self, name: str) -> list[Signatory]:
        """Every authorisation of a person of that name, at any laboratory, at any time."""
        key = names.name_key(name)
        with self._session() as session:
            lab_ids = _labs_by_key(session, key, ("signatory",))
            found = _rows(session, Signatory, lab_ids)
        return [row for row in found if names.name_key(row.name) == key]

    def specimen(self, row: Signatory) -> bytes | None:
        """The picture of a signatory's signature, or None where the registry holds none."""
        with self._session() as session:
            digest = row.specimen_sha256
            return specimens.find(session, digest) if digest else None

    def candidates(self, evidence: LabEvidence, limit: int = 5) -> list[Candidate]:
        """The laboratories that the evidence may mean, the likeliest first.

        Each carries what matched, what nearly agrees, and what speaks for another body;
        see `registry.likelihood` for what the confidence is made of. A paper of a laboratory
        that is not registered gives nothing, or candidates of low confidence.
        """
        with self._session() as session:
            weighed = weighing.weigh(session.connection(), evidence)
            told = [one for one in weighed if one.told][:limit]
            records = {one.lab_id: one for one in records_of(session, [one.lab_id for one in told])}
        return [one.candidate(records[one.lab_id]) for one in told if one.lab_id in records]


def _of_kinds(keys: Iterable[tuple[str, str]], kinds: Sequence[str]) -> list[str]:
    return [key for kind, key in keys if kind in kinds]


def _labs_by_key(session: Session, key: str, kinds: Sequence[str]) -> set[str]:
    if not key:
        return set()
    return {
        lab_id for lab_id, kind in bulk.ask(session.connection(), _OF_KEYS, [key]) if kind in kinds
    }


@functools.cache
def _question(model: type[_R], count: int) -> SelectOfScalar[_R]:
    """The question for a table's rows of so many laboratories; put together once."""
    column = model.__table__.c.lab_id  # type: ignore[attr-defined]
    return select(model).where(column.in_(bulk.places(count)))


def _of_labs(session: Session, model: type[_R], lab_ids: Iterable[str]) -> list[_R]:
    """Rows of the laboratories, in any order."""
    found: list[_R] = []
    for some in chunks(lab_ids):
        these = bulk.these(some)
        found.extend(session.exec(_question(model, len(these)), params=these))
    return found


def _rows(session: Session, model: type[_R], lab_ids: Iterable[str]) -> list[_R]:
    """Rows of the laboratories, the oldest first; an open first day comes first of all."""
    found = _of_labs(session, model, sorted(set(lab_ids)))
    if len(found) < 2:
        return found
    day = next((name for name in _FIRST_DAYS if name in model.model_fields), None)
    key = operator.attrgetter(*model.key_columns)

    def first_day(row: _R) -> tuple[dt.date, object]:
        # Rows of one first day have it in their keys too: None is compared with None alone.
        return (getattr(row, day) if day else None) or dt.date.min, key(row)

    return sorted(found, key=first_day)


def _named(session: Session, lab_ids: Sequence[str]) -> list[Named]:
    """The laboratories by their names, in the order of the ids."""
    spelt: dict[str, list[str]] = {lab_id: [] for lab_id in lab_ids}
    labs = _of_labs(session, Lab, lab_ids)
    names_of = {lab.lab_id: lab.name for lab in labs}
    for lab in labs:
        spelt[lab.lab_id] += (lab.name, *lab.alias_names)
    for query in (_HOLDERS, _SEALS):
        for found, name in bulk.ask(session.connection(), query, lab_ids):
            spelt[found].append(name)
    return [
        Named(lab_id, names_of[lab_id], tuple(dict.fromkeys(filter(None, spelt[lab_id]))))
        for lab_id in lab_ids
        if lab_id in names_of
    ]


def records_of(session: Session, lab_ids: Sequence[str]) -> list[LabRecord]:
    """Full records in the order of the ids; unknown ids are left out."""
    labs = {lab.lab_id: lab for lab in _of_labs(session, Lab, lab_ids)}

    def grouped(model: type[_R]) -> dict[str, tuple[_R, ...]]:
        groups: dict[str, list[_R]] = {}
        for row in _rows(session, model, labs):
            groups.setdefault(_OWNER(row), []).append(row)
        return {lab_id: tuple(rows) for lab_id, rows in groups.items()}

    accreditations, scopes = grouped(Accreditation), grouped(ScopeRow)
    signatories, seals, sites = grouped(Signatory), grouped(SealText), grouped(Domain)
    memberships, fees = grouped(Membership), grouped(Fee)
    lists = listed(session.connection(), list(labs))
    return [
        LabRecord(
            lab=labs[lab_id],
            accreditations=accreditations.get(lab_id, ()),
            scopes=scopes.get(lab_id, ()),
            signatories=signatories.get(lab_id, ()),
            seals=seals.get(lab_id, ()),
            domains=sites.get(lab_id, ()),
            memberships=memberships.get(lab_id, ()),
            fees=fees.get(lab_id, ()),
            lists=lists.get(lab_id, {}),
        )
        for lab_id in lab_ids
        if lab_id in labs
    ]
