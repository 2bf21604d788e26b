"""Look-alike hosts, made; how many are caught, and whether any registered host is taken for one.

    python -m tests.benchmarks.hosts --made 2000 --registered 5000

What is made here knows nothing of the tables that the check uses: which characters are exchanged
is written down once more.
"""

from __future__ import annotations

import argparse
import dataclasses as dc
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from certcheck.finding import Status
from certcheck.lookalike import likeness
from registry.domains import host
from registry.models import Domain, Lab
from registry.records import LabRecord
from samples import PHOTOS
from tests.certcheck.scene import case, found

RULE = "item5.qr_host_foreign"
# Facts 3.4 and 3.5: hosts of real laboratories as they were seen.
REAL = ("ngtc.com.cn", "gtc-china.cn", "pkugac.com", "zpsx.cn", "zbtesting.cn")
_SYLLABLES = (
    "bao yu shi zhu jian ce yan zhong xin guo jia nan yang he zhen ping hua rui xiang jin hai"
    " shan qing de cheng tong tai an zheng yuan feng li long chang rong fu hong wei tian di jiang"
)
SYLLABLES = _SYLLABLES.split(" ")
ABBREVIATIONS = ("gtc", "gac", "gic", "ngdtc", "jdc", "zjc", "zbjc", "gemlab", "gem", "jade", "lab")
SUFFIXES = ("com.cn", "cn", "com", "org.cn", "net", "net.cn", "org", "ha.cn", "top")
SUBDOMAINS = ("www", "cx", "m", "query", "zs.cx", "verify", "a-b", "2010", "jpg", "xn--fiq228c")
# What forgers exchange: digits for letters, letters beside each other on the keyboard or alike.
_DIGITS = {"o": "0", "l": "1", "i": "1", "s": "5", "e": "3", "a": "4", "b": "8", "g": "9", "z": "2"}
_LETTERS = {"i": "l", "l": "i", "m": "rn", "n": "m", "u": "v", "v": "u", "g": "q", "q": "g",
            "w": "vv", "d": "cl", "a": "s", "e": "r", "o": "p", "c": "e", "h": "n"}  # fmt: skip
_SCRIPTS = {"a": "аàɑ", "c": "сç", "e": "еéė", "i": "іíı", "o": "оοö", "p": "рρ", "x": "хχ",
            "y": "уý", "s": "ѕš", "n": "ñո", "u": "üυ", "h": "һ", "j": "ј", "g": "ɡ", "d": "ԁ",
            "l": "ӏł"}  # fmt: skip
_WORDS = ("cx", "zs", "query", "chaxun", "zhengshu", "cert", "online", "gov", "cn", "check", "jc")
_SHORTENERS = ("t.cn", "url.cn", "dwz.cn", "bit.ly", "suo.im", "tinyurl.com")

Make = Callable[[str, random.Random], str]


@dc.dataclass(frozen=True, slots=True)
class LookAlike:
    """One that was made.

    Attributes:
        kind: how.
        domain: of whom.
        url: what the QR code holds.
    """

    kind: str
    domain: str
    url: str


@dc.dataclass(frozen=True, slots=True)
class Result:
    """What came of a run.

    Attributes:
        made: look-alikes by kind.
        missed: those that were not held against the paper.
        named: those that were, and said to resemble the laboratory's own domain.
        registered: hosts of laboratories that were looked at.
        false: those that were held against the paper, or said to resemble another's.
    """

    made: Counter[str]
    missed: list[LookAlike]
    named: int
    registered: int
    false: list[str]

    @property
    def caught(self) -> float:
        """The share of look-alikes that were held against the paper."""
        return 1 - len(self.missed) / self.made.total()


def registered(count: int, seed: int = 1) -> dict[str, str]:
    """Domains with their laboratories: the demo registry's, real ones, and so many made."""
    rng = random.Random(seed)
    rows = (PHOTOS.parent / "registry" / "domains.csv").read_text("utf-8").splitlines()[1:]
    found = {row.split(",")[1]: f"示例{row.split(',')[0]}" for row in rows}
    found |= dict.fromkeys(REAL, "示例真")
    while len(found) < count:
        name = "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4)))
        if rng.random() < 0.4:
            joint = rng.choice(("", "-"))
            name = name[: rng.randint(2, 6)] + joint + rng.choice(ABBREVIATIONS)
        found.setdefault(f"{name}.{rng.choice(SUFFIXES)}", f"示例{len(found)}")
    return found


def made(domains: Sequence[str], count: int, seed: int = 2) -> Iterator[LookAlike]:
    """Look-alikes of domains, of every kind in turn; none is a domain itself."""
    rng, held, kinds = random.Random(seed), set(domains), list(KINDS.items())
    at = 0
    while at < count:
        kind, make = kinds[at % len(kinds)]
        domain = rng.choice(domains)
        forged = make(domain, rng)
        if not forged or forged in held:
            continue
        sub = rng.choice(("", "www.", "cx.")) if kind not in _WHOLE else ""
        scheme, port = rng.choice(("http", "https")), rng.choice(("", "", ":8080"))
        yield LookAlike(kind, domain, f"{scheme}://{sub}{forged}{port}/q?no=PZ23032100202")
        at += 1


def measure(sites: Mapping[str, str], count: int) -> Result:
    """Judges papers of the registered laboratories whose codes lead to look-alikes, or home."""
    missed, named, kinds = [], 0, Counter[str]()
    for one in made(list(sites), count):
        kinds[one.kind] += 1
        told = judged(one.url, one.domain, sites)
        if told != [Status.SUSPECTED]:
            missed.append(one)
        like = likeness(host(one.url) or "", [one.domain], sites)
        named += like is not None and like.domain == one.domain
    false = [
        f"{sub}{domain}"
        for domain in sites
        for sub in ("", *(f"{label}." for label in SUBDOMAINS))
        if likeness(f"{sub}{domain}", (), sites) is not None
        or judged(f"http://{sub}{domain}:8080/c?n=1", domain, sites) != [Status.CONSISTENT]
    ]
    return Result(kinds, missed, named, len(sites) * (len(SUBDOMAINS) + 1), false)


def judged(url: str, domain: str, sites: Mapping[str, str]) -> list[Status]:
    """What the rule says of a paper of a domain's laboratory with a code."""
    lab = LabRecord(
        lab=Lab(lab_id="lab", name=sites[domain]), domains=(Domain(lab_id="lab", domain=domain),)
    )
    return [one.status for one in found(RULE, case(codes=[url], lab=lab, sites=sites))]


def _transposed(domain: str, rng: random.Random) -> str:
    name, _, suffix = domain.partition(".")
    at = rng.randrange(len(name) - 1)
    if name[at] == name[at + 1] or "-" in (name[at], name[at + 1]):
        return ""
    return f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}.{suffix}"


def _replaced(table: Mapping[str, str]) -> Make:
    def make(domain: str, rng: random.Random) -> str:
        name, _, suffix = domain.partition(".")
        places = [at for at, char in enumerate(name) if char in table]
        if not places:
            return ""
        at = rng.choice(places)
        return f"{name[:at]}{table[name[at]]}{name[at + 1 :]}.{suffix}"

    return make


def _script(domain: str, rng: random.Random) -> str:
    name, _, suffix = domain.partition(".")
    places = [at for at, char in enumerate(name) if char in _SCRIPTS]
    for at in rng.sample(places, min(len(places), rng.randint(1, 3))):
        name = name[:at] + rng.choice(_SCRIPTS[name[at]]) + name[at + 1 :]
    return "" if name.isascii() else f"{name}.{suffix}"


def _letter_more_or_less(domain: str, rng: random.Random) -> str:
    name, _, suffix = domain.partition(".")
    at = rng.randrange(1, len(name))
    changed = rng.choice((name[:at] + name[at - 1 :], name[:at] + name[at + 1 :]))
    return f"{changed.strip('-')}.{suffix}" if len(changed) > 2 else ""


def _word(domain: str, rng: random.Random) -> str:
    name, _, suffix = domain.partition(".")
    word, joint = rng.choice(_WORDS), rng.choice(("-", ""))
    return rng.choice((f"{name}{joint}{word}", f"{word}{joint}{name}")) + f".{suffix}"


def _suffix(domain: str, rng: random.Random) -> str:
    name = domain.partition(".")[0]
    return f"{name}.{rng.choice(('top', 'vip', 'com', 'cn', 'net.cn', 'xyz', 'cc', 'cloud'))}"


def _inside(domain: str, rng: random.Random) -> str:
    other = f"{rng.choice(('zs', 'cx', 'safe'))}-{rng.choice(SYLLABLES)}.{rng.choice(SUFFIXES)}"
    held = rng.choice((domain, domain.replace(".", "-")))
    return f"{held}{'.' if held == domain else rng.choice(('.', '-'))}{other}"


def _address(_domain: str, rng: random.Random) -> str:
    number = rng.randrange(1 << 24, 224 << 24)
    dotted = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
    return rng.choice((dotted, str(number), hex(number), f"[2400:3200::{number >> 16:x}]"))


def _shortener(_domain: str, rng: random.Random) -> str:
    return rng.choice(_SHORTENERS)


KINDS: dict[str, Make] = {
    "letters swapped": _transposed,
    "digit for a letter": _replaced(_DIGITS),
    "letter for a letter": _replaced(_LETTERS),
    "letter more or less": _letter_more_or_less,
    "other script": _script,
    "word added": _word,
    "other suffix": _suffix,
    "inside another": _inside,
    "IP address": _address,
    "shortener": _shortener,
}
_WHOLE = frozenset({"IP address", "shortener", "inside another"})
# What resembles nothing, and is caught as what it is.
UNLIKE = frozenset({"IP address", "shortener"})


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--made", type=int, default=2000)
    parser.add_argument("--registered", type=int, default=5000)
    asked = parser.parse_args()
    result = measure(registered(asked.registered), asked.made)
    total = result.made.total()
    print(f"look-alikes caught {result.caught:.4f} of {total}: {dict(result.made)}")
    alike = sum(count for kind, count in result.made.items() if kind not in UNLIKE)
    print(f"said to resemble the right domain {result.named / alike:.4f} of {alike}")
    print(f"registered hosts and subdomains {result.registered}, false {len(result.false)}")
    for one in (*result.missed[:20], *result.false[:20]):
        print(one)


if __name__ == "__main__":
    main()
