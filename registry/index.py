"""Keeps the derived look-up tables in step with the rows they come from.

Every flush of a session that adds, changes or deletes a laboratory, accreditation, seal or
signatory rewrites the keys of the laboratories concerned, in the same transaction: there is
no moment and no way of writing (import, test, shell) in which a laboratory that the registry
holds cannot be found. Statements sent past the session need `reindex` by hand.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, delete, event, func, insert
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel import col, select

from registry import addresses, names
from registry.models import (
    Accreditation,
    Lab,
    LookupGram,
    LookupKey,
    SealText,
    Signatory,
    split_list,
)

NAME_KINDS = ("name", "alias", "holder")
SEAL_KINDS = (*NAME_KINDS, "seal")

INDEXED = (Lab, Accreditation, SealText, Signatory)
# SQLite takes at most 32766 values in one statement, older builds 999.
CHUNK = 500

Key = tuple[str, str, str]


def chunks(values: Iterable[str]) -> Iterator[Sequence[str]]:
    """Lists of at most CHUNK values, for IN clauses."""
    iterator = iter(values)
    while chunk := list(itertools.islice(iterator, CHUNK)):
        yield chunk


def _keys(connection: Connection, lab_ids: Sequence[str]) -> Iterator[Key]:
    """(lab, kind, key) of every spelling the laboratories are known by."""
    labs = select(Lab.lab_id, Lab.name, Lab.aliases, Lab.licence_address)
    for lab_id, name, aliases, address in connection.execute(
        labs.where(col(Lab.lab_id).in_(lab_ids))
    ):
        yield lab_id, "name", names.name_key(name)
        yield from ((lab_id, "alias", names.name_key(alias)) for alias in split_list(aliases))
        yield lab_id, "address", addresses.place_key(address)
    held = select(
        Accreditation.lab_id,
        Accreditation.number,
        Accreditation.holder_name,
        Accreditation.address,
    )
    for lab_id, number, holder, address in connection.execute(
        held.where(col(Accreditation.lab_id).in_(lab_ids))
    ):
        yield lab_id, "number", names.number_key(number)
        yield lab_id, "holder", names.name_key(holder)
        yield lab_id, "address", addresses.place_key(address)
    seals = select(SealText.lab_id, SealText.text)
    for lab_id, seal in connection.execute(seals.where(col(SealText.lab_id).in_(lab_ids))):
        yield lab_id, "seal", names.name_key(seal)
    people = select(Signatory.lab_id, Signatory.name)
    for lab_id, person in connection.execute(people.where(col(Signatory.lab_id).in_(lab_ids))):
        yield lab_id, "signatory", names.name_key(person)


def forget(connection: Connection, lab_ids: Sequence[str]) -> None:
    """Removes the keys of the laboratories, before they go themselves."""
    stale = select(LookupKey.id).where(col(LookupKey.lab_id).in_(lab_ids))
    connection.execute(delete(LookupGram).where(col(LookupGram.key_id).in_(stale)))
    connection.execute(delete(LookupKey).where(col(LookupKey.lab_id).in_(lab_ids)))


def reindex(connection: Connection, lab_ids: Iterable[str]) -> None:
    """Rewrites the keys of the laboratories, in the connection's transaction."""
    for some in chunks(sorted(set(lab_ids))):
        forget(connection, some)
        keys = sorted({key for key in _keys(connection, some) if key[2]})
        if not keys:
            continue
        # Numbered here, not by the database, so that the grams can be written in one go.
        first = (connection.scalar(select(func.max(col(LookupKey.id)))) or 0) + 1
        connection.execute(
            insert(LookupKey),
            [
                {"id": first + place, "lab_id": lab_id, "kind": kind, "key": key}
                for place, (lab_id, kind, key) in enumerate(keys)
            ],
        )
        grams = [
            {"gram": gram, "key_id": first + place}
            for place, (_, kind, key) in enumerate(keys)
            if kind in SEAL_KINDS
            for gram in names.grams(key)
        ]
        if grams:
            connection.execute(insert(LookupGram), grams)


def _after_flush(session: OrmSession, _context: UOWTransaction) -> None:
    touched: set[str] = set()
    for row in itertools.chain(session.new, session.dirty, session.deleted):
        if isinstance(row, INDEXED):
            touched.add(row.lab_id)
    if touched:
        reindex(session.connection(), touched)


def _before_delete(_mapper: object, connection: Connection, lab: Lab) -> None:
    # The keys point at the laboratory and have to go first.
    forget(connection, [lab.lab_id])


event.listen(OrmSession, "after_flush", _after_flush)
event.listen(Lab, "before_delete", _before_delete)
