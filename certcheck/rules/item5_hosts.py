"""Item 5: the QR code leads elsewhere than to the laboratory that the paper names.

A forged certificate often copies a real one and leads to a look-alike site (facts 3.5, 1 and
2: `pukgac.com` for `pkugac.com`). Plain http and odd ports are no sign: genuine servers of
laboratories have them. Whoever is told is given the registered address to type, never the one
in the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from certcheck.case import Case
from certcheck.finding import Evidence, Finding
from certcheck.lookalike import (
    NO_CHANCE,
    Kind,
    Likeness,
    hosts,
    is_own,
    is_shortener,
    likeness,
    listed,
)
from certcheck.rules.framework import advise, agree, rule, suspect
from certcheck.rules.signs import LAW
from certcheck.rules.since import REGISTRY
from ocr.reading import Code
from registry.domains import host, is_address, registrable

# What tells the laboratory well enough to hold a foreign host against the paper.
STRONG_MATCH = frozenset({"cma_no", "cnas_no", "lab_name"})

# A bare domain in a code, with no scheme: at least one dot, and letters behind the last.
BARE_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[:/?]\S*)?", re.IGNORECASE)
_SCHEMES = ("http://", "https://")


def addresses(case: Case) -> list[tuple[Code, str]]:
    """Decoded codes that hold a web address, with its host."""
    found = []
    for code in case.reading.codes:
        text = (code.text or "").strip()
        if text.lower().startswith(_SCHEMES) or BARE_HOST.fullmatch(text):
            name = host(text)
            if name:
                found.append((code, name))
    return found


def code_evidence(code: Code, *, read: str, expected: str, source: str) -> Evidence:
    """A code as evidence."""
    return Evidence("code", read, expected, code.box, source)


@rule(
    "item5.qr_host_foreign",
    law=LAW,
    since=REGISTRY,
    applies=lambda case: bool(addresses(case)),
    messages=(
        "", *(f".lookalike.{kind}" for kind in Kind), ".like_other", ".other_lab", ".imitates",
        ".address", ".shortener", ".own", ".none_on_file", ".elsewhere", ".lab_unsure",
        ".beside_own",
    ),
)  # fmt: skip
def qr_host_foreign(case: Case) -> Iterator[Finding]:
    """The QR code leads to a host that is not among the laboratory's own query sites.

    How it differs is told: characters that look alike (also of other scripts), letters
    swapped, wrong or added, words added, another suffix, the laboratory's name inside
    another's; a host of another laboratory, or like one; an IP address; a shortener. Message
    services and registers of the state are told as advice: honest laboratories use them. So is a
    laboratory with no site on file, and a foreign host beside a code that leads to the
    laboratory's own: a dealer's sticker. Where the laboratory is not known, or has no site on
    file, only what nobody has by chance is held against the paper: the domain of a registered
    laboratory within another's, or written with characters that look alike.
    """
    found = addresses(case)
    own = [row.domain for row in case.lab.domains] if case.lab else []
    beside_own = any(is_own(name, own) for _, name in found)
    for code, name in found:
        if not own:
            yield from _unregistered(case, code, name)
        else:
            yield _compared(case, code, name, own, beside_own=beside_own)


def _unregistered(case: Case, code: Code, name: str) -> Iterator[Finding]:
    """A host where no site of the laboratory is on file, or nobody knows which it is."""
    like = likeness(name, (), case.sites)
    if like is not None and like.kind in NO_CHANCE:
        evidence = code_evidence(code, read=name, expected=like.domain, source="domains")
        yield suspect(
            evidence, message=".imitates", host=name, domains=like.domain,
            lab=case.sites[like.domain],
        )  # fmt: skip
    elif case.lab is not None:
        evidence = code_evidence(code, read=name, expected="", source="")
        yield advise(evidence, message=".none_on_file", host=name, lab=case.lab.name)


def _compared(case: Case, code: Code, name: str, own: list[str], *, beside_own: bool) -> Finding:
    """A host held against the laboratory's own."""
    lab = case.lab
    assert lab is not None and case.match is not None
    expected = ", ".join(own)
    evidence = code_evidence(code, read=name, expected=expected, source=lab.domains[0].source)
    params = {"host": name, "domains": expected, "lab": lab.name}
    if is_own(name, own):
        return agree(evidence, message=".own", **params)
    if listed(name, hosts()["neutral"]):
        return advise(evidence, message=".elsewhere", **params)
    if not STRONG_MATCH & set(case.match.matched_by):
        return advise(evidence, message=".lab_unsure", **params)
    if beside_own:
        return advise(evidence, message=".beside_own", **params)
    if is_address(name):
        return suspect(evidence, message=".address", **params)
    if is_shortener(name):
        return suspect(evidence, message=".shortener", **params)
    other = case.sites.get(registrable(name) or name)
    if other is not None:
        return suspect(evidence, message=".other_lab", **params, other=other)
    like = likeness(name, own, case.sites)
    return suspect(evidence, message=_likeness(like, own), **params | _told(case, like))


def _likeness(like: Likeness | None, own: list[str]) -> str:
    """The message of what a host is like."""
    if like is None:
        return ""
    return f".lookalike.{like.kind}" if like.domain in own else ".like_other"


def _told(case: Case, like: Likeness | None) -> dict[str, str]:
    if like is None:
        return {}
    return {"domain": like.domain, "other": case.sites.get(like.domain, "")}
