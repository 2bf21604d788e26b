"""What would break: a check counted in no batch or in two, a plan lost to somebody else's, a lot
that nobody can draw again."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import doctest
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from certcheck.accounts.roles import Role
from certcheck.audit import Who
from certcheck.errors import explain
from certcheck.inspections import assigned, draws
from certcheck.inspections.draws import Draws, Lot, What
from certcheck.inspections.errors import (
    InspectionUnknownError,
    MovedOnError,
    PlanError,
    PoolError,
    StateError,
)
from certcheck.inspections.plans import MOVES, Goal, Inspections, Plan, State
from certcheck.inspections.tables import Assigned
from certcheck.market import circumstances
from registry import store
from tests.certcheck.test_accounts import Office
from tests.certcheck.work_store import request

CHIEF = C = Who("person", "0" * 16, "chief")
LI, WANG = Who("person", "1" * 16, "li"), Who("person", "2" * 16, "wang")
DAY = dt.date(2026, 11, 1)
PLAN = Plan(
    "石佛寺市场秋季抽查", DAY, DAY + dt.timedelta(days=40),
    (Goal("石佛寺市场", "", "", 20), Goal("", "", "某机构", 5)), note="按年度计划",
)  # fmt: skip


@pytest.fixture
def office(work_url: str | None, tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path, work_url)
    made.clock.now = dt.datetime(2026, 11, 10, 1, tzinfo=dt.UTC)
    yield made
    made.work.close()


@pytest.fixture
def plans(office: Office) -> Inspections:
    return Inspections(office.work.engine, office.clock)


def test_a_plan_is_kept_as_it_was_written_and_changed_by_one_at_a_time(
    office: Office, plans: Inspections
) -> None:
    li, wang = office.add("li", Role.INSPECTOR), office.add("wang", Role.INSPECTOR)
    made = plans.plan(dc.replace(PLAN, members=(li.id,)), by=CHIEF)
    assert (made.number, made.state, made.wanted) == ("2026-001", State.PLANNED, 25)
    assert made.names == ("li",) and made.plan.goals == PLAN.goals
    assert plans.get(made.id) == made
    changed = dc.replace(PLAN, title="改过的", goals=PLAN.goals[:1], members=(wang.id,))
    again = plans.change(made.id, made.version, changed, by=CHIEF)
    assert (again.plan.title, again.names, again.wanted) == ("改过的", ("wang",), 20)
    with pytest.raises(MovedOnError):
        plans.change(made.id, made.version, PLAN, by=WANG)
    assert plans.get(made.id) == again, "who comes second changes nothing"
    with pytest.raises(PlanError) as nobody:
        plans.change(made.id, again.version, dc.replace(PLAN, members=("0",)), by=CHIEF)
    assert explain(nobody.value).http_status == 422 and plans.get(made.id) == again
    assert plans.plan(PLAN, by=LI).number == "2026-002"
    with pytest.raises(InspectionUnknownError):
        plans.get("0")
    assert [one.number for one in plans.page()[0]] and plans.page()[1] == 2
    assert plans.page(state=State.CLOSED) == ([], 0)


def test_it_goes_only_where_it_may_and_says_why(plans: Inspections) -> None:
    for was in State:
        for wanted in State:
            one = plans.plan(PLAN, by=CHIEF)
            if was is not State.PLANNED:
                one = plans.move(one.id, one.version, was, by=CHIEF, said="x")
            if wanted in MOVES[was]:
                one = plans.move(one.id, one.version, wanted, by=CHIEF, said="查完了")
                assert one.state is wanted
                assert (one.closed_at is None) == (wanted is not State.CLOSED)
                assert one.outcome == ("查完了" if wanted is State.CLOSED else "")
            else:
                with pytest.raises(StateError):
                    plans.move(one.id, one.version, wanted, by=CHIEF, said="x")
    with pytest.raises(PlanError):
        one = plans.plan(PLAN, by=CHIEF)
        plans.move(one.id, one.version, State.CLOSED, by=CHIEF)
    assert plans.get(one.id).state is State.PLANNED
    one = plans.move(one.id, one.version, State.CLOSED, by=CHIEF, said="取消")
    with pytest.raises(StateError):
        plans.change(one.id, one.version, PLAN, by=CHIEF)


@pytest.mark.parametrize(
    "change",
    [
        {"title": " "}, {"title": "长" * 101}, {"ends_on": DAY - dt.timedelta(days=1)},
        {"ends_on": DAY + dt.timedelta(days=900)}, {"goals": ()}, {"note": "长" * 2001},
        {"goals": (Goal("a", "", "", 0),)}, {"goals": (Goal("a" * 101, "", "", 1),)},
        {"goals": (Goal("a", "", "", 1), Goal("a", "", "", 2))},
    ],
)  # fmt: skip
def test_what_cannot_be_a_plan(change: dict[str, object]) -> None:
    with pytest.raises(PlanError) as told:
        dc.replace(PLAN, **change)  # type: ignore[arg-type]
    assert explain(told.value).http_status == 422


def test_a_check_is_in_one_batch_and_offered_to_those_who_take_part(
    office: Office, plans: Inspections
) -> None:
    li, wang = office.add("li", Role.INSPECTOR), office.add("wang", Role.INSPECTOR)
    all_, his = plans.plan(PLAN, by=C), plans.plan(dc.replace(PLAN, members=(li.id,)), by=C)
    today, now = dt.date(2026, 11, 10), office.clock.now
    with store.session(office.work.engine) as opened:
        assert assigned.choices(opened, li.id, today) == [], "nothing has begun"
        with pytest.raises(StateError):
            assigned.assign(opened, "k1", all_.id, by="li", at=now)
    all_, his = (plans.move(one.id, one.version, State.UNDER_WAY, by=C) for one in (all_, his))
    with store.session(office.work.engine) as opened:
        assert [one.id for one in assigned.choices(opened, li.id, today)] == [all_.id, his.id]
        assert [one.id for one in assigned.choices(opened, wang.id, today)] == [all_.id]
        assert assigned.choices(opened, li.id, PLAN.ends_on + dt.timedelta(days=1)) == []
        assigned.assign(opened, "k1", all_.id, by="li", at=now)
        assigned.assign(opened, "k1", his.id, by="li", at=now)
        assigned.assign(opened, "k2", his.id, by="li", at=now)
        with pytest.raises(InspectionUnknownError):
            assigned.assign(opened, "k3", "0", by="li", at=now)
        opened.commit()
    plans.move(his.id, his.version, State.CLOSED, by=C, said="查完")
    with store.session(office.work.engine) as opened:
        assigned.assign(opened, "late", his.id, by="li", at=now)
        found = assigned.inspections_of(opened, ["k1", "k2", "k9", "late"])
        assert {key: one.id for key, one in found.items()} == dict.fromkeys(
            ("k1", "k2", "late"), his.id
        )
        assert assigned.release(opened, ["k1", "k9"]) == 1
        assert set(assigned.inspections_of(opened, ["k1", "k2"])) == {"k2"}


def test_a_phone_puts_its_checks_where_it_says(office: Office, plans: Inspections) -> None:
    """Also where nothing of that name is under way: then it is a check all the same."""
    li = office.add("li", Role.INSPECTOR)
    open_, shut = plans.plan(PLAN, by=C), plans.plan(PLAN, by=C)
    plans.move(open_.id, open_.version, State.UNDER_WAY, by=C)
    found = {}
    for at, batch in enumerate((open_.id, shut.id, "nowhere", "")):
        said = {"key": f"{at:032x}", "captured_at": "2026-11-10T10:00:00Z", "batch": batch}
        about = circumstances.told(said)
        asked = request(owner=f"person:{li.id}")
        made = circumstances.accept(office.work, io.BytesIO(b"%d" % at), None, asked, about)
        found[made.check_id] = batch
    with store.session(office.work.engine) as opened:
        inside = assigned.inspections_of(opened, list(found))
        assert {found[key]: one.id for key, one in inside.items()} == {open_.id: open_.id}
        (row,) = opened.exec(select(Assigned)).all()
        assert row.by == "li"
    office.work.forget(row.check_id)
    with store.session(office.work.engine) as opened:
        assert not opened.exec(select(Assigned)).all(), "it goes with its check"


def test_a_lot_can_be_drawn_again_by_anybody(office: Office, plans: Inspections) -> None:
    one, lots = plans.plan(PLAN, by=C), Draws(office.work.engine, office.clock)
    stalls = draws.names("\n".join(f"{at}号 " for at in range(40)) + "\n\n")
    made = lots.draw(one.id, Lot(What.STALLS, stalls, 5), by=C)
    by_hand = sorted(
        stalls, key=lambda name: hashlib.sha256(f"{made.seed}\n{name}".encode()).hexdigest()
    )
    assert list(made.drawn) == by_hand[:5] and made.repeats and len(made.seed) == 32
    assert not dc.replace(made, drawn=tuple(reversed(made.drawn))).repeats
    with pytest.raises(PoolError):
        lots.draw(one.id, Lot(What.STALLS, stalls, 5), by=C)
    again = lots.draw(one.id, Lot(What.STALLS, stalls, 3, "8 2 6", "有摊位停业"), by=C)
    assert again.drawn == tuple(draws.order("8 2 6", stalls)[:3])
    assert lots.of(one.id) == [again, made], "what was drawn before is kept"
    one = draws.into_plan(plans, one, again, 2, by=C)
    wanted = [Goal(market, name, "", 2) for market in ("", "石佛寺市场") for name in again.drawn]
    assert list(one.plan.goals) == wanted
    people = tuple(office.add(name, Role.INSPECTOR).id for name in "abc")
    who = lots.draw(one.id, Lot(What.PEOPLE, people, 2), by=C)
    assert set(draws.into_plan(plans, one, who, 1, by=C).plan.members) == set(who.drawn)
    one = plans.get(one.id)
    plans.move(one.id, one.version, State.UNDER_WAY, by=C)
    with pytest.raises(StateError):
        lots.draw(one.id, Lot(What.LABS, ("甲",), 1), by=C)


def test_the_example_of_a_lot_holds() -> None:
    result = doctest.testmod(draws)
    assert result.attempted and not result.failed


@pytest.mark.parametrize("text", ["", "甲\n乙\n甲", "长" * 101, "\n".join(map(str, range(10_001)))])
def test_a_list_that_nothing_can_be_drawn_from(text: str) -> None:
    with pytest.raises(PoolError):
        draws.names(text)
