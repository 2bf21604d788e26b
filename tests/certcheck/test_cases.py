"""What would break: a step taken by who may not, or lost between two people, a day counted wrong,
a history that is not what happened, and who complained shown to others or kept for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from certcheck import messages
from certcheck.accounts.people import People
from certcheck.accounts.roles import Role
from certcheck.audit.tables import AuditRow
from certcheck.cases import book, classes, deadlines, desk, history, opening, people, rules, taking
from certcheck.cases.errors import (
    CaseChangedError,
    CaseNeedsError,
    CaseUnknownError,
    NothingToOpenError,
    StepRefusedError,
    StillDueError,
)
from certcheck.cases.opening import Told, Wish
from certcheck.cases.rules import Hold, Source, State
from certcheck.cases.tables import NEVER, CaseDeadline, CaseFile, CaseThing, Complainant
from certcheck.runner.tables import Check
from certcheck.runner.work import Work
from registry import store
from tests.certcheck.work_store import Clock, send, settings
from tests.web.staff import PASSWORD, quick

# A Friday.
DAY = dt.datetime(2026, 9, 18, 2, tzinfo=dt.UTC)
WHO = "王小明"
FORMS = {
    "file": {"category": "unaccredited", "reason": "查实"},
    "decline": {"ground": "no_fact", "reason": "没有发现"},
    "refer": {"recipient": "police", "recipient_name": "县公安局", "reason": "涉嫌犯罪"},
    "close": {"result": "penalised", "category": "marks", "reason": "已处罚"},
    "reopen": {"reason": "新线索"},
    "return": {"reason": "再查"},
    "note": {"reason": "去过了"},
}


class Office:
    """A work store with people of every role and a clock.

    Attributes:
        work: the store.
        clock: its clock.
        by: a person of each role, and a second inspector, `other`.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.clock = Clock()
        self.clock.now = DAY
        self.work = Work(settings(folder, url=url), self.clock)
        office = People(self.work.engine, self.clock, quick())
        roles = (Role.INSPECTOR, Role.CHIEF, Role.KEEPER, Role.ADMIN, Role.STREAMER)
        self.by = {
            str(role): office.add(str(role), role, PASSWORD, must_change=False) for role in roles
        }
        self.by["other"] = office.add("other", Role.INSPECTOR, PASSWORD, must_change=False)

    def open(self, source: Source = Source.REPORT, by: str = "inspector", **told: str) -> int:
        day = dt.date(2026, 9, 18)
        wish = Wish(title="A", told=Told(source, day, "证书查不到", **told))
        return opening.open_case(self.work, self.by[by], wish)

    def take(self, case_id: int, key: str, by: str = "chief", **form: str) -> None:
        version = self.row(case_id).version
        told = {**FORMS.get(key, {}), **form}
        taking.take(self.work, case_id, key, self.by[by], told, version)

    def row(self, case_id: int) -> CaseFile:
        with store.session(self.work.engine) as opened:
            return opened.get_one(CaseFile, case_id)

    def look(self, case_id: int, by: str = "inspector") -> book.Standing:
        with store.session(self.work.engine) as opened:
            found = book.look(opened, case_id, self.by[by])
        assert found is not None
        return found

    def due(self, case_id: int) -> dict[str, dt.date]:
        return {one.kind: one.due_on for one in self.look(case_id).deadlines if not one.ended_at}


@pytest.fixture
def office(work_url: str | None, tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path, work_url)
    yield made
    made.work.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.work.close()


def test_the_whole_life_of_a_case_is_in_its_log(office: Office) -> None:
    case_id = office.open(name=WHO, phone="138")
    office.take(case_id, "take", "inspector")
    office.take(case_id, "ask", "inspector", move="file", **FORMS["file"])
    assert office.row(case_id).asked == "file"
    office.take(case_id, "return")
    office.take(case_id, "ask", "inspector", move="file", **FORMS["file"])
    office.take(case_id, "file")
    assert office.due(case_id) == {
        "tell_reporter": dt.date(2026, 9, 24), "decide": dt.date(2026, 12, 17)
    }  # fmt: skip
    office.clock.on(days=12)
    with pytest.raises(StillDueError):
        office.take(case_id, "close")
    office.take(case_id, "tell", "inspector", event="reporter_told", day="2026-09-30")
    office.take(case_id, "close")
    found = office.look(case_id)
    assert found.state is State.CLOSED and not found.differences and not found.row.active
    assert found.row.late, "told on 30 September what was due on the 24th"
    assert found.row.result == "penalised" and found.row.category == "marks"
    assert [one.what.partition(".")[2] for one in found.entries] == [
        "open", "take", "ask", "return", "ask", "file", "tell", "close",
    ]  # fmt: skip
    assert {one.who_name for one in found.entries} == {"inspector", "chief"}
    assert WHO not in "".join(one.detail for one in found.entries)
    assert found.row.due_on == NEVER
    office.take(case_id, "reopen")
    assert office.look(case_id).state is State.CHECKING and office.row(case_id).result == ""
    with store.session(office.work.engine) as opened:
        assert not list(history.differing(opened))


def test_a_state_that_nobody_moved_it_to_is_told_and_does_not_count(office: Office) -> None:
    case_id, second = office.open(), office.open()
    with Session(office.work.engine) as opened:
        changed = update(CaseFile).where(col(CaseFile.id) == case_id)
        opened.exec(changed.values(state="closed", owner=None))
        opened.add(CaseFile(**office.row(second).model_dump(exclude={"id"})))
        opened.commit()
    found = office.look(case_id)
    assert found.state is State.PENDING
    assert {one.what: (one.held, one.logged) for one in found.differences} == {
        "state": ("closed", "pending"), "owner": ("", office.by["inspector"].id)
    }  # fmt: skip
    with store.session(office.work.engine) as opened:
        told = [(one.case_id, one.what) for one in history.differing(opened)]
    assert told == [(case_id, "state"), (case_id, "owner"), (second + 1, "missing")]


def test_of_two_people_at_once_the_second_is_told(office: Office) -> None:
    case_id = office.open()
    seen = office.row(case_id).version
    office.take(case_id, "take", "inspector")
    for key in ("take", "file"):
        with pytest.raises(CaseChangedError):
            taking.take(office.work, case_id, key, office.by["chief"], FORMS["file"], seen)
    # What only adds takes nothing from the other.
    taking.take(office.work, case_id, "note", office.by["other"], FORMS["note"], seen)
    assert [one.what for one in office.look(case_id).entries] == [
        "case.open", "case.take", "case.note",
    ]  # fmt: skip


# By hand: who may take a step in which state. i: an inspector with his own case, n: with nobody's,
# x: with a colleague's; c: chief, k: keeper, a: administrator.
TABLE = """
step        pending checking filed  referred declined closed
look        inxcka  inxcka   inxcka inxcka   inxcka   inxcka
take        inc     -        -      -        -        -
file        -       c        -      -        -        -
decline     -       c        -      -        -        -
refer       -       c        c      -        -        -
close       -       -        c      c        c        -
reopen      -       -        -      c        c        c
ask         -       i        i      i        i        i
withdraw    -       i        i      i        i        i
return      -       c        c      c        c        c
hand_over   inc     inc      inc    inc      inc      -
note        inxc    inxc     inxc   inxc     inxc     inxc
attach      inc     inc      inc    -        -        -
detach      inc     inc      inc    -        -        -
tell        inc     inc      inc    inc      inc      -
remind      inc     inc      inc    inc      inc      -
done        inc     inc      inc    inc      inc      -
extend      c       c        c      c        c        -
letter      -       ic       ic     -        -        -
complainant ic      ic       ic     ic       ic       ic
"""
WHOM = {
    "i": (Role.INSPECTOR, Hold.OWNER), "n": (Role.INSPECTOR, Hold.NOBODY),
    "x": (Role.INSPECTOR, Hold.OTHERS), "c": (Role.CHIEF, Hold.OTHERS),
    "k": (Role.KEEPER, Hold.OTHERS), "a": (Role.ADMIN, Hold.OTHERS),
}  # fmt: skip


def test_who_may_do_what_is_as_it_was_agreed() -> None:
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    agreed = {
        (row[0], State(state)): cell.strip("-") for row in rows
        for state, cell in zip(head[1:], row[1:], strict=True)
    }  # fmt: skip
    assert {key for key, _ in agreed} | {"open"} == set(rules.steps())
    for (key, state), who in agreed.items():
        for letter, (role, hold) in WHOM.items():
            assert rules.allowed(key, state, role, hold) == (letter in who), (key, state, letter)
        for role in (Role.VISITOR, Role.CLIENT, Role.STREAMER):
            assert not any(rules.allowed(key, state, role, hold) for hold in Hold), (key, role)
    may_open = {role for role in Role if rules.steps()["open"].allows(role, Hold.NOBODY)}
    assert may_open == {Role.INSPECTOR, Role.CHIEF}


def test_what_a_step_needs_has_to_be_told(small: Office) -> None:
    case_id = small.open()
    small.take(case_id, "take", "inspector")
    version = small.row(case_id).version
    wrong = (
        ("file", {"reason": " "}), ("file", {"category": "?"}), ("refer", {"recipient": ""}),
        ("refer", {"recipient_name": ""}), ("decline", {"ground": "x"}),
        ("hand_over", {"owner": "keeper", "reason": "a"}), ("note", {"reason": "a" * 2001}),
        ("hand_over", {"owner": "inspector", "reason": "a"}), ("tell", {"event": "accepted"}),
        ("remind", {"label": "去看", "day": "2026-09-01"}), ("remind", {"label": "", "day": "x"}),
        ("extend", {"deadline": "77", "reason": "a"}), ("attach", {"check": "f" * 40}),
        ("note", {"reason": "a\0"}),
    )  # fmt: skip
    for key, form in wrong:
        with pytest.raises(CaseNeedsError):
            small.take(case_id, key, **form)
    assert small.row(case_id).version == version and len(small.look(case_id).entries) == 2
    with pytest.raises(CaseUnknownError):
        taking.take(small.work, 99, "take", small.by["chief"], {}, 1)
    with pytest.raises(NothingToOpenError):
        opening.open_case(small.work, small.by["chief"], Wish("A"))
    for role in ("keeper", "admin", "streamer"):
        with pytest.raises(StepRefusedError):
            small.open(by=role)
    future = Told(Source.REPORT, dt.date(2026, 9, 19), "a")
    with pytest.raises(CaseNeedsError):
        opening.open_case(small.work, small.by["chief"], Wish(told=future))


def test_times_of_a_complaint_follow_one_another(small: Office) -> None:
    """Seven days to accept, 45 to mediate, longer by what a test took, seven to tell."""
    case_id = small.open(Source.COMPLAINT)
    assert small.due(case_id) == {
        "accept": dt.date(2026, 9, 29), "verify": dt.date(2026, 10, 15)
    }  # fmt: skip
    small.take(case_id, "tell", "inspector", event="accepted", day="2026-09-18")
    assert small.due(case_id)["mediate"] == dt.date(2026, 11, 26)
    (one,) = (row for row in small.look(case_id).deadlines if row.kind == "mediate")
    small.take(case_id, "extend", deadline=str(one.id), days="10", reason="送检")
    assert small.due(case_id)["mediate"] == dt.date(2026, 12, 10)
    (one,) = (row for row in small.look(case_id).deadlines if row.kind == "verify")
    small.take(case_id, "extend", deadline=str(one.id), reason="案情复杂")
    assert small.due(case_id)["verify"] == dt.date(2026, 11, 5)
    with pytest.raises(CaseNeedsError):  # once only
        small.take(case_id, "extend", deadline=str(one.id), reason="again")
    small.take(case_id, "tell", "inspector", event="ended")
    assert small.due(case_id)["mediation_told"] == dt.date(2026, 9, 29)
    assert small.row(case_id).due_on == dt.date(2026, 9, 29)


def test_beyond_published_holidays_a_day_is_not_sure_and_is_counted_again(
    small: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.clock.now = DAY + dt.timedelta(days=90)
    case_id = small.open(Source.COMPLAINT)
    small.take(case_id, "tell", "inspector", event="accepted")
    (one,) = (row for row in small.look(case_id).deadlines if row.kind == "mediate")
    assert not one.sure and one.due_on.year == 2027
    from certcheck.cases import running, workdays

    was = workdays.is_workday
    new_year = dt.date(2027, 1, 1)
    monkeypatch.setattr(workdays, "known", lambda day: True)
    monkeypatch.setattr(workdays, "is_workday", lambda day: day != new_year and was_weekday(day))

    def was_weekday(day: dt.date) -> bool:
        return was(day) if day.year < 2027 else day.weekday() < 5

    with store.session(small.work.engine) as opened:
        store.write(opened)
        assert running.recount(opened) >= 1
        opened.commit()
    (again,) = (row for row in small.look(case_id).deadlines if row.kind == "mediate")
    assert again.sure and again.due_on > one.due_on


def test_who_complained_is_seen_by_few_and_forgotten(office: Office) -> None:
    case_id = office.open(name=WHO, phone="138", address="某处")
    seen = {
        name: office.look(case_id, name).complainant for name in office.by if name != "streamer"
    }
    assert {name for name, one in seen.items() if one} == {"inspector", "chief"}
    with pytest.raises(StepRefusedError):
        people.tell(office.work, case_id, office.by["other"], {"name": "x"})
    people.tell(office.work, case_id, office.by["chief"], {"name": WHO, "phone": "139"})
    office.take(case_id, "take", "inspector")
    office.take(case_id, "decline")
    office.clock.on(days=179)
    office.work.sweep()
    assert office.look(case_id).complainant is not None
    office.clock.on(days=1)
    office.work.sweep()
    assert office.look(case_id).complainant is None
    with store.session(office.work.engine) as opened:
        assert not opened.exec(select(Complainant)).all()
        assert not [one for one in opened.exec(select(AuditRow)).all() if WHO in one.detail]


def test_a_check_of_a_case_stays(small: Office) -> None:
    check_id, other = send(small.work, b"a"), send(small.work, b"b")
    case_id = opening.open_case(small.work, small.by["inspector"], Wish("A", [check_id]))
    small.take(case_id, "attach", "inspector", check=f"http://x/checks/{other}?lang=en")
    small.clock.on(days=400)
    small.work.sweep()
    with store.session(small.work.engine) as opened:
        assert {one.id for one in opened.exec(select(Check)).all()} == {check_id, other}
        assert {one.ref for one in opened.exec(select(CaseThing)).all()} == {check_id, other}


def test_lists_are_turned_without_a_case_lost_or_twice(office: Office) -> None:
    me, moment = office.by["inspector"], office.clock.now
    with Session(office.work.engine) as opened:
        for at in range(75):
            due = dt.date(2026, 9, 10 + at % 7) if at % 3 else NEVER
            row = CaseFile(
                title=str(at), source="check", state="checking", opened_by="x", opened_at=moment,
                changed_at=moment, owner=me.id if at % 5 else None, due_on=due,
            )  # fmt: skip
            opened.add(row)
            opened.flush()
            if due != NEVER:
                opened.add(
                    CaseDeadline(case_id=row.id, kind="verify", began_on=due, due_on=due, sure=True)
                )
        opened.commit()
        today = dt.date(2026, 9, 14)
        for view, total in (("mine", 60), ("open", 75), ("all", 75), ("free", 15)):
            turned, back = _turn(opened, desk.Wish(view, me.id), today)
            assert turned == back and len(turned) == len(set(turned)) == total, view
        rows = _turn(opened, desk.Wish("open", me.id), today)[0]
        held = {row.id: row for row in opened.exec(select(CaseFile)).all()}
        assert rows == sorted(rows, key=lambda one: (held[one].due_on, one))
        counted = desk.counts(opened, me.id, today)
        late = [one for one in held.values() if one.due_on < today]
        assert counted["mine"] == 60 and counted["overdue"] == len(late) > 10
        soon = desk.due_within(opened, today, 1, me.id)
        near = sum(one.due_on >= today for _, one in soon)
        assert desk.due_counts(opened, today, 1, me.id) == (len(soon) - near, near)
        assert soon and all(one.due_on <= dt.date(2026, 9, 15) for _, one in soon)
        assert all(line.row.owner == me.id and line.owner == "inspector" for line, _ in soon)


def _turn(opened: Session, wish: desk.Wish, today: dt.date) -> tuple[list[int], list[int]]:
    """Ids of all pages, turned forwards, and backwards from the last."""
    page = desk.page(opened, wish, today)
    there = [page]
    while page.older:
        page = desk.page(opened, desk.Wish(wish.view, wish.me, after=page.older), today)
        there.append(page)
    back = [page]
    while page.newer:
        page = desk.page(opened, desk.Wish(wish.view, wish.me, before=page.newer), today)
        back.insert(0, page)
    return _ids(there), _ids(back)


def _ids(pages: list[desk.Page]) -> list[int]:
    return [line.row.id or 0 for page in pages for line in page.lines]


def test_the_data_files_fit_together() -> None:
    """Every key has its sentence, and what a file names another has."""
    known = messages.catalogue()
    steps = set(rules.steps())
    for key, one in deadlines.rules().items():
        assert f"case.due.{key}" in known, key
        assert one.starts | one.ends <= steps | set(deadlines.events()) | {deadlines.RECEIVED}
        assert deadlines.ground(one, dt.date(2026, 11, 22)).check, "the newest text was not seen"
    for key, after in deadlines.events().items():
        assert f"case.event.{key}" in known and key in deadlines.rules()[after].ends
    for one in classes.classes().results.values():
        assert one.of and all(State.CLOSED is rules.steps()["close"].to for _ in one.of)
    assert {state for one in classes.classes().results.values() for state in one.of} == set(
        rules.steps()["close"].sources
    )
    assert classes.category_of([2]) == "beyond_scope" and classes.category_of([]) == ""
