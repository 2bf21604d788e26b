"""How strongly each piece of evidence speaks for a laboratory, and what they say together.

The printed name and the seal are the identity; the CMA number is the strongest single
witness, for it is the hardest to mistake for another. What agrees adds up as independent
witnesses do, 1 - (1 - a)(1 - b)…; what speaks for another body takes its share off the
whole. The figures are a judgement, kept in two tables below, with these properties, which
the tests hold fast:

* number and name together are near certainty; either alone is no more than 0.9;
* a number of one laboratory under the exact name of another leaves both below 0.5;
* a name that is one true character off is not a match, whatever the number says: it is a
  conflict, and near, and the picture must be asked;
* where another laboratory's name is as near, or less than a whole character farther, the
  name alone stays at 0.5.
"""

from __future__ import annotations

import dataclasses as dc
import math
from collections.abc import Iterable, Mapping

from registry import names

# In the order in which matches and conflicts are told.
EVIDENCE = ("cma_no", "cnas_no", "lab_name", "seal", "domain", "address")

# How much an agreement alone makes sure.
STRENGTH = {
    "cma_no": 0.9,
    "cnas_no": 0.85,
    "lab_name": 0.9,
    "seal": 0.85,
    "domain": 0.6,  # one query site may serve several laboratories
    "address": 0.3,  # a jade market houses many under one number
}
# What a match by a slip is worth of a match to the letter.
SLIP_SHARE = 0.85
# A name that fits two laboratories as well, as a share of STRENGTH, and at most so much.
AMBIGUOUS_SHARE = 0.55
# What a near name alone makes likely; scaled by its similarity.
NEAR_STRENGTH = 0.45

# How much of the whole a conflict takes away.
PENALTY = {
    "cma_no": 0.45,
    "cnas_no": 0.3,
    "lab_name": 0.5,
    "seal": 0.4,
    "domain": 0.2,
    "address": 0.1,
}
# A near name may yet turn out a misreading, unless it is another laboratory's to the letter.
NEAR_NAME_PENALTY = 0.35

# A rival has to be a whole character farther away for a name to be told from his.
CLEAR_MARGIN = 1.0
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
        strength: what the match or the likeness makes sure, 0..1, of a printed name.
    """

    distance: names.Distance
    matched: bool
    near: bool
    fragment: bool
    strength: float


def _rate(read: str, key: str, distance: names.Distance, rival: float) -> NameMatch:
    matched = distance.is_slip(len(key))
    fragment = not matched and len(read) >= MIN_FRAGMENT and names.fold(read) in names.fold(key)
    similarity = 1.0 - min(1.0, distance.cost / max(len(read), len(key)))
    near = not matched and (
        fragment or similarity >= NEAR_SIMILARITY or names.fold(key) in names.fold(read)
    )
    if matched:
        strength = STRENGTH["lab_name"] * (1.0 if distance.cost == 0 else SLIP_SHARE)
        if rival - distance.cost < CLEAR_MARGIN:
            strength *= AMBIGUOUS_SHARE
    else:
        strength = NEAR_STRENGTH * similarity if near else 0.0
    return NameMatch(distance, matched, near, fragment, strength)


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
    costs = sorted((distance.cost, lab_id) for lab_id, (distance, _) in nearest.items())
    ratings: dict[str, NameMatch] = {}
    for lab_id, (distance, key) in nearest.items():
        rival = next((cost for cost, other in costs if other != lab_id), math.inf)
        ratings[lab_id] = _rate(read, key, distance, rival)
    return ratings


@dc.dataclass(slots=True)
class Tally:
    """What the evidence says of one laboratory.

    Attributes:
        matched: strength of each piece of evidence that is its own.
        near: strength of what nearly agrees.
        conflicts: share that each piece of contrary evidence takes away.
    """

    matched: dict[str, float] = dc.field(default_factory=dict)
    near: dict[str, float] = dc.field(default_factory=dict)
    conflicts: dict[str, float] = dc.field(default_factory=dict)

    def confidence(self) -> float:
        """That the paper means this laboratory, 0..1."""
        # What is both near and contrary counts for the laboratory only if nothing else does.
        helping = {
            name: strength
            for name, strength in self.near.items()
            if name not in self.matched and (name not in self.conflicts or not self.matched)
        }
        doubt = math.prod(1.0 - each for each in (*self.matched.values(), *helping.values()))
        kept = math.prod(1.0 - share for share in self.conflicts.values())
        return round((1.0 - doubt) * kept, 4)


def tally_holders(tallies: Mapping[str, Tally], evidence: str, holders: set[str]) -> None:
    """Notes who holds a number or domain; the others have it against them.

    A number or domain that nobody in the registry holds says nothing here: it may be
    misread, and whether it may be used is a rule's question.
    """
    for lab_id, tally in tallies.items():
        if lab_id in holders:
            strength = STRENGTH[evidence]
            tally.matched[evidence] = strength / len(holders)
        elif holders:
            tally.conflicts[evidence] = PENALTY[evidence]


def tally_lab_name(tallies: Mapping[str, Tally], ratings: Mapping[str, NameMatch]) -> None:
    """Notes the printed name.

    It names one body, registered or not. So for every laboratory that it does not name it
    is a conflict, unless what was read is only a piece of that laboratory's name.
    """
    owned = any(rating.matched for rating in ratings.values())
    for lab_id, tally in tallies.items():
        rating = ratings.get(lab_id)
        if rating and rating.matched:
            tally.matched["lab_name"] = rating.strength
            continue
        if rating and rating.near:
            tally.near["lab_name"] = rating.strength
        if not (rating and rating.fragment):
            misread = rating is not None and rating.near and not owned
            tally.conflicts["lab_name"] = NEAR_NAME_PENALTY if misread else PENALTY["lab_name"]


def tally_seals(tallies: Mapping[str, Tally], seals: Iterable[Mapping[str, NameMatch]]) -> None:
    """Notes the seals; free readings of a ring slip often, so only a clear match counts.

    A seal is a conflict where it is another registered laboratory's; one that nobody's name
    explains may be misread.
    """
    share = STRENGTH["seal"] / STRENGTH["lab_name"]
    for ratings in seals:
        owned = any(rating.matched for rating in ratings.values())
        for lab_id, tally in tallies.items():
            rating = ratings.get(lab_id)
            if rating and rating.matched:
                strength = max(tally.matched.get("seal", 0.0), rating.strength * share)
                tally.matched["seal"] = strength
            elif owned:
                tally.conflicts["seal"] = PENALTY["seal"]
            elif rating and rating.near:
                tally.near["seal"] = max(tally.near.get("seal", 0.0), rating.strength * share)
