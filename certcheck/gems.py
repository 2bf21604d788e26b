"""Species of gems, jades and metals: their names, what stands above what, and their constants.

Two tables: `certcheck/data/gem_constants.csv` (a row a species, with the standard's range,
where it was seen and whether other sources agree) and `certcheck/data/species.toml` (classes,
groups, metals, words round a name).

>>> find("18K金镶翡翠戒指").name
'翡翠'
>>> [metal.name for metal in parse("18K金镶翡翠戒指").metals]
['金']
>>> find("翡翠(漂白、充填处理)挂件").treated
True
>>> find("合成祖母绿").parents
('合成宝石', '人工宝石', '珠宝玉石')
>>> find("磷酸盐质玉手镯") is None
True
>>> jadeite = find("翡翠")
>>> relation("天然玉石", jadeite), relation("钻石", jadeite)
(True, False)
"""

from __future__ import annotations

import csv
import dataclasses as dc
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from certcheck import treatments
from certcheck.numbers import cleaning

_DATA = importlib.resources.files("certcheck") / "data"
_METALS = "贵金属"
# Notes in brackets behind an alias. These two say that the alias is somebody's error, and must
# not lead to the species; the others only explain.
_WRONG_ALIAS = ("误称", "矿物名")
_BRACKETED = re.compile(r"[(\[【〔](?P<inner>[^()\[\]【】〔〕]*)[)\]】〕]")
# Rows whose range the standard's own text backs, and cross-checks that count as support.
_QUOTED = ("standard_text_seen_quoted", "standard_text_seen_but_widened")
_SUPPORT = ("agrees", "partly", "gb_text_only")
_FULL_SUPPORT = "agrees"


@dc.dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included."""

    low: Decimal
    high: Decimal

    def __str__(self) -> str:
        """`1.656~1.710`, or one figure."""
        return f"{self.low}~{self.high}" if self.low != self.high else str(self.low)

    def outside(self, value: Decimal, tolerance: Decimal) -> bool:
        """Whether the value lies further out than the tolerance."""
        return not self.low - tolerance <= value <= self.high + tolerance


@dc.dataclass(frozen=True, slots=True)
class Constants:
    """One row of the table of constants.

    Attributes:
        name: `species_zh` of the row.
        refractive_index: accepted range, facet readings.
        spot_index: range of spot readings (点测), or None.
        density: accepted range, g/cm³.
        birefringence: range, or None where it has none or none was found.
        optic: what it shows between crossed polars: 均质, 集合体, 一轴-, 二轴+ … or "".
        range_basis: whether the standard's text was seen.
        cross_check: whether other sources agree.
        note: remarks on the row.
    """

    name: str
    refractive_index: Range
    spot_index: Range | None
    density: Range
    birefringence: Range | None
    optic: str
    range_basis: str
    cross_check: str
    note: str

    @property
    def supported(self) -> bool:
        """Whether a measurement outside may be held against a certificate.

        A range from memory counts when the other sources agree with it; one that was seen
        quoted counts unless they disagree. The rest are hints.
        """
        if self.range_basis in _QUOTED:
            return self.cross_check in _SUPPORT
        return self.cross_check == _FULL_SUPPORT


@dc.dataclass(frozen=True, slots=True)
class Species:
    """What a certificate names.

    Attributes:
        name: base name, `翡翠`; `合成…` where the paper says so.
        parents: what covers it, nearest first, `珠宝玉石` or `贵金属` last.
        constants: rows that may hold for it; several for a group, none where unknown.
        treated: the paper says that the material was treated.
        enhanced: it says so only in words for what GB/T 16552 counts as 优化, or may.
        treatments: what was done (`充填`, `染色` …); none where the paper says 处理 alone.
    """

    name: str
    parents: tuple[str, ...]
    constants: tuple[Constants, ...] = ()
    treated: bool = False
    enhanced: bool = False
    treatments: frozenset[str] = frozenset()

    def treated_by(self, done: str) -> bool | None:
        """Whether it was treated in one way; None where the paper leaves that open.

        >>> dyed = find("翡翠(染色处理)")
        >>> dyed.treated_by("染色"), dyed.treated_by("充填"), find("翡翠").treated_by("染色")
        (True, False, False)
        >>> find("翡翠(处理)").treated_by("染色") is None
        True
        """
        if self.enhanced:
            return None
        return treatments.is_among(done, self.treatments) if self.treated else False


@dc.dataclass(frozen=True, slots=True)
class Named:
    """All that a conclusion names.

    Attributes:
        species: gems, in the order printed, each once.
        metals: precious metals, likewise.
    """

    species: tuple[Species, ...]
    metals: tuple[Species, ...]


@dc.dataclass(frozen=True, slots=True)
class _Book:
    """The tables, ready for use."""

    constants: Mapping[str, Constants]
    parent: Mapping[str, str]
    children: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    classes: frozenset[str]
    metals: Mapping[str, re.Pattern[str]]
    words: Mapping[str, Any]


def _range(low: str, high: str) -> Range | None:
    return Range(Decimal(low), Decimal(high)) if low and high else None


def _row(row: Mapping[str, str]) -> Constants:
    index = _range(row["ri_accept_min"], row["ri_accept_max"])
    density = _range(row["sg_accept_min"], row["sg_accept_max"])
    if index is None or density is None:
        raise ValueError(f"gem_constants.csv: {row['species_zh']} lacks a range")
    return Constants(
        name=row["species_zh"],
        refractive_index=index,
        spot_index=_range(row["ri_spot_min"], row["ri_spot_max"]),
        density=density,
        birefringence=_range(row["birefringence_min"], row["birefringence_max"]),
        optic=row["optic"],
        range_basis=row["range_basis"],
        cross_check=row["cross_check"],
        note=row["note"],
    )


def _aliases(row: Mapping[str, str]) -> Iterator[str]:
    """Names that lead to a row, the notes behind them left out."""
    for alias in row["aliases_zh"].split(";"):
        note = _BRACKETED.search(alias)
        if alias and not (note and note["inner"].startswith(_WRONG_ALIAS)):
            yield _BRACKETED.sub("", alias)


@functools.cache
def _book() -> _Book:
    words = tomllib.loads((_DATA / "species.toml").read_text(encoding="utf-8"))
    text = (_DATA / "gem_constants.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    names: dict[str, str] = {}
    parent: dict[str, str] = {}
    grouped = {
        group["constants"]: group["name"] for group in words["group"] if "constants" in group
    }
    for entry in (*words["class"], *words["group"], *words["metal"], *words["species"]):
        parent[entry["name"]] = entry.get("parent", _METALS if "pattern" in entry else "")
        names.update(dict.fromkeys([entry["name"], *entry.get("aliases", [])], entry["name"]))
    parent[_METALS] = ""
    constants = {row["species_zh"]: _row(row) for row in rows}
    for row in rows:
        name = grouped.get(row["species_zh"], row["species_zh"])
        if name not in parent:
            parent[name] = words["parent"].get(name, row["class"])
        for alias in (row["species_zh"], name, *_aliases(row)):
            names.setdefault(cleaning.plain(alias), name)
    for source, target in grouped.items():
        constants[target] = constants.pop(source)
    children: dict[str, tuple[str, ...]] = {}
    for name, above in parent.items():
        children[above] = (*children.get(above, ()), name)
    classes = frozenset(entry["name"] for entry in words["class"])
    metals = {entry["name"]: re.compile(entry["pattern"]) for entry in words["metal"]}
    return _Book(constants, parent, children, names, classes, metals, words)


def _parents(name: str) -> tuple[str, ...]:
    parent, found = _book().parent, []
    while name := parent.get(name, ""):
        found.append(name)
    return tuple(found)


def _constants(name: str) -> tuple[Constants, ...]:
    """The row of a species, or those of a group's members where it has none itself."""
    book = _book()
    if name in book.constants:
        return (book.constants[name],)
    return tuple(row for child in book.children.get(name, ()) for row in _constants(child))


@functools.cache
def _scanner() -> re.Pattern[str]:
    """Finds species' names, the longest first, with a prefix that changes their class."""
    book = _book()
    words = sorted(
        (word for word, name in book.names.items() if name not in {*book.classes, *book.metals}),
        key=len,
        reverse=True,
    )
    prefixes = "|".join(book.words["prefixes"])
    return re.compile(f"(?P<prefix>{prefixes})?(?P<name>{'|'.join(map(re.escape, words))})")


def _scan(text: str) -> Iterator[Species]:
    """The species named in a text without brackets."""
    book = _book()
    last = 0
    for match in _scanner().finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        printed = match["name"]
        attached = match.start() == last and last > 0
        last = match.end()
        if before.endswith(tuple(book.words["negations"])):
            continue
        if after.startswith(tuple(book.words["comparisons"])):
            continue
        if attached and printed in book.words["phenomena"]:
            continue
        yield _species(match["prefix"] or "", printed)


def _species(prefix: str, printed: str) -> Species:
    """The species of a printed name, in the class that its prefix puts it in."""
    book = _book()
    whole = book.names.get(prefix + printed)
    if prefix and whole is None:
        above = book.words["prefixes"][prefix]
        return Species(prefix + printed, (above, *_parents(above)))
    name = whole or book.names[printed]
    # 合成红宝石 is an alias of a row: the paper's own word is kept.
    made = (prefix + printed).startswith(tuple(book.words["prefixes"]))
    shown = prefix + printed if made else name
    return Species(shown, _parents(name), _constants(name))


def parse(text: str) -> Named:
    """What a conclusion names, product words (手镯, 吊坠 …) left aside.

    A name in brackets counts only where nothing stands before the bracket, or where both
    make the name of one species: `石英岩玉(贵翠)` is 石英岩玉.
    """
    book = _book()
    plain = cleaning.plain(text)
    whole = book.names.get(plain)
    base = _BRACKETED.sub("", plain).strip()
    done = list(treatments.named_in(plain))
    if whole is not None and whole not in book.classes and whole not in book.metals:
        found = [_species("", plain)]
    else:
        found = list(_scan(base or plain))
    if len(found) == 1:
        found = [_narrowed(found[0], plain)]
    rest = _scanner().sub(" ", plain)
    metals = [
        Species(name, _parents(name)) for name, form in book.metals.items() if form.search(rest)
    ]
    species = [_treated(one, done) for one in dict.fromkeys(found)]
    return Named(tuple(species), tuple(metals))


def _treated(species: Species, words: Sequence[str]) -> Species:
    """The species with what the words for its treatment say."""
    return dc.replace(species, **treatments.say(words, {species.name, *species.parents}))


def _narrowed(species: Species, plain: str) -> Species:
    """`珊瑚(角质)红色` and its like: the row that name and bracket make together."""
    inner = _BRACKETED.search(plain)
    together = f"{species.name}({inner['inner']})" if inner else ""
    return _species("", together) if together in _book().names else species


def find(text: str) -> Species | None:
    """The species a conclusion names first, or None where it names none we know."""
    return next(iter(parse(text).species), None)


def name_of(word: str) -> str | None:
    """The taxonomy's name for a word (species, alias, class or metal); None for another word.

    A made material keeps the word it is sold under: 合成红宝石 shares a row of constants with
    合成蓝宝石 and is not the same thing.

    >>> name_of("软玉"), name_of("玉器"), name_of("合成红宝石"), name_of("蓝田玉")
    ('和田玉', '天然玉石', '合成红宝石', None)
    """
    book = _book()
    name = book.names.get(word)
    made = word.startswith(tuple(book.words["prefixes"]))
    if name is None:
        bare = next(
            (word.removeprefix(p) for p in book.words["prefixes"] if word.startswith(p)), ""
        )
        return word if bare in book.names and book.names[bare] not in book.classes else None
    return word if made and name not in book.classes else name


def words() -> frozenset[str]:
    """Every word of the taxonomy, longer than a character."""
    return frozenset(word for word in _book().names if len(word) > 1)


def prefixes() -> tuple[str, ...]:
    """What turns a natural material's name into a made one's: 合成, 人造."""
    return tuple(_book().words["prefixes"])


def relation(name: str, tested: Species) -> bool | None:
    """Whether a name of the taxonomy (`name_of`) covers what was tested.

    Returns:
        True where it is the species or a class above it; None where the paper names a group
        and the name one of its members, or where one is the made counterpart of the other;
        False for anything else.
    """
    if name in (tested.name, *tested.parents):
        return True
    above = _parents(name) if name in _book().parent else _parents_of_made(name)
    if tested.name in above:
        return None
    return None if _counterparts(name, tested.name) else False


def _parents_of_made(name: str) -> tuple[str, ...]:
    above = next((up for p, up in _book().words["prefixes"].items() if name.startswith(p)), "")
    return (above, *_parents(above)) if above else ()


def _counterparts(covering: str, tested: str) -> bool:
    """Whether one name is the synthetic or treated counterpart of what the other covers.

    Telling 合成红宝石 from 红宝石 is part of testing either, so a table with one of them
    says nothing certain about the other.
    """
    bare_covering, bare_tested = _bare(covering), _bare(tested)
    if (bare_covering, bare_tested) == (covering, tested):
        return False
    return bare_covering in (bare_tested, *_parents(bare_tested))


def _bare(name: str) -> str:
    """A name without 合成, 人造 …; a class (合成宝石) keeps its own."""
    book = _book()
    for prefix in book.words["prefixes"]:
        if name.startswith(prefix) and name not in book.classes:
            bare = name.removeprefix(prefix)
            return book.names.get(bare, bare)
    return name
