"""Which laboratory is this, and what does the registry say of it?

Everything is asked in SQL of indexed, normalised columns; no question loads the registry.
Near names are found by the pairs of characters that they share, the telling ones first, and
only the best few dozen are compared in full. Scoring is explained in `registry.matching`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from registry import (
    addresses,
    domains,
    matching,
    names,
    revision,
    specimens,
    standards,
    tables,
)
from registry.index import NAME_KINDS, SEAL_KINDS, chunks
from registry.matching import NameMatch, Tally
from registry.models import (
    Accreditation,
    Coverage,
    Domain,
    Fee,
    Lab,
    LabRow,
    LookupGram,
    LookupKey,
    Membership,
    ScopeRow,
    SealText,
    Signatory,
)
from registry.records import Candidate, LabEvidence, LabRecord, Revision

__all__ = ["Candidate", "LabEvidence", "LabRecord", "Registry", "Revision"]

# So many spellings, sharing most pairs of characters with the one read, are compared in
# full. A name that is one character off shares all but two pairs, so it is among the first;
# a laboratory is there up to four times (name, alias, holder, seal).
SHORTLIST = 200
# With fewer telling pairs than this the common ones have to help.
MIN_TELLING_GRAMS = 3
# Names less alike than this are not worth offering as a hypothesis.
MIN_SIMILARITY = 0.4

_R = TypeVar("_R", bound=LabRow)
# (lab_id, key) of a registered spelling.
_Spelling = tuple[str, str]


@functools.cache
def _common_grams() -> frozenset[str]:
    words = (row["word"] for row in tables.rows("generic_words"))
    return frozenset(gram for word in words for gram in names.grams(word))


def _telling(key: str) -> list[str]:
    """The pairs of a key to search by: without those that most laboratories share."""
    grams = names.grams(key)
    telling = grams - _common_grams()
    return sorted(telling if len(telling) >= MIN_TELLING_GRAMS else grams)


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

    @contextlib.contextmanager
    def _session(self) -> Iterator[Session]:
        if isinstance(self._bind, Engine):
            with Session(self._bind, expire_on_commit=False) as session:
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

    @property
    def revision(self) -> Revision:
        """Which content the registry holds, and since when."""
        with self._session() as session:
            return revision.current(session)

    def lab(self, lab_id: str) -> LabRecord | None:
        """All about one laboratory, or None for an unknown id."""
        with self._session() as session:
            return next(iter(_records(session, [lab_id])), None)

    def holders(self, number: str) -> list[Accreditation]:
        """Who holds an accreditation number, of any kind, compared without print's whims."""
        key = names.number_key(number)
        with self._session() as session:
            lab_ids = _labs_by_key(session, key, ("number",))
            found = _rows(session, Accreditation, lab_ids)
        return [row for row in found if names.number_key(row.number) == key]

    def covers(self, authority_code: str, kind: str, day: dt.date) -> bool:
        """Whether the registry held every laboratory of an authority on a day."""
        wanted = select(Coverage).where(
            Coverage.authority_code == authority_code, Coverage.kind == kind
        )
        with self._session() as session:
            return any(row.holds_on(day) for row in session.exec(wanted))

    def similar_names(self, name: str, limit: int = 8) -> list[LabRecord]:
        """Laboratories whose names are most like a text, the nearest first."""
        read = names.name_key(name)
        with self._session() as session:
            scores: dict[str, float] = {}
            spellings = _near_names(session, read, _telling(read), NAME_KINDS)
            if len({lab_id for lab_id, _ in spellings}) < limit:
                spellings = _near_names(session, read, names.grams(read), NAME_KINDS)
            for lab_id, key in spellings:
                score = names.similarity(read, key)
                scores[lab_id] = max(score, scores.get(lab_id, 0.0))
            alike = (lab_id for lab_id in scores if scores[lab_id] >= MIN_SIMILARITY)
            order = sorted(alike, key=lambda lab_id: (-scores[lab_id], lab_id))
            return _records(session, order[:limit])

    def domain_labs(self, domain: str) -> list[LabRecord]:
        """Laboratories whose query site is at a domain, host or web address."""
        with self._session() as session:
            return _records(session, sorted(_labs_by_domain(session, domain)))

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
        see `registry.matching` for what the confidence is made of. A paper of a laboratory
        that is not registered gives nothing, or candidates of low confidence.
        """
        with self._session() as session:
            tallies = _tally(session, evidence)
            told = {
                lab_id: tally for lab_id, tally in tallies.items() if tally.matched or tally.near
            }
            order = sorted(
                told,
                key=lambda lab_id: (
                    -told[lab_id].confidence(),
                    "cma_no" not in told[lab_id].matched,
                    lab_id,
                ),
            )
            records = _records(session, order[:limit])
        return [_candidate(record, told[record.lab_id]) for record in records]


def _candidate(record: LabRecord, tally: Tally) -> Candidate:
    def told(pieces: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in matching.EVIDENCE if name in pieces)

    near = set(tally.near) - set(tally.matched)
    return Candidate(
        record=record,
        matched_by=told(tally.matched),
        confidence=tally.confidence(),
        conflicts=told(tally.conflicts),
        near=told(near),
    )


def _tally(session: Session, evidence: LabEvidence) -> dict[str, Tally]:
    """Weighs all evidence for every laboratory that any of it touches."""
    holders = {
        kind: _labs_by_key(session, names.number_key(number), ("number",))
        for kind, number in (("cma_no", evidence.cma_no), ("cnas_no", evidence.cnas_no))
        if number
    }
    sites = [_labs_by_domain(session, host) for host in evidence.hosts]
    printed = _rate_names(session, evidence.lab_name or "", NAME_KINDS)
    seals = [_rate_names(session, name, SEAL_KINDS) for name in evidence.seal_names]
    housed = _labs_at(session, evidence.address or "")

    pool = set().union(*holders.values(), *sites, housed, printed or {}, *(s or {} for s in seals))
    tallies = {lab_id: Tally() for lab_id in sorted(pool)}
    for kind, lab_ids in holders.items():
        matching.tally_holders(tallies, kind, lab_ids)
    matching.tally_holders(tallies, "domain", set().union(*sites))
    if printed is not None:
        matching.tally_lab_name(tallies, printed)
    matching.tally_seals(tallies, [ratings for ratings in seals if ratings is not None])
    # Others at the same door are no reason against a laboratory that is elsewhere too.
    for lab_id in housed:
        tallies[lab_id].matched["address"] = matching.STRENGTH["address"] / len(housed)
    return tallies


def _rate_names(session: Session, name: str, kinds: Sequence[str]) -> dict[str, NameMatch] | None:
    """Ratings of a read name; None where too little was read to tell anything."""
    read = names.name_key(name)
    if len(read) < matching.MIN_FRAGMENT:
        return None
    return matching.match_name(read, _near_names(session, read, _telling(read), kinds))


def _labs_by_key(session: Session, key: str, kinds: Sequence[str]) -> set[str]:
    if not key:
        return set()
    wanted = select(LookupKey.lab_id).where(LookupKey.key == key, col(LookupKey.kind).in_(kinds))
    return set(session.exec(wanted))


def _labs_by_domain(session: Session, host: str) -> set[str]:
    domain = domains.registrable(host)
    if domain is None:
        return set()
    return set(session.exec(select(Domain.lab_id).where(Domain.domain == domain)))


def _labs_at(session: Session, address: str) -> set[str]:
    """Laboratories with a licence or accreditation address that is the same as the one read."""
    read = addresses.parse(address)
    at_door = _labs_by_key(session, addresses.place_key(address), ("address",))
    licences = select(Lab.lab_id, Lab.licence_address).where(col(Lab.lab_id).in_(at_door))
    sites = select(Accreditation.lab_id, Accreditation.address).where(
        col(Accreditation.lab_id).in_(at_door)
    )
    known = {*session.exec(licences), *session.exec(sites)} if at_door else set()
    return {lab_id for lab_id, site in known if addresses.compare(read, site).answer == "same"}


def _near_names(
    session: Session, read: str, grams: Iterable[str], kinds: Sequence[str]
) -> list[_Spelling]:
    """Registered spellings that share most of the pairs with a key, equal ones included."""
    if not read:
        return []
    # Counted in the index alone; which spellings these are is asked of the best few only.
    best = (
        select(LookupGram.key_id)
        .where(col(LookupGram.gram).in_(list(grams)))
        .group_by(col(LookupGram.key_id))
        .order_by(func.count(col(LookupGram.gram)).desc(), col(LookupGram.key_id))
        .limit(SHORTLIST)
    )
    key_ids = list(session.exec(best))
    near = select(LookupKey.lab_id, LookupKey.key).where(
        col(LookupKey.id).in_(key_ids), col(LookupKey.kind).in_(kinds)
    )
    equal = select(LookupKey.lab_id, LookupKey.key).where(
        LookupKey.key == read, col(LookupKey.kind).in_(kinds)
    )
    return sorted({*session.exec(near), *session.exec(equal)})


def _rows(session: Session, model: type[_R], lab_ids: Iterable[str]) -> list[_R]:
    """Rows of the laboratories, the oldest first; an open first day comes first of all."""
    found: list[_R] = []
    for some in chunks(sorted(set(lab_ids))):
        column = model.__table__.c.lab_id  # type: ignore[attr-defined]
        found.extend(session.exec(select(model).where(column.in_(some))))

    def first_day(row: _R) -> tuple[dt.date, tuple[str, ...]]:
        days = (getattr(row, name, None) for name in ("valid_from", "joined_on", "filed_on"))
        return next((day for day in days if day), dt.date.min), row.natural_key()

    return sorted(found, key=first_day)


def _records(session: Session, lab_ids: Sequence[str]) -> list[LabRecord]:
    """Full records in the order of the ids; unknown ids are left out."""
    labs = {
        lab.lab_id: lab
        for some in chunks(lab_ids)
        for lab in session.exec(select(Lab).where(col(Lab.lab_id).in_(some)))
    }

    def grouped(model: type[_R]) -> dict[str, tuple[_R, ...]]:
        groups: dict[str, tuple[_R, ...]] = {}
        for row in _rows(session, model, labs):
            lab_id = row.natural_key()[0]
            groups[lab_id] = (*groups.get(lab_id, ()), row)
        return groups

    accreditations, scopes = grouped(Accreditation), grouped(ScopeRow)
    signatories, seals, sites = grouped(Signatory), grouped(SealText), grouped(Domain)
    memberships, fees = grouped(Membership), grouped(Fee)
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
        )
        for lab_id in lab_ids
        if lab_id in labs
    ]
