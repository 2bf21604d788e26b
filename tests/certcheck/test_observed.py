"""What would break: a pace made up of numbers that do not count on, a laboratory accused by
somebody else's number, a price without its source, an observation that counts for no item."""

import dataclasses as dc
import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from certcheck.cli import cli
from certcheck.errors import ObservationError, UnknownLabError
from certcheck.finding import Status
from certcheck.pace import Capacity, a_day, pace
from certcheck.report import sentence
from certcheck.rules.framework import judge
from certcheck.seen import store
from certcheck.seen.book import Book
from certcheck.seen.counting import THRESHOLD, Count, counts
from certcheck.seen.observations import Kind, Observation, Observations, lab_name, yuan
from certcheck.seen.sighting import SOFT
from registry.lookup import Registry
from registry.models import Signatory
from tests.certcheck import scene
from tests.certcheck.remembered import kept, paper, with_book

DAY = dt.date(2023, 3, 21)
PRICE, PACE, INSPECTED = "item6.observed_below_cost", "item6.pace", "item6.inspected_pace"
DOUBT, NONE = Status.SUSPECTED, Status.NOT_APPLICABLE
TWO = scene.record(
    signatories=tuple(Signatory(lab_id="yuan", name=name) for name in ("沈怀瑾", "韩玉"))
)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    engine = store.opened(str(tmp_path / "seen.sqlite"))
    yield Book(engine)
    engine.dispose()


def numbers(of: int, count: int, seed: int, day: str = "230321") -> list[str]:
    chosen = random.Random(seed).sample(range(1, of + 1), count)
    return [f"PZ{day}{serial:05}" for serial in chosen]


def told(rule: str, given, book: Book) -> tuple[Status, str] | None:  # type: ignore[no-untyped-def]
    found = scene.found(rule, with_book(given, book))
    return (found[0].status, found[0].message.removeprefix(rule)) if found else None


def observed(kind: Kind = Kind.OFFER, on: dt.date = DAY, **more: object) -> Observation:
    given = {"price": Decimal(3)} if kind is not Kind.INSPECTION else {}
    return Observation(scene.NAME, kind, on, "某店铺", "检查员", scene.TODAY, **given | more)  # type: ignore[arg-type]


def test_the_bound_holds_as_often_as_it_says_and_the_estimate_is_near() -> None:
    for of in (40, 900, 4000):
        found = [pace(numbers(of, 12, seed), names=[scene.NAME]) for seed in range(300)]
        known = [one for one in found if one is not None]
        assert len(known) == 300
        assert sum(one.least <= of for one in known) >= 0.93 * 300
        assert sum(one.least <= of <= one.most for one in known) >= 0.88 * 300
        assert abs(sum(one.about for one in known) / 300 - of) < 0.05 * of
        # A bound that says nothing would hold as well.
        assert sum(one.least > of / 2 for one in known) > 200


def test_somebody_elses_number_does_not_move_the_bound_far() -> None:
    for seed in range(50):
        found = pace([*numbers(100, 19, seed), "PZ23032128000"], names=[scene.NAME])
        assert found is not None and found.least <= 110 < found.most


def test_numbers_that_do_not_count_on_or_are_few_tell_nothing() -> None:
    names = [scene.NAME]
    assert pace(numbers(300, 7, 1), names=names) is None
    assert pace(numbers(99999, 30, 1), names=names) is None
    spread = [f"PZ2303{day:02}00{day:03}" for day in range(1, 20)]
    assert pace(spread, names=names) is None
    assert pace(numbers(300, 20, 1), names=["另一家"]) is None


def test_a_pace_that_nobody_can_keep_is_suspected_with_its_arithmetic(book: Book) -> None:
    for place, number in enumerate(numbers(2400, 30, 5)):
        kept(paper(f"p{place}", piece=None, certificate_no=number, lab=TWO), book)
    given = paper("now", piece=None, lab=TWO)
    (one,) = scene.found(PACE, with_book(given, book))
    assert (one.status, one.message) == (DOUBT, PACE)
    assert one.evidence[0].expected == f"≤ 2 × {a_day('signatory')} = {2 * a_day('signatory')}"
    assert int(one.params["least"]) > int(one.params["room"]) == 960
    # With the interval, and the method it is told by.
    said = sentence(one)
    for part in (one.params["about"], one.params["least"], one.params["most"], "Goodman 1952"):
        assert str(part) in said.zh and str(part) in said.en
    assert judge(with_book(given, book))[5].status is DOUBT
    # With nobody on file there is nothing to hold it against.
    assert told(PACE, paper("n", piece=None), book) is None


def test_an_honest_pace_leaves_item_6_out(book: Book) -> None:
    for place, number in enumerate(numbers(120, 20, 5)):
        kept(paper(f"p{place}", piece=None, certificate_no=number, lab=TWO), book)
    given = paper("now", piece=None, lab=TWO)
    assert told(PACE, given, book) == (NONE, ".within")
    assert judge(with_book(given, book))[5].status is NONE


def test_a_price_below_cost_is_suspected_and_says_who_saw_it(book: Book) -> None:
    assert told(PRICE, paper("a"), book) is None
    Observations(book.engine).add(observed(price=Decimal("45")))
    assert told(PRICE, paper("a"), book) == (NONE, ".not_below")
    Observations(book.engine).add(observed(Kind.LIST, price=Decimal("2.5")))
    (one,) = scene.found(PRICE, with_book(paper("a"), book))
    assert one.status is DOUBT and one.params["source"] == "某店铺" and one.params["by"] == "检查员"
    assert (one.evidence[0].read, one.evidence[0].expected) == ("2.5", "≥ 38.00")
    assert judge(with_book(paper("a"), book))[5].status is DOUBT
    # What was seen years apart, and of a laboratory without a filed cost.
    assert told(PRICE, paper("b", issue_date="2025-09-01"), book) is None
    assert told(PRICE, paper("c", lab=scene.record(fees=())), book) == (NONE, ".no_cost_filed")


def test_an_inspection_is_held_against_what_it_counted(book: Book) -> None:
    seen = Observations(book.engine)
    seen.add(observed(Kind.INSPECTION, instruments=1, people=2, issued=200))
    assert told(INSPECTED, paper("a"), book) == (NONE, ".within")
    seen.add(observed(Kind.INSPECTION, on=DAY + dt.timedelta(9), instruments=1, issued=1200))
    assert told(INSPECTED, paper("a"), book) == (DOUBT, "")
    assert Capacity("person", 2, a_day("person"), "").whole == 320


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": None},
        {"price": Decimal(-1)},
        {"on": scene.TODAY + dt.timedelta(1)},
        {"people": 3},
        {"kind": Kind.INSPECTION},
        {"kind": Kind.INSPECTION, "people": -1},
    ],
)
def test_what_says_nothing_is_no_observation(wrong: dict[str, object]) -> None:
    with pytest.raises(ObservationError):
        observed(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "three", "nan", "-1", "1e30"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ObservationError):
        yuan(text)


def test_the_commands_record_show_and_forget(
    demo_url: str, demo_registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = tmp_path / "seen.sqlite"
    monkeypatch.setenv(store.SETTING, str(where))
    paper_file = tmp_path / "list.jpg"
    paper_file.write_bytes(b"a price list")
    run = CliRunner().invoke
    asked = ["observe", "yuan", "--offer", "3", "--on", "2026-11-01", "--source", "某店铺",
             "--evidence", str(paper_file), "--by", "检查员", "--database", demo_url]  # fmt: skip
    assert run(cli, asked).exit_code == 0
    (one,) = Observations(store.opened(str(where))).of(scene.NAME)
    assert (one.kind, one.price, one.told_by) == (Kind.OFFER, Decimal(3), "检查员")
    assert len(one.evidence) == 64 and one.observed_on == dt.date(2026, 11, 1)
    assert run(cli, [*asked, "--paid", "2"]).exit_code == 2
    assert "日期" in run(cli, [*asked, "--on", "2999-01-01"]).stderr
    # A day that is not over in Greenwich has begun in China.
    china = dt.datetime.now(dt.UTC).date() + dt.timedelta(1)
    late = [china.isoformat() if one == "2026-11-01" else one for one in asked]
    monkeypatch.setattr("registry.days.today", lambda: china)
    assert run(cli, late).exit_code == 0
    assert run(cli, ["observe", "nobody", *asked[2:]]).exit_code == 2
    assert run(cli, ["seen", "count"]).exit_code == 0
    assert run(cli, ["seen", "forget"]).exit_code == 0
    assert Observations(store.opened(str(where))).of()[1:] == [one]
    monkeypatch.setenv(store.SETTING, store.OFF)
    assert run(cli, ["seen", "count"]).exit_code == 2
    assert lab_name(demo_registry, scene.NAME) == scene.NAME == lab_name(demo_registry, "yuan")
    with pytest.raises(UnknownLabError):
        lab_name(demo_registry, "示例玉石珠宝检验研究院")


def test_a_laboratory_is_shown_with_what_was_counted(
    demo_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = tmp_path / "seen.sqlite"
    monkeypatch.setenv(store.SETTING, str(where))
    asked = ["registry", "show", "yuan", "--database", demo_url]
    bare = CliRunner().invoke(cli, asked)
    assert bare.exit_code == 0 and not where.exists()
    kept(paper("fine", piece=None), Book(store.opened(str(where))))
    shown = CliRunner().invoke(cli, asked)
    assert shown.stdout.startswith(bare.stdout)
    assert "见过 1 份" in shown.stdout and f"合计 0 份，未到 {THRESHOLD} 份" in shown.stdout
    monkeypatch.setenv(store.SETTING, store.OFF)
    assert CliRunner().invoke(cli, asked).stdout == bare.stdout


def test_each_certificate_counts_once_for_its_laboratory(book: Book) -> None:
    late = scene.TODAY.isoformat()
    for number in range(THRESHOLD):
        for photo in "ab":
            kept(paper(f"{number}{photo}", piece=None, certificate_no=f"PZ2609010{number:04}",
                       issue_date=late.replace("2026", "2027")), book)  # fmt: skip
    kept(paper("fine", piece=None, certificate_no="PZ23032100999"), book)
    # Photos on which the number was not read may all be of one certificate.
    for photo in "abc":
        one = with_book(paper(photo, piece=None), book)
        assert one.memory is not None
        unread = dc.replace(one.memory.now, photo=photo, number="", number_sure=SOFT, accused=1)
        book.add(unread)
        book.add(dc.replace(unread, photo=f"{photo}2", number="PZ2303210077?"))
    (one,) = counts(book)
    assert (one.lab, one.seen) == (scene.NAME, THRESHOLD + 1)
    assert one.against + one.doubted == THRESHOLD and one.many
    assert counts(book, "another") == []
    assert not Count("x", 50, 4, 5).many
