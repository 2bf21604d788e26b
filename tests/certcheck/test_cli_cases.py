"""What would break: somebody whose mail says nothing is due, or a changed row that nobody tells."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update
from sqlmodel import Session, col

from certcheck.cases import opening
from certcheck.cases.opening import Told, Wish
from certcheck.cases.rules import Source
from certcheck.cases.tables import CaseFile
from certcheck.cli import cli
from certcheck.runner.settings import FOLDER
from certcheck.runner.work import now
from tests.certcheck.test_cases import Office


def test_what_is_due_and_what_is_not_as_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path)
    office.clock.now = now()
    today = office.clock.now.date()
    for days, by in ((60, "inspector"), (0, "other")):
        told = Told(Source.REPORT, today - dt.timedelta(days=days), "A")
        opening.open_case(office.work, office.by[by], Wish(title=f"{days} days", told=told))
    monkeypatch.setenv(FOLDER, str(tmp_path))
    run = CliRunner()
    text = run.invoke(cli, ["cases", "due"]).stdout
    (row,) = [line.split("\t") for line in text.splitlines()]
    assert (row[2], row[4], row[5]) == ("1", "inspector", "60 days") and int(row[1]) < -20
    both = run.invoke(cli, ["cases", "due", "--days", "30", "--json"]).stdout.splitlines()
    assert [json.loads(one)["case"] for one in both] == [1, 2]
    mine = run.invoke(cli, ["cases", "due", "--days", "30", "--owner", "OTHER"]).stdout
    assert mine.split("\t")[2] == "2" and mine.count("\n") == 1
    assert run.invoke(cli, ["cases", "due", "--owner", "keeper"]).exit_code != 0
    assert run.invoke(cli, ["cases", "verify"]).exit_code == 0
    with Session(office.work.engine) as opened:
        opened.exec(update(CaseFile).where(col(CaseFile.id) == 2).values(state="closed"))
        opened.commit()
    told_of = run.invoke(cli, ["cases", "verify"])
    assert told_of.exit_code == 1 and told_of.stdout == "2\tstate\tclosed\tpending\n"
    office.work.close()
