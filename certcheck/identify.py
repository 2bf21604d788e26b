"""Which laboratory the paper claims to come from.

The printed name is the claim: where it is a registered name, that laboratory is meant,
whatever number stands beside it, unless number and seal both are of one other. Without a
name that can be told, the number's holder is meant, then the seal's. Two names that differ
by a character are settled by the ink, not by comparing strings. Where nothing settles it,
nobody is meant, and everything is unverifiable.
"""

from __future__ import annotations

import dataclasses as dc
import functools
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from certcheck.confirm import plain
from ocr import cores
from ocr.errors import OcrError
from ocr.reading import Field, Reading
from ocr.witness import Answer, Support, Witness
from registry.lookup import Candidate, LabEvidence, Registry

log = logging.getLogger(__name__)

# Laboratories asked about: the candidates, and those whose names are most like the print.
CANDIDATES = 8
SIMILAR = 8

# A laboratory that neither name, number nor seal tells must at least be this likely …
LIKELY = 0.6
# … and by this much likelier than the next.
AHEAD = 0.2

# What an answer of the ink adds to a match, as an independent witness of this strength.
INK = 0.9

_ORDER = ("cma_no", "cnas_no", "lab_name", "seal", "domain", "address")


def evidence_of(reading: Reading) -> LabEvidence:
    """What of a reading may tell the laboratory."""

    def text(key: str) -> str | None:
        field = reading.fields.get(key)
        if field is None and key == "lab_name":
            # A soft name still tells which names the ink is to be asked about.
            field = reading.doubted.get(key)
        return field.text if field else None

    addresses = [code.text for code in reading.codes if code.text] + [text("website")]
    hosts = [_host(one) for one in addresses if one]
    return LabEvidence(
        cma_no=text("cma_no"),
        cnas_no=text("cnas_no"),
        lab_name=text("lab_name"),
        seal_names=tuple(seal.name for seal in reading.seals if seal.name),
        hosts=tuple(dict.fromkeys(host for host in hosts if host)),
        address=text("address"),
        phone=text("phone"),
    )


def _host(text: str) -> str:
    """The host of a web address; "" for what is none (a bare number, a JSON blob)."""
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    return host if "." in host else ""


def identify(reading: Reading, witness: Witness, registry: Registry) -> Candidate | None:
    """The laboratory the paper claims to be of, with the evidence; None where unclear.

    Args:
        reading: what the photo says.
        witness: the photo, asked which of several near names the print and the seals show.
        registry: the laboratories.
    """
    evidence = evidence_of(reading)
    candidates = registry.candidates(evidence, CANDIDATES)
    spelt = {one.record.lab_id: one.record.spellings for one in candidates}
    for read in filter(None, [evidence.lab_name, *evidence.seal_names]):
        for named_so in registry.similar_names(read, SIMILAR):
            spelt.setdefault(named_so.lab_id, named_so.spellings)
    if not spelt:
        return None
    names = _spellings(spelt)
    by_id = {one.record.lab_id: one for one in candidates}
    print_ = reading.fields.get("lab_name") or reading.doubted.get("lab_name")
    # The print asks the network, the seals the strips that were kept of them.
    asked_named = cores.beside(functools.partial(_named, print_, witness, names))
    sealed = _sealed(reading, witness, names)
    named = asked_named()
    lab_id = _settle(candidates, named, sealed, read_name=evidence.lab_name)
    if lab_id is None:
        return None
    record = None if lab_id in by_id else registry.lab(lab_id)
    base = Candidate(record, (), 0.0) if record else by_id[lab_id]
    seen = [key for key, told in (("lab_name", named), ("seal", sealed)) if told == lab_id]
    return _with_ink(base, seen)


def _settle(
    candidates: Sequence[Candidate],
    named: str | None,
    sealed: str | None,
    *,
    read_name: str | None,
) -> str | None:
    """Name before number before seal; else the one that is likely and clearly ahead."""
    numbered = [one.record.lab_id for one in candidates if "cma_no" in one.matched_by]
    if numbered == [sealed]:
        return sealed
    if named is not None:
        return named
    if len(numbered) == 1:
        return numbered[0]
    accredited = [one.record.lab_id for one in candidates if "cnas_no" in one.matched_by]
    if len(accredited) == 1:
        return accredited[0]
    if sealed is not None and not _contradicted(candidates, sealed, read_name):
        return sealed
    if not candidates or candidates[0].confidence < LIKELY:
        return None
    second = candidates[1].confidence if len(candidates) > 1 else 0.0
    first = candidates[0]
    clear = first.confidence - second >= AHEAD and not first.conflicts and not first.near
    return first.record.lab_id if clear else None


def _contradicted(candidates: Sequence[Candidate], lab_id: str, read_name: str | None) -> bool:
    """Whether a printed name was read that is not even near the laboratory's."""
    if not read_name:
        return False
    mine = next((one for one in candidates if one.record.lab_id == lab_id), None)
    return mine is None or ("lab_name" in mine.conflicts and "lab_name" not in mine.near)


def _spellings(spelt: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Every name a laboratory goes by, to its id; names that two share are left out."""
    found: dict[str, set[str]] = {}
    for lab_id, own in spelt.items():
        for name in own:
            found.setdefault(name, set()).add(lab_id)
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


def _named(field: Field | None, witness: Witness, names: Mapping[str, str]) -> str | None:
    """The laboratory whose name the print shows: by the ink, else to the letter."""
    if field is None:
        return None
    supports = _ask(functools.partial(witness.ask_field, "lab_name"), names)
    told = _best(supports, names)
    if told is not None:
        return told
    exact = {names[name] for name in names if plain(name) == plain(field.text)}
    refused = {one.text for one in supports if one.answer is Answer.DIFFERS}
    exact -= {names[name] for name in refused if plain(name) == plain(field.text)}
    return exact.pop() if len(exact) == 1 else None


def _sealed(reading: Reading, witness: Witness, names: Mapping[str, str]) -> str | None:
    """The one laboratory that the seals speak for; None where they disagree."""
    told = set()
    for index, seal in enumerate(reading.seals):
        supports = _ask(functools.partial(witness.ask_seal, index), names)
        exact = {names[name] for name in names if plain(name) == plain(seal.name)}
        one = _best(supports, names) or (exact.pop() if len(exact) == 1 else None)
        if one is not None:
            told.add(one)
    return told.pop() if len(told) == 1 else None


def _ask(
    question: Callable[[Sequence[str]], list[Support]], names: Mapping[str, str]
) -> list[Support]:
    try:
        return question(list(names))
    except OcrError:
        log.warning("the witness could not be asked about names", exc_info=True)
        return []


def _best(supports: Sequence[Support], names: Mapping[str, str]) -> str | None:
    """The laboratory of the name that explains the ink best; None where two do as well."""
    agreed = [one for one in supports if one.answer is Answer.AGREES]
    if not agreed:
        return None
    top = max(one.score for one in agreed)
    labs = {names[one.text] for one in agreed if one.score == top}
    return labs.pop() if len(labs) == 1 else None


def _with_ink(candidate: Candidate, seen: Sequence[str]) -> Candidate:
    """The candidate with what the ink added to what the strings told."""
    added = [key for key in seen if key not in candidate.matched_by]
    confidence = candidate.confidence
    for _ in added:
        confidence = 1 - (1 - confidence) * (1 - INK)
    matched = {*candidate.matched_by, *seen}
    return dc.replace(
        candidate,
        matched_by=tuple(key for key in _ORDER if key in matched),
        confidence=confidence,
        conflicts=tuple(key for key in candidate.conflicts if key not in seen),
        near=tuple(key for key in candidate.near if key not in seen),
    )
