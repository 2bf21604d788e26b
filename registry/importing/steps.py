"""What an import changes, worked out a few hundred laboratories at a time.

A registry of a whole country is never in memory. What several lists of the contract's tables
say together is told in `fold`, what documents of authorities say among them in `replay`.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection
from sqlmodel import Session

from registry.history import Version, held, known
from registry.importing.fold import (
    Difference,
    Earlier,
    ListDay,
    Listed,
    differences,
    fold,
    is_stale,
    replaced_since,
    restored,
)
from registry.importing.groups import DEPENDENT, Coming, Replays, by_group, earlier, is_mixed
from registry.importing.planned import ImportPlan
from registry.importing.source import problem
from registry.importing.spool import ReadRow
from registry.importing.stated import encoded_rows
from registry.imports import ImportKind
from registry.index import CHUNK, chunks
from registry.models import TABLES
from registry.revision import all_groups, newest_replacement
from registry.shape import Shape, Values, shape


@dc.dataclass(frozen=True, slots=True)
class Step:
    """Some groups of one table, and what is to be done to them."""

    shape: Shape
    differences: Sequence[Difference]


def steps(session: Session, plan: ImportPlan) -> Iterator[Step]:
    """Works out a plan's changes, a few hundred groups at a time, and counts them in it.

    A step may be carried out before the next is asked for.
    """
    session.flush()
    assert plan.list_date is not None
    everything = all_groups(session) if plan.replaces else []
    since = newest_replacement(session)
    this = ListDay(plan.list_date, plan.kind is ImportKind.CORRECTION)
    file = plan.source_name
    coming = Coming(file, this, plan.stated, plan.adds, plan.replaces, since)
    working = _Working(session, plan, coming, Replays(session, coming))
    # In the tables' own order, so that laboratories come before what is said of them.
    for table in TABLES:
        shaped, read = shape(table), plan.tables.get(table)
        listed = read.rows.names if read else set()
        for batch in read.rows.batches(CHUNK) if read else ():
            yield working.step(shaped, batch)
        unnamed = (each for each in everything if shaped.is_claim == ("/" in each))
        for some in chunks(sorted(set(unnamed) - listed)):
            yield working.step(shaped, {group: [] for group in some})
        if table in DEPENDENT and not plan.replaces and "accreditations" in plan.tables:
            for some in chunks(sorted(plan.tables["accreditations"].rows.names - listed)):
                yield working.dependent(shaped, some)
    working.tell()
    plan.problems.sort(key=lambda each: (each.file, each.line))


@dc.dataclass(frozen=True, slots=True)
class _Working:
    """Works out the steps of one plan."""

    session: Session
    plan: ImportPlan
    coming: Coming
    replays: Replays

    def step(self, shaped: Shape, batch: Mapping[str, list[ReadRow]]) -> Step:
        """What the list changes in some groups that it names, or that go."""
        told: Mapping[str, list[Earlier]] = {}
        if not self.plan.replaces:
            told = earlier(self.session, shaped.name, list(batch), self.coming.since)
        return self._step(shaped, self._compared(shaped, batch, told))

    def dependent(self, shaped: Shape, groups: Sequence[str]) -> Step:
        """What changes in groups that the list does not name."""
        told = earlier(self.session, shaped.name, groups, self.coming.since)
        mixed = {group: each for group, each in told.items() if is_mixed(each)}
        found = []
        if mixed:
            now = by_group(shaped, held(self.session.connection(), shaped, list(mixed)))
            for group, wanted in self.replays.wanted(shaped, mixed, {}).items():
                differs = [each for each in differences(shaped, now.get(group, []), wanted) if each]
                if differs:
                    self.plan.touched.add((shaped.name, group))
                    found.append(differs)
        return self._step(shaped, found)

    def _step(self, shaped: Shape, groups: Iterable[list[Difference]]) -> Step:
        found = [difference for group in groups for difference in group]
        for difference in found:
            self.plan.add(shaped, difference)
        return Step(shaped, found)

    def _compared(
        self,
        shaped: Shape,
        batch: Mapping[str, list[ReadRow]],
        told: Mapping[str, list[Earlier]],
    ) -> Iterator[list[Difference]]:
        """What a list changes in each group."""
        plan, this, connection = self.plan, self.coming.this, self.session.connection()
        now = by_group(shaped, held(connection, shaped, list(batch)))
        mixed = {
            group: told.get(group, [])
            for group, rows in batch.items()
            if rows and (group in plan.stated.get(shaped.name, ()) or is_mixed(told.get(group, ())))
        }
        complete = {
            group: listed_rows(plan, shaped, rows)
            for group, rows in batch.items()
            if group not in plan.stated.get(shaped.name, ())
        }
        replayed = self.replays.wanted(shaped, mixed, complete)
        for group in mixed.keys() & complete.keys():
            plan.complete[shaped.name, group] = encoded_rows(shaped, complete[group])
        plain = {group: each for group, each in told.items() if group not in mixed}
        starts = _starts(connection, shaped, plain, this)
        for group, rows in batch.items():
            lists = told.get(group, [])
            plan.unchanged += len(rows)
            if is_stale(lists, this.day):
                continue
            if not any((one.day, one.corrects) == (this.day, this.corrects) for one in lists):
                plan.news = True
            if group in mixed:
                wanted = replayed[group]
            else:
                start = [] if plan.replaces else starts.get(group, now.get(group, []))
                if group in starts:
                    lists = [one for one in lists if one.day != this.day]
                wanted = fold(shaped, start, complete[group], lists, this)
            found = [each for each in differences(shaped, now.get(group, []), wanted) if each]
            plan.unchanged -= sum(
                each.after is not None and each.after.stated_by is None for each in found
            )
            yield found

    def tell(self) -> None:
        """What was found out of documents on the way."""
        plan, told = self.plan, self.replays.told
        plan.problems += told.problems
        undated = [
            problem(plan.source_name, 0, "valid_from", "no_first_day", table=table, count=count)
            for table, count in told.undated.items()
            if count
        ]
        # Steps may be worked out twice, to be shown and to be carried out.
        plan.warnings += [one for one in (*told.warnings, *undated) if one not in plan.warnings]


def listed_rows(plan: ImportPlan, shaped: Shape, rows: Sequence[ReadRow]) -> dict[Values, Listed]:
    """A group's rows by their keys; one that repeats another's is a problem."""
    file = plan.tables[shaped.name].file if rows else ""
    key_of = shaped.key
    found: dict[Values, Listed] = {}
    for line, values, place in rows:
        key = key_of(values)
        first = line
        if key in found:
            first = next(row.line for row in rows if key_of(row.values) == key)
        if first == line:
            found[key] = Listed(values, place or f"{file}:{line}")
        else:
            columns = TABLES[shaped.name].key_columns
            column = columns[-1] if len(columns) == 1 else ""
            plan.problems.append(problem(file, line, column, "duplicate", first=first))
    return found


def _starts(
    connection: Connection, shaped: Shape, earlier: Mapping[str, list[Earlier]], this: ListDay
) -> dict[str, list[Version]]:
    """What was held before the lists that this one takes the place of, by group."""
    if this.corrects:
        return {}  # a correction takes everything's place anyhow
    replaced: dict[int, list[str]] = {}
    for group, lists in earlier.items():
        first = replaced_since(lists, this.day)
        if first is not None:
            replaced.setdefault(first, []).append(group)
    starts: dict[str, list[Version]] = {}
    for first, groups in replaced.items():
        before = by_group(shaped, known(connection, shaped, first - 1, groups))
        starts |= {group: before.get(group, []) for group in groups}
    return starts


def steps_back(
    session: Session, plan: ImportPlan, groups: Mapping[str, Sequence[str]]
) -> Iterator[Step]:
    """Works out what takes an import back, like `steps`.

    Args:
        session: of the registry.
        plan: that names the import.
        groups: what it had touched, by table.
    """
    session.flush()
    connection = session.connection()
    assert plan.undoes is not None
    for table in TABLES:
        shaped = shape(table)
        for some in chunks(sorted(groups.get(table, ()))):
            before = restored(shaped, known(connection, shaped, plan.undoes - 1, some))
            now = held(connection, shaped, some)
            found = [each for each in differences(shaped, now, before) if each]
            for difference in found:
                plan.add(shaped, difference)
            yield Step(shaped, found)
