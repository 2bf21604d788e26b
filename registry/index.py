"""Keeps the derived look-up tables in step with the rows they come from.

Every flush of a session that adds, changes or deletes a laboratory, accreditation, seal,
signatory or telephone rewrites the keys of the laboratories concerned, in the same
transaction: there is no moment and no way of writing (import, test, shell) in which a
laboratory that the registry holds cannot be found. Statements sent past the session need
`reindex` by hand.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, Table, bindparam, delete, event, func
from sqlalchemy import select as sql_select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel import col, select

from registry import addresses, bulk, grams, names, phones
from registry.derived import LookupGram, LookupKey
from registry.history import former_names
from registry.models import (
    Accreditation,
    Lab,
    Phone,
    SealText,
    Signatory,
    split_list,
)

NAME_KINDS = ("name", "alias", "former", "holder")
SEAL_KINDS = (*NAME_KINDS, "seal")

INDEXED = (Lab, Accreditation, SealText, Signatory, Phone)
# SQLite takes at most 32766 values in one statement, older builds 999.
CHUNK = 500

Key = tuple[str, str, str]
# Kind and key of a laboratory that holds a CMA number of no known form; no key is spelt so.
ODD_NUMBER = ("odd", "#CMA")
_KEYS: Table = LookupKey.__table__  # type: ignore[attr-defined]
_GRAMS: Table = LookupGram.__table__  # type: ignore[attr-defined]


def chunks(values: Iterable[str]) -> Iterator[Sequence[str]]:
    """Lists of at most CHUNK values, for IN clauses."""
    iterator = iter(values)
    while chunk := list(itertools.islice(iterator, CHUNK)):
        yield chunk


@functools.lru_cache(maxsize=CHUNK)
def _address_keys(address: str) -> tuple[str, str]:
    return addresses.place_key(address), addresses.normalise(address)


def _place(lab_id: str, address: str) -> Iterator[Key]:
    """Road and number, by which an address is found, and the whole, by which it is weighed."""
    place, whole = _address_keys(address)
    yield lab_id, "address", place
    yield lab_id, "site", whole


def _keys(connection: Connection, lab_ids: Sequence[str]) -> Iterator[Key]:
    """(lab, kind, key) of every spelling the laboratories are known by."""
    labs = select(Lab.lab_id, Lab.name, Lab.aliases, Lab.licence_address)
    for lab_id, name, aliases, address in connection.execute(
        labs.where(col(Lab.lab_id).in_(lab_ids))
    ):
        yield lab_id, "name", names.name_key(name)
        yield from ((lab_id, "alias", names.name_key(alias)) for alias in split_list(aliases))
        yield from _place(lab_id, address)
    for lab_id, name in former_names(connection, lab_ids):
        yield lab_id, "former", names.name_key(name)
    held = sql_select(
        col(Accreditation.lab_id),
        col(Accreditation.kind),
        col(Accreditation.dropped_on),
        col(Accreditation.number),
        col(Accreditation.holder_name),
        col(Accreditation.address),
    )
    for lab_id, kind, dropped_on, number, holder, address in connection.execute(
        held.where(col(Accreditation.lab_id).in_(lab_ids))
    ):
        key = names.number_key(number)
        yield lab_id, "number", key
        if kind == "CMA" and dropped_on is None and not names.CMA_NUMBER.fullmatch(key):
            yield lab_id, *ODD_NUMBER
        yield lab_id, "holder", names.name_key(holder)
        yield from _place(lab_id, address)
    seals = select(SealText.lab_id, SealText.text)
    for lab_id, seal in connection.execute(seals.where(col(SealText.lab_id).in_(lab_ids))):
        yield lab_id, "seal", names.name_key(seal)
    phoned = select(Phone.lab_id, Phone.phone)
    for lab_id, phone in connection.execute(phoned.where(col(Phone.lab_id).in_(lab_ids))):
        yield lab_id, "phone", phones.key(phone)
    people = select(Signatory.lab_id, Signatory.name)
    for lab_id, person in connection.execute(people.where(col(Signatory.lab_id).in_(lab_ids))):
        yield lab_id, "signatory", names.name_key(person)


def _pieces(keys: Iterable[Key]) -> set[str]:
    return {gram for _, kind, key in keys for gram in grams.of(kind, key)}


def forget(connection: Connection, lab_ids: Sequence[str]) -> None:
    """Takes the keys of some laboratories (at most CHUNK) out of the index."""
    stored: dict[str, list[Key]] = defaultdict(list)
    first: dict[str, int] = {}
    query = select(LookupKey.id, LookupKey.lab_id, LookupKey.kind, LookupKey.key)
    for number, lab_id, kind, key in connection.execute(
        query.where(col(LookupKey.lab_id).in_(lab_ids)).order_by(col(LookupKey.id))
    ):
        first.setdefault(lab_id, number)
        stored[lab_id].append((lab_id, kind, key))
    stale = [
        {"piece": gram, "number": first[lab_id]}
        for lab_id, keys in stored.items()
        for gram in _pieces(keys)
    ]
    if stale:
        gone = delete(LookupGram).where(
            col(LookupGram.gram) == bindparam("piece"),
            col(LookupGram.key_id) == bindparam("number"),
        )
        connection.execute(gone, stale)
    if stored:
        connection.execute(delete(LookupKey).where(col(LookupKey.lab_id).in_(lab_ids)))


def reindex(connection: Connection, lab_ids: Iterable[str]) -> None:
    """Rewrites the keys of the laboratories, in the connection's transaction."""
    for some in chunks(sorted(set(lab_ids))):
        forget(connection, some)
        _write(connection, _distinct(_keys(connection, some)))


def rebuild(connection: Connection) -> None:
    """Makes the look-up tables anew, whatever an older program has written there."""
    connection.execute(delete(LookupGram))
    connection.execute(delete(LookupKey))
    for some in chunks(connection.scalars(select(Lab.lab_id).order_by(Lab.lab_id)).all()):
        _write(connection, _distinct(_keys(connection, some)))


def _distinct(keys: Iterable[Key]) -> list[Key]:
    """Each spelling once: a holder or a seal that only repeats the name adds nothing."""
    found = sorted({key for key in keys if key[2]}, key=lambda key: (key[0], _rank(key[1]), key))
    seen: set[tuple[str, str]] = set()
    kept = []
    for lab_id, kind, key in found:
        if kind in SEAL_KINDS:
            if (lab_id, key) in seen:
                continue
            seen.add((lab_id, key))
        kept.append((lab_id, kind, key))
    return kept


def _rank(kind: str) -> int:
    return SEAL_KINDS.index(kind) if kind in SEAL_KINDS else len(SEAL_KINDS)


def _write(connection: Connection, keys: Sequence[Key]) -> None:
    """Writes keys and pieces of whole laboratories; the pieces under the first key's number."""
    if not keys:
        return
    # Numbered here, not by the database, so that the grams can be written in one go.
    start = (connection.scalar(select(func.max(col(LookupKey.id)))) or 0) + 1
    numbered = [(number, *key) for number, key in enumerate(keys, start)]
    bulk.insert(connection, _KEYS, ("id", "lab_id", "kind", "key"), numbered)
    rows: list[tuple[str, int]] = []
    for _, group in itertools.groupby(numbered, key=operator.itemgetter(1)):
        own = list(group)
        first = own[0][0]
        rows += ((gram, first) for gram in _pieces(key[1:] for key in own))
    # In the order of the table, which is the order of its pages.
    bulk.insert(connection, _GRAMS, ("gram", "key_id"), sorted(rows))


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
