"""The registry desk: what would break is an import that does other than what was seen, a desk that
loses or doubles one, and a list of work that forgets what was said."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from certcheck.audit.tables import AuditRow
from certcheck.desk import asking, differing, doing, examining, findings
from certcheck.desk.asking import EVIDENCE, TaskError
from certcheck.desk.clerk import Clerk
from certcheck.desk.differing import Asked
from certcheck.desk.findings import MINE, Wanted
from certcheck.desk.tables import Found, Kind, State, Task, TaskFile
from certcheck.runner.work import Work
from registry import store
from registry.importing.edits import EditWish
from registry.imports import ImportDocument, ImportRecord
from tests.certcheck.keeping import KEEPER, LABS, OTHER, PEOPLE, Keeping, packed
from tests.certcheck.work_store import Clock, settings, until
from tests.registry.lists import HEADS, content
from tests.registry.server import Server


@pytest.fixture
def keeping(
    work_url: str | None, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Keeping]:
    """A desk with both its databases of each kind."""
    held = f"sqlite:///{tmp_path / 'registry.sqlite'}"
    if work_url is not None:
        server: Server = request.getfixturevalue("server")
        held = server.url(server.create())
    work = Work(settings(tmp_path / "work", url=work_url), Clock())
    engine = store.open_registry(held)
    yield Keeping(work, engine)
    engine.dispose()
    work.close()


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Keeping]:
    """A desk on SQLite, for what no database is asked for."""
    work = Work(settings(tmp_path / "work"), Clock())
    engine = store.open_registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    yield Keeping(work, engine)
    engine.dispose()
    work.close()


def held(keeping: Keeping) -> dict[str, list[tuple[str, ...]]]:
    with Session(keeping.engine) as session:
        return content(session)


def deeds(work: Work) -> list[str]:
    with Session(work.engine) as opened:
        return list(opened.exec(select(AuditRow.what).order_by(col(AuditRow.seq))))


def test_an_import_is_seen_carried_out_and_taken_back(keeping: Keeping) -> None:
    task = keeping.send(packed("list/", labs=LABS, signatories=PEOPLE))
    assert task.state == State.READY and held(keeping)["labs"] == []
    assert differing.counts_of(task)["add"] == {"labs": 2, "signatories": 2}
    page = differing.page(keeping.work, task.id, Asked(words="王 2021"))
    assert [row.source for row in page.rows] == ["signatories: a/王"] and page.kept == 4
    done = keeping.carry_out(task)
    assert done.state == State.DONE and done.number == 1
    after = held(keeping)
    assert len(after["signatories"]) == 2
    with Session(keeping.engine) as session:
        assert session.get_one(ImportRecord, 1).loaded_by == OTHER.name
    back = keeping.done(keeping.ask(Kind.UNDO, {"number": 1}))
    assert back.state == State.READY and held(keeping) == after
    assert differing.counts_of(back)["remove"] == {"labs": 2, "signatories": 2}
    assert keeping.carry_out(back).number == 2
    assert held(keeping)["labs"] == []
    refused = keeping.done(keeping.ask(Kind.UNDO, {"number": 1}))
    assert refused.state == State.REFUSED
    assert json.loads(refused.told)["code"].startswith("registry.undo_refused")
    did = deeds(keeping.work)
    assert did.count("registry.imported") == did.count("registry.undone") == 1
    assert did.count("registry.ordered") == 2


def test_what_was_not_seen_is_not_done(keeping: Keeping) -> None:
    """Somebody else's import in between would be compared with what nobody looked at."""
    first = keeping.send(packed(labs=LABS, signatories=PEOPLE))
    second = keeping.send(packed(labs=LABS, signatories=PEOPLE[:1]), list_date="2026-01-03")
    assert differing.counts_of(second)["add"] == {"labs": 2, "signatories": 1}
    seen = second.digest
    keeping.carry_out(first)
    anew = keeping.carry_out(second)
    assert (anew.state, anew.anew, anew.number) == (State.READY, 1, None)
    assert anew.digest != seen and differing.counts_of(anew)["end"] == {"signatories": 1}
    with pytest.raises(TaskError):
        asking.carry_out(keeping.work, anew.id, KEEPER, seen)
    assert keeping.carry_out(anew).state == State.DONE
    with pytest.raises(TaskError):
        asking.carry_out(keeping.work, anew.id, KEEPER, anew.digest)


def test_an_edit_keeps_its_document_and_what_was_known(keeping: Keeping) -> None:
    keeping.carry_out(keeping.send(packed(labs=LABS, signatories=PEOPLE)))
    heads = HEADS["signatories"].strip().split(",")
    old = dict(zip(heads, PEOPLE[0].split(","), strict=True))
    wish = EditWish(
        "signatories", "a", old, {**old, "valid_until": "2026-02-01"}, "停用", "来函",
        day=dt.date(2026, 3, 1),
    )  # fmt: skip
    told = asking.edit_json(wish)
    task = keeping.done(keeping.ask(Kind.EDIT, told, [(EVIDENCE, "函.pdf", b"%PDF letter")]))
    assert task.state == State.READY
    [row] = differing.page(keeping.work, task.id, Asked()).rows
    assert row.cells == (("valid_until", "2030-01-01", "2026-02-01"),)
    done = keeping.carry_out(task)
    assert {one[4] for one in held(keeping)["signatories"]} == {"2026-02-01", ""}
    with Session(keeping.engine) as session:
        [document] = session.exec(
            select(ImportDocument).where(ImportDocument.import_id == done.number)
        )
    keeping.work.clock.on(days=100)  # type: ignore[attr-defined]
    asking.sweep(keeping.work)
    keeping.work.sweep()
    assert keeping.work.blobs.read(document.sha256) == b"%PDF letter"


def test_an_import_is_not_done_twice_when_its_process_dies(keeping: Keeping) -> None:
    task = keeping.send(packed(labs=LABS))
    asking.carry_out(keeping.work, task.id, OTHER, task.digest)
    taken = asking.take(keeping.work)
    assert taken is not None
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(doing, "_applied", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        doing.do(keeping.work, keeping.engine, taken)
    asking.take_up(keeping.work)
    done = keeping.done(task)
    assert (done.state, done.number) == (State.DONE, 1)
    with Session(keeping.engine) as session:
        assert len(session.exec(select(ImportRecord)).all()) == 1


def test_files_of_an_import_go_once_they_are_read(plain: Keeping) -> None:
    task = plain.carry_out(plain.send(packed(labs=LABS)))
    refused = plain.send(packed(labs=("a,,,,",)))
    dropped = plain.send(packed(labs=LABS[:1]), list_date="2026-01-03")
    asking.drop(plain.work, dropped.id, KEEPER)
    with Session(plain.work.engine) as opened:
        assert not opened.exec(select(TaskFile)).all()
    assert task.source_sha256 and refused.state == State.REFUSED


def test_mistakes_are_told_with_their_places(plain: Keeping) -> None:
    task = plain.send(packed(labs=LABS, signatories=("a,李,全部,2021-13-01,,", "z,王,全部,,,")))
    told = json.loads(task.told)
    assert task.state == State.REFUSED and told["wrong"] == 2
    places = {place: code for place, code, _ in told["problems"]}
    assert places["signatories.csv:2:valid_from"] == "registry.import.bad_date"
    assert held(plain)["labs"] == []


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["../labs.csv"], "desk.bad_path"),
        (["/etc/labs.csv"], "desk.bad_path"),
        (["C:\\x\\labs.csv"], "desk.bad_path"),
        (["labs.exe"], "desk.unknown_file"),
        (["inner.zip"], "desk.unknown_file"),
        (["labs.csv", "./labs.csv"], "desk.bad_path"),
    ],
)
def test_an_archive_leads_nowhere(plain: Keeping, names: list[str], code: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, HEADS["labs"])
    task = plain.send(made.getvalue())
    assert json.loads(task.told)["code"] == code
    assert not any(plain.work.settings.folder.glob("**/labs.csv"))


def test_an_archive_does_not_burst(plain: Keeping) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("labs.csv", b"0" * 20_000_000)
    assert json.loads(plain.send(made.getvalue()).told)["code"] == "stock.bomb"
    assert json.loads(plain.send(b"PK\x03\x04 no").told)["code"] == "stock.archive_damaged"


def test_a_dropped_task_is_not_worked_on(plain: Keeping) -> None:
    task = plain.ask(Kind.UNDO, {"number": 1})
    asking.drop(plain.work, task.id, KEEPER)
    assert plain.done(task).state == State.DROPPED
    with pytest.raises(TaskError):
        asking.drop(plain.work, task.id, KEEPER)


def bad(number: str) -> tuple[str, ...]:
    """A list in which the doctor finds a number of no known form."""
    return (f"a,CMA,{number},,,2021-01-01,2026-12-01,valid,,",)


def test_findings_are_a_list_of_work(keeping: Keeping) -> None:
    task = keeping.send(packed(labs=LABS, accreditations=bad("x1")))
    keeping.carry_out(task)
    page = findings.page(keeping.work, Wanted())
    numbers = {one.kind: one.number for one in page.lines}
    assert "cma_number_form" in numbers and page.total == len(page.lines)
    number = numbers["cma_number_form"]
    findings.take(keeping.work, number, KEEPER)
    with pytest.raises(TaskError):
        findings.take(keeping.work, number, OTHER)
    findings.note(keeping.work, number, KEEPER, "已去函")
    mine = findings.page(keeping.work, Wanted(taken=MINE, me="k1", lab="a", words="甲检测 X1"))
    assert [one.number for one in mine.lines] == [number]
    with pytest.raises(TaskError):
        findings.set_aside(keeping.work, number, KEEPER, "  ")
    findings.set_aside(keeping.work, number, KEEPER, "原文如此")
    keeping.done(_waiting(keeping))
    assert findings.page(keeping.work, Wanted(state="aside")).total == 1
    keeping.carry_out(
        keeping.send(packed(labs=LABS, accreditations=bad("211600110004")), list_date="2026-01-03",
                     corrects=True)
    )  # fmt: skip
    found = findings.look(keeping.work, number)
    assert found is not None
    line, steps = found
    assert line.state == "closed"
    assert [one.what for one in steps] == ["taken", "note", "aside", "closed"]
    assert "finding.aside" in deeds(keeping.work)
    with pytest.raises(TaskError):
        findings.take(keeping.work, number, OTHER)


def test_findings_are_paged_to_the_last(plain: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "PAGE", 7)
    with store.session(plain.work.engine) as opened:
        for number in range(50):
            opened.add(
                Found(key=str(number), rank=number % 3, kind="term_open", labs="[]", rows="[]",
                      details="{}", words="", found_at=plain.work.clock())
            )  # fmt: skip
        opened.commit()
    seen: list[tuple[int, int]] = []
    after = None
    while True:
        page = findings.page(plain.work, Wanted(after=after))
        seen += [(one.rank, one.number) for one in page.lines]
        if not page.more:
            break
        after = seen[-1]
    assert len(seen) == page.total == 50 and seen == sorted(seen)
    assert findings.kinds(plain.work, examining.OPEN)[0] == ("term_open", 0, 17)


def test_a_process_of_its_own_does_the_work(plain: Keeping) -> None:
    """Nothing of an import may run in the server's process."""
    data = [("source", "labs.zip", packed(labs=LABS))]
    task = plain.ask(Kind.IMPORT, {"list_date": "2026-01-02"}, data)
    clerk = Clerk(plain.work, plain.engine.url.render_as_string(hide_password=False))
    clerk.start()
    try:
        until(lambda: _state(plain, task) == State.READY)
    finally:
        clerk.stop()
    assert held(plain)["labs"] == []


def test_the_doctor_stands_back_for_who_waits(plain: Keeping) -> None:
    """He takes minutes; an edit would wait for him, or find the registry locked."""
    plain.carry_out(plain.send(packed(labs=LABS)))
    examined = _waiting(plain)
    clerk = Clerk(plain.work, plain.engine.url.render_as_string(hide_password=False))
    clerk.turn()
    assert _state(plain, examined) == State.RUNNING
    undo = plain.ask(Kind.UNDO, {"number": 1})
    clerk.turn()
    assert _state(plain, examined) == State.QUEUED
    clerk.turn()
    assert _state(plain, undo) in (State.RUNNING, State.READY)
    clerk.end()


def _waiting(keeping: Keeping) -> Task:
    with store.session(keeping.work.engine) as opened:
        store.write(opened)
        task = asking.once(opened, keeping.work, KEEPER, Kind.EXAMINE)
        opened.commit()
        return task


def _state(keeping: Keeping, task: Task) -> str:
    found = asking.look(keeping.work, task.id)
    return found.state if found else ""
