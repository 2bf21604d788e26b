"""What a list of an authority leaves out, taken from the lists before it.

* what a row leaves out (first day, address) is taken from the same row held before;
* a list of CMA certificates says nothing of CNAS ones, that of one authority nothing of what
  another granted, and a page for one site nothing of the other sites: what is held of those
  is listed again as it is;
* a list that only adds (扩项) ends nothing; whether it does so is asked, not guessed.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from registry import addresses, names, sites
from registry.errors import Problem
from registry.importing.cells import OPEN
from registry.importing.source import RawRow, problem
from registry.importing.statements import Statement
from registry.importing.vocabulary import vocabulary
from registry.models import TABLES, split_list
from registry.shape import Values, content_columns

Cells = dict[str, str]
Given = Sequence[tuple[Cells, Statement]]
# What tells a row of a table from others, beside the days; the rest may be brought up to date.
_SAME: Mapping[str, tuple[str, ...]] = {
    "accreditations": ("kind", "number"),
    "scopes": ("object", "parameter", "standard", "limitation"),
    "signatories": ("name", "scope"),
}
# Where more than one held row may be meant, these must agree if they are stated.
_NARROWED = ("address", "valid_from")
# Tables that are annexes of one certificate.
_ANNEXES = ("scopes", "signatories")
_SITE = "仅限{}场所"
_SITED = re.compile(r"仅限([^；]+)场所$")
# Authority in a CMA number, of today's form and that before 2015.
_AUTHORITY = re.compile(r"\d{2}(\d{2})\d{8}|\d{4}(\d{2})\d{4}[A-Z]")
# So many rows, and more than half of all, are not lost by chance.
_MANY = 4


class HeldRow(dict[str, str]):
    """A row held, as the contract's CSV would have it.

    Attributes:
        key: what makes it itself, see `registry.shape`.
        listed: day of the first list that stated it; None where that is not known.
    """

    key: Values = ()
    listed: dt.date | None = None


class Full(NamedTuple):
    """A laboratory's rows of one table, complete.

    Attributes:
        rows: as the contract has them.
        absorbed: keys of held rows that say less than one of these, and are no others.
    """

    rows: list[RawRow]
    absorbed: frozenset[Values]


@dc.dataclass(frozen=True, slots=True)
class Filling:
    """Completes what a list states of a laboratory.

    Attributes:
        file: how places of rows that the list is silent on are named.
        lab_id: the laboratory's.
        day: of the list.
        adds: whether the list only adds to those before; None where nobody said.
        held: the rows of a table that lists had not dropped by then.
        problems: what cannot be decided.
        warnings: what is odd.
    """

    file: str
    lab_id: str
    day: dt.date
    adds: bool | None
    held: Callable[[str], Sequence[HeldRow]]
    problems: list[Problem] = dc.field(default_factory=list)
    warnings: list[Problem] = dc.field(default_factory=list)

    def full(self, table: str, given: Given) -> Full:
        """Rows stated, filled from those held, and those held that the list is not about."""
        held = self.held(table)
        given = [(dict(stated), row) for stated, row in given]
        others = self._others(table, given, held)
        same = _by_sameness(table, held) if table in _SAME else {}
        columns = content_columns(TABLES[table])
        made: dict[tuple[str, ...], RawRow] = {}
        absorbed: set[Values] = set()
        for stated, row in given:
            alike = same.get(tuple(stated[name] for name in _SAME.get(table, ())), ())
            absorbed |= {each.key for each in alike if _says_less(each, stated)}
            for filled in self._filled(table, stated, alike, row):
                texts = {name: filled.get(name, "").replace(OPEN, "") for name in columns}
                # One row of a laboratory, however many certificates it has.
                key = (self.lab_id,) if table == "labs" else tuple(texts.values())
                made.setdefault(key, RawRow(row.line, texts, row.place))
        key_columns = TABLES[table].key_columns
        keys = {tuple(row.cells[name] for name in key_columns) for row in made.values()}
        for cells in others:
            if cells.key not in absorbed and tuple(cells[name] for name in key_columns) not in keys:
                made.setdefault(tuple(cells.values()), RawRow(0, cells, self.file))
        return Full(list(made.values()), frozenset(absorbed))

    def _tell(self, row: Statement, what: str, **details: object) -> None:
        self.warnings.append(problem(row.file, row.line, "", what, **details))

    def _wrong(self, row: Statement, what: str, **details: object) -> None:
        self.problems.append(problem(row.file, row.line, "", what, **details))

    # One row -------------------------------------------------------------------------------

    def _filled(
        self, table: str, stated: Cells, alike: Sequence[HeldRow], row: Statement
    ) -> list[Cells]:
        """A stated row with what was held before for its empty cells.

        Where several held rows are meant (a number with two sites, in a list without
        addresses), each is stated again.
        """
        if table == "labs":
            return [_laboratory(stated, next(iter(self.held(table)), None))]
        filled = []
        for each in (one for one in alike if _is_meant(one, stated, self.day)):
            cells = {name: stated.get(name) or text for name, text in each.items()}
            if table == "accreditations":
                if each["status"] not in ("valid", stated["status"]):
                    self._tell(row, "status_changed", before=each["status"], after=stated["status"])
                if stated["status"] == "valid" or each["status"] != stated["status"]:
                    # A day belongs to the status that it was stated with.
                    cells["status_on"] = "" if stated["status"] == "valid" else stated["status_on"]
            if not _is_reversed(cells):
                filled.append(cells)
        return filled or [stated]

    # What the list is not about ------------------------------------------------------------

    def _others(self, table: str, given: Given, held: Sequence[HeldRow]) -> list[HeldRow]:
        """The rows held that the list does not speak of."""
        silent: list[HeldRow] = []
        if table == "scopes":
            silent = self._sited(given, held)
        elif table == "accreditations":
            silent = _of_others(given, held)
        elif table == "phones":
            silent = list(held)  # a list names one to call, not every one that there is
        if table not in _SAME:
            return silent
        kept = {each.key for each in silent}
        stated = {tuple(cells[name] for name in _SAME[table]) for cells, _ in given}
        gone = [
            each
            for each in held
            if each.key not in kept and tuple(each[name] for name in _SAME[table]) not in stated
        ]
        first = given[0][1]
        part = _part(given)
        if self.adds or (part and self.adds is None):
            self._check_addition(table, first, part, held, gone)
            return [*silent, *(each for each in held if each.key not in kept)]
        if gone and table in _ANNEXES and self._of_another_number(given):
            self._tell(first, "other_number_kept", count=len(gone))
            return [*silent, *gone]
        if len(gone) >= _MANY and len(gone) * 2 > len(held):
            self._tell(first, "ends_many", table=table, count=len(gone), held=len(held))
        return silent

    def _check_addition(
        self,
        table: str,
        row: Statement,
        part: str,
        held: Sequence[HeldRow],
        gone: Sequence[HeldRow],
    ) -> None:
        """Asks what a list is that may only add; adding to nothing would narrow a scope."""
        if self.adds and not held and table in _ANNEXES:
            self._wrong(row, "adds_to_nothing")
        elif self.adds is None and (gone or (not held and table in _ANNEXES)):
            self._wrong(row, "whole_or_part", word=part)

    def _of_another_number(self, given: Given) -> bool:
        """Whether an annex is of one number of a laboratory that holds another as well."""
        stated = {names.number_key(row.get("number")) for _, row in given if row.get("number")}
        day = self.day.isoformat()
        live = {
            names.number_key(row["number"])
            for row in self.held("accreditations")
            if row["kind"] == "CMA"
            and row["status"] == "valid"
            and (not row["valid_until"] or row["valid_until"] >= day)
            and (not row["valid_from"] or row["valid_from"] <= day)
        }
        return bool(stated) and bool(live - stated) and bool(live & stated)

    def _sited(self, given: Given, held: Sequence[HeldRow]) -> list[HeldRow]:
        """Adds sites to rows of a laboratory with several; rows held of the other sites.

        A site is told only where there is more than one, in the document or the registry.
        """
        told = _distinct(row.get("site") for _, row in given if _is_one_site(row))
        addressed = _distinct(each["address"] for each in self.held("accreditations"))
        if not told or len(_distinct([*told, *addressed])) < 2:
            return []
        matches = (_SITED.search(each["limitation"]) for each in held)
        known = list(dict.fromkeys(match[1] for match in matches if match))
        for stated, row in given:
            if _is_one_site(row):
                site = row.get("site")
                # As the registry spells it, so that it stays one row.
                spelt = next((each for each in known if _is_same(each, site)), site)
                limits = (stated["limitation"], _SITE.format(spelt))
                stated["limitation"] = "；".join(filter(None, limits))
        everywhere = not all(_is_one_site(row) for _, row in given)
        if everywhere or all(_among(each, told) for each in addressed):
            return []
        return [row for row in held if not _is_for(row["limitation"], told)]


def _is_reversed(cells: Mapping[str, str]) -> bool:
    """Whether a row would end before it begins, filled with what is of another right."""
    first, last = cells.get("valid_from", ""), cells.get("valid_until", "")
    return bool(first and last and last != OPEN and last < first)


def _laboratory(stated: Cells, held: HeldRow | None) -> Cells:
    """A laboratory's own row: what the list does not say stays as it is."""
    former = split_list(stated["aliases"])
    if held is None:
        return {**stated, "aliases": _joined(former, stated["name"])}
    known = split_list(held["aliases"])
    aliases = [*known, *former]
    filled = {name: stated[name] or held[name] for name in held}
    name, key = stated["name"], names.name_key(stated["name"])
    if key in {names.name_key(each) for each in (held["name"], *known)} and stated["uscc"] in (
        "",
        held["uscc"],
    ):
        # An alias or another spelling of brackets is no new name.
        name = held["name"]
    elif key != names.name_key(held["name"]):
        # Papers of before the change bear the name of then.
        aliases.append(held["name"])
    return {**filled, "name": name, "aliases": _joined(aliases, name)}


def _joined(aliases: Iterable[str], name: str) -> str:
    return ";".join(each for each in dict.fromkeys(aliases) if each != name)


def _is_one_site(row: Statement) -> bool:
    """Whether a row is for one site; a cell with all of them restricts it to none."""
    site = row.get("site")
    return bool(site) and len(sites.split(site)) < 2


def _among(address: str, others: Iterable[str]) -> bool:
    return any(_is_same(address, other) for other in others)


@functools.lru_cache(maxsize=4096)
def _is_same(one: str, other: str) -> bool:
    """Whether two spellings are of one site; 二楼 behind a number is no other."""
    if addresses.normalise(one) == addresses.normalise(other):
        return True
    return addresses.compare(one, other).answer == "same"


def _distinct(texts: Iterable[str]) -> list[str]:
    """Addresses, each once however it is spelt."""
    found: list[str] = []
    for text in dict.fromkeys(texts):
        if text and not _among(text, found):
            found.append(text)
    return found


def _is_for(limitation: str, told: Iterable[str]) -> bool:
    """Whether a held row is for one of some sites."""
    match = _SITED.search(limitation)
    return match is not None and _among(match[1], told)


def _part(given: Given) -> str:
    """The word by which a list may be no more than an addition; "" for none."""
    title = next((row.part for _, row in given if row.part), "")
    if title:
        return title
    notes = [vocabulary().parts.search(row.cells.get("note", "")) for _, row in given]
    first = notes[0]
    return first[0] if first and all(notes) else ""


def authority_of(kind: str, number: str) -> str:
    """The digits for the authority in a CMA number; "" where there are none."""
    match = _AUTHORITY.fullmatch(names.number_key(number)) if kind == "CMA" else None
    return (match[1] or match[2]) if match else ""


def _authority(row: Mapping[str, str]) -> str:
    return authority_of(row["kind"], row["number"])


def _of_others(given: Given, held: Sequence[HeldRow]) -> list[HeldRow]:
    """Certificates of kinds and authorities that a list does not name for a laboratory."""
    kinds = {stated["kind"] for stated, _ in given}
    granted = {_authority(stated) for stated, _ in given}
    return [
        row
        for row in held
        if row["kind"] not in kinds or (row["kind"] == "CMA" and _authority(row) not in granted)
    ]


def _by_sameness(table: str, held: Iterable[HeldRow]) -> dict[tuple[str, ...], list[HeldRow]]:
    """Held rows by what tells them from others."""
    found: dict[tuple[str, ...], list[HeldRow]] = {}
    for row in held:
        found.setdefault(tuple(row[name] for name in _SAME[table]), []).append(row)
    return found


def _is_meant(row: HeldRow, stated: Cells, day: dt.date) -> bool:
    """Whether a held row is what a stated one is about, as far as that says.

    A list that tells no first day does not speak of a right that began only after its day.
    """
    if not stated.get("valid_from") and row.get("valid_from", "") > day.isoformat():
        return False
    return all(
        not stated.get(name) or row[name] == stated[name] for name in _NARROWED if name in row
    )


def _says_less(row: HeldRow, stated: Cells) -> bool:
    """Whether a held row lacks days or address that a stated one of the same right has.

    What was listed before the stated right began is another right.
    """
    if row.listed is None or stated.get("valid_from", "") > row.listed.isoformat():
        return False
    pairs = [(row[name], stated.get(name, "")) for name in _NARROWED if name in row]
    lacks = any(text and not held for held, text in pairs)
    return lacks and all(not held or held == text for held, text in pairs)
