"""What an import changes, worked out a few hundred laboratories at a time.

A registry of a whole country is never in memory. What several lists of the contract's tables
say together is told in `fold`, what documents of authorities say among them in `replay`.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from registry.history import Version, held, known
from registry.importing.edits import Edit, edits_of, laid_over
from registry.importing.fold import (
    Difference,
    Earlier,
    Key,
    ListDay,
    Listed,
    Wanted,
    differences,
    fold,
    is_between,
    is_stale,
    replaced_since,
    restored,
)
from registry.importing.groups import DEPENDENT, Coming, Replays, by_group, earlier, is_mixed
from registry.importing.planned import ImportPlan, Step
from registry.importing.source import DROPPED, problem
from registry.importing.spool import ReadRow
from registry.importing.stated import encoded_rows
from registry.importing.wholes import BESIDE, in_force, left_out, whole_tables
from registry.imports import ImportKind, ImportRecord
from registry.index import CHUNK, chunks
from registry.models import TABLES
from registry.revision import all_groups, newest_replacement
from registry.shape import Shape, Values, shape


def steps(session: Session, plan: ImportPlan) -> Iterator[Step]:
    """Works out a plan's changes, a few hundred groups at a time, and counts them in it.

    A step may be carried out before the next is asked for.
    """
    session.flush()
    everything = all_groups(session) if plan.replaces else []
    coming = _coming(plan, newest_replacement(session))
    working = _Working(session, plan, coming, Replays(session, coming))
    left = left_out(session, coming.whole, coming.accredited) if not plan.replaces else []
    # In the tables' own order, so that laboratories come before what is said of them.
    for table in TABLES:
        shaped, read = shape(table), plan.tables.get(table)
        listed = read.rows.names if read else set()
        for batch in read.rows.batches(CHUNK) if read else ():
            yield working.step(shaped, batch)
        unnamed = (each for each in everything if shaped.is_claim == ("/" in each))
        for some in chunks(sorted(set(unnamed) - listed)):
            yield working.step(shaped, {group: [] for group in some})
        ended = set(left) - listed if table in coming.tables else set()
        for some in chunks(sorted(ended)):
            yield working.left_out(shaped, some)
        if working.depends(table):
            others = {*coming.accredited, *left} - listed - ended
            for some in chunks(sorted(others)):
                yield working.dependent(shaped, some)
    working.tell()
    plan.problems.sort(key=lambda each: (each.file, each.line))


def _coming(plan: ImportPlan, since: int) -> Coming:
    """What is to be known of a plan's list where it is set beside others."""
    assert plan.list_date is not None
    read = plan.tables.get("accreditations")
    return Coming(
        plan.source_name,
        ListDay(plan.list_date, plan.kind is ImportKind.CORRECTION),
        plan.stated,
        plan.adds,
        plan.replaces,
        since,
        plan.whole,
        plan.snapshot,
        frozenset(whole_tables(plan)),
        read.rows.names if read else frozenset(),
    )


# After all imports so far.
LATEST = 2**31 - 1


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

    def depends(self, table: str) -> bool:
        """Whether groups of a table may change that the list does not name."""
        if self.plan.replaces or not self.coming.accredited:
            return False
        return table in DEPENDENT or (table in BESIDE and bool(self.replays.wholes.of(table)))

    def dependent(self, shaped: Shape, groups: Sequence[str]) -> Step:
        """What changes in groups that the list does not name, by what it says elsewhere."""
        told = earlier(self.session, shaped.name, groups, self.coming.since)
        silent = self.replays.silent(shaped.name, told, ())
        return self._beside(
            shaped,
            {group: each for group, each in told.items() if is_mixed(each) or group in silent},
        )

    def left_out(self, shaped: Shape, groups: Sequence[str]) -> Step:
        """What changes in groups of laboratories that a whole list leaves out."""
        told = earlier(self.session, shaped.name, groups, self.coming.since)
        step = self._beside(shaped, told)
        if shaped.name == "accreditations":
            ended = {
                shaped.group(each.before.values)
                for each in step.differences
                if each.before is not None
            }
            stay = in_force(self.session, self.plan.whole, self.coming.this.day, groups) - ended
            self.replays.told.ended += len(ended)
            self.replays.told.kept += len(stay)
        return step

    def _beside(self, shaped: Shape, told: Mapping[str, list[Earlier]]) -> Step:
        found = []
        connection = self.session.connection()
        now = by_group(shaped, held(connection, shaped, list(told))) if told else {}
        whole = self._edited(shaped, told, self.replays.wanted(shaped, told, {}))
        for group, wanted in whole.items():
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
        complete = {
            group: listed_rows(plan, shaped, rows)
            for group, rows in batch.items()
            if group not in plan.stated.get(shaped.name, ())
        }
        anew = self._anew(shaped, batch, told)
        replayed = self._edited(shaped, told, self.replays.wanted(shaped, anew, complete))
        edits = self._edits(shaped, batch)
        for group in anew.keys() & complete.keys():
            plan.complete[shaped.name, group] = encoded_rows(shaped, complete[group])
        if shaped.name in plan.tables and plan.tables[shaped.name].dropped:
            for group, stated in complete.items():
                if any(row.dropped_on for row in stated.values()):
                    # It cannot be told from what is held that this list states them.
                    plan.complete[shaped.name, group] = encoded_rows(shaped, stated)
        plain = {group: each for group, each in told.items() if group not in anew}
        starts = _starts(connection, shaped, plain, this)
        depended = self._depended(list(batch)) if shaped.name == "accreditations" else set()
        for group, rows in batch.items():
            lists = told.get(group, [])
            plan.unchanged += len(rows)
            if is_stale(lists, this.day):
                continue
            if not any((one.day, one.corrects) == (this.day, this.corrects) for one in lists):
                plan.news = True
            if group in anew:
                wanted = replayed[group]
            else:
                start = [] if plan.replaces else starts.get(group, now.get(group, []))
                if group in starts:
                    lists = [one for one in lists if one.day != this.day]
                wanted = fold(shaped, start, complete[group], lists, this)
                if group in edits:
                    wanted = laid_over(shaped, wanted, edits[group], [*lists, self._this])
                if group in depended:
                    self.replays.know(group, wanted)
            found = [each for each in differences(shaped, now.get(group, []), wanted) if each]
            plan.unchanged -= sum(
                each.after is not None and each.after.stated_by is None for each in found
            )
            yield found

    @property
    def _this(self) -> Earlier:
        """The list that is being imported, among those before it."""
        this = self.coming.this
        return Earlier(LATEST, this.day, this.corrects, self.plan.snapshot)

    def _edits(self, shaped: Shape, groups: Collection[str]) -> dict[str, list[Edit]]:
        """What was said of single rows of some groups."""
        if self.plan.replaces or not groups:
            return {}
        return edits_of(self.session, shaped, list(groups), self.coming.since)

    def _edited(
        self,
        shaped: Shape,
        told: Mapping[str, Sequence[Earlier]],
        wanted: dict[str, dict[Key, Wanted]],
    ) -> dict[str, dict[Key, Wanted]]:
        """What lists gone through anew say, with what was said of single rows."""
        edits = self._edits(shaped, wanted)
        for group, each in edits.items():
            lists = [*told.get(group, ()), self._this]
            wanted[group] = laid_over(shaped, wanted[group], each, lists)
        return wanted

    def _anew(
        self,
        shaped: Shape,
        batch: Mapping[str, list[ReadRow]],
        told: Mapping[str, list[Earlier]],
    ) -> dict[str, list[Earlier]]:
        """Groups whose lists have to be gone through from the first to the last, with these.

        Of the others the list is the newest, and comes on top of what is held.
        """
        table, day = shaped.name, self.coming.this.day
        given = self.plan.stated.get(table, ())
        silent = self.replays.silent(table, {group: told.get(group, []) for group in batch}, batch)
        for group in silent:
            claims = {claim for one in silent[group] for claim in one.claims}
            # The list that leaves it out cannot be taken back without this one.
            self.plan.touched.update((table, claim) for claim in claims)
        found = {}
        for group, rows in batch.items():
            lists = told.get(group, [])
            if rows and (
                group in given or group in silent or is_mixed(lists) or is_between(lists, day)
            ):
                found[group] = lists
        return found

    def _depended(self, groups: Sequence[str]) -> set[str]:
        """Laboratories of which something is understood by their accreditations."""
        found: set[str] = set()
        if self.plan.replaces:
            return found
        for table in BESIDE:
            wholes = self.replays.wholes.of(table)
            if not wholes and (table not in DEPENDENT or not self.documents()):
                continue
            told = earlier(self.session, table, groups, self.coming.since)
            found |= self.replays.silent(table, told, ()).keys()
            found |= {group for group, each in told.items() if is_mixed(each)}
        return found

    def documents(self) -> bool:
        """Whether the registry knows of any document of an authority."""
        snapshots = select(ImportRecord.id).where(col(ImportRecord.snapshot)).limit(1)
        return self.session.exec(snapshots).first() is not None

    def tell(self) -> None:
        """What was found out of documents on the way."""
        plan, told = self.plan, self.replays.told
        plan.problems += told.problems
        undated = [
            problem(plan.source_name, 0, "valid_from", "no_first_day", table=table, count=count)
            for table, count in told.undated.items()
            if count
        ]
        for what, count in (("whole_ends", told.ended), ("whole_keeps", told.kept)):
            if count:
                claims = ", ".join(sorted(plan.whole))
                undated.append(problem(plan.source_name, 0, "", what, count=count, claims=claims))
        if plan.whole and not any(
            one.day == self.coming.this.day and plan.whole <= one.claims
            for one in self.replays.wholes.of("accreditations")
        ):
            plan.news = True
        # Steps may be worked out twice, to be shown and to be carried out.
        plan.warnings += [one for one in (*told.warnings, *undated) if one not in plan.warnings]


def listed_rows(plan: ImportPlan, shaped: Shape, rows: Sequence[ReadRow]) -> dict[Values, Listed]:
    """A group's rows by their keys; one that repeats another's is a problem."""
    file = plan.tables[shaped.name].file if rows else ""
    key_of = shaped.key
    found: dict[Values, Listed] = {}
    for line, values, place, dropped_on in rows:
        key = key_of(values)
        first = line
        if key in found:
            first = next(row.line for row in rows if key_of(row.values) == key)
        if first == line:
            found[key] = Listed(values, place or f"{file}:{line}", dropped_on)
            if dropped_on is not None and plan.list_date and dropped_on > plan.list_date:
                told = problem(file, line, DROPPED, "dropped_later", day=plan.list_date)
                plan.problems.append(told)
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
