"""What a phrase of a scope or of a signatory's field covers, and what it leaves out.

What the word lists do not explain, or the paper does not show, makes the answer None: it is
never guessed.

>>> jadeite = gems.find("翡翠手镯")
>>> covers("批准范围内全部检测项目", jadeite), covers("贵金属含量检测", jadeite)
(True, False)
>>> covers("全部（贵金属除外）", jadeite), covers("宝石", jadeite), covers("翡翠、玉石等", jadeite)
(True, None, True)
>>> allows("不测B货", gems.find("翡翠(漂白、充填处理)")), allows("只测钻石、红宝石", jadeite)
(False, False)
>>> allows("见附页说明", jadeite) is None
True
"""

from __future__ import annotations

import dataclasses as dc
import re
from collections.abc import Iterable

from certcheck import gems
from certcheck.gems import Species
from certcheck.numbers import cleaning
from certcheck.phrases import Clause, Mode, Phrase, Term, read, vocabulary, words
from registry import addresses, standards

_STATES = ("state", "treatment")


@dc.dataclass(frozen=True, slots=True)
class Paper:
    """What a certificate says beside the species; empty where it was not read.

    Attributes:
        measured: contract keys of the measurements that it gives.
        text: conclusion, remarks and standards, plain.
        standards: as the contract writes them.
        address: as printed.
    """

    measured: frozenset[str] = frozenset()
    text: str = ""
    standards: tuple[str, ...] = ()
    address: str = ""


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """True where one is, else None where one is undecided, else False."""
    given = tuple(answers)
    if True in given:
        return True
    return None if None in given else False


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """False where one is, else None where one is undecided, else True."""
    given = tuple(answers)
    if False in given:
        return False
    return None if None in given else True


def _mark(kind: str, meaning: str, species: Species, paper: Paper | None) -> bool | None:
    """Whether one mark of a term holds of what was tested."""
    if kind == "state" and meaning in ("treated", "untreated"):
        if species.enhanced:
            return None
        return species.treated == (meaning == "treated")
    if kind == "treatment":
        return all_of(species.treated_by(done) for done in meaning.split("+"))
    if kind == "foreign":
        return False
    if kind == "standard":
        return _standard(meaning, species)
    if kind == "narrowing" or paper is None:
        return None
    if kind == "parameter":
        return meaning in paper.measured if meaning else None
    if kind == "site":
        answer = addresses.compare(meaning, paper.address).answer if paper.address else ""
        # The printed address may be the office's: where it was tested, no photo shows.
        return True if answer == "same" else None
    if kind == "activity":
        return re.search(words()[kind][meaning], paper.text) is not None
    if kind == "product":
        return _product(meaning, paper.text)
    # Set in metal: a paper may leave it out.
    return meaning == "mounted" if "镶" in paper.text else None


def _product(name: str, text: str) -> bool | None:
    """Whether the piece comes in a form; None where the paper does not say in which."""
    forms = words()["product"]
    if re.search(forms[name], text):
        return True
    return False if any(re.search(form, text) for form in forms.values()) else None


def _standard(number: str, species: Species) -> bool | None:
    """Whether a standard is for the species; None where the table does not say for what."""
    named = standards.shipped().objects(number)
    return covers(named, species) if named else None


def concerns(term: Term, species: Species, paper: Paper | None = None) -> bool | None:
    """Whether a term speaks of what was tested."""
    answers = [_mark(kind, meaning, species, paper) for kind, meaning in term.marks]
    if term.names:
        answers.append(any_of(gems.relation(name, species) for name in term.names))
    elif term.everything and not any(kind == "foreign" for kind, _ in term.marks):
        answers.append(True)
    if not term.understood:
        return None
    answer = all_of(answers) if answers else None
    if not term.inner:
        return answer
    inside = any_of(concerns(one, species, paper) for one in term.inner)
    # A bracket explains (软玉(和田玉)) or narrows (玉石(翡翠)): either way what is in it counts.
    if inside is True and answer is not False:
        return True
    return False if answer is False and inside is False else None


def _includes(term: Term, species: Species, paper: Paper | None) -> bool | None:
    """Whether a listed term covers what was tested.

    A treatment in it decides nothing: who may name 处理翡翠 has to tell it from the untreated.
    """
    answer = concerns(term, species, paper)
    rest = tuple(mark for mark in term.marks if mark[0] not in _STATES)
    if answer is False and rest != term.marks:
        bare = dc.replace(term, marks=rest)
        return False if concerns(bare, species, paper) is False else None
    return answer


def _restricted(phrase: Phrase, species: Species, paper: Paper | None) -> bool | None:
    """What exceptions and restrictions leave: True in, False out, None undecided."""
    answers: list[bool | None] = []
    for clause in phrase.clauses:
        if clause.mode is Mode.EXCLUDE:
            inside = any_of(concerns(term, species, paper) for term in clause.terms)
            sites = any(kind == "site" for term in clause.terms for kind, _ in term.marks)
            answers.append(None if inside is None or (inside and sites) else not inside)
        elif clause.mode is Mode.ONLY and not _of_parameters(clause):
            answers.append(any_of(concerns(term, species, paper) for term in clause.terms))
        elif clause.doubtful:
            inside = any_of(concerns(term, species, paper) for term in clause.terms)
            answers.append(True if inside is False else None)
    return all_of(answers)


def _of_parameters(clause: Clause) -> bool:
    """Whether a restriction is of parameters alone, which says nothing of the species."""
    return all(
        term.understood and not term.names and {kind for kind, _ in term.marks} == {"parameter"}
        for term in clause.terms
    )


def covers(text: str, species: Species, paper: Paper | None = None) -> bool | None:
    """Whether objects of a scope row, or a signatory's field, cover what was tested.

    Args:
        text: `珠宝玉石`, `翡翠、和田玉（软玉）`, `全部检测项目（贵金属除外）` …
        species: what was tested.
        paper: what else the certificate says, where that may matter.

    Returns:
        True where one of the objects is the species or a class above it and no exception
        holds; False where all is understood and none does; None where that is not decided.
    """
    phrase = read(text)
    listed = [clause for clause in phrase.of(Mode.INCLUDE) if not clause.doubtful]
    answers = [_includes(term, species, paper) for clause in listed for term in clause.terms]
    if not answers and phrase.of(Mode.ONLY):
        answers = [True]
    answer = any_of(answers) if answers else None
    if answer is False:
        return None if phrase.open else False
    return all_of((answer, _restricted(phrase, species, paper)))


def allows(text: str, species: Species, paper: Paper | None = None) -> bool | None:
    """Whether a row's limitation leaves in what was tested; True for an empty one.

    Returns:
        None where the limitation is not understood, or the paper does not show what it asks.
    """
    phrase = read(text)
    listed = [clause for clause in phrase.of(Mode.INCLUDE) if not clause.doubtful]
    if not all(map(_says_all, listed)):
        return False if _restricted(phrase, species, paper) is False else None
    answer = _restricted(phrase, species, paper)
    return None if answer is False and phrase.open and phrase.of(Mode.ONLY) else answer


def is_everything(text: str) -> bool:
    """Whether words stand for everything, without exception (全部, 批准范围内全部项目 …)."""
    phrase = read(text)
    if phrase.of(Mode.EXCLUDE, Mode.ONLY):
        return False
    return any(map(_says_all, phrase.of(Mode.INCLUDE)))


def _says_all(clause: Clause) -> bool:
    """Whether a clause has a term for everything: 全部参数."""
    return any(
        term.everything and term.understood and not (term.names or term.marks or term.inner)
        for term in clause.terms
    )


def is_method(text: str) -> bool:
    """Whether a limitation says how, not what: 只用X射线荧光光谱法."""
    clauses = read(text).clauses
    return bool(clauses) and all(clause.mode is Mode.METHOD for clause in clauses)


def only_parameters(text: str) -> frozenset[str] | None:
    """Contract keys of the parameters that a limitation restricts a row to; None for no such."""
    found = [clause for clause in read(text).of(Mode.ONLY) if _of_parameters(clause)]
    if not found:
        return None
    marks = [mark for clause in found for term in clause.terms for mark in term.marks]
    return frozenset(key for _, key in marks if key)


def parameter_key(text: str) -> str:
    """The contract field that a parameter's name in a scope stands for; "" for none."""
    name = cleaning.plain(text)
    kind, key = vocabulary()[1].get(name, ("", ""))
    return key if kind == "parameter" else ""
