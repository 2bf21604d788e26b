"""What would break: a clock that is set wrong for a moment deletes photos, or ends readings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from certcheck.runner.clock_watch import HOLD, LONGEST_OFF, ClockWatch, jumped
from certcheck.runner.settings import RATE
from tests.faults.flight import Flight, number, shut
from tests.faults.house import House
from tests.faults.ledger import settle
from tests.faults.serve import CLOCK

COUNT = 5
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


class Machine:
    """A machine whose clock is set, and which runs on."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.at, self.seconds = folder, NOON, 0.0
        self.boot()

    def boot(self) -> None:
        self.watch = ClockWatch(self.folder, lambda: self.seconds)

    def later(self, by: dt.timedelta) -> bool:
        self.at += by
        self.seconds += by.total_seconds()
        return self.watch.steady(self.at)

    def set(self, by: dt.timedelta) -> bool:
        self.at += by
        return self.watch.steady(self.at)


MINUTE, DAYS = dt.timedelta(minutes=1), dt.timedelta(days=40)


@pytest.mark.parametrize("by", [DAYS, -dt.timedelta(hours=5)])
def test_after_a_jump_nothing_is_deleted_until_it_is_taken_back_or_an_hour_is_over(
    tmp_path: Path, by: dt.timedelta
) -> None:
    one = Machine(tmp_path)
    assert one.later(MINUTE) and one.later(HOLD) and not jumped(tmp_path)
    assert not one.set(by) and jumped(tmp_path)
    assert not one.later(MINUTE)
    assert one.set(-by) and not jumped(tmp_path)
    assert not one.set(by)
    assert not one.later(HOLD / 2)
    assert one.later(HOLD / 2) and not jumped(tmp_path)


def test_a_jump_while_the_server_was_off_is_noticed_by_the_next(tmp_path: Path) -> None:
    one = Machine(tmp_path)
    assert one.later(MINUTE)
    one.boot()
    assert one.later(LONGEST_OFF - MINUTE), "a night"
    one.boot()
    assert not one.set(DAYS)
    one.boot()
    assert not one.later(MINUTE), "a restart makes no wrong clock right"
    assert one.set(-DAYS)


def test_a_server_whose_clock_jumps(house_of: Callable[..., House], tmp_path: Path) -> None:
    """Forward by ten days and back by hours, while photos are read and clients are counted."""
    offset = tmp_path / "offset"
    offset.write_text("0")
    house = house_of(**{CLOCK: str(offset), RATE: "12"})
    server = house.web()
    flight = Flight(house, lambda: server)

    def jump(to: dt.timedelta, name: str) -> None:
        with shut(house):
            flight.fill(name, COUNT)
            flight.strikes(f"the clock jumps, {name}")
            new = offset.with_suffix(".new")
            new.write_text(str(to.total_seconds()))
            new.replace(offset)
        settle(house)

    flight.send("before", 1)
    jump(dt.timedelta(days=10), "ten days on")
    jump(dt.timedelta(hours=-5), "hours back")
    jump(dt.timedelta(0), "to what it was")
    flight.send("after", 1)
    flight.balanced()
    some = list(flight.ledger.accepted.values())[:: max(1, number(COUNT) // COUNT)]
    assert all(server.page(f"/checks/{one}")[0] == 200 for one in some)
    assert set(server.ready()) <= {"clock"}
