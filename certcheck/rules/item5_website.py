"""Item 5: the printed web address resembles the laboratory's own and is another.

The address that a paper prints is held to the same likenesses as the one in its code
(`certcheck.lookalike`), with two differences. Print may be misread, by a letter as the
forger would change one: the ink is asked first, and what differs in characters that look
alike or in hyphens alone is held against nobody. And a laboratory may print more addresses
than are on file: its company's, its name under another suffix. Those are only told.
"""

from __future__ import annotations

from collections.abc import Iterator

from certcheck.case import Case
from certcheck.confirm import Weight, weigh
from certcheck.finding import Finding
from certcheck.lookalike import Kind, Likeness, hosts, is_own, likeness, listed
from certcheck.rules.framework import advise, rule, seen, suspect
from certcheck.rules.item5_hosts import STRONG_MATCH
from certcheck.rules.signs import LAW
from certcheck.rules.since import REGISTRY
from certcheck.seen.sighting import sure
from registry.domains import host, registrable

# What no laboratory has beside its own site by chance, as far as print can show it.
_TELLS = frozenset({Kind.TRANSPOSED, Kind.MISSPELT, Kind.INSIDE})


def _printed(case: Case) -> str:
    """The host of the printed address, surely read; "" for none."""
    field = case.field("website")
    return (host(field.text) or "") if field is not None and sure(field) else ""


@rule(
    "item5.website_foreign",
    law=LAW,
    since=REGISTRY,
    applies=lambda case: case.foreign is None and case.lab is not None and bool(_printed(case)),
    messages=("", ".lookalike", ".other_lab", ".imitates"),
)
def website_foreign(case: Case) -> Iterator[Finding]:
    """The printed web address is like the laboratory's query site, or is another laboratory's.

    Held against the paper, as a sign, only where two readings of the ink agree on it and the ink
    differs from the registered address: two letters changed places, a letter is another, or a
    registered domain stands within another's. Other addresses are told: a laboratory may have
    more than are on file. Whoever is told is given the registered address to type.
    """
    assert case.match is not None and case.lab is not None
    name = _printed(case)
    # Those of all days: a site that was given up is no look-alike of the next.
    own = [row.domain for row in case.match.record.domains]
    if is_own(name, own) or listed(name, hosts()["neutral"]):
        return
    if not STRONG_MATCH & set(case.match.matched_by):
        return
    like = likeness(name, own, case.sites)
    if like is not None and _unseen(name, like):
        return
    message, domains = _message(case, name, own, like)
    if not _borne_out(case, name, domains):
        return
    params = {"host": name, "domains": ", ".join(domains), "lab": case.lab.name}
    place = seen(case, "website", expected=params["domains"], source="domains")
    if message == ".imitates":
        yield suspect(place, message=message, **params | {"lab": case.sites[domains[0]]})
    elif message == ".other_lab":
        other = case.sites[registrable(name) or name]
        yield suspect(place, message=message, **params, other=other)
    elif message:
        yield suspect(place, message=message, **params)
    elif own:
        yield advise(place, **params)


def _message(case: Case, name: str, own: list[str], like: Likeness | None) -> tuple[str, list[str]]:
    """What is to be told of a host, "" for a hint, and the registered domains to name."""
    if (registrable(name) or name) in case.sites:
        return (".other_lab" if own else ""), own
    if like is not None and like.domain in own:
        return (".lookalike" if like.kind in _TELLS else ""), own
    if like is not None and like.kind is Kind.INSIDE:
        return ".imitates", [like.domain]
    return "", own


def _unseen(name: str, like: Likeness) -> bool:
    """Whether print cannot show the difference: characters that look alike, hyphens."""
    printed = (registrable(name) or name).replace("-", "")
    return like.kind is Kind.CONFUSABLE or printed == like.domain.replace("-", "")


def _borne_out(case: Case, name: str, domains: list[str]) -> bool:
    """Whether a second engine reads the same and the ink differs from the registered ones."""
    field, printed = case.field("website"), registrable(name)
    if field is None or printed is None:
        return False
    texts = [field.text.lower().replace(printed, domain) for domain in domains]
    return weigh(case, "website", texts).weight is Weight.CERTAIN
