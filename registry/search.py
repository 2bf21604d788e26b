"""A short list of the laboratories that share rare pieces of text with what was read.

On disk, in the tables `lookup_keys` and `lookup_grams`, on every engine alike: see
docs/benchmarks.md for what was measured against SQLite's trigram index and against a list in
memory. Nothing here judges; `registry.matching` does.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, Connection, Engine, bindparam, select
from sqlmodel import col

from registry import grams
from registry.derived import LookupKey
from registry.index import chunks

# A piece that more laboratories share than this tells too little to be worth reading its list.
COMMON = 250
# Where everything read is common, the lists are read so far.
VERY_COMMON = 3000
# Laboratories on the list.
SHORTLIST = 32
# Laboratories that the weight of a piece is reckoned against.
_ALL = 100_000
# SQLite joins at most 500 selects.
_AT_ONCE = 200

# Put together once: to do so for every question takes longer than the answer.
_KEYS = select(col(LookupKey.lab_id), col(LookupKey.kind), col(LookupKey.key))
_THESE: BindParameter[list[object]] = bindparam("these", expanding=True)
_OF_KEYS = _KEYS.where(col(LookupKey.key).in_(_THESE))
_OF_LABS = _KEYS.where(col(LookupKey.lab_id).in_(_THESE))
_OWNERS = select(col(LookupKey.id), col(LookupKey.lab_id)).where(col(LookupKey.id).in_(_THESE))
# lab_id to its (kind, key) pairs.
Spellings = dict[str, list[tuple[str, str]]]


# Pieces that were found to be too common, of each database; a hint that saves reading them.
_TOO_COMMON: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()


def _lists(
    connection: Connection, pieces: Sequence[str], most: int
) -> tuple[dict[str, list[int]], set[str]]:
    """Of each piece the laboratories (by the number of their first key), if they are few.

    Returns:
        The lists, and the pieces whose list is longer.
    """
    found: dict[str, list[int]] = {piece: [] for piece in pieces}
    for start in range(0, len(pieces), _AT_ONCE):
        some = pieces[start : start + _AT_ONCE]
        # One statement for all, each list cut off where it is known to be too long; spelt
        # for the driver, for taking apart so many placeholders costs more than the reading.
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        query = " UNION ALL ".join(
            f"SELECT * FROM (SELECT {place} AS place, key_id FROM lookup_grams"  # noqa: S608
            f" WHERE gram = {mark} LIMIT {most + 1}) AS t{place}"
            for place in range(len(some))
        )
        own = [found[piece] for piece in some]
        for place, key_id in connection.exec_driver_sql(query, tuple(some)).all():
            own[place].append(key_id)
    common = {piece for piece, ids in found.items() if len(ids) > most}
    return {piece: ids for piece, ids in found.items() if ids and piece not in common}, common


def shortlist(
    connection: Connection, read: Iterable[tuple[str, str]], most: int | None = None
) -> list[str]:
    """The laboratories that share most with what was read, weighed by how rare it is.

    Args:
        connection: to the registry.
        read: (kind, key) of everything read, kinds as `registry.grams` has them.
        most: laboratories at most.

    Returns:
        Their ids, the likeliest first.
    """
    pieces = sorted({gram for kind, key in read for gram in grams.of(kind, key)})
    if not pieces:
        return []
    known = _TOO_COMMON.setdefault(connection.engine, set())
    lists, common = _lists(connection, [piece for piece in pieces if piece not in known], COMMON)
    known |= common
    if not lists:
        lists, _ = _lists(connection, pieces, VERY_COMMON)
    scores: dict[int, float] = defaultdict(float)
    for ids in lists.values():
        weight = math.log(_ALL / (len(ids) + 1))
        for key_id in ids:
            scores[key_id] += weight
    weighed = ((-score, key_id) for key_id, score in scores.items())
    best = [key_id for _, key_id in heapq.nsmallest(most or SHORTLIST, weighed)]
    found = connection.execute(_OWNERS, {"these": best}).all()
    labs: dict[int, str] = {key_id: lab_id for key_id, lab_id in found}  # noqa: C416 - rows
    return [labs[key_id] for key_id in best if key_id in labs]


def equal(connection: Connection, read: Iterable[tuple[str, str]]) -> set[str]:
    """The laboratories that have one of the keys to the letter."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for kind, key in read:
        if key:
            wanted[key].add(kind)
    found: set[str] = set()
    for some in chunks(sorted(wanted)):
        for lab_id, kind, key in connection.execute(_OF_KEYS, {"these": some}).all():
            same = kind in wanted[key] or (kind in grams.NAMES and wanted[key] & {*grams.NAMES})
            if same:
                found.add(lab_id)
    return found


def spellings(connection: Connection, lab_ids: Iterable[str]) -> Spellings:
    """Every key of some laboratories, by laboratory."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for some in chunks(sorted(set(lab_ids))):
        for lab_id, kind, key in connection.execute(_OF_LABS, {"these": some}).all():
            found[lab_id].append((kind, key))
    return found
