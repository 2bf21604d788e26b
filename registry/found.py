"""Which laboratories some words may mean, laid out for `certcheck registry find`.

The lines carry signs, words of the contract and figures; sentences are the command line's.
"""

from __future__ import annotations

import dataclasses as dc
import itertools
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from registry import addresses, matching
from registry.address_parts import PARTS
from registry.records import Candidate, LabEvidence, Reason

# A laboratory is told from here on, where nothing speaks against it.
SURE = 0.9
# Whoever made the paper: from here on no other registered laboratory can be meant.
ALONE = 0.9
# What a lone word is taken for: digits and letters of a number, a host, a telephone.
_NUMBER = re.compile(r"(?:CNAS\s*)?[A-Z]?\d[\dA-Z]{3,11}", re.I)
_PHONE = re.compile(r"(?:0\d{2,3}[- ]?\d{7,8}|[48]00[- ]?\d{3,4}[- ]?\d{3,4})")
_HOST = re.compile(r"(?:https?://)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/:].*)?", re.I)


class Answer(StrEnum):
    """What is to be said of the words as a whole.

    Attributes:
        SURE: they mean one laboratory.
        SLIP: so they do if they were misread by a character; written so, they are not its own.
        ALIKE: they are most like one, but something of them is not its own.
        UNCLEAR: several may be meant, or too little is told.
        NONE: nobody.
    """

    SURE = "sure"
    SLIP = "slip"
    ALIKE = "alike"
    UNCLEAR = "unclear"
    NONE = "none"


@dc.dataclass(frozen=True, slots=True)
class Why:
    """What one piece of evidence says for a laboratory.

    Attributes:
        sign: `=` its own, `~` but for what may be a misreading, `?` alike, `!` of another body.
        evidence: one of `matching.EVIDENCE`.
        read: as given, normalised.
        registered: the laboratory's own.
        difference: what was put in place of what, `中心 > 站`; "" where they are equal.
        bits: see `registry.records.Reason`; None where it was not weighed.
    """

    sign: str
    evidence: str
    read: str = ""
    registered: str = ""
    difference: str = ""
    bits: float | None = None


def evidence_of(words: Sequence[str]) -> LabEvidence:
    """Words as evidence, by their form: number, telephone, host, address, else a name."""
    told: dict[str, str] = {}
    hosts: list[str] = []
    for word in (each.strip() for each in words):
        if _PHONE.fullmatch(word):
            told["phone"] = word
        elif _NUMBER.fullmatch(word):
            told["cnas_no" if word[:1].isalpha() else "cma_no"] = word
        elif _HOST.fullmatch(word):
            hosts.append(word)
        elif _is_address(word):
            told["address"] = word
        else:
            told["lab_name"] = word
    return with_texts(LabEvidence(hosts=tuple(hosts)), told)


def with_texts(evidence: LabEvidence, texts: Mapping[str, str | None]) -> LabEvidence:
    """Evidence with some of its texts; what is empty stays as it was."""
    return LabEvidence(
        cma_no=texts.get("cma_no") or evidence.cma_no,
        cnas_no=texts.get("cnas_no") or evidence.cnas_no,
        lab_name=texts.get("lab_name") or evidence.lab_name,
        seal_names=evidence.seal_names,
        hosts=evidence.hosts,
        address=texts.get("address") or evidence.address,
        phone=texts.get("phone") or evidence.phone,
    )


def _is_address(word: str) -> bool:
    parts = addresses.parse(word)
    return parts.number is not None or (parts.road is not None and parts.county is not None)


def answer(candidates: Sequence[Candidate]) -> Answer:
    """What candidates, the likeliest first, say together."""
    if not candidates:
        return Answer.NONE
    first = candidates[0]
    if first.confidence >= SURE and not first.conflicts:
        slips = any(one.sign == "~" for one in why(first))
        return Answer.SLIP if slips else Answer.SURE
    odd = first.conflicts or first.near
    return Answer.ALIKE if odd and first.share >= ALONE else Answer.UNCLEAR


def why(candidate: Candidate) -> list[Why]:
    """What the confidence in a laboratory is made of."""
    reasons = {one.evidence: one for one in candidate.reasons}
    found = []
    for evidence in matching.EVIDENCE:
        reason = reasons.get(evidence)
        known = evidence in (*candidate.matched_by, *candidate.near, *candidate.conflicts)
        if reason is None and not known:
            continue
        found.append(_why(candidate, evidence, reason))
    return found


def _why(candidate: Candidate, evidence: str, reason: Reason | None) -> Why:
    read, registered = (reason.read, reason.registered) if reason else ("", "")
    if evidence in candidate.matched_by:
        same = read == registered or evidence == "address"
        sign = "=" if same else "~"
    elif evidence in candidate.near:
        sign = "?"
    else:
        sign = "!"
    bits = reason.bits if reason else None
    return Why(sign, evidence, read, registered, _difference(read, registered), bits)


def _difference(read: str, registered: str) -> str:
    """What stands in the words for what is registered, piece by piece."""
    steps = Levenshtein.opcodes(registered, read)
    pieces = []
    for differs, some in itertools.groupby(steps, key=lambda one: one.tag != "equal"):
        if differs:
            run = list(some)
            old = registered[run[0].src_start : run[-1].src_end]
            pieces.append(f"{old} > {read[run[0].dest_start : run[-1].dest_end]}".strip())
    return "; ".join(pieces)


def address_lines(text: str) -> list[str]:
    """An address taken apart, a line: `province=河南省  city=南阳市 …`."""
    parts = addresses.parse(text)
    told = [f"{name}={getattr(parts, name)}" for name in PARTS if getattr(parts, name)]
    return ["  ".join([*told, *([f"rest={parts.rest}"] if parts.rest else [])])]


def lines(candidate: Candidate) -> list[str]:
    """Lines for a terminal: the laboratory and how sure, then why."""
    lab = candidate.record.lab
    found = [
        f"{lab.lab_id}  {lab.name}  confidence={candidate.confidence:.3f}  "
        f"share={candidate.share:.3f}"
    ]
    for one in why(candidate):
        bits = f"{one.bits:+.1f} bits" if one.bits is not None else ""
        texts = one.read if one.read == one.registered else f"{one.read} | {one.registered}"
        difference = f"[{one.difference}]" if one.difference else ""
        parts = (f"  {one.sign} {one.evidence:<8}", texts, difference, bits)
        found.append("  ".join(filter(None, parts)).rstrip())
    return found
