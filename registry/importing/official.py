"""Tables that authorities publish, to the contract's tables.

Such a table cannot say all that the contract's can, and it is silent on what it is not about.
So that loading one ends no right that it does not speak of:

* what a row leaves out (first day, address) is taken from the same row in the registry;
* a list of CMA certificates says nothing of CNAS ones, and a page for one site nothing of
  the other sites: what is held of those is listed again as it is;
* a laboratory's own row keeps what the list has no column for.

Nothing else is filled in. A laboratory that no title, file name, column or mapping tells is
a problem, and so is a heading that nobody knows: it might be a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from registry import addresses, names
from registry.errors import Problem
from registry.importing import cells, certificates
from registry.importing.cells import BadTextError
from registry.importing.known import Known, LabUnclearError, Named
from registry.importing.mapping import Said
from registry.importing.personal import scrub
from registry.importing.scope_rows import scope_rows
from registry.importing.source import RawRow, RawTable, problem
from registry.importing.statements import Statement
from registry.importing.vocabulary import vocabulary
from registry.models import TABLES
from registry.shape import content_columns

Cells = dict[str, str]
# What tells a row of a table from others, beside the days; the rest may be brought up to date.
_SAME: Mapping[str, tuple[str, ...]] = {
    "accreditations": ("kind", "number"),
    "scopes": ("object", "parameter", "standard", "limitation"),
    "signatories": ("name", "scope"),
}
# Where more than one held row may be meant, these must agree if they are stated.
_NARROWED = ("address", "valid_from")
_SITE = "仅限{}场所"
# Characters without which a note is no limit.
_LIMITING = frozenset("限仅只不除")


class Tables:
    """Collects rows of the contract's tables out of statements.

    Attributes:
        problems: what keeps a row from being taken.
        warnings: what is odd.
    """

    def __init__(self, file: str, known: Known, said: Said) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._file = scrub(file)
        self._known = known
        self._said = said
        self._rows: dict[str, dict[str, list[tuple[Cells, Statement]]]] = {}
        self._new: dict[str, str] = {}

    def take(self, statements: Sequence[Statement]) -> None:
        """Takes all rows of an import in, those of laboratories first."""
        self._known.ask(_named(each) for each in statements)
        takers: Mapping[str, Callable[[Statement], None]] = {
            "institutions": self._institution,
            "scopes": self._scope,
            "signatories": self._signatory,
        }
        for kind, taker in takers.items():
            for each in statements:
                if each.kind == kind:
                    try:
                        taker(each)
                    except BadTextError as bad:
                        self._wrong(each, "", bad.code)
                    except LabUnclearError as bad:
                        self._wrong(each, "lab_id", bad.code, labs=", ".join(bad.labs))

    def tables(self) -> dict[str, RawTable]:
        """The contract's tables."""
        found: dict[str, RawTable] = {}
        for table in TABLES:
            groups = self._rows.get(table)
            if groups:
                self._known.fetch(table, groups)
                rows = [
                    row
                    for lab_id, given in groups.items()
                    for row in self._full(table, lab_id, given)
                ]
                found[table] = RawTable(self._file, rows)
        return found

    # One row of each kind ------------------------------------------------------------------

    def _institution(self, row: Statement) -> None:
        numbers = _numbers(row, self._said)
        named = _named(row)
        lab_id = self._known.find(named)
        if lab_id is None:
            kind, number = numbers[0] if numbers else ("", "")
            lab_id = named.uscc or f"{kind}-{number.removeprefix('CNAS ')}"
            if not (named.uscc or number) or self._new.get(lab_id, named.name) != named.name:
                self._wrong(row, "lab_id", "lab_without_number", value=named.name)
                return
            self._new[lab_id] = named.name
            self._known.add(lab_id, named)
        self._add("labs", lab_id, self._lab(row, lab_id, named), row)
        first, last = _days(row)
        status, status_on = self._status(row)
        for kind, number in numbers:
            accreditation = {
                "kind": kind,
                "number": number,
                "holder_name": named.name,
                "address": row.get("address"),
                "valid_from": first,
                "valid_until": last,
                "status": status,
                "status_on": status_on,
                "authority": row.get("authority"),
            }
            self._add("accreditations", lab_id, accreditation, row)

    def _lab(self, row: Statement, lab_id: str, named: Named) -> Cells:
        """A laboratory's own row: what the list does not say stays as it is."""
        aliases = ";".join(_split(row.cells.get("aliases", "")))
        stated = {
            "name": named.name,
            "uscc": named.uscc,
            "licence_address": row.cells.get("licence_address", ""),
            "aliases": aliases,
        }
        held = self._known.lab(lab_id)
        if held is None:
            return stated
        filled = {name: stated[name] or held[name] for name in stated}
        former = {names.name_key(each) for each in (held["name"], *_split(held["aliases"]))}
        if names.name_key(named.name) in former and named.uscc in ("", held["uscc"]):
            # An alias or another spelling of brackets is no new name.
            filled["name"] = held["name"]
        return filled

    def _scope(self, row: Statement) -> None:
        lab_id = self._lab_of(row)
        if lab_id is None:
            return
        first, last = _days(row)
        rows, left = scope_rows(row)
        if left:
            told = problem(row.file, row.line, "standard", "standard_unclear", value=left)
            self.warnings.append(told)
        for thing in rows:
            self._add("scopes", lab_id, {**thing, "valid_from": first, "valid_until": last}, row)

    def _signatory(self, row: Statement) -> None:
        state = row.cells.get("status", "")
        if state and vocabulary().states.get(state, self._said.states.get(state)) != "valid":
            told = problem(row.file, row.line, "", "signatory_left_out", state=state)
            self.warnings.append(told)
            return
        lab_id = self._lab_of(row)
        if lab_id is None:
            return
        note, scope = row.cells.get("note", ""), row.cells.get("scope", "")
        if _LIMITING & set(note):
            scope = f"{scope}（{note}）"
        first, last = _days(row)
        name = "".join(row.cells.get("name", "").split())
        person = {"name": name, "scope": scope, "valid_from": first, "valid_until": last}
        self._add("signatories", lab_id, {**person, "specimen": ""}, row)

    def _lab_of(self, row: Statement) -> str | None:
        named = _named(row)
        if not (named.name or named.number or self._said.lab_id):
            self._wrong(row, "lab_id", "lab_untold")
            return None
        lab_id = self._known.find(named)
        if lab_id is None:
            self._wrong(row, "lab_id", "lab_not_held", value=named.name or named.number)
        return lab_id

    def _status(self, row: Statement) -> tuple[str, str]:
        word = row.cells.get("status", "")
        status = self._said.states.get(word) or vocabulary().states.get(word)
        if word and status is None:
            self._wrong(row, "status", "unknown_state", value=word)
        return status or "valid", cells.day(row.cells.get("status_on", ""), row.base)

    def _add(self, table: str, lab_id: str, stated: Cells, row: Statement) -> None:
        given = self._rows.setdefault(table, {}).setdefault(lab_id, [])
        given.append(({"lab_id": lab_id, **stated}, row))

    def _wrong(self, row: Statement, column: str, what: str, **details: object) -> None:
        self.problems.append(problem(row.file, row.line, column, what, **details))

    # What is held --------------------------------------------------------------------------

    def _full(
        self, table: str, lab_id: str, given: Sequence[tuple[Cells, Statement]]
    ) -> Iterable[RawRow]:
        """Rows stated, filled from those held, and those held that the list is not about."""
        held = self._known.rows(table, lab_id)
        others: list[Cells] = []
        if table == "scopes":
            others = self._sited(lab_id, given, held)
        elif table == "accreditations":
            kinds = {stated["kind"] for stated, _ in given}
            others = [row for row in held if row["kind"] not in kinds]
        same = _by_sameness(table, held) if table in _SAME else {}
        columns = content_columns(TABLES[table])
        made: dict[tuple[str, ...], RawRow] = {}
        for stated, row in given:
            for filled in _filled(table, stated, same):
                texts = {name: filled.get(name, "") for name in columns}
                if table == "labs":
                    # One row of a laboratory, however many certificates it has.
                    made.setdefault((lab_id,), RawRow(row.line, texts, row.place))
                else:
                    made.setdefault(tuple(texts.values()), RawRow(row.line, texts, row.place))
        for cells_ in others:
            made.setdefault(tuple(cells_.values()), RawRow(0, cells_, self._file))
        return made.values()

    def _sited(
        self, lab_id: str, given: Sequence[tuple[Cells, Statement]], held: Sequence[Cells]
    ) -> list[Cells]:
        """Adds sites to rows of a laboratory with several; rows held of the other sites.

        A site is told only where there is more than one, in the document or the registry.
        """
        sites = {_site_key(row): row.get("site") for _, row in given}
        addressed = {
            addresses.normalise(each["address"])
            for each in self._known.rows("accreditations", lab_id)
            if each["address"]
        }
        told = {key for key in sites if key}
        if not told or len(told | addressed) < 2:
            return []
        for stated, row in given:
            site = row.get("site")
            if site:
                limits = (stated["limitation"], _SITE.format(site))
                stated["limitation"] = "；".join(filter(None, limits))
        if "" in sites or addressed <= told:
            return []
        here = tuple(_SITE.format(site) for site in sites.values())
        return [row for row in held if not row["limitation"].endswith(here)]


def _site_key(row: Statement) -> str:
    site = row.get("site")
    return addresses.normalise(site) if site else ""


def _named(row: Statement) -> Named:
    number = row.get("number") if row.kind != "institutions" else row.cells.get("number", "")
    name = row.get("lab_name") if row.kind != "institutions" else row.cells.get("lab_name", "")
    return Named(name, certificates.first(number), cells.compact(row.cells.get("uscc", "")).upper())


def _split(text: str) -> list[str]:
    """Parts of a list in one cell."""
    for sign in "；、，,\n":
        text = text.replace(sign, ";")
    return [part.strip() for part in text.split(";") if part.strip()]


def _numbers(row: Statement, said: Said) -> list[tuple[str, str]]:
    """(kind, number) of every certificate that a row names."""
    kind = said.facts.get("kind", "CMA")
    return [
        *certificates.numbers(row.cells.get("number", ""), kind),
        *certificates.numbers(row.cells.get("cnas_number", ""), "CNAS"),
    ]


def _days(row: Statement) -> tuple[str, str]:
    """First and last day of a row; a 有效期 counts where neither has a column of its own."""
    first, last = (cells.day(row.get(name), row.base) for name in ("valid_from", "valid_until"))
    if row.cells.get("term"):
        begin, end = cells.term(row.cells["term"], row.base)
        first, last = first or begin, last or end
    return first, last


def _by_sameness(table: str, held: Iterable[Cells]) -> dict[tuple[str, ...], list[Cells]]:
    """Held rows by what tells them from others."""
    found: dict[tuple[str, ...], list[Cells]] = {}
    for row in held:
        found.setdefault(tuple(row[name] for name in _SAME[table]), []).append(row)
    return found


def _filled(
    table: str, stated: Cells, held: Mapping[tuple[str, ...], Sequence[Cells]]
) -> list[Cells]:
    """A stated row with what the registry already has for its empty cells.

    Where several held rows are meant (a number with two sites, in a list without addresses),
    each is stated again.
    """
    same = held.get(tuple(stated[name] for name in _SAME.get(table, ())), ())
    meant = [
        row
        for row in same
        if all(
            not stated.get(name) or row[name] == stated[name] for name in _NARROWED if name in row
        )
    ]
    if not meant:
        return [stated]
    return [{name: stated.get(name) or text for name, text in row.items()} for row in meant]
