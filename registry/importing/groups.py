"""The lists of laboratories that the registry knows of, as `replay` asks for them."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from registry.history import Version, held, known
from registry.importing.filling import Given
from registry.importing.fold import Earlier, Key, ListDay, Listed, Wanted, newest_listing
from registry.importing.replay import Entry, Group, State, Told, based, replay, wanted
from registry.importing.silence import THIS, OneList
from registry.importing.stated import decoded, decoded_rows
from registry.importing.wholes import BESIDE, Whole, Wholes
from registry.imports import ImportGroup, ImportKind, ImportRecord, ImportStatement
from registry.shape import Shape, shape

# Tables that are understood by what certificates and sites a laboratory has.
DEPENDENT = ("scopes", "signatories")


def earlier(
    session: Session, table: str, groups: Sequence[str], since: int
) -> dict[str, list[Earlier]]:
    """The imports that were lists of some groups and were not taken back, in their order.

    Args:
        session: of the registry.
        table: the contract's.
        groups: at most `registry.index.CHUNK` of them.
        since: number of the newest import that replaced everything.
    """
    query = (
        select(ImportGroup.key, ImportRecord)
        .join(ImportRecord, col(ImportRecord.id) == col(ImportGroup.import_id))
        .where(
            ImportGroup.table_name == table,
            col(ImportGroup.key).in_(groups),
            col(ImportGroup.import_id) >= since,
            col(ImportRecord.undone_by).is_(None),
        )
        .order_by(col(ImportRecord.id))
    )
    found: dict[str, list[Earlier]] = {}
    for key, record in session.exec(query):
        if record.id is not None and record.list_date is not None:
            corrects = record.kind == ImportKind.CORRECTION
            one = Earlier(record.id, record.list_date, corrects, record.snapshot)
            found.setdefault(key, []).append(one)
    return found


def by_group(shaped: Shape, versions: Iterable[Version]) -> dict[str, list[Version]]:
    """Versions by what they are of."""
    found: dict[str, list[Version]] = {}
    for version in versions:
        found.setdefault(shaped.group(version.values), []).append(version)
    return found


def lists(
    session: Session, shaped: Shape, told: Mapping[str, Sequence[Earlier]]
) -> dict[str, list[OneList]]:
    """What some groups' lists stated.

    Args:
        session: of the registry.
        shaped: the table.
        told: the lists, by group, see `earlier`.
    """
    texts = _texts(session, shaped.name, list(told))
    found: dict[str, list[OneList]] = {}
    missing: dict[int, list[str]] = {}
    for group, each in told.items():
        for one in each:
            text = texts.get((group, one.number))
            if text is None:
                missing.setdefault(one.number, []).append(group)
                continue
            made = OneList(one.number, one.day, one.corrects, snapshot=one.snapshot)
            complete = decoded_rows(shaped, text)
            if complete is None:
                given, adds = decoded(shaped.name, text)
                made = dc.replace(made, given=given, adds=adds)
            else:
                made = dc.replace(made, complete=complete)
            found.setdefault(group, []).append(made)
    for number, groups in missing.items():
        after = by_group(shaped, known(session.connection(), shaped, number, groups))
        for group in groups:
            one = next(each for each in told[group] if each.number == number)
            days = sorted({each.day for each in told[group] if each.number <= number})
            complete = _stated(shaped, after.get(group, []), days, one.day)
            made = OneList(
                one.number, one.day, one.corrects, complete=complete, snapshot=one.snapshot
            )
            found.setdefault(group, []).append(made)
    return found


def _stated(
    shaped: Shape, versions: Iterable[Version], days: Sequence[dt.date], day: dt.date
) -> dict[Key, Listed]:
    """The rows that a list of a day stated, by what was held after it."""
    return {
        shaped.key(one.values): Listed(one.values, one.place)
        for one in versions
        if newest_listing(one, days) == day
    }


def _texts(session: Session, table: str, groups: Sequence[str]) -> dict[tuple[str, int], str]:
    """What documents stated, by group and import."""
    query = select(ImportStatement.key, ImportStatement.import_id, ImportStatement.stated).where(
        ImportStatement.table_name == table,
        col(ImportStatement.key).in_(groups),
        ImportStatement.stated != "",
    )
    return {(key, number): stated for key, number, stated in session.exec(query)}


def bases(
    connection: Connection,
    shaped: Shape,
    groups: Iterable[str],
    told: Mapping[str, Sequence[Earlier]],
    since: int,
) -> dict[str, State]:
    """What was held of groups before all their lists.

    Args:
        connection: of the registry.
        shaped: the table.
        groups: at most `registry.index.CHUNK` of them.
        told: their lists, see `earlier`.
        since: number of the newest import that replaced everything; nothing was left of what
            was before it.
    """
    new: list[str] = []
    first: dict[int, list[str]] = {}
    for group in groups:
        number = min((one.number for one in told.get(group, ())), default=0)
        if not number:
            new.append(group)
        elif number != since:
            first.setdefault(number, []).append(group)
    found = by_group(shaped, held(connection, shaped, new)) if new else {}
    for number, some in first.items():
        found |= by_group(shaped, known(connection, shaped, number - 1, some))
    return {group: based(shaped, versions) for group, versions in found.items()}


@dc.dataclass(frozen=True, slots=True)
class Coming:
    """The list that is being planned.

    Attributes:
        file: how its document is named.
        this: its day, and whether it corrects.
        stated: what a document states, by table and laboratory; empty for the contract's.
        adds: whether the operator said that it only adds.
        replaces: whether everything held goes first.
        since: number of the newest import that replaced everything.
        whole: what it has every laboratory of (`silence`).
        snapshot: whether it is a document of an authority.
        tables: those that it is whole in.
        accredited: laboratories of which it has certificates.
    """

    file: str
    this: ListDay
    stated: Mapping[str, Mapping[str, Given]]
    adds: bool | None
    replaces: bool
    since: int
    whole: frozenset[str] = frozenset()
    snapshot: bool = False
    tables: frozenset[str] = frozenset()
    accredited: Collection[str] = frozenset()


class Replays:
    """Works out what is held of laboratories whose lists have to be gone through anew.

    Attributes:
        told: what is to be told of the list being planned.
        wholes: the lists so far that were said to be whole.
    """

    def __init__(self, session: Session, coming: Coming) -> None:
        self.told = Told()
        self.wholes = Wholes(session, coming.since)
        self._session = session
        self._coming = coming
        self._accredited: dict[str, State] = {}

    def wanted(
        self,
        shaped: Shape,
        told: Mapping[str, Sequence[Earlier]],
        complete: Mapping[str, Mapping[Key, Listed]],
    ) -> dict[str, dict[Key, Wanted]]:
        """The rows of some groups as they are to be.

        Args:
            shaped: the table.
            told: the groups' lists so far, see `earlier`; a group with none has an empty one.
            complete: what the list being planned states of them, where it is the contract's.
        """
        if not told:
            return {}
        states = self._states(shaped, told, complete)
        if shaped.name == "accreditations":
            self._accredited |= states
        return {group: wanted(state) for group, state in states.items()}

    def know(self, group: str, rows: Mapping[Key, Wanted]) -> None:
        """Takes a laboratory's accreditations as they are to be, where nothing is written yet."""
        self._accredited[group] = {
            key: Entry(one.values, one.dropped_on, one.place, one.stated_by or THIS)
            for key, one in rows.items()
        }

    def silent(
        self, table: str, told: Mapping[str, Sequence[Earlier]], named: Collection[str]
    ) -> dict[str, list[Whole]]:
        """Lists before that leave groups out, see `Wholes.silent`.

        Args:
            table: the contract's.
            told: the groups' lists so far.
            named: groups that the list being planned names in this table.
        """
        if self._coming.replaces:
            return {}
        day = self._coming.this.day
        coming = {group: day for group in told if group in named}
        return self.wholes.silent(table, told, coming)

    def _states(
        self,
        shaped: Shape,
        told: Mapping[str, Sequence[Earlier]],
        complete: Mapping[str, Mapping[Key, Listed]],
    ) -> dict[str, State]:
        coming = self._coming
        stated: dict[str, list[OneList]] = {}
        before: dict[str, State] = {}
        accredited = self._accredited_of(told) if shaped.name in BESIDE else {}
        if not coming.replaces:
            stated = lists(self._session, shaped, told)
            connection = self._session.connection()
            before = bases(connection, shaped, told, told, coming.since)
        given = coming.stated.get(shaped.name, {})
        silent = self.silent(shaped.name, told, {*given, *complete})
        whole = {one.number: one.claims for one in self.wholes.of(shaped.name)}
        found = {}
        for group in told:
            each = [
                dc.replace(one, whole=whole.get(one.number, frozenset()))
                for one in stated.get(group, ())
            ]
            each += map(_left_out, silent.get(group, ()))
            each += self._coming_list(shaped.name, group, given, complete)
            one = Group(shaped, group, coming.file, accredited.get(group, {}))
            found[group] = replay(one, before.get(group, {}), each, self.told)
        return found

    def _coming_list(
        self,
        table: str,
        group: str,
        given: Mapping[str, Given],
        complete: Mapping[str, Mapping[Key, Listed]],
    ) -> list[OneList]:
        """The list being planned, where it states anything of a group or is silent about it."""
        coming = self._coming
        whole: frozenset[str] = coming.whole if table in coming.tables else frozenset()
        one = OneList(
            THIS, coming.this.day, coming.this.corrects, whole=whole, snapshot=coming.snapshot
        )
        if group in given or group in complete:
            rows = complete.get(group, {})
            return [dc.replace(one, given=given.get(group), adds=coming.adds, complete=rows)]
        left = whole and (table == "accreditations" or group not in coming.accredited)
        return [dc.replace(one, silent=True)] if left else []

    def _accredited_of(self, groups: Iterable[str]) -> dict[str, State]:
        """The laboratories' accreditations after all lists; some were worked out before."""
        shaped, known_ = shape("accreditations"), self._accredited
        missing = [] if self._coming.replaces else sorted(set(groups) - known_.keys())
        if missing:
            told = earlier(self._session, shaped.name, missing, self._coming.since)
            mixed = {group: each for group, each in told.items() if is_mixed(each)}
            known_ |= self._states(shaped, mixed, {})
            plain = [group for group in missing if group not in mixed]
            versions = held(self._session.connection(), shaped, plain) if plain else []
            for group, each in by_group(shaped, versions).items():
                known_[group] = based(shaped, each)
        return {group: known_.get(group, {}) for group in groups}


def _left_out(whole: Whole) -> OneList:
    return OneList(
        whole.number, whole.day, whole=whole.claims, silent=True, snapshot=whole.snapshot
    )


def is_mixed(told: Iterable[Earlier]) -> bool:
    """Whether documents of authorities are among some lists."""
    return any(one.snapshot for one in told)
