"""What would break: a log made anew from some day on, and nobody could say that it was."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from certcheck import audit
from certcheck.audit.chain import moment, sealed
from certcheck.audit.tables import AuditRow
from certcheck.cli import cli
from certcheck.evidence import days, held, pack, stamper, stamps
from certcheck.evidence.stamper import Stamper
from certcheck.evidence.verify import examine
from certcheck.runner.engines.worker import beside
from certcheck.runner.work import Work
from registry import store
from registry.days import CHINA
from registry.lookup import Registry
from tests.certcheck.authority import Authority
from tests.certcheck.test_audit_verify import OFF
from tests.certcheck.test_evidence import answered, opened_up, paper, told  # noqa: F401 - a fixture
from tests.certcheck.test_stamps import authority, started  # noqa: F401 - fixtures
from tests.certcheck.work_store import Clock, settings, until

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl")
# Noon in China, four days ago.
FIRST = dt.datetime.combine(
    dt.datetime.now(CHINA).date() - dt.timedelta(days=4), dt.time(12), CHINA
)


@pytest.fixture
def work(work_url: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    monkeypatch.setattr(stamper, "RETRY_S", 0.0)
    made = Work(settings(tmp_path / "work", url=work_url), Clock())
    yield made
    made.close()


def write(work: Work, number: int) -> None:
    """A row of so many days after the first."""
    with store.session(work.engine) as opened:
        store.write(opened)
        fields = {
            "at": moment(FIRST + dt.timedelta(days=number)), "who_kind": "server", "who_id": "",
            "who_name": "", "what": "case.moved", "about_kind": "case", "about_id": "9",
            "detail": "{}",
        }  # fmt: skip
        opened.add(AuditRow(**dc.asdict(sealed(fields, audit.head(opened)))))
        opened.commit()


def at(work: Work, number: int) -> None:
    clock: Any = work.clock
    clock.now = FIRST + dt.timedelta(days=number)


def stamped(work: Work) -> list[tuple[str, int]]:
    with store.session(work.engine) as opened:
        return [(one.of.day, one.of.head.seq) for one in days.every(opened)]


def day(number: int) -> str:
    return (FIRST + dt.timedelta(days=number)).date().isoformat()


def asked(work: Work, *more: str) -> Result:
    url = work.engine.url.render_as_string(hide_password=False)
    where = str(work.settings.folder) if url.startswith("sqlite") else url
    return CliRunner().invoke(cli, ["audit", "verify", "--work", where, *more])


def three_days(work: Work) -> None:
    """Rows on three days, with a day between without any; each stamped when it was over."""
    one = Stamper(work)
    for number in (0, 0, 1, 3):
        at(work, number)
        while one.turn():
            pass
        write(work, number)
    at(work, 4)
    assert one.turn() and not one.turn()


def test_each_day_is_stamped_once_when_it_is_over(
    work: Work,
    authority: Authority,  # noqa: F811
    tmp_path: Path,
) -> None:
    one = Stamper(work)
    write(work, 0)
    at(work, 0)
    assert not one.turn(), "the day is not over"
    at(work, 1)
    write(work, 1)
    authority.way = "down"
    assert not one.turn() and stamped(work) == []
    authority.way = "right"
    assert one.turn() and not one.turn() and stamped(work) == [(day(0), 1)]
    # Away for days: each is made up for, days without rows are left out.
    at(work, 2)
    authority.way = "down"
    assert not one.turn()
    write(work, 3)
    write(work, 3)
    at(work, 4)
    assert not one.turn()
    authority.way = "right"
    assert one.turn() and one.turn() and not one.turn()
    assert stamped(work) == [(day(0), 1), (day(1), 2), (day(3), 4)]
    with store.session(work.engine) as opened:
        last = days.every(opened)[-1]
    (tmp_path / "day.json").write_bytes(last.of.packed())
    (tmp_path / "day.tsr").write_bytes(last.answer)
    subprocess.run(
        ["openssl", "ts", "-verify", "-data", "day.json", "-in", "day.tsr", "-CAfile",
         str(authority.ca)], check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip


def test_a_day_is_not_stamped_before_it_is_over_by_the_authoritys_clock(
    work: Work,
    authority: Authority,  # noqa: F811
) -> None:
    write(work, 4)
    at(work, 5)
    assert not Stamper(work).turn() and stamped(work) == []


def test_a_log_made_anew_is_told_by_its_days_without_a_network(
    work: Work,
    authority: Authority,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    three_days(work)
    authority.way = "down"
    found = asked(work)
    assert found.exit_code == 0 and f"3 days ({day(0)} to {day(3)})" in found.output, found.output
    stranger = str(authority.folder / "stranger" / "cert.pem")
    found = asked(work, "--tsa-ca", stranger)
    assert found.exit_code == 1 and "nobody who is trusted" in found.output
    monkeypatch.delenv(stamps.URL)
    monkeypatch.delenv(stamps.CA)
    assert "were not verified" in asked(work).output
    trusted = "--tsa-ca", str(authority.ca)
    assert "all of them right" in asked(work, *trusted).output
    with work.engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept AS SELECT * FROM work_audit_days"))
    back = "DELETE FROM work_audit_days", "INSERT INTO work_audit_days SELECT * FROM kept"
    for change, said in (
        ("DELETE FROM work_audit_days WHERE seq = 3", f"{day(1)} is gone"),
        ("UPDATE work_audit_days SET seq = 1 WHERE seq = 2", "of something else"),
        (f"UPDATE work_audit_days SET day = '{day(2)}' WHERE seq = 4", "of something else"),
        ("UPDATE work_audit_days SET answer = :none WHERE seq = 4", "time stamp is none"),
    ):
        with work.engine.begin() as connection:
            connection.execute(text(change), {"none": b"\0"} if ":none" in change else {})
        found = asked(work, *trusted)
        assert found.exit_code == 1 and said in found.output, found.output
        with work.engine.begin() as connection:
            for statement in back:
                connection.execute(text(statement))
    # All rows from the second day on made anew, as the program itself would.
    with work.engine.begin() as connection:
        for statement in OFF[connection.dialect.name].split("; "):
            connection.execute(text(statement))
        connection.execute(text("DELETE FROM work_audit WHERE seq > 2"))
    for number in (2, 3):
        write(work, number)
    found = asked(work, *trusted)
    assert found.exit_code == 1 and "Row 3 is not the one that was known" in found.output


def test_an_authority_without_a_stamp_yet_is_told(
    work: Work,
    authority: Authority,  # noqa: F811
) -> None:
    write(work, 0)
    found = asked(work)
    assert found.exit_code == 0 and "no day of the log bears a stamp yet" in found.output
    at(work, 1)
    assert Stamper(work).turn()
    write(work, 1)
    assert f"{day(1)} is over, and there is no time stamp" in asked(work).output


def test_it_is_done_beside_the_checks_and_stops(
    work: Work,
    demo_registry: Registry,
    authority: Authority,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(work, 0)
    at(work, 1)
    (one,) = (one for one in beside(work, demo_registry, None) if isinstance(one, Stamper))
    one.start()
    until(lambda: stamped(work) != [])
    one.stop()
    # Two servers: the other finds nothing to do.
    assert not Stamper(work).turn()
    monkeypatch.delenv(stamps.URL)
    idle = Stamper(work)
    idle.start()
    idle.stop()


def test_a_pack_bears_the_days_that_vouch_for_its_rows(
    work: Work,
    authority: Authority,  # noqa: F811
    told: dict[str, Any],  # noqa: F811
    demo_registry: Registry,
    tmp_path: Path,
) -> None:
    write(work, 0)
    write(work, 1)
    at(work, 2)
    assert Stamper(work).turn()
    at(work, 4)
    check_id = answered(work, told)
    # Its rows are of today, and nobody has stamped that; a day that is over vouches for the first.
    found = held.find(check_id, work, None)
    assert days.NAME not in opened_up(
        pack.gather([found], paper, work, demo_registry, work.clock())
    )
    with_first = dc.replace(found, things=[*found.things, ("case", "9")])
    made = pack.gather([with_first], paper, work, demo_registry, work.clock())
    (line,) = opened_up(made)[days.NAME].splitlines()
    one = days.unpacked(line)
    assert one is not None and (one.of.day, one.of.head.seq) == (day(1), 2)
    out = tmp_path / "a.zip"
    pack.write(out, made)
    run = CliRunner().invoke(cli, ["evidence", "verify", str(out)])
    assert run.exit_code == 0 and f"1 days ({day(1)} to {day(1)})" in run.output
    for other, said in (
        (line.replace(b'"seq":2', b'"seq":1'), "of something else"),
        (b" " + line, "Line 1 of log-days.jsonl is none of ours"),
    ):
        files = {**made.files, days.NAME: other + b"\n"}
        listed = [pack._member(name, files[name]) for name in sorted(files)]
        forged = pack.Pack(pack.Manifest(_told_of(made), listed).packed(), files, made.checks)
        pack.write(out, forged)
        run = CliRunner().invoke(cli, ["evidence", "verify", str(out)])
        assert run.exit_code == 1 and said in run.output, run.output


def _told_of(made: pack.Pack) -> dict[str, Any]:
    import io

    file = io.BytesIO()
    pack.put(file, made)
    found = examine(file, "a.zip").told
    assert found is not None
    return dict(found.told)
