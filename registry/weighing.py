"""All evidence of a paper, weighed for every laboratory that any of it may mean."""

from __future__ import annotations

import dataclasses as dc
import heapq
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select
from sqlmodel import col

from registry import addresses, domains, likelihood, matching, names, search
from registry.index import NAME_KINDS, SEAL_KINDS
from registry.likelihood import Heard, Told
from registry.matching import NameMatch, Tally
from registry.models import Domain
from registry.records import Candidate, LabEvidence, LabRecord, Reason

# Evidence to the kinds of key that it is compared with.
KINDS: Mapping[str, Sequence[str]] = {
    "cma_no": ("number",),
    "cnas_no": ("number",),
    "lab_name": NAME_KINDS,
    "seal": SEAL_KINDS,
    "address": ("site",),
    "phone": ("phone",),
}
# A laboratory that nothing names to the letter is told from this confidence on.
LIKELY = 0.0005
# Laboratories that share pieces with what was read and are looked at roughly. With a fifth
# misread, 4 of 1100 papers' own were behind the 32nd place and none of these behind the 105th.
WIDE = 128
# A number with up to a quarter of its digits different is near.
NEAR_NUMBER = 4


@dc.dataclass(slots=True)
class Weighed:
    """One laboratory with all that speaks for and against it."""

    lab_id: str
    tally: Tally
    heard: list[Heard]
    confidence: float = 0.0
    share: float = 0.0

    @property
    def told(self) -> bool:
        """Whether anything names it, or it is likely all the same."""
        return bool(self.tally.matched or self.tally.near) or self.confidence >= LIKELY

    def candidate(self, record: LabRecord) -> Candidate:
        """The answer for a caller."""

        def order(pieces: Iterable[str]) -> tuple[str, ...]:
            return tuple(name for name in matching.EVIDENCE if name in pieces)

        heard = [one for one in self.heard if one.registered]
        return Candidate(
            record=record,
            matched_by=order(self.tally.matched),
            confidence=self.confidence,
            share=self.share,
            conflicts=order(self.tally.conflicts),
            near=order(self.tally.near - self.tally.matched),
            reasons=tuple(
                Reason(one.evidence, one.read, one.registered, likelihood.bits(one))
                for one in sorted(heard, key=lambda one: matching.EVIDENCE.index(one.evidence))
            ),
        )


@dc.dataclass(frozen=True, slots=True)
class Keys:
    """What was read, as keys; empty where nothing or too little was."""

    read: tuple[tuple[str, str], ...]
    hosts: tuple[str, ...]
    address: str

    @classmethod
    def of(cls, evidence: LabEvidence) -> Keys:
        """The keys of the evidence."""
        read = [
            ("cma_no", names.number_key(evidence.cma_no or "")),
            ("cnas_no", names.number_key(evidence.cnas_no or "")),
            ("lab_name", names.name_key(evidence.lab_name or "")),
            *(("seal", names.name_key(seal)) for seal in evidence.seal_names),
            ("address", addresses.normalise(evidence.address or "")),
            ("phone", names.phone_key(evidence.phone or "")),
        ]
        known = [(kind, key) for kind, key in read if len(key) >= matching.MIN_FRAGMENT]
        hosts = (domains.registrable(host) for host in evidence.hosts)
        unique = tuple(dict.fromkeys(host for host in hosts if host))
        return cls(tuple(known), unique, evidence.address or "")

    def searched(self) -> list[tuple[str, str]]:
        """(kind, key) as the index has them."""
        kinds = {"cma_no": "number", "cnas_no": "number", "lab_name": "name", "seal": "seal"}
        found = [(kinds.get(kind, kind), key) for kind, key in self.read]
        place = addresses.place_key(self.address)
        return [
            (kind, (place or key.rstrip("号")) if kind == "address" else key) for kind, key in found
        ]

    def each(self, *kinds: str) -> list[str]:
        """The keys of some kinds of evidence."""
        return [key for kind, key in self.read if kind in kinds]


def weigh(connection: Connection, evidence: LabEvidence) -> list[Weighed]:
    """Every laboratory that the evidence may mean, the likeliest first."""
    keys = Keys.of(evidence)
    searched = keys.searched()
    sites = _holders_of_domains(connection, keys.hosts)
    equal = search.equal(connection, searched).union(*sites)
    pool = equal.union(search.shortlist(connection, searched, WIDE))
    known = _likeliest(keys, search.spellings(connection, pool), equal)
    doors = _at_the_door(connection, evidence.address or "", known)
    weighed = {
        lab_id: Weighed(lab_id, Tally(), _hear(keys, own)) for lab_id, own in sorted(known.items())
    }
    _tally(keys, weighed, known, set().union(*sites), doors)
    told = {lab_id: Told(one.heard, _ratios(lab_id, sites)) for lab_id, one in weighed.items()}
    for lab_id, sure in likelihood.weigh(told).items():
        weighed[lab_id].confidence, weighed[lab_id].share = sure.confidence, sure.share
    _near_numbers(weighed)
    return sorted(weighed.values(), key=lambda one: (-one.share, one.lab_id))


def _likeliest(keys: Keys, known: search.Spellings, equal: set[str]) -> search.Spellings:
    """The laboratories worth weighing: those that something names, and the nearest."""
    others = sorted(known.keys() - equal)
    scores = dict.fromkeys(others, 0.0)
    for evidence, read in keys.read:
        kinds = KINDS[evidence]
        spelt = [(one, key) for one in others for kind, key in known[one] if kind in kinds]
        told = likelihood.rough(evidence, names.fold(read), names.folded([key for _, key in spelt]))
        most: dict[str, float] = {}
        for (lab_id, _), each in zip(spelt, told, strict=True):
            most[lab_id] = max(each, most.get(lab_id, 0.0))
        for lab_id, each in most.items():
            scores[lab_id] += each
    best = heapq.nlargest(search.SHORTLIST, others, key=scores.__getitem__)
    return {lab_id: known[lab_id] for lab_id in (*equal, *best) if lab_id in known}


def _hear(keys: Keys, own: Sequence[tuple[str, str]]) -> list[Heard]:
    heard = []
    for evidence, read in keys.read:
        registered = dict.fromkeys(key for kind, key in own if kind in KINDS[evidence])
        if evidence in ("cma_no", "cnas_no"):
            # A CMA number has no letter before it, a CNAS number has one.
            registered = {
                key: None for key in registered if key[:1].isalpha() == (evidence == "cnas_no")
            }
        heard.append(likelihood.hear(evidence, read, registered))
    return heard


def _ratios(lab_id: str, sites: Sequence[set[str]]) -> dict[str, float]:
    held = [site for site in sites if site]
    own = [site for site in held if lab_id in site]
    if own:
        return {"domain": likelihood.shared("domain", min(len(site) for site in own))}
    return {"domain": likelihood.OTHER["domain"]} if held else {}


def _tally(
    keys: Keys,
    weighed: Mapping[str, Weighed],
    known: search.Spellings,
    sites: set[str],
    doors: set[str],
) -> None:
    """Notes what is a laboratory's own to the letter or but for slips, and what contradicts."""
    tallies = {lab_id: one.tally for lab_id, one in weighed.items()}
    for evidence in ("cma_no", "cnas_no"):
        for number in keys.each(evidence):
            holders = {lab_id for lab_id, own in known.items() if ("number", number) in own}
            matching.tally_holders(tallies, evidence, holders)
    matching.tally_holders(tallies, "domain", sites)
    for phone in keys.each("phone"):
        # A telephone is one of many, and changes: another one is no contradiction.
        for lab_id, own in known.items():
            if ("phone", phone) in own:
                tallies[lab_id].matched.add("phone")
    for name in keys.each("lab_name"):
        matching.tally_lab_name(tallies, _ratings(name, known, NAME_KINDS))
    seals = [_ratings(seal, known, SEAL_KINDS) for seal in keys.each("seal")]
    matching.tally_seals(tallies, seals)
    # Others at the same door are no reason against a laboratory that is elsewhere too.
    for lab_id in doors:
        tallies[lab_id].matched.add("address")


def _ratings(name: str, known: search.Spellings, kinds: Sequence[str]) -> dict[str, NameMatch]:
    spelt = [(lab_id, key) for lab_id, own in known.items() for kind, key in own if kind in kinds]
    return matching.match_name(name, dict.fromkeys(spelt))


def _near_numbers(weighed: Mapping[str, Weighed]) -> None:
    """A number that nobody holds to the letter, and that is nearly that of a likely one."""
    for one in weighed.values():
        for heard in one.heard:
            near = heard.registered and 0 < heard.wrong <= len(heard.read) // NEAR_NUMBER
            settled = one.tally.matched | one.tally.conflicts
            if heard.evidence == "cma_no" and near and "cma_no" not in settled and one.told:
                one.tally.near.add("cma_no")


def _holders_of_domains(connection: Connection, hosts: Sequence[str]) -> list[set[str]]:
    return [
        set(connection.scalars(select(col(Domain.lab_id)).where(col(Domain.domain) == host)))
        for host in hosts
    ]


def _at_the_door(connection: Connection, address: str, known: search.Spellings) -> set[str]:
    """Laboratories with a licence or accreditation address that is the one read."""
    place = addresses.place_key(address)
    if not place:
        return set()
    read = addresses.parse(address)
    at_door = {lab_id for lab_id, own in known.items() if ("address", place) in own}
    return {
        lab_id
        for lab_id in at_door
        for kind, site in known[lab_id]
        if kind == "site" and addresses.compare(read, site).answer == "same"
    }
