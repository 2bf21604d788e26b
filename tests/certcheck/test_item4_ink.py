"""What would break: an honest signature called another's, a forged one cleared, an accusation
that hangs on which certificate was checked first, anything more than suspected from ink."""

import contextlib
import dataclasses as dc
import datetime as dt
import hashlib
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from certcheck.case import Case
from certcheck.errors import InkBookError
from certcheck.finding import Status
from certcheck.ink_book import KEPT_DAYS, MOST_KEPT, OFF, SETTING, Entry, InkBook, configured
from certcheck.rules.framework import judge
from certcheck.rules.item4_ink import entry
from ocr.geometry import box_quad
from ocr.reading import Advice, Signature
from ocr.signature.shape import shape_of
from registry.models import Lab, Signatory
from registry.specimens import Specimen
from samples.generator import hand
from tests.certcheck.house import (
    BOX,
    DAY,
    Ink,
    case,
    day,
    found,
    held,
    paper,
    registry,
    signs,
    told,
)
from tests.certcheck.silent import SilentWitness

DOUBT, OPEN, FINE, ADVICE = (
    Status.SUSPECTED,
    Status.UNVERIFIABLE,
    Status.CONSISTENT,
    Status.ADVICE,
)
AGREES, DIFFERS = "item4.ink_agrees", "item4.ink_differs"
NOBODY, EARLIER = "item4.ink_of_nobody", "item4.ink_unlike_earlier"
MISSING, STRANGER = "item4.approver_missing", "item4.not_authorised"
NAMES = ("沈怀瑾", "程远志")


def picture(name: str) -> bytes:
    mask = np.asarray(hand.as_picture(hand.specimen(name)))
    return bytes(cv2.imencode(".png", mask)[1])


def with_specimen(name: str) -> tuple[Signatory, Specimen]:
    data = picture(name)
    digest = hashlib.sha256(data).hexdigest()
    row = Signatory(
        lab_id="bi", name=name, scope="全部", valid_from=day("2020-01-01"),
        specimen=f"{name}.png#sha256={digest}",
    )  # fmt: skip
    return row, Specimen(sha256=digest, data=data)


@cache
def book():  # type: ignore[no-untyped-def]
    more = [Lab(lab_id="bi", name="示例笔迹检测有限公司")]
    more.append(held("bi", "211620110999", "示例笔迹检测有限公司", "2021-01-01", "2027-01-01"))
    for name in NAMES:
        more += with_specimen(name)
    return registry(*more)


@cache
def form(name: str, writer: int | None, seed: int) -> bytes:
    """Packed form of a name in its owner's hand, or in the hand of that number."""
    own = hand.own_hand(name) if writer is None else hand.hand(writer)
    shape = shape_of(hand.write(name, own, np.random.default_rng(seed), 70) > 100)
    assert shape is not None
    return shape.pack()


def signed(
    approver: str | None,
    shape: bytes,
    *,
    lab: str = "bi",
    written: float = 0.99,
    clear: bool = True,
    confidence: float = 0.98,
    witness: object = None,
    photo: str = "photo",
    ink_book: InkBook | None = None,
    number: str = "PZ23032100202",
    doubted: str = "",
) -> Case:
    given = case(
        {"approver": approver, "certificate_no": number}, lab=lab, labels=["approver"],
        book=book(), confidence=confidence, witness=witness,
        doubted={"approver": doubted} if doubted else None,
    )  # fmt: skip
    one = Signature("approver", BOX, written, clear, shape)
    reading = dc.replace(given.reading, signatures=(one,))
    return dc.replace(given, reading=reading, photo=photo, ink_book=ink_book)


AWAY = box_quad(0, 50, 20, 20)
OWN = form("沈怀瑾", None, 1)
FORGED = form("沈怀瑾", 84, 1)


def test_the_owners_hand_agrees_and_item_4_is_consistent() -> None:
    assert told(AGREES, signed("沈怀瑾", OWN)) == (FINE, "")
    assert told(DIFFERS, signed("沈怀瑾", OWN)) is None
    assert judge(signed("沈怀瑾", OWN))[3].status is FINE


def test_another_hand_is_suspected_and_never_more() -> None:
    assert told("item4.ink_differs", signed("沈怀瑾", FORGED)) == (DOUBT, "")
    assert told("item4.ink_agrees", signed("沈怀瑾", FORGED)) is None
    assert judge(signed("沈怀瑾", FORGED))[3].status is DOUBT


def test_ink_under_a_seal_must_differ_by_a_wide_margin() -> None:
    covered = signed("沈怀瑾", form("沈怀瑾", 72, 1))
    assert found(DIFFERS, covered) == [], "what the seal hides may be why it differs"
    seals = tuple(dc.replace(one, box=AWAY) for one in covered.reading.seals)
    bare = dc.replace(covered, reading=dc.replace(covered.reading, seals=seals))
    assert told(DIFFERS, bare) == (DOUBT, "")


def test_the_specimens_own_picture_is_a_stamp_and_agrees() -> None:
    shape = shape_of(hand.specimen("沈怀瑾") > 100)
    assert shape is not None
    assert judge(signed("沈怀瑾", shape.pack()))[3].status is FINE


@pytest.mark.parametrize(("written", "clear"), [(0.3, True), (0.9, True), (0.99, False)])
def test_print_and_soft_ink_are_held_against_nobody(
    written: float,
    clear: bool,  # noqa: FBT001
) -> None:
    given = signed("沈怀瑾", FORGED, written=written, clear=clear)
    assert found(DIFFERS, given) == [] and judge(given)[3].status is FINE


def test_a_laboratory_without_specimens_is_not_compared() -> None:
    assert found(DIFFERS, signed("沈怀瑾", FORGED, lab="yuan")) == []
    assert found(NOBODY, signed(None, FORGED, lab="yuan", witness=SilentWitness())) == []


def test_ink_that_was_not_read_is_named_by_its_specimen() -> None:
    given = signed(None, OWN, witness=SilentWitness())
    assert told("item4.authorised", given) == (FINE, "")
    assert found(MISSING, given) == [] and judge(given)[3].status is FINE


def test_ink_that_was_not_read_is_named_by_the_one_name_that_explains_it() -> None:
    given = signed(None, FORGED, lab="yuan", witness=Ink({**paper(), "approver": "沈怀瑾"}, ["x"]))
    assert told("item4.authorised", given) == (FINE, "")


def test_illegible_ink_is_no_fault() -> None:
    given = signed(None, FORGED, lab="yuan", witness=SilentWitness())
    assert told(MISSING, given) == (OPEN, ".illegible")
    assert judge(given)[3].status is OPEN


def test_ink_like_nobodys_specimen_is_suspected() -> None:
    stranger = form("胡清扬", None, 3)
    given = signed(None, stranger, witness=SilentWitness())
    assert told("item4.ink_of_nobody", given) == (DOUBT, "")
    assert found(NOBODY, signed(None, OWN, witness=SilentWitness())) == []
    soft = signed(None, stranger, clear=False, witness=SilentWitness())
    assert found(NOBODY, soft) == [] and judge(soft)[3].status is OPEN


def soft_stranger(**given: Any) -> Case:
    """A stranger's name in soft ink, read too softly to be stated, that is no signatory's."""
    says = {"witness": Ink({**paper(), "approver": "胡清扬"}, ["x"]), "doubted": "胡清场", **given}
    made = signed(None, says.pop("shape", form("胡清扬", None, 3)), clear=False, **says)
    seals = tuple(dc.replace(one, box=AWAY) for one in made.reading.seals)
    return dc.replace(made, reading=dc.replace(made.reading, seals=seals))


def test_a_strangers_soft_ink_is_suspected_where_all_that_it_shows_is_another() -> None:
    assert told(NOBODY, soft_stranger()) == (DOUBT, "")
    assert judge(soft_stranger())[3].status is DOUBT
    harmless = {
        "print": soft_stranger(written=0.4),
        "near one": soft_stranger(shape=form("沈怀瑾", 72, 1)),
        "nothing read": soft_stranger(doubted=""),
        "one character": soft_stranger(doubted="胡"),
        "shares one": soft_stranger(doubted="胡怀扬"),
        "not denied": soft_stranger(witness=SilentWitness()),
        "no specimens": soft_stranger(lab="yuan"),
    }
    assert {why: found(NOBODY, one) for why, one in harmless.items()} == dict.fromkeys(harmless, [])


@pytest.mark.parametrize("code", ["photo.glare", "photo.covered"])
def test_ink_that_something_lies_over_is_held_against_nobody(code: str) -> None:
    given = soft_stranger()
    over = Advice(code, 0.1, BOX, "bottom", ("approver",))
    beside = Advice(code, 0.1, BOX, "top", ("conclusion",))
    hidden, plain = (
        dc.replace(given, reading=dc.replace(given.reading, advice=(one,)))
        for one in (over, beside)
    )
    assert found(NOBODY, hidden) == [] and told(NOBODY, plain) == (DOUBT, "")
    stamped = tuple(dc.replace(one, box=BOX) for one in given.reading.seals)
    under = dc.replace(given, reading=dc.replace(given.reading, seals=stamped))
    assert found(NOBODY, under) == []


def test_a_misread_hand_accuses_nobody() -> None:
    # The reader took a character wrong; the second engine repeats it and the ink is denied.
    misread = signed("沈怀琪", form("沈怀瑾", None, 2), lab="yuan")
    assert told(STRANGER, misread) == (OPEN, "rule.unclear") or judge(misread)[3].status is OPEN
    by_specimen = signed("沈怀琪", OWN)
    assert judge(by_specimen)[3].status is FINE


def test_another_name_in_a_legible_hand_is_suspected_no_more() -> None:
    given = signed("胡清扬", form("胡清扬", None, 3), lab="yuan")
    assert told(STRANGER, given) == (DOUBT, "")
    faint = signed("胡清扬", form("胡清扬", None, 3), lab="yuan", confidence=0.7)
    assert judge(faint)[3].status is OPEN


def kept(at: Path, shapes: list[bytes], *, anchored: bool = False, lab: str = "示例") -> InkBook:
    made = InkBook(at / "ink.sqlite")
    for number, shape in enumerate(shapes):
        made.add(Entry(f"{number:064}", "1/1", lab, "沈怀瑾", f"N{number}", anchored, shape, DAY))
    return made


def of(name: str, seen_on: dt.date = DAY, *, lab: str = "示例", photo: str = "9" * 64) -> Entry:
    return Entry(photo, "1/1", lab, name, "", anchored=False, shape=OWN, seen_on=seen_on)


def test_unlike_earlier_ink_is_told_and_is_no_fault_whichever_came_first(tmp_path: Path) -> None:
    name = signed("沈怀瑾", OWN, lab="yuan").lab
    assert name is not None
    usual = [form("沈怀瑾", None, seed) for seed in (4, 5, 6)]
    strange = [form("沈怀瑾", 84, seed) for seed in (4, 5, 6)]
    for number, (earlier, now) in enumerate(((usual, FORGED), (strange, OWN))):
        folder = tmp_path / str(number)
        given = signed("沈怀瑾", now, lab="yuan", ink_book=kept(folder, earlier, lab=name.name))
        assert told("item4.ink_unlike_earlier", given) == (ADVICE, "")
        assert judge(given)[3].status is FINE
    like = signed("沈怀瑾", OWN, lab="yuan", ink_book=kept(tmp_path / "2", usual, lab=name.name))
    assert found(EARLIER, like) == []
    few = kept(tmp_path / "3", usual[:2], lab=name.name)
    assert found(EARLIER, signed("沈怀瑾", FORGED, lab="yuan", ink_book=few)) == []
    mixed = kept(tmp_path / "4", [usual[0], form("沈怀瑾", 71, 1), usual[1]], lab=name.name)
    assert found(EARLIER, signed("沈怀瑾", FORGED, lab="yuan", ink_book=mixed)) == []


def test_earlier_ink_that_agreed_with_the_specimen_widens_it_and_other_ink_does_not(
    tmp_path: Path,
) -> None:
    lab = "示例笔迹检测有限公司"
    own_too = kept(tmp_path / "a", [form("沈怀瑾", 84, 9)], anchored=True, lab=lab)
    assert found(DIFFERS, signed("沈怀瑾", FORGED, ink_book=own_too)) == []
    never = kept(tmp_path / "b", [form("沈怀瑾", 84, 9)], anchored=False, lab=lab)
    assert told(DIFFERS, signed("沈怀瑾", FORGED, ink_book=never)) == (DOUBT, "")


def test_a_photo_and_a_certificate_are_never_compared_with_themselves(tmp_path: Path) -> None:
    made = InkBook(tmp_path / "ink.sqlite")
    given = signed("沈怀瑾", OWN, ink_book=made)
    one = entry(given)
    assert one is not None and one.anchored and one.name == "沈怀瑾"
    made.add(one)
    made.add(one)
    assert given.earlier_ink("沈怀瑾") == []
    same_paper = dc.replace(given, photo="another photo")
    assert same_paper.earlier_ink("沈怀瑾") == []
    other = signed("沈怀瑾", OWN, photo="b", ink_book=made, number="PZ24010100999")
    assert [each.photo for each in other.earlier_ink("沈怀瑾")] == ["photo"]


def test_nothing_is_kept_of_print_soft_ink_or_names_that_are_not_registered() -> None:
    assert entry(signed("沈怀瑾", OWN, written=0.5)) is None
    assert entry(signed("沈怀瑾", OWN, clear=False)) is None
    assert entry(signed("胡清扬", form("胡清扬", None, 3))) is None


def test_a_book_that_cannot_be_used_costs_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"this is no database at all, and long enough to be taken for one" * 20)
    for path in (blocked / "ink.sqlite", broken):
        given = signed("沈怀瑾", OWN, ink_book=InkBook(path))
        assert given.earlier_ink("沈怀瑾") == []
        kept_one = entry(given)
        assert kept_one is not None
        InkBook(path).add(kept_one)
        assert judge(given)[3].status is FINE


@pytest.mark.parametrize("damage", [b"", b"abc", b"x" * 122, "text " * 30])
def test_a_damaged_form_is_passed_over_and_costs_no_item(damage: bytes, tmp_path: Path) -> None:
    lab = "示例笔迹检测有限公司"
    own = form("沈怀瑾", None, 4)
    made = kept(tmp_path, [damage, own], anchored=True, lab=lab)
    given = signed("沈怀瑾", OWN, ink_book=made)
    assert [one.shape for one in given.earlier_ink("沈怀瑾")] == [own]
    assert judge(given)[3].status is FINE


def test_the_book_is_its_owners_alone_and_holds_the_latest_of_the_last_years(
    tmp_path: Path,
) -> None:
    made = kept(tmp_path, [OWN])
    assert made.path.stat().st_mode & 0o777 == 0o600
    old = of("韩玉", DAY - dt.timedelta(days=KEPT_DAYS))
    made.add(old)
    assert made.earlier("示例", "韩玉", "", "") == [old]
    for number in range(MOST_KEPT + 3):
        made.add(of("沈怀瑾", DAY + dt.timedelta(days=number), photo=f"{99 - number:064}"))
    assert made.earlier("示例", "韩玉", "", "") == []
    assert made.forget("示例", "沈怀瑾") == MOST_KEPT


def test_a_book_of_another_version_is_not_read_and_a_strange_file_is_left_alone(
    tmp_path: Path,
) -> None:
    made = kept(tmp_path, [OWN])
    for version, left in ((99, 1), (0, 0)):
        with contextlib.closing(sqlite3.connect(made.path)) as book:
            book.execute(f"PRAGMA user_version = {version}")
        assert InkBook(made.path).earlier("示例", "沈怀瑾", "", "") == []
        with contextlib.closing(sqlite3.connect(made.path)) as book:
            assert book.execute("SELECT count(*) FROM ink").fetchone() == (left,)
    other = tmp_path / "other.sqlite"
    with contextlib.closing(sqlite3.connect(other)) as book:
        book.execute("CREATE TABLE mine (a)")
    before = other.read_bytes()
    made = InkBook(other)
    made.add(of("沈怀瑾"))
    with pytest.raises(InkBookError):
        made.forget()
    assert other.read_bytes() == before


def test_forgetting_leaves_no_byte_of_it(tmp_path: Path) -> None:
    made = kept(tmp_path, [OWN, FORGED])
    made.add(of("韩玉", lab="另一家"))
    assert made.forget(lab="另一家") == 1
    assert "韩玉".encode() not in made.path.read_bytes()
    assert len(made.earlier("示例", "沈怀瑾", "", "")) == 2
    assert (made.forget(), made.forget()) == (2, 0)
    assert "沈怀瑾".encode() not in made.path.read_bytes()
    assert InkBook(tmp_path / "none.sqlite").forget() == 0


def test_the_digest_is_of_what_was_compared(tmp_path: Path) -> None:
    lab = "示例笔迹检测有限公司"
    digests = set()
    for number, (shapes, agreed) in enumerate((
        ([], True), ([FORGED], False), ([OWN], True), ([OWN, FORGED], True)
    )):  # fmt: skip
        made = kept(tmp_path / str(number), shapes, anchored=agreed, lab=lab)
        judge(signed("沈怀瑾", OWN, ink_book=made))
        digests.add(made.digest())
    # Ink that agreed with no specimen is held beside nothing where there is one.
    assert len(digests) == 3 and "" in digests


def test_the_book_is_switched_off_by_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(SETTING, OFF)
    assert configured() is None
    monkeypatch.setenv(SETTING, str(tmp_path / "x.sqlite"))
    made = configured()
    assert made is not None and made.path == tmp_path / "x.sqlite"
    assert configured(visitor=True) is not None
    monkeypatch.delenv(SETTING)
    assert (default := configured()) is not None and default.path.name == "ink.sqlite"
    assert configured(visitor=True) is None


def test_signs_of_a_laboratory_with_one_specimen_missing_stay_open() -> None:
    more = [Lab(lab_id="bi", name="示例笔迹检测有限公司"), *with_specimen("沈怀瑾")]
    some = registry(*more, signs("bi", "韩玉", "全部", "2020-01-01"))
    given = signed(None, form("胡清扬", None, 3), witness=SilentWitness())
    record = some.lab("bi")
    assert record is not None and given.match is not None
    given = dc.replace(given, registry=some, match=dc.replace(given.match, record=record))
    assert found(NOBODY, given) == []
