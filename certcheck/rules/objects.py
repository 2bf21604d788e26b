"""What the paper says was tested, against the words of a scope or of a signatory's field."""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from certcheck import gems
from certcheck.case import Case
from certcheck.confirm import Weighed, plain, weigh
from certcheck.gems import Species


@functools.cache
def words() -> Mapping[str, Any]:
    """The table `certcheck/data/scope_words.toml`."""
    path = importlib.resources.files("certcheck") / "data" / "scope_words.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dc.dataclass(frozen=True, slots=True)
class Tested:
    """What was tested.

    Attributes:
        gems: species named in the conclusion.
        metals: metals that were measured; a metal that a setting is only named by is none.
    """

    gems: tuple[Species, ...]
    metals: tuple[Species, ...]

    @property
    def all(self) -> tuple[Species, ...]:
        """Everything that needs a scope and a signatory."""
        return (*self.gems, *self.metals)


def measured(case: Case, key: str) -> bool:
    """Whether a field holds a measurement; a not-tested word is none."""
    field = case.field(key)
    if field is None:
        return False
    result = field.text in words()["result"].get(key, ())
    return result or not re.search(words()["not_tested"], field.text)


def tested(case: Case) -> Tested:
    """Reads conclusion and metal field; both empty where neither was read or understood."""
    conclusion, metal = case.field("conclusion"), case.field("metal")
    named = gems.parse(conclusion.text) if conclusion else gems.Named((), ())
    found: tuple[Species, ...] = ()
    if metal is not None and measured(case, "metal"):
        found = gems.parse(metal.text).metals or named.metals
    elif metal is None and not named.species:
        found = named.metals
    return Tested(named.species, found)


def everything(objects: str) -> bool:
    """Whether words of the registry stand for everything (全部, 全部检测项目 …)."""
    return any(word in objects for word in words()["everything"])


def covers(objects: str, species: Species) -> bool | None:
    """Whether words of the registry cover a species; None where that is not decided."""
    return True if everything(objects) else gems.covers(objects, species)


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """True where one is, else None where one is undecided, else False."""
    given = tuple(answers)
    if True in given:
        return True
    return None if None in given else False


def parameter_key(text: str) -> str:
    """The contract field that a parameter's name in a scope stands for; "" for none."""
    for key, spellings in words()["parameter"].items():
        if any(plain(text) == plain(one) for one in spellings):
            return str(key)
    return ""


def within_limits(case: Case, limitation: str, species: Species) -> bool | None:
    """Whether a scope row's limitation leaves a species in.

    Understood are 不测…, …除外, 只测… of species or of a parameter on the certificate, and
    methods (只用…), which limit how, not what; and 不测B货 of treated stones.

    Returns:
        None where the limitation is not understood.
    """
    table, text = words()["limitation"], plain(limitation)
    if not text or text.startswith(tuple(table["method"])):
        return True
    for word in table["excludes"]:
        if text.startswith(word):
            inside = _concerns(case, text.removeprefix(word), species)
            return None if inside is None else not inside
    for word in table["excludes_behind"]:
        if text.endswith(word):
            inside = _concerns(case, text.removesuffix(word), species)
            return None if inside is None else not inside
    for word in table["only"]:
        if text.startswith(word):
            return gems.covers(text.removeprefix(word), species)
    return None


def _concerns(case: Case, what: str, species: Species) -> bool | None:
    if what in words()["limitation"]["treated"]:
        return species.treated
    key = parameter_key(what)
    return measured(case, key) if key else gems.covers(what, species)


def weigh_species(case: Case, species: Species, allowed: Sequence[str]) -> Weighed:
    """Weighs the reading of a species against the names that would be in order.

    The hypotheses are the print with another name in the species' place.
    """
    key = "metal" if case.field("metal") and "贵金属" in species.parents else "conclusion"
    field = case.field(key)
    raw = field.raw if field else ""
    others = [raw.replace(species.name, name) for name in allowed if species.name in raw and name]
    return weigh(case, key, list(dict.fromkeys(one for one in others if one != raw)))
