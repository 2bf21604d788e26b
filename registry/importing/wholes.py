"""Lists that were said to be whole (`silence`): which there are, and whom they leave out."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from registry.errors import Problem
from registry.importing.filling import authority_of
from registry.importing.fold import Earlier
from registry.importing.planned import ImportPlan
from registry.importing.source import problem
from registry.imports import ImportGroup, ImportKind, ImportRecord
from registry.models import Coverage, within
from registry.shape import Values, shape

_CNAS = "*/CNAS"
# Every claim that there can be: CMA by the digits for the authority in a number, and CNAS.
CLAIMS = (*(f"{code:02}/CMA" for code in range(100)), _CNAS)
# What a list of laboratories can be whole in, beside certificates.
BESIDE = ("scopes", "signatories", "seals", "domains", "phones", "memberships", "fees")
TABLES = ("accreditations", *BESIDE)
# As CLAIMS, and as an operator may write it.
_WRITTEN = re.compile(r"(?:(\d{2})/)?(CMA|CNAS)|(\d{2})")


def claim_of(values: Values) -> str:
    """What an accreditation belongs to, `16/CMA`; "" where its number does not tell."""
    columns = shape("accreditations").columns
    kind, number = values[columns.index("kind")], values[columns.index("number")]
    return _claim(kind, number)


def _claim(kind: str, number: str) -> str:
    if kind == "CNAS":
        return _CNAS
    code = authority_of(kind, number)
    return f"{code}/{kind}" if code else ""


@dc.dataclass(frozen=True, slots=True)
class Whole:
    """A list that was said to be whole.

    Attributes:
        number: of its import.
        day: of the list.
        snapshot: whether it is a document of an authority.
        claims: what it is whole for.
    """

    number: int
    day: dt.date
    snapshot: bool
    claims: frozenset[str]


class Wholes:
    """The whole lists of a registry."""

    def __init__(self, session: Session, since: int) -> None:
        """Asks nothing yet.

        Args:
            session: of the registry.
            since: number of the newest import that replaced everything.
        """
        self._session = session
        self._since = since
        self._found: dict[str, list[Whole]] = {}

    def of(self, table: str) -> Sequence[Whole]:
        """Those that have a table, in the order of import."""
        if table not in self._found:
            self._found[table] = self._ask(table) if table in TABLES else []
        return self._found[table]

    def _ask(self, table: str) -> list[Whole]:
        query = (
            select(ImportGroup.key, ImportRecord)
            .join(ImportRecord, col(ImportRecord.id) == col(ImportGroup.import_id))
            .where(
                ImportGroup.table_name == table,
                col(ImportGroup.key).in_(CLAIMS),
                col(ImportGroup.import_id) >= self._since,
                col(ImportRecord.undone_by).is_(None),
            )
            .order_by(col(ImportRecord.id))
        )
        found: dict[int, Whole] = {}
        for key, record in self._session.exec(query):
            if record.id is not None and record.list_date is not None:
                before = found.get(record.id)
                claims = frozenset({key}) | (before.claims if before else frozenset())
                found[record.id] = Whole(record.id, record.list_date, record.snapshot, claims)
        return list(found.values())

    def silent(
        self,
        table: str,
        told: Mapping[str, Sequence[Earlier]],
        coming: Mapping[str, dt.date],
    ) -> dict[str, list[Whole]]:
        """Lists that leave laboratories out which they might have ended something of.

        Args:
            table: the contract's.
            told: the lists that name some laboratories, by these.
            coming: the day of the list being planned, by those that it names.

        Returns:
            By laboratory; one that no list leaves out is not in it.
        """
        wholes = self.of(table)
        if not wholes:
            return {}
        beside = {} if table == "accreditations" else self._accredited_by(wholes, list(told))
        found: dict[str, list[Whole]] = {}
        for group, lists in told.items():
            named = {one.number for one in lists} | beside.get(group, set())
            first = min((one.day for one in lists), default=dt.date.max)
            first = min(first, coming.get(group, first))
            left = [one for one in wholes if one.number not in named and one.day >= first]
            if left:
                found[group] = left
        return found

    def _accredited_by(self, wholes: Iterable[Whole], groups: Sequence[str]) -> dict[str, set[int]]:
        """Numbers of whole lists that have certificates of some laboratories, by these."""
        query = select(ImportGroup.key, ImportGroup.import_id).where(
            ImportGroup.table_name == "accreditations",
            col(ImportGroup.key).in_(groups),
            col(ImportGroup.import_id).in_([one.number for one in wholes]),
        )
        found: dict[str, set[int]] = {}
        for group, number in self._session.exec(query):
            found.setdefault(group, set()).add(number)
        return found


def whole_tables(plan: ImportPlan) -> list[str]:
    """The tables in which a plan's list is whole; an authority's is one of certificates."""
    tables = TABLES[:1] if plan.snapshot else TABLES
    return [table for table in tables if plan.whole and table in plan.tables]


def left_out(session: Session, claims: Collection[str], named: Iterable[str]) -> list[str]:
    """Laboratories with certificates that belong to some claims, but for those named."""
    if not claims:
        return []
    return sorted(_belonging(session, claims).keys() - set(named))


def in_force(
    session: Session, claims: Iterable[str], day: dt.date, groups: Sequence[str]
) -> set[str]:
    """Which of some laboratories hold a certificate that belongs to some claims on a day.

    Args:
        session: of the registry.
        claims: `16/CMA`.
        day: of a list.
        groups: at most `registry.index.CHUNK` of them.
    """
    return _belonging(session, claims, day, groups).keys() & set(groups)


def _belonging(
    session: Session,
    claims: Iterable[str],
    on: dt.date | None = None,
    groups: Sequence[str] | None = None,
) -> dict[str, set[str]]:
    """Laboratories and what of some claims they hold certificates of; on a day, or ever."""
    wanted = frozenset(claims)
    kinds = sorted({claim.partition("/")[2] for claim in wanted})
    names = ("lab_id", "kind", "number", "valid_from", "valid_until")
    table = shape("accreditations").table
    query = sql_select(*(table.c[name] for name in names)).where(table.c.kind.in_(kinds))
    if groups is not None:
        query = query.where(table.c.lab_id.in_(groups))
    found: dict[str, set[str]] = {}
    for lab_id, kind, number, first, last in session.connection().execute(query):
        claim = _claim(kind, number)
        if claim in wanted and (on is None or within(on, first, last)):
            found.setdefault(lab_id, set()).add(claim)
    return found


def understood(written: Iterable[str]) -> tuple[frozenset[str], list[str]]:
    """Claims as an operator writes them (`16`, `16/CMA`, `CNAS`), and what is none."""
    claims, wrong = set(), []
    for text in written:
        match = _WRITTEN.fullmatch(text.strip().upper().removeprefix("*/"))
        code, kind, bare = match.groups() if match else ("", "", "")
        if kind == "CNAS" and not code:
            claims.add(_CNAS)
        elif bare or (code and kind == "CMA"):
            claims.add(f"{bare or code}/CMA")
        else:
            wrong.append(text)
    return frozenset(claims), wrong


def check(session: Session, plan: ImportPlan, written: Iterable[str]) -> None:
    """Takes what a list is said to be whole for into its plan, with what speaks against it.

    Args:
        session: of the registry.
        plan: with the list's rows.
        written: as an operator writes it.
    """
    plan.whole, wrong = understood(written)
    plan.problems += [_told(plan, "whole_unknown", value=text) for text in wrong]
    if not plan.whole:
        _ask(session, plan)
        return
    if plan.adds:
        plan.problems.append(_told(plan, "whole_adds"))
    if plan.kind is not ImportKind.LIST:
        plan.problems.append(_told(plan, "whole_corrects"))
    if plan.snapshot and plan.adds is None:
        plan.adds = False
    missing = plan.whole - _listed(plan).keys()
    plan.problems += [_told(plan, "whole_of_none", value=claim) for claim in sorted(missing)]


def _listed(plan: ImportPlan) -> dict[str, set[str]]:
    """Laboratories that a list has, by what their certificates belong to."""
    found: dict[str, set[str]] = {}
    read = plan.tables.get("accreditations")
    for lab_id, row in read.rows if read else ():
        found.setdefault(claim_of(row.values), set()).add(lab_id)
    return found


def _ask(session: Session, plan: ImportPlan) -> None:
    """Tells that a list may be whole, where it has most of those that the registry holds."""
    day = plan.list_date
    if plan.adds or plan.replaces or day is None or "accreditations" not in plan.tables:
        return
    known = {claim for one in Wholes(session, 0).of("accreditations") for claim in one.claims}
    for row in session.exec(select(Coverage)):
        if row.holds_on(day):
            known.add(f"{row.authority_code}/{row.kind}")
    if not known:
        return
    listed = _listed(plan)
    held = _belonging(session, known & listed.keys(), day)
    for claim in sorted(known & listed.keys()):
        missing = {lab_id for lab_id, claims in held.items() if claim in claims} - listed[claim]
        if missing and len(missing) < len(listed[claim]):
            told = _told(plan, "whole_unsaid", claim=claim, count=len(missing))
            plan.warnings.append(told)


def _told(plan: ImportPlan, what: str, **details: object) -> Problem:
    return problem(plan.source_name, 0, "", what, **details)
