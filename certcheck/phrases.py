"""Phrases of capability annexes and of signatories' fields, taken apart.

A phrase is a list of clauses: objects (`翡翠、和田玉`), exceptions (`不测钻石`, `贵金属除外`,
`除贵金属外的全部项目`), restrictions (`仅限翡翠`) and methods (`只用X射线荧光光谱法`). Each
names terms, and a term is a conjunction: `钻石分级` is a diamond and its grading. The words
are those of `certcheck/data/scope_words.toml` and of the taxonomy in `certcheck.gems`. What
they cover is answered in `certcheck.covering`.

>>> [(clause.mode.value, [term.names for term in clause.terms])
...  for clause in read("珠宝玉石（钻石除外）").clauses]
[('include', [('珠宝玉石',)]), ('exclude', [('钻石',)])]
"""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from certcheck import gems, treatments
from certcheck.numbers import cleaning, standard
from registry import addresses

_LABEL = re.compile(r"^(?:授权)?(?:签字)?(?:领域|范围|说明|限制范围|备注):")
_BRACKETS = {"(": ")", "[": "]", "【": "】", "〔": "〕"}
# Between clauses, and between the terms of one. 和田玉 is no list.
_CLAUSES = re.compile(r"[,;。]")
_TERMS = re.compile(r"、|(?<![A-Z])/|以及|及其|[和及与或](?!田)")
_EXCEPT = re.compile(r"除(?:了)?(?P<what>.+?)(?:之外|以外|外)(?:的)?(?P<rest>.*)")
# 除 without 外 (除钻石、翡翠): an exception, most likely; nobody says so for certain.
_HALF_EXCEPT = "除"
# 其他天然玉石: those that another row does not name, which no row says alone.
_OTHERS = ("其他", "其它")
# `等` leaves a list open.
_OPEN = re.compile(r"等(?!级|效)")
_SITE = re.compile(r"场所|地址|实验室|院区|分部|地点")


@functools.cache
def words() -> Mapping[str, Any]:
    """The table `certcheck/data/scope_words.toml`."""
    path = importlib.resources.files("certcheck") / "data" / "scope_words.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


class Mode(StrEnum):
    """What a clause does with its terms."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    ONLY = "only"
    METHOD = "method"
    NOTE = "note"


@dc.dataclass(frozen=True, slots=True)
class Term:
    """One term; what it gives must all hold. `marks` are (kind, word), of the word lists.

    Attributes:
        text: as written.
        names: names of the taxonomy, of which one must cover the species.
        everything: it says 全部 or its like.
        marks: parameter, state, treatment, activity, product, standard, narrowing, site, foreign.
        inner: terms of a bracket behind it, which may explain or narrow it.
        understood: no part of the text is left over.
    """

    text: str
    names: tuple[str, ...] = ()
    everything: bool = False
    marks: tuple[tuple[str, str], ...] = ()
    inner: tuple[Term, ...] = ()
    understood: bool = True


@dc.dataclass(frozen=True, slots=True)
class Clause:
    """Terms under one head. `doubtful`: it may be, or belong to, an exception."""

    mode: Mode
    text: str
    terms: tuple[Term, ...] = ()
    doubtful: bool = False


@dc.dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase in its clauses. `open`: a list that ends in 等."""

    text: str
    clauses: tuple[Clause, ...]
    open: bool

    def of(self, *modes: Mode) -> list[Clause]:
        """The clauses of some modes."""
        return [clause for clause in self.clauses if clause.mode in modes]


@functools.cache
def vocabulary() -> tuple[re.Pattern[str], Mapping[str, tuple[str, str]]]:
    """Every known word with its kind and meaning, and what finds the longest first."""
    table = words()
    kinds: dict[str, tuple[str, str]] = {}
    kinds.update((word, ("filler", word)) for word in table["fillers"])
    kinds.update((word, ("vague", word)) for word in table["vague"])
    kinds.update((word, ("parameter", "")) for word in table["parameter_names"]["others"])
    for kind in ("activity", "product"):
        kinds.update((word, (kind, word)) for word in table[kind])
    for word, done in treatments.words().items():
        kinds[word] = ("treatment", "+".join(done))
    for state, spellings in table["state"].items():
        kinds.update((word, ("state", state)) for word in spellings)
    kinds.update((word, ("foreign", word)) for word in table["foreign"]["names"])
    for key, spellings in table["parameter"].items():
        kinds.update((word, ("parameter", key)) for word in spellings)
    kinds.update((word, ("everything", word)) for word in table["everything"])
    made = (prefix + word for prefix in gems.prefixes() for word in gems.words())
    for word in (*made, *gems.words()):
        if name := gems.name_of(word):
            kinds[word] = ("name", name)
    kinds = {cleaning.plain(word): meaning for word, meaning in kinds.items()}
    longest = sorted(kinds, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest))), kinds


def _cut(text: str, separators: re.Pattern[str]) -> list[str]:
    """The parts between separators that stand outside brackets."""
    depth, start, parts = 0, 0, []
    spans = {match.start(): match.end() for match in separators.finditer(text)}
    for index, character in enumerate(text):
        if character in _BRACKETS:
            depth += 1
        elif character in _BRACKETS.values():
            depth = max(0, depth - 1)
        elif depth == 0 and index in spans and index >= start:
            parts.append(text[start:index])
            start = spans[index]
    return [part for part in (*parts, text[start:]) if part]


def _bracket(text: str) -> tuple[str, str, str]:
    """What stands before the first bracket, in it, and behind it."""
    for index, character in enumerate(text):
        if character in _BRACKETS:
            end = text.find(_BRACKETS[character], index)
            end = len(text) if end < 0 else end
            return text[:index], text[index + 1 : end], text[end + 1 :]
    return text, "", ""


def _lead(text: str, heads: Sequence[str]) -> str | None:
    """The rest behind the longest head that the text begins with."""
    found = max((head for head in heads if text.startswith(head)), key=len, default=None)
    return None if found is None else text[len(found) :].removeprefix("于")


@functools.lru_cache(maxsize=4096)
def read(text: str) -> Phrase:
    """Takes a phrase apart."""
    whole = _LABEL.sub("", cleaning.plain(text))
    for word, meaning in words()["rewrite"].items():
        whole = whole.replace(cleaning.plain(word), meaning)
    clauses: list[Clause] = []
    for part in _cut(whole, _CLAUSES):
        after = bool(clauses) and clauses[-1].mode is Mode.EXCLUDE
        for clause in _clauses(part):
            doubtful = clause.doubtful or (after and clause.mode is Mode.INCLUDE)
            clauses.append(dc.replace(clause, doubtful=doubtful))
    return Phrase(text, tuple(clauses), open=bool(_OPEN.search(whole)))


def _clauses(part: str) -> Iterator[Clause]:
    """The clauses of a text without clause separators outside brackets."""
    table = words()["limitation"]
    if part in words()["harmless"]:
        yield Clause(Mode.NOTE, part)
        return
    if (match := _EXCEPT.match(part)) and match["what"]:
        yield Clause(Mode.EXCLUDE, part, _terms(match["what"]))
        if match["rest"]:
            yield from _clauses(match["rest"])
        return
    if part.startswith(_HALF_EXCEPT):
        yield Clause(Mode.INCLUDE, part, _terms(part[1:]), doubtful=True)
        return
    if (rest := _lead(part, table["method"])) is not None:
        yield Clause(Mode.METHOD, part)
        return
    for mode, heads in ((Mode.EXCLUDE, table["excludes"]), (Mode.ONLY, table["only"])):
        if rest := _lead(part, heads):
            how = rest.endswith(tuple(table["method_ends"]))
            if mode is Mode.ONLY and rest in words()["harmless"]:
                yield Clause(Mode.NOTE, part)
            else:
                yield Clause(Mode.METHOD, part) if how else Clause(mode, part, _terms(rest))
            return
    for tail in table["excludes_behind"]:
        if part.endswith(tail) and len(part) > len(tail):
            yield Clause(Mode.EXCLUDE, part, _terms(part.removesuffix(tail)))
            return
    yield from _listed(part)


def _listed(part: str) -> Iterator[Clause]:
    """A list of objects; exceptions may stand in its brackets or between its parts."""
    table = words()["limitation"]
    terms: list[Term] = []
    exceptions: list[Clause] = []
    led = False
    for piece in _cut(part, _TERMS):
        heading = _lead(piece, table["excludes"]) or piece.startswith(_HALF_EXCEPT)
        if led and not heading:
            last = exceptions[-1]
            exceptions[-1] = dc.replace(last, terms=(*last.terms, *_terms(piece)))
            continue
        if terms and heading:
            exceptions.extend(_clauses(piece))
            led = True
            continue
        _, inner, _ = _bracket(piece)
        inside = list(_clauses(inner)) if inner else []
        heads = [one for one in inside if one.doubtful or one.mode in (Mode.EXCLUDE, Mode.ONLY)]
        exceptions.extend(heads)
        others = not terms and piece.startswith(_OTHERS)
        term = _term(piece, bracket=not heads)
        terms.append(dc.replace(term, understood=False) if others else term)
    # `珠宝玉石及其制品`: what is no more than a filler adds nothing to a list.
    told = [term for term in terms if term.names or term.everything or term.marks or term.inner
            or not term.understood or _is_vague(term)] or terms  # fmt: skip
    yield Clause(Mode.INCLUDE, part, tuple(told))
    yield from exceptions


def _is_vague(term: Term) -> bool:
    return any(word in term.text for word in words()["vague"])


def _terms(text: str) -> tuple[Term, ...]:
    return tuple(_term(piece) for piece in _cut(text, _TERMS))


def _term(piece: str, *, bracket: bool = True) -> Term:
    """A term out of its words; the longest known word first, and what no list explains."""
    before, inner, behind = _bracket(piece)
    text = _OPEN.sub("", before + behind)
    marks: list[tuple[str, str]] = []
    for one in standard.find_all(text):
        marks.append(("standard", str(one)))
    text = standard.without(text)
    for form in words()["narrowing"]:
        if found := re.search(form, text):
            marks.append(("narrowing", found.group()))
            text = text.replace(found.group(), "")
    if _SITE.search(text) and any(_place(text)):
        return Term(piece, marks=(*marks, ("site", text)))
    finder, kinds = vocabulary()
    names: list[str] = []
    everything = False
    for match in finder.finditer(text):
        kind, meaning = kinds[match.group()]
        if kind == "name":
            names.append(meaning)
        elif kind == "everything":
            everything = True
        elif kind not in ("filler", "vague"):
            marks.append((kind, meaning))
    rest = finder.sub("", text)
    if rest and not names and (single := gems.name_of(rest)):
        names, rest = [single], ""
    inside = _terms(inner) if inner and bracket and inner not in words()["harmless"] else ()
    return Term(piece, tuple(dict.fromkeys(names)), everything, tuple(marks), inside, not rest)


def _place(text: str) -> tuple[str, ...]:
    """What of a text may be compared as an address."""
    parsed = addresses.parse(_SITE.sub("", text))
    return tuple(filter(None, (parsed.road, parsed.county, parsed.town, parsed.city)))
