"""What would break: a deed changed afterwards, taken out or put in, and nobody notices."""

from __future__ import annotations

import concurrent.futures
import dataclasses as dc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from certcheck import audit
from certcheck.audit import log
from certcheck.audit.chain import GENESIS, Entry, Head, digest, first_difference, sealed
from certcheck.runner.store import open_store
from registry import store

CHEN = audit.Who("person", "0011", "chen")
CASE = ("case", "2026-0007")


@pytest.fixture
def both(work_url: str | None, tmp_path: Path) -> Iterator[list[Engine]]:
    """Two servers with one work store."""
    engines = [open_store(tmp_path, work_url) for _ in range(2)]
    yield engines
    for one in engines:
        one.dispose()


def write(engine: Engine, what: str, **more: object) -> None:
    with store.session(engine) as opened:
        store.write(opened)
        audit.write(opened, who=CHEN, what=what, about=CASE, detail=more)
        opened.commit()


def entries(engine: Engine) -> list[Entry]:
    with store.session(engine) as opened:
        return [Entry(**row) for row in log.rows(opened)]


def test_rows_follow_one_another_and_say_who_did_what(both: list[Engine]) -> None:
    write(both[0], "case.opened", note="三枚，编号 NYB38846766")
    write(both[1], "case.moved", to="核查中")
    first, second = entries(both[0])
    assert (first.seq, first.previous, second.seq, second.previous) == (
        1, GENESIS, 2, first.digest,
    )  # fmt: skip
    assert (first.who_kind, first.who_id, first.who_name) == ("person", "0011", "chen")
    assert first.told == {"note": "三枚，编号 NYB38846766"} and first.moment <= second.moment
    with store.session(both[1]) as opened:
        assert audit.head(opened) == Head(2, second.digest)
        assert audit.about(opened, [CASE, ("case", "another")]) == [first, second]
        assert first_difference(log.rows(opened)) == (None, Head(2, second.digest))


def test_what_is_rolled_back_was_not_done(both: list[Engine]) -> None:
    with store.session(both[0]) as opened:
        store.write(opened)
        audit.write(opened, who=audit.SERVER, what="case.closed", about=CASE)
        opened.rollback()
        opened.commit()
        store.write(opened)
        with pytest.raises(RuntimeError), opened.begin_nested():
            audit.write(opened, who=audit.SERVER, what="case.closed", about=CASE)
            raise RuntimeError
        audit.write(opened, who=audit.SERVER, what="case.opened", about=CASE)
        opened.commit()
    assert [one.what for one in entries(both[1])] == ["case.opened"]


def test_many_writers_leave_no_gap(both: list[Engine]) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: write(both[at % 2], "case.moved", at=at), range(24)))
    found = entries(both[0])
    assert [one.seq for one in found] == list(range(1, 25))
    assert {one.told["at"] for one in found} == set(range(24))
    assert first_difference(map(dc.asdict, found))[0] is None


def test_writers_that_hold_something_do_not_wait_for_one_another(both: list[Engine]) -> None:
    """Each has written to the log before it asks for a row that the other holds."""
    if both[0].dialect.name == "sqlite":
        pytest.skip("one writer at a time")
    with both[0].begin() as connection:
        connection.execute(text("CREATE TABLE held (id int PRIMARY KEY, n int)"))
        connection.execute(text("INSERT INTO held VALUES (1, 0)"))
    begun = threading.Barrier(2)

    def work(engine: Engine) -> None:
        with store.session(engine) as opened:
            audit.write(opened, who=CHEN, what="case.moved", about=CASE)
            begun.wait(30)
            opened.connection().execute(text("UPDATE held SET n = n + 1"))
            opened.commit()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(work, both))
    assert len(entries(both[0])) == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE work_audit SET who_name = 'wang' WHERE seq = 1",
        "DELETE FROM work_audit WHERE seq = 2",
        "INSERT INTO work_audit SELECT 9, at, who_kind, who_id, who_name, what, about_kind, "
        "about_id, detail, previous, digest FROM work_audit WHERE seq = 2",
        "INSERT INTO work_audit SELECT 3, at, who_kind, who_id, who_name, what, about_kind, "
        "about_id, detail, previous, digest FROM work_audit WHERE seq = 2",
        "REPLACE INTO work_audit SELECT 2, at, who_kind, who_id, who_name, what, about_kind, "
        "about_id, 'x', previous, digest FROM work_audit WHERE seq = 2",
        "TRUNCATE work_audit",
    ],
)
def test_the_database_refuses_to_change_it(both: list[Engine], change: str) -> None:
    sqlite = both[0].dialect.name == "sqlite"
    if change.startswith("TRUNCATE" if sqlite else "REPLACE"):
        pytest.skip("the other database's")
    write(both[0], "case.opened")
    write(both[0], "case.moved")
    before = entries(both[0])
    with pytest.raises(DBAPIError, match="work_audit: rows"), both[1].begin() as connection:
        connection.execute(text(change))
    assert entries(both[0]) == before


def test_what_cannot_be_kept_is_refused(both: list[Engine]) -> None:
    with store.session(both[0]) as opened:
        for bad in (
            {"what": "x" * 65},
            {"about": ("case", "a\0b")},
            {"detail": {"n": float("nan")}},
        ):
            whole = {"who": CHEN, "what": "case.opened", "about": CASE, **bad}
            with pytest.raises(ValueError):
                audit.write(opened, **whole)  # type: ignore[arg-type]
        opened.commit()
    write(both[0], "case.opened", odd="\ud800\0")
    assert entries(both[0])[0].told == {"odd": "?\0"}


def test_who_sells_and_who_visits_are_not_named(both: list[Engine]) -> None:
    from certcheck.accounts.people import People
    from certcheck.accounts.roles import Role
    from tests.certcheck.work_store import Clock
    from tests.web.staff import quick

    people = People(both[0], Clock(), quick())
    made = [
        people.add(f"somebody-{role}", role, "longer than any other 7")
        for role in (Role.STREAMER, Role.INSPECTOR)
    ]
    assert [audit.person(one).name for one in made] == ["", "somebody-inspector"]
    assert audit.person(None) == audit.VISITOR
    with store.session(both[0]) as opened:
        for one in made:
            assert audit.of_owner(opened, f"person:{one.id}") == audit.person(one)
        assert audit.of_owner(opened, "a-client") == audit.Who("client", "a-client")
        assert audit.of_owner(opened, None) == audit.VISITOR


WORDS = st.text(max_size=20)
ROWS = st.lists(
    st.fixed_dictionaries({
        "at": WORDS, "who_kind": WORDS, "who_id": WORDS, "who_name": WORDS, "what": WORDS,
        "about_kind": WORDS, "about_id": WORDS, "detail": WORDS,
    }),
    min_size=2, max_size=8,
)  # fmt: skip


def chained(told: list[dict[str, str]]) -> list[dict[str, object]]:
    last, made = Head(), []
    for one in told:
        entry = sealed(one, last)
        made.append(dc.asdict(entry))
        last = Head(entry.seq, entry.digest)
    return made


@settings(deadline=None)
@given(ROWS, st.data())
def test_the_first_row_that_differs_is_named(
    told: list[dict[str, str]], data: st.DataObject
) -> None:
    rows = chained(told)
    end = Head(len(rows), str(rows[-1]["digest"]))
    assert first_difference(rows, [end]) == (None, end)
    at = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from([one for one in rows[at] if one not in ("seq", "digest")]))
    changed = [dict(one) for one in rows]
    changed[at][name] = str(changed[at][name]) + data.draw(st.sampled_from(["x", " ", "0"]))
    found, last = first_difference(changed)
    assert found is not None and (found.code, found.seq) == ("audit.differs.changed", at + 1)
    assert last.seq == at
    # With a digest of its own the next row shows it; the last row's is known by a head alone.
    changed[at]["digest"] = digest(changed[at])
    found, _ = first_difference(changed, [end])
    assert found is not None
    if name == "previous":
        assert (found.code, found.seq) == ("audit.differs.relinked", at + 1)
    elif at + 1 == len(rows):
        assert (found.code, found.seq) == ("audit.differs.head", at + 1)
    else:
        assert (found.code, found.seq, found.other) == ("audit.differs.relinked", at + 2, at + 1)


@settings(deadline=None)
@given(ROWS, st.data())
def test_a_row_taken_out_put_in_or_cut_off_is_named(
    told: list[dict[str, str]], data: st.DataObject
) -> None:
    rows = chained(told)
    end = Head(len(rows), str(rows[-1]["digest"]))
    at = data.draw(st.integers(0, len(rows) - 1))
    without = rows[:at] + rows[at + 1 :]
    found, _ = first_difference(without, [end])
    assert found is not None and found.seq == at + 1
    # Those after it numbered anew.
    closed = [{**one, "seq": place} for place, one in enumerate(without, start=1)]
    found, _ = first_difference(closed, [end])
    assert found is not None and found.seq == at + 1
    # Put in, with a digest that is right.
    before = Head(at, str(rows[at - 1]["digest"]) if at else GENESIS)
    more = [*rows[:at], dc.asdict(sealed(told[0] | {"what": "put in"}, before))]
    more += [{**one, "seq": int(str(one["seq"])) + 1} for one in rows[at:]]
    found, _ = first_difference(more, [end])
    assert found is not None and found.seq in (at + 1, at + 2)
    # All of it made anew from there on: only who kept a head sees it.
    anew = chained([*told[:at], told[at] | {"what": "another deed"}, *told[at + 1 :]])
    assert first_difference(anew) == (None, Head(len(anew), str(anew[-1]["digest"])))
    found, _ = first_difference(anew, [end])
    assert found is not None and found.code == "audit.differs.head" and found.seq == len(rows)
