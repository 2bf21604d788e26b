"""Tables that authorities publish, to the contract's tables.

Such a table cannot say all that the contract's can, and it is silent on what it is not about:
`filling` takes that from the lists before it, so that loading one ends no right that it does
not speak of. A laboratory's own row keeps what the list has no column for.

Nothing else is filled in. A laboratory that no title, file name, column or mapping tells is
a problem, and so is a heading that nobody knows: it might be a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from registry import phones, sites, spoken
from registry.errors import Problem
from registry.importing import cells, certificates
from registry.importing.cells import OPEN, BadTextError
from registry.importing.filling import Cells, Given
from registry.importing.known import Known, LabUnclearError, Named
from registry.importing.mapping import Said
from registry.importing.people import Person, people
from registry.importing.personal import scrub
from registry.importing.scope_rows import scope_rows
from registry.importing.source import RawRow, RawTable, problem
from registry.importing.statements import Statement
from registry.importing.vocabulary import is_limiting, vocabulary
from registry.models import TABLES
from registry.shape import content_columns


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
                        self._wrong(each, bad.column, bad.code, value=scrub(bad.value))
                    except LabUnclearError as bad:
                        told = {"labs": ", ".join(bad.labs), "value": _named(each).name}
                        self._wrong(each, "lab_id", bad.code, **told)

    def stated(self) -> dict[str, dict[str, Given]]:
        """What is stated, by the contract's tables and laboratory."""
        return {table: dict(self._rows[table]) for table in TABLES if table in self._rows}

    def tables(self) -> dict[str, RawTable]:
        """The contract's tables, as far as they are stated."""
        found: dict[str, RawTable] = {}
        for table, groups in self.stated().items():
            columns = content_columns(TABLES[table])
            made: dict[tuple[str, ...], RawRow] = {}
            for lab_id, given in groups.items():
                for stated, row in given:
                    texts = {name: stated.get(name, "").replace(OPEN, "") for name in columns}
                    # One row of a laboratory, however many certificates it has.
                    key = (lab_id,) if table == "labs" else tuple(texts.values())
                    made.setdefault(key, RawRow(row.line, texts, row.place))
            found[table] = RawTable(self._file, list(made.values()))
        return found

    # One row of each kind ------------------------------------------------------------------

    def _institution(self, row: Statement) -> None:
        numbers = _numbers(row, self._said)
        named = _named(row)
        self._check_name(row)
        lab_id = self._known.find(named)
        if lab_id is None:
            lab_id = self._new_id(named, numbers[0] if numbers else ("", ""), row)
            if not lab_id:
                self._wrong(row, "lab_id", "lab_without_number", value=named.name)
                return
            self._new[lab_id] = named.name
            self._known.add(lab_id, named)
        elif not self._known.has_name(lab_id, named.name):
            self._tell(row, "lab_name", "lab_new_name", value=named.name, lab=lab_id)
        places = self._places(row)
        licence = [place.address for place in places if place.label in sites.LICENCE]
        tested = [place.address for place in places if place.label not in sites.LICENCE]
        laboratory = {
            "name": named.name,
            "uscc": named.uscc,
            "licence_address": row.cells.get("licence_address", "") or next(iter(licence), ""),
            "aliases": ";".join(named.former),
        }
        self._add("labs", lab_id, laboratory, row)
        for phone in phones.found(row.cells.get("phone", "")):
            self._add("phones", lab_id, {"phone": phone}, row)
        first, last = _days(row)
        status, status_on = self._status(row)
        for kind, number in numbers:
            for address in tested or licence or [""]:
                accreditation = {
                    "kind": kind,
                    "number": number,
                    "holder_name": named.name,
                    "address": address,
                    "valid_from": first,
                    "valid_until": last,
                    "status": status,
                    "status_on": status_on,
                    "authority": row.get("authority"),
                }
                self._add("accreditations", lab_id, accreditation, row)

    def _check_name(self, row: Statement) -> None:
        """A cell of several names that cannot be told apart is told."""
        text = row.cells.get("lab_name", "")
        if text and text not in self._said.labs and not spoken.read(text).clear:
            self._wrong(row, "lab_name", "names_unclear", value=text)

    def _new_id(self, named: Named, first: tuple[str, str], row: Statement) -> str:
        """The id of a laboratory that nobody knows; "" where it cannot have one.

        One legal person may run several laboratories: the second goes by its number.
        """
        kind, number = first
        shared = self._known.shares_code(named)
        if shared and number:
            self._tell(row, "uscc", "uscc_of_others", labs=", ".join(shared))
        lab_id = (named.uscc if not shared else "") or (
            f"{kind}-{number.removeprefix('CNAS ')}" if number else ""
        )
        return lab_id if self._new.get(lab_id, named.name) == named.name else ""

    def _places(self, row: Statement) -> list[sites.Site]:
        """The addresses of a row, each site its own."""
        places = list(sites.split(row.get("address")))
        for place in places:
            if sites.is_several(place.address):
                self._tell(row, "address", "several_addresses", value=place.address)
        return places

    def _scope(self, row: Statement) -> None:
        lab_id = self._lab_of(row)
        if lab_id is None:
            return
        first, last = _days(row)
        rows, left = scope_rows(row)
        if left:
            self._tell(row, "standard", "standard_unclear", value=left)
        for thing in rows:
            self._add("scopes", lab_id, {**thing, "valid_from": first, "valid_until": last}, row)

    def _signatory(self, row: Statement) -> None:
        state = row.cells.get("status", "")
        if state and vocabulary().states.get(state, self._said.states.get(state)) != "valid":
            self._tell(row, "", "signatory_left_out", state=state)
            return
        lab_id = self._lab_of(row)
        if lab_id is None:
            return
        note, scope = row.cells.get("note", ""), row.cells.get("scope", "")
        first, last = _days(row)
        for person in people(row.cells.get("name", "")) or [Person("")]:
            limits = [each for each in (note, person.note, *row.notes) if is_limiting(each)]
            field = f"{scope}（{'；'.join(limits)}）" if limits else scope
            signs = {"name": person.name, "scope": field, "valid_from": first, "valid_until": last}
            self._add("signatories", lab_id, {**signs, "specimen": ""}, row)

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
        return status or "valid", _day(row, "status_on", row.cells.get("status_on", ""))

    def _add(self, table: str, lab_id: str, stated: Cells, row: Statement) -> None:
        given = self._rows.setdefault(table, {}).setdefault(lab_id, [])
        given.append(({"lab_id": lab_id, **stated}, row))

    def _tell(self, row: Statement, column: str, what: str, **details: object) -> None:
        self.warnings.append(problem(row.file, row.line, column, what, **details))

    def _wrong(self, row: Statement, column: str, what: str, **details: object) -> None:
        self.problems.append(problem(row.file, row.line, column, what, **details))


def _named(row: Statement) -> Named:
    number = row.get("number") if row.kind != "institutions" else row.cells.get("number", "")
    text = row.get("lab_name") if row.kind != "institutions" else row.cells.get("lab_name", "")
    names_ = spoken.read(text) if text else spoken.NameCell("", (), clear=True)
    former = (*names_.others, *_split(row.cells.get("aliases", "")))
    code = cells.compact(row.cells.get("uscc", "")).upper()
    first = certificates.first(number)
    return Named(names_.name, first, code, tuple(dict.fromkeys(former)))


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


def _day(row: Statement, column: str, text: str) -> str:
    """A day of a row; a text that is none is told with its column."""
    try:
        return cells.day(text, row.base)
    except BadTextError as bad:
        raise BadTextError(bad.code, bad.value, column) from bad


def _days(row: Statement) -> tuple[str, str]:
    """First and last day of a row; a 有效期 counts where neither has a column of its own."""
    first, last = (_day(row, name, row.get(name)) for name in ("valid_from", "valid_until"))
    if row.cells.get("term"):
        try:
            begin, end = cells.term(row.cells["term"], row.base)
        except BadTextError as bad:
            raise BadTextError(bad.code, bad.value, "term") from bad
        first, last = first or begin, last or end
    return first.replace(cells.OPEN, ""), last
