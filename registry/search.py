"""A short list of the laboratories that share rare pieces of text with what was read.

On disk, in the tables `lookup_keys` and `lookup_grams`, on every engine alike: see
docs/benchmarks.md for what was measured against SQLite's trigram index and against a list in
memory. Nothing here judges; `registry.matching` does.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from registry import bulk, grams
from registry.index import chunks

# A piece that more laboratories share than this tells too little to be worth reading its list.
COMMON = 250
# Where everything read is common, the lists are read so far.
VERY_COMMON = 3000
# Laboratories on the list.
SHORTLIST = 32
# A laboratory behind the first SHORTLIST is on no longer list either if it shares less than this
# part of what the first one does. Of 1500 papers with a fifth misread, three laboratories were
# behind the 32nd and before the 128th place, with 0.26, 0.38 and 0.46.
FAR = 0.2
# Laboratories that the weight of a piece is reckoned against.
_ALL = 100_000
# SQLite joins at most 500 selects.
_AT_ONCE = 200

# Spelt for the driver, as in `registry.bulk`: putting them together took longer than the answer.
_OF_KEYS = "SELECT lab_id, kind, key FROM lookup_keys WHERE key IN ({these})"
# Of a laboratory's people there may be dozens, and nobody is looked for by them here.
_OF_LABS = (
    "SELECT lab_id, kind, key FROM lookup_keys WHERE lab_id IN ({these}) AND kind <> 'signatory'"
)
_OWNERS = "SELECT id, lab_id FROM lookup_keys WHERE id IN ({these})"
# The laboratories of a piece as one text: so many short rows take longer to hand over.
_LIST = {
    "sqlite": "SELECT {{place}}, group_concat(key_id) FROM"
    " (SELECT key_id FROM lookup_grams WHERE gram = {mark} LIMIT {most}) AS t{{place}}",
    "postgresql": "SELECT {{place}}, string_agg(key_id::text, ',') FROM"
    " (SELECT key_id FROM lookup_grams WHERE gram = {mark} LIMIT {most}) AS t{{place}}",
}
# lab_id to its (kind, key) pairs.
Spellings = dict[str, list[tuple[str, str]]]


# Pieces that were found to be too common, of each database; a hint that saves reading them.
_TOO_COMMON: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()


def _lists(
    connection: Connection, pieces: Sequence[str], most: int
) -> tuple[list[list[str]], set[str]]:
    """Of each piece the laboratories (by the number of their first key), if they are few.

    Returns:
        The lists, and the pieces whose list is longer.
    """
    found: list[list[str]] = []
    common: set[str] = set()
    one = _LIST[connection.dialect.name].format(mark=bulk.mark(connection), most=most + 1)
    for start in range(0, len(pieces), _AT_ONCE):
        some = pieces[start : start + _AT_ONCE]
        # One statement for all, each list cut off where it is known to be too long.
        query = " UNION ALL ".join(one.format(place=place) for place in range(len(some)))
        for place, joined in connection.exec_driver_sql(query, tuple(some)).all():
            numbers = joined.split(",") if joined else []
            if len(numbers) > most:
                common.add(some[place])
            elif numbers:
                found.append(numbers)
    return found, common


def shortlist(
    connection: Connection, read: Iterable[tuple[str, str]], most: int = SHORTLIST
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
    scores: dict[str, float] = defaultdict(float)
    for numbers in lists:
        weight = math.log(_ALL / (len(numbers) + 1))
        for number in numbers:
            scores[number] += weight
    best = [int(number) for number in _best(scores, most)]
    labs = dict(map(tuple, bulk.ask(connection, _OWNERS, best)))
    return [labs[key_id] for key_id in best if key_id in labs]


def _best(scores: Mapping[str, float], most: int) -> list[str]:
    """The numbers that share most; few are tried where some share much more than the others."""
    least = FAR * max(scores.values(), default=0.0)
    order = sorted(sorted(scores, key=int), key=scores.__getitem__, reverse=True)[:most]
    few = next((place for place, one in enumerate(order) if scores[one] < least), most)
    return order[: max(few, SHORTLIST)]


def equal(connection: Connection, read: Iterable[tuple[str, str]]) -> set[str]:
    """The laboratories that have one of the keys to the letter."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for kind, key in read:
        if key:
            wanted[key].add(kind)
    found: set[str] = set()
    for some in chunks(sorted(wanted)):
        for lab_id, kind, key in bulk.ask(connection, _OF_KEYS, some):
            same = kind in wanted[key] or (kind in grams.NAMES and wanted[key] & {*grams.NAMES})
            if same:
                found.add(lab_id)
    return found


def spellings(connection: Connection, lab_ids: Iterable[str]) -> Spellings:
    """Every key of some laboratories by which they are searched for, by laboratory."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for some in chunks(sorted(set(lab_ids))):
        for lab_id, kind, key in bulk.ask(connection, _OF_LABS, some):
            found[lab_id].append((kind, key))
    return found
