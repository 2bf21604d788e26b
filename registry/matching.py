"""What agrees with a laboratory's registered facts, what nearly does, what contradicts.

Compared to the letter, but for a reader's slips; how sure all of it together makes is told by
`registry.likelihood`. These properties the tests hold fast:

* a name that is one true character off is not a match, whatever the number says: it is a
  conflict, and near, and the picture must be asked;
* a name cut off before its telling word contradicts none of those that it may be;
* a number or site of one laboratory speaks against every other.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterable, Mapping

from registry import names

# In the order in which matches and conflicts are told.
EVIDENCE = ("cma_no", "cnas_no", "lab_name", "seal", "domain", "address", "phone")

# From here on two names are alike enough that one may be a misreading or an imitation.
NEAR_SIMILARITY = 0.75
# A fragment shorter than this tells nothing.
MIN_FRAGMENT = 4


@dc.dataclass(frozen=True, slots=True)
class NameMatch:
    """A read name beside one laboratory's names.

    Attributes:
        distance: to the nearest of them.
        matched: equal, or apart by slips alone.
        near: not matched, but alike, or a part of it.
        fragment: the read name is a piece of the laboratory's, which contradicts nothing.
    """

    distance: names.Distance
    matched: bool
    near: bool
    fragment: bool


def _rate(read: str, key: str, distance: names.Distance) -> NameMatch:
    matched = distance.is_slip(len(key))
    fragment = not matched and len(read) >= MIN_FRAGMENT and names.fold(read) in names.fold(key)
    similarity = 1.0 - min(1.0, distance.cost / max(len(read), len(key)))
    near = not matched and (
        fragment or similarity >= NEAR_SIMILARITY or names.fold(key) in names.fold(read)
    )
    return NameMatch(distance, matched, near, fragment)


def match_name(read: str, keys: Iterable[tuple[str, str]]) -> dict[str, NameMatch]:
    """Rates a read name against registered ones.

    Args:
        read: key of the read name (`names.name_key`).
        keys: (lab_id, key) of every registered name that may be meant; each laboratory's
            nearest counts.

    Returns:
        A rating for each laboratory.
    """
    nearest: dict[str, tuple[names.Distance, str]] = {}
    for lab_id, key in keys:
        found = (names.distance(read, key), key)
        nearest[lab_id] = min(nearest.get(lab_id, found), found)
    return {lab_id: _rate(read, key, distance) for lab_id, (distance, key) in nearest.items()}


@dc.dataclass(slots=True)
class Tally:
    """What the evidence says of one laboratory, by its names.

    Attributes:
        matched: what is its own.
        near: what nearly agrees.
        conflicts: what speaks for another body.
    """

    matched: set[str] = dc.field(default_factory=set)
    near: set[str] = dc.field(default_factory=set)
    conflicts: set[str] = dc.field(default_factory=set)


def tally_holders(tallies: Mapping[str, Tally], evidence: str, holders: set[str]) -> None:
    """Notes who holds a number or domain; the others have it against them.

    A number or domain that nobody in the registry holds says nothing here: it may be
    misread, and whether it may be used is a rule's question.
    """
    for lab_id, tally in tallies.items():
        if lab_id in holders:
            tally.matched.add(evidence)
        elif holders:
            tally.conflicts.add(evidence)


def tally_lab_name(tallies: Mapping[str, Tally], ratings: Mapping[str, NameMatch]) -> None:
    """Notes the printed name.

    It names one body, registered or not. So for every laboratory that it does not name it
    is a conflict, unless what was read is only a piece of that laboratory's name.
    """
    for lab_id, tally in tallies.items():
        rating = ratings.get(lab_id)
        if rating and rating.matched:
            tally.matched.add("lab_name")
            continue
        if rating and rating.near:
            tally.near.add("lab_name")
        if not (rating and rating.fragment):
            tally.conflicts.add("lab_name")


def tally_seals(tallies: Mapping[str, Tally], seals: Iterable[Mapping[str, NameMatch]]) -> None:
    """Notes the seals; free readings of a ring slip often, so only a clear match counts.

    A seal is a conflict where it is another registered laboratory's; one that nobody's name
    explains may be misread.
    """
    for ratings in seals:
        owned = any(rating.matched for rating in ratings.values())
        for lab_id, tally in tallies.items():
            rating = ratings.get(lab_id)
            if rating and rating.matched:
                tally.matched.add("seal")
            elif owned:
                tally.conflicts.add("seal")
            elif rating and rating.near:
                tally.near.add("seal")
