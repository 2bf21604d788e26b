"""What several laboratories have in common and should not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlmodel import Session, col, func, select

from registry import addresses, names
from registry.derived import LookupKey
from registry.doctor.findings import Finding, found
from registry.doctor.terms import shared
from registry.index import chunks
from registry.models import (
    SPECIMEN_HASH,
    Accreditation,
    Domain,
    Lab,
    Signatory,
)

# Names that a laboratory goes by now; those of its past may well have passed to another.
_OWN_NAMES = ("name", "alias", "holder")

_R = TypeVar("_R", Accreditation, Signatory)


def _keys(session: Session, kinds: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Spellings of some kinds that lead to several laboratories, with the ids of those."""
    several = (
        select(LookupKey.key)
        .where(col(LookupKey.kind).in_(kinds))
        .group_by(LookupKey.key)
        .having(func.count(func.distinct(LookupKey.lab_id)) > 1)
        .order_by(LookupKey.key)
    )
    for some in chunks(list(session.exec(several))):
        pairs = select(LookupKey.key, LookupKey.lab_id).distinct()
        wanted = col(LookupKey.key).in_(some), col(LookupKey.kind).in_(kinds)
        labs: dict[str, list[str]] = {}
        for key, lab_id in session.exec(pairs.where(*wanted)):
            labs.setdefault(key, []).append(lab_id)
        yield from ((key, sorted(ids)) for key, ids in sorted(labs.items()))


def _together(rows: Sequence[_R]) -> list[_R]:
    """The rows that share a day with one of another laboratory."""
    return [
        row
        for row in rows
        if any(row.lab_id != other.lab_id and shared(row, other) for other in rows)
    ]


def _ids(rows: Sequence[Accreditation | Signatory | Domain]) -> list[str]:
    return sorted({row.lab_id for row in rows})


def numbers(session: Session) -> Iterator[Finding]:
    """One accreditation number held by two laboratories on the same day."""
    for key, labs in _keys(session, ["number"]):
        held = session.exec(select(Accreditation).where(col(Accreditation.lab_id).in_(labs)))
        by_kind: dict[str, list[Accreditation]] = {}
        for row in held:
            if names.number_key(row.number) == key:
                by_kind.setdefault(row.kind, []).append(row)
        for rows in by_kind.values():
            both = _together(rows)
            if both:
                sources = [row.source for row in both]
                yield found("number_shared", _ids(both), sources, number=key)


def lab_names(session: Session) -> Iterator[Finding]:
    """One name, two laboratories."""
    for key, labs in _keys(session, _OWN_NAMES):
        yield found("name_shared", labs, [f"labs: {lab_id}" for lab_id in labs], name=key)


def seals(session: Session) -> Iterator[Finding]:
    """A seal of one laboratory that carries the name of another."""
    # A seal that repeats a name of its own laboratory is not in the index as a seal.
    for key, _ in _keys(session, ["seal", *_OWN_NAMES]):
        rows = session.exec(
            select(LookupKey.lab_id, LookupKey.kind).where(LookupKey.key == key)
        ).all()
        owners = sorted({lab for lab, kind in rows if kind in _OWN_NAMES})
        for lab in sorted({lab for lab, kind in rows if kind == "seal"} if owners else ()):
            others = [owner for owner in owners if owner != lab]
            if others:
                details = {"name": key, "owner": ", ".join(others)}
                yield found("seal_of_another", [lab, *others], [f"seals: {lab}/{key}"], **details)


def credit_codes(session: Session) -> Iterator[Finding]:
    """One unified social credit code, two laboratories."""
    several = select(Lab.uscc).where(Lab.uscc != "").group_by(Lab.uscc)
    for code in session.exec(several.having(func.count() > 1).order_by(Lab.uscc)).all():
        labs = sorted(session.exec(select(Lab.lab_id).where(Lab.uscc == code)))
        yield found("uscc_shared", labs, [f"labs: {lab_id}" for lab_id in labs], number=code)


def sites(session: Session) -> Iterator[Finding]:
    """One query site, two laboratories: its address tells them no longer apart."""
    listed = col(Domain.dropped_on).is_(None)
    several = select(Domain.domain).where(listed).group_by(Domain.domain)
    several = several.having(func.count(func.distinct(Domain.lab_id)) > 1)
    for domain in session.exec(several.order_by(Domain.domain)).all():
        rows = session.exec(select(Domain).where(Domain.domain == domain, listed)).all()
        yield found("domain_shared", _ids(rows), [row.source for row in rows], domain=domain)


def _cities(session: Session, labs: Sequence[str]) -> dict[str, set[str]]:
    """The cities in which laboratories have their places, as far as the addresses say."""
    cities: dict[str, set[str]] = {}
    places = (
        *session.exec(
            select(Accreditation.lab_id, Accreditation.address).where(
                col(Accreditation.lab_id).in_(labs)
            )
        ),
        *session.exec(select(Lab.lab_id, Lab.licence_address).where(col(Lab.lab_id).in_(labs))),
    )
    for lab_id, address in places:
        if city := addresses.parse(address).city:
            cities.setdefault(lab_id, set()).add(city)
    return cities


def people(session: Session) -> Iterator[Finding]:
    """A signatory's name at two laboratories on the same day.

    One person may not work for two (检验检测机构监督管理办法, order 39, article 7); but many
    people bear one name. Laboratories of one city make a warning, others a note.
    """
    for key, labs in _keys(session, ["signatory"]):
        rows = [
            row
            for some in chunks(labs)
            for row in session.exec(select(Signatory).where(col(Signatory.lab_id).in_(some)))
            if names.name_key(row.name) == key
        ]
        both = _together(rows)
        if not both:
            continue
        ids = _ids(both)
        cities = _cities(session, ids)
        near = any(
            cities.get(one, set()) & cities.get(other, set())
            for one, other in itertools.combinations(ids, 2)
        )
        kind = "signatory_two_labs" if near else "signatory_namesakes"
        yield found(kind, ids, [row.source for row in both], name=both[0].name)


def specimens(session: Session) -> Iterator[Finding]:
    """One picture of a signature under two names."""
    pictured = col(Signatory.specimen).contains(SPECIMEN_HASH)
    by_picture: dict[str, list[Signatory]] = {}
    for row in session.exec(select(Signatory).where(pictured)):
        by_picture.setdefault(row.specimen_sha256, []).append(row)
    for rows in by_picture.values():
        people = sorted({row.name for row in rows})
        if len(people) > 1:
            details = {"names": ", ".join(people)}
            yield found("specimen_shared", _ids(rows), [row.source for row in rows], **details)


CHECKS = (numbers, lab_names, seals, credit_codes, sites, people, specimens)
