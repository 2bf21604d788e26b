"""Item 3: the printed address against licence and accreditation; branch sites count.

163号令 art 14: a change of address is registered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from certcheck.case import Case
from certcheck.confirm import Same, Weighed, Weight, weigh
from certcheck.finding import Finding
from certcheck.rules.common import accuse, day_text, has, lacks
from certcheck.rules.framework import agree, cannot, rule, seen
from certcheck.rules.item3_seal import NAME_LAW, held
from certcheck.rules.since import MEASURES_163, REGISTRY
from certcheck.unread import borne_out
from registry import addresses, sites


@rule(
    "item3.address_missing",
    law=NAME_LAW,
    since=MEASURES_163,
    applies=lacks("address"),
    messages=("", "item3.address.agrees"),
)
def address_missing(case: Case) -> Iterator[Finding]:
    """The printed address could not be stated, nor is a registered one borne out."""
    sources = _addresses(case)
    spellings = {short: text for text in sources for short in _shortened(text)}
    told = spellings.get(borne_out(case, "address", list(spellings)), "")
    if told:
        evidence = seen(case, "address", expected=told, source=sources[told])
        yield agree(evidence, message="item3.address.agrees", address=told)
    else:
        yield cannot(seen(case, "address"))


def _addresses(case: Case) -> dict[str, str]:
    """Addresses that licence and accreditations give, branch sites too, each with its row."""
    given = [(row.address, row.source) for row in held(case)]
    if case.lab is not None:
        given.append((case.lab.lab.licence_address, case.lab.lab.source))
    sources: dict[str, str] = {}
    for text, source in given:
        for site in sites.split(text) if text else ():
            sources.setdefault(site.address, source)
    return sources


@rule(
    "item3.address",
    law=NAME_LAW,
    since=MEASURES_163,
    told_from=REGISTRY,
    applies=has("address"),
    messages=("", ".agrees", ".undecided", ".no_rows", "rule.unclear", "rule.illegible"),
)
def address(case: Case) -> Iterator[Finding]:
    """The printed address against licence and accreditation, branch sites among them."""
    field = case.field("address")
    if field is None or case.lab is None:
        return
    lab = case.lab.lab
    sources = _addresses(case)
    known = list(sources)
    if not known:
        yield cannot(seen(case, "address"), message=".no_rows", lab=lab.name)
        return
    matches = {text: addresses.compare(field.text, text) for text in known}
    agreed = next((text for text, match in matches.items() if match.answer == "same"), "")
    weighed = Weighed(Weight.MISREAD, agreed) if agreed else _weigh_address(case, field.text, known)
    if weighed.weight is Weight.MISREAD:
        text = weighed.text
        evidence = seen(case, "address", expected=text, source=sources[text])
        yield agree(evidence, message=".agrees", address=text)
        return
    expected = "；".join(known)
    evidence = seen(case, "address", expected=expected, source=sources[known[0]])
    weight = weighed.weight
    open_ones = [text for text, match in matches.items() if match.answer == "cannot_tell"]
    if open_ones:
        weight = min(weight, Weight.DOUBTFUL)
    undecided = any(not _contradict(field.text, text) for text in open_ones)
    cut_off = any(_begins(field.text, text) for text in known)
    if undecided or cut_off or any(map(sites.is_several, known)) or _listed_once(case, field.text):
        yield cannot(evidence, message=".undecided", read=field.text, expected=expected)
    else:
        yield accuse(weight, evidence, read=field.text, expected=expected, day=day_text(case))


def _begins(read: str, registered: str) -> bool:
    """Whether what was read is the beginning of an address, its end not seen: 样河路4 of 45号."""
    return any(text.startswith(read.strip()) for text in _shortened(registered))


def _listed_once(case: Case, read: str) -> bool:
    """Whether an address is of a site that lists have no longer, and none says since when."""
    rows = case.lab.accreditations if case.lab else ()
    past = {row.address for row in rows if row.unlisted_since and row.address}
    return any(addresses.compare(read, one).answer == "same" for one in past)


def _weigh_address(case: Case, read: str, known: list[str]) -> Weighed:
    """Asks the ink for the registered addresses, also as papers shorten them."""
    spellings = {short: text for text in known for short in _shortened(text)}
    weighed = weigh(case, "address", list(spellings), same=_same_address(read, known))
    return Weighed(weighed.weight, spellings.get(weighed.text, ""))


def _shortened(text: str) -> list[str]:
    """An address whole, without its province, and without province and city."""
    found = [text]
    for division in ("省|自治区", "市|自治州|盟"):
        found.append(re.sub(rf"^[^省市区州盟]{{1,8}}?(?:{division})", "", found[-1]))
    return list(dict.fromkeys(found))


def _contradict(read: str, registered: str) -> bool:
    """Whether some part that both addresses have is not the same in both.

    Divisions that may be one place all the same (`AddressMatch.overlapping`) are no such part.
    """
    match = addresses.compare(read, registered)
    unclear = set(match.unclear) - set(match.overlapping)
    one, other = addresses.parse(read), addresses.parse(registered)
    return any(getattr(one, part, None) and getattr(other, part, None) for part in unclear)


def _same_address(read: str, known: list[str]) -> Same:
    """Two readings bear each other out when they agree, or differ from the registry alike."""

    def differing(text: str) -> list[set[str]]:
        return [set(addresses.compare(text, one).differing) for one in known]

    def same(again: str, other: str) -> bool:
        if addresses.compare(again, other).answer == "same":
            return True
        pairs = zip(differing(again), differing(other), strict=True)
        return other == read and all(one & two for one, two in pairs)

    return same
