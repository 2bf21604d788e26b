"""What would break: a check kept for ever by a case that it is none of, or lost to one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlmodel import select

from certcheck.cases import opening
from certcheck.cases.errors import CaseNeedsError, StepRefusedError
from certcheck.cases.opening import Wish
from certcheck.cases.tables import CaseThing
from certcheck.corrections import Correction
from certcheck.runner import again
from certcheck.runner.tables import Check
from registry import store
from tests.certcheck.test_cases import Office
from tests.certcheck.work_store import REVISION, send


def test_a_check_taken_out_of_its_last_case_is_kept_as_others_are(tmp_path: Path) -> None:
    office = Office(tmp_path)
    work, person = office.work, office.by["inspector"]
    one, other = send(work, b"a"), send(work, b"b")
    corrected = again.check_again(work, one, [Correction("mass", "1")], REVISION.revision)
    assert corrected is not None
    first = opening.open_case(work, person, Wish("A", [one, other]))
    second = opening.open_case(work, person, Wish("B", [corrected]))
    for told in ({"held": ""}, {"held": corrected}, {"held": one, "reason": ""}):
        with pytest.raises(CaseNeedsError):
            office.take(first, "detach", "inspector", **{"reason": "错了", **told})
    with pytest.raises(StepRefusedError):
        office.take(first, "detach", "other", held=one, reason="x")
    office.take(first, "detach", "inspector", held=one, reason="不是这张")
    with pytest.raises(CaseNeedsError, match="needs"):  # it would be about nothing
        office.take(first, "detach", "chief", held=other, reason="x")
    last = office.look(first).entries[-1]
    assert (last.what, last.told["check"], last.told["reason"]) == ("case.detach", one, "不是这张")
    office.clock.on(days=400)
    work.sweep()
    with store.session(work.engine) as opened:
        # The other case holds the photo still, by its corrected values.
        assert {row.id for row in opened.exec(select(Check)).all()} == {one, other, corrected}
    office.take(second, "attach", "inspector", check=other)
    office.take(second, "detach", "inspector", held=corrected, reason="错了")
    with store.session(work.engine) as opened:
        things = {(row.case_id, row.ref) for row in opened.exec(select(CaseThing)).all()}
        over = {row.id: row.expires_at for row in opened.exec(select(Check)).all()}
    assert things == {(first, other), (second, other)}
    assert over[one] == over[corrected] == office.clock() + dt.timedelta(hours=24) < over[other]
    office.clock.on(hours=25)
    work.sweep()
    assert work.look(one) is work.look(corrected) is None is not work.look(other)
    work.close()
