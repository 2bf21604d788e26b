"""Hosts that are made to be taken for a laboratory's own (facts 3.5, 1).

A host is taken apart by the public suffix list: what somebody registered is compared with
what laboratories registered. The tables (characters that look alike, shorteners) are
`certcheck/data/hosts.toml`; what other scripts have for Latin letters is Unicode's own list of
confusable characters (UTS #39), as `confusable_homoglyphs` brings it.
"""

from __future__ import annotations

import dataclasses as dc
import enum
import functools
import importlib.resources
import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from registry.domains import is_address, registrable

# A swap or one wrong letter is a look-alike; two in longer names.
_LONG_NAME, _MOST_EDITS = 8, 2
# A name this long inside another is no chance: of the laboratory that the paper names, and of
# any other.
_TELLING, _TELLING_OF_OTHERS = 4, 6
# Short names differ by a letter from many honest ones.
_COMPARED = 4
_ENCODED = "xn--"
_PARTS = re.compile(r"[.-]+")


class Kind(enum.StrEnum):
    """How a host resembles another.

    Attributes:
        CONFUSABLE: other characters that look the same: a digit for a letter, `rn` for `m`,
            letters of another script (punycode).
        INSIDE: the whole registered domain, or its name, within another's.
        TRANSPOSED: two neighbours changed places.
        MISSPELT: a letter or two more, less or other.
        ADDED: words before or behind the name.
        SUFFIX: the name under another suffix.
    """

    CONFUSABLE = "confusable"
    INSIDE = "inside"
    TRANSPOSED = "transposed"
    MISSPELT = "misspelt"
    ADDED = "added"
    SUFFIX = "suffix"


# What nobody has by chance who has nothing to do with the laboratory.
NO_CHANCE = frozenset({Kind.CONFUSABLE, Kind.INSIDE})


@dc.dataclass(frozen=True, slots=True)
class Likeness:
    """What a host resembles.

    Attributes:
        domain: the registered one.
        kind: how.
    """

    domain: str
    kind: Kind


@functools.cache
def hosts() -> Mapping[str, Any]:
    """The tables of `certcheck/data/hosts.toml`."""
    path = importlib.resources.files("certcheck") / "data" / "hosts.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def listed(name: str, entries: Iterable[str]) -> bool:
    """Whether a host equals one of some, or ends in it after a dot."""
    return any(name == entry or name.endswith(f".{entry}") for entry in entries)


def is_own(name: str, domains: Collection[str]) -> bool:
    """Whether a host is one of a laboratory's registered domains or within it.

    >>> is_own("cx.ngtc.com.cn", ["ngtc.com.cn"]), is_own("ngtc.com.cn.top", ["ngtc.com.cn"])
    (True, False)
    """
    return registrable(name) in domains or name in domains


def is_shortener(name: str) -> bool:
    """Whether a host only leads to others: where to cannot be seen on the photo."""
    return listed(name, hosts()["shorteners"])


def likeness(name: str, own: Iterable[str], others: Collection[str] = ()) -> Likeness | None:
    """What a host is made to look like; None for none, and for what is registered itself.

    Args:
        name: a host, as `registry.domains.host` gives it.
        own: registered domains of the laboratory that the paper names; none where it is not
            known.
        others: registered domains of all others.

    >>> likeness("cx.pukgac.com", ["pkugac.com"])
    Likeness(domain='pkugac.com', kind=<Kind.TRANSPOSED: 'transposed'>)
    >>> likeness("ngtc.com.cn.zs-query.top", ["ngtc.com.cn"]).kind
    <Kind.INSIDE: 'inside'>
    >>> likeness("www.ngtc.com.cn", ["ngtc.com.cn"]) is None
    True
    """
    own = tuple(own)
    if is_own(name, own) or is_own(name, others) or is_address(name):
        return None
    seen = _taken_apart(name)
    if seen is None:
        return None
    found = [one for one in (_alike(seen, domain, _TELLING) for domain in own) if one]
    if not found:
        held = set(own)
        found = [
            one for domain in (others.near(seen) if isinstance(others, Sites) else others)
            if domain not in held and (one := _alike(seen, domain, _TELLING_OF_OTHERS))
        ]  # fmt: skip

    def order(one: Likeness) -> tuple[int, int, str]:
        return list(Kind).index(one.kind), -len(one.domain), one.domain

    return min(found, key=order, default=None)


@dc.dataclass(frozen=True, slots=True)
class _Host:
    """A host taken apart, as people see it.

    Attributes:
        name: what was registered, without its suffix.
        suffix: the public suffix.
        whole: all labels, hyphens as dots.
        looks: `name`, look-alike characters made equal.
        foreign: whether it holds letters of another script.
    """

    name: str
    suffix: str
    whole: str
    looks: str
    foreign: bool


class Sites(Mapping[str, str]):
    """Registered domains with the name of a laboratory each, of a whole country if need be.

    To hold a host against 100 000 of them one by one takes a third of a second.

    Args:
        sites: never changed from then on.
    """

    def __init__(self, sites: Mapping[str, str]) -> None:
        self.sites = sites

    def __getitem__(self, domain: str) -> str:
        return self.sites[domain]

    def __iter__(self) -> Iterator[str]:
        return iter(self.sites)

    def __len__(self) -> int:
        return len(self.sites)

    @functools.cached_property
    def _found_by(self) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[int, list[str]]]:
        """Domains by their and their names' labels; by their names, as they are and as they look.

        Last the names that are compared letter by letter, by their length.
        """
        labels: dict[str, list[str]] = {}
        named: dict[str, list[str]] = {}
        for domain in self.sites:
            name = domain.partition(".")[0]
            for key in {".".join(_PARTS.split(domain)), ".".join(_PARTS.split(name))}:
                labels.setdefault(key, []).append(domain)
            for key in {name, _looks(name)}:
                named.setdefault(key, []).append(domain)
        long: dict[int, list[str]] = {}
        for name in named:
            if len(name) >= _TELLING_OF_OTHERS:
                long.setdefault(len(name), []).append(name)
        return labels, named, long

    def near(self, seen: _Host) -> list[str]:
        """All domains that a host may be like, by `_kind`, and few others."""
        labels, named, long = self._found_by
        found: dict[str, None] = {}
        for run in _runs(seen.whole.split("."), 1):
            found.update(dict.fromkeys(labels.get(".".join(run), ())))
        for text in (seen.name, seen.looks):
            for piece in (text, *_runs(text, _TELLING_OF_OTHERS)):
                found.update(dict.fromkeys(named.get(piece, ())))
        # A letter more, less, other, or changed places with its neighbour.
        for size in range(len(seen.name) - 1, len(seen.name) + 2):
            near = process.extract(
                seen.name, long.get(size, ()), scorer=OSA.distance, score_cutoff=1, limit=None
            )
            for name, _, _ in near:
                found.update(dict.fromkeys(named[name]))
        return list(found)


_S = TypeVar("_S", str, list[str])


def _runs(whole: _S, least: int) -> Iterator[_S]:
    """What stands together, at least so long."""
    for start in range(len(whole)):
        for end in range(start + least, len(whole) + 1):
            yield whole[start:end]


# The last one, for a registry hands out the same while it holds the same.
_KNOWN: list[Sites] = []


def known(sites: Mapping[str, str]) -> Sites:
    """The sites, prepared once for as long as they are the same object."""
    if not _KNOWN or _KNOWN[0].sites is not sites:
        _KNOWN[:] = [Sites(sites)]
    return _KNOWN[0]


def _taken_apart(host: str) -> _Host | None:
    domain = registrable(host)
    if domain is None:
        return None
    name, _, suffix = domain.partition(".")
    shown = _shown(name)
    latin = "".join(_latin(char) for char in shown)
    whole = ".".join(_PARTS.split(".".join(_as_latin(label) for label in host.split("."))))
    return _Host(latin, suffix, whole, _looks(latin), foreign=latin != shown)


def _alike(seen: _Host, domain: str, telling: int) -> Likeness | None:
    kind = _kind(seen, domain, telling)
    return Likeness(domain, kind) if kind else None


def _kind(seen: _Host, domain: str, telling: int) -> Kind | None:  # noqa: PLR0911 - one a kind
    name, _, suffix = domain.partition(".")
    if len(name) < min(telling, _COMPARED):
        # Too short to be told from chance but under its own suffixes, letter for letter.
        return Kind.INSIDE if _holds(seen.whole, domain) else None
    if seen.looks == _looks(name) and (seen.foreign or seen.name != name):
        return Kind.MISSPELT if _bare(seen.name) == _bare(name) and not seen.foreign else (
            Kind.CONFUSABLE
        )  # fmt: skip
    if seen.name == name:
        return Kind.SUFFIX if len(name) >= telling else None
    if _holds(seen.whole, domain):
        return Kind.INSIDE
    if len(name) >= telling and _is_label(seen.whole, name, seen):
        # Of many laboratories one may well be called as somebody's server is.
        return Kind.INSIDE if telling == _TELLING else Kind.ADDED
    edits = OSA.distance(seen.name, name, score_cutoff=_MOST_EDITS)
    if edits == 1 and len(name) >= telling:
        swapped = sorted(seen.name) == sorted(name)
        return Kind.TRANSPOSED if swapped else Kind.MISSPELT
    if len(name) >= telling and (name in seen.name or _looks(name) in seen.looks):
        return Kind.ADDED
    if edits <= _MOST_EDITS and len(name) >= _LONG_NAME and telling == _TELLING:
        return Kind.MISSPELT
    return None


def _holds(whole: str, domain: str) -> bool:
    """Whether the registered domain stands letter for letter within a longer host.

    Hyphens count as dots: `ngtc-com-cn.top`.
    """
    wanted = ".".join(_PARTS.split(domain))
    return f".{wanted}." in f".{whole}."


def _is_label(whole: str, name: str, seen: _Host) -> bool:
    """Whether the name is a label of its own before what was registered."""
    wanted = ".".join(_PARTS.split(name))
    before = whole.removesuffix(".".join(_PARTS.split(f"{seen.name}.{seen.suffix}")))
    return f".{wanted}." in f".{before.strip('.')}."


def _shown(label: str) -> str:
    """A label as browsers may show it: punycode in its own letters."""
    if not label.startswith(_ENCODED):
        return label
    try:
        return label.removeprefix(_ENCODED).encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _as_latin(label: str) -> str:
    return "".join(_latin(char) for char in _shown(label))


@functools.lru_cache(maxsize=4096)
def _latin(char: str) -> str:
    """The Latin letters a character looks like; the character where it looks like none."""
    if char.isascii():
        return char
    bare = _without_marks(char)
    if bare.isascii() and bare:
        return bare.lower()
    # Loads a megabyte of tables, for the few hosts that need it.
    from confusable_homoglyphs import confusables

    for found in confusables.is_confusable(char.lower(), greedy=True) or ():
        for one in found["homoglyphs"]:
            looks = _without_marks(one["c"]).lower()
            if looks.isascii() and looks.isalnum():
                return looks
    return char


def _without_marks(text: str) -> str:
    kept = (char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return "".join(kept)


def _bare(name: str) -> str:
    return name.replace("-", "")


@functools.lru_cache(maxsize=65536)
def _looks(name: str) -> str:
    """A name with characters that look alike made equal, hyphens left out."""
    text = _bare(name)
    for pair, one in hosts()["looks_alike"]["pairs"].items():
        text = text.replace(pair, one)
    return text.translate(_singles())


@functools.cache
def _singles() -> dict[int, str]:
    groups = hosts()["looks_alike"]["groups"]
    return {ord(char): group[0] for group in groups for char in group}
