"""What would break: an honest paper called a copy because it was checked twice, photographed
otherwise or misread; a copied number or picture that nobody is told of; names of people, or
other people's checks, in the book."""

import contextlib
import dataclasses as dc
import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from certcheck import report_parts
from certcheck.errors import SeenBookError
from certcheck.finding import Status
from certcheck.rules import item5_seen
from certcheck.rules.framework import judge
from certcheck.seen import compare, store, tables
from certcheck.seen.bands import PIECE, bands
from certcheck.seen.book import KEPT_DAYS, Book, Totals
from certcheck.seen.memory import remembering
from certcheck.seen.sighting import CODE, PRINT, SOFT, sighting
from ocr.likeness.hashes import BITS, distance
from ocr.witness import Answer
from registry.models import Lab, Signatory
from tests.certcheck import scene
from tests.certcheck.remembered import PAPER, kept, many, paper, picture, with_book

NUMBER, PICTURE, PEOPLE = (
    "item5.number_seen_before",
    "item5.picture_seen_before",
    "item5.signatory_elsewhere",
)
DOUBT, ADVICE = Status.SUSPECTED, Status.ADVICE


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    engine = store.opened(str(tmp_path / "seen.sqlite"))
    yield Book(engine)
    engine.dispose()


def told(rule: str, given, book: Book):  # type: ignore[no-untyped-def]
    found = scene.found(rule, with_book(given, book))
    return [(one.status, one.message.removeprefix(rule)) for one in found]


def test_the_same_paper_again_is_no_second_one(book: Book) -> None:
    kept(paper("first"), book)
    for again in (
        paper("first"),
        paper("another photo", piece=picture(1, 20)),
        paper("hidden", piece=picture(9), hidden=True),
        paper("no picture", piece=None),
        paper("soft", confidence=0.7, mass="12.05", conclusion="软玉手镯"),
    ):
        assert told(NUMBER, again, book) == []
        assert told(PICTURE, again, book) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"mass": "12.05", "conclusion": "和田玉手镯"},
        {"piece": picture(2)},
        {"mass": "12.05", "piece": picture(2)},
        {"mass": "48.2", "conclusion": "和田玉吊坠", "issue_date": "2023-03-21"},
    ],
)
def test_a_number_on_something_else_is_suspected_whichever_came_first(changes, book: Book) -> None:  # type: ignore[no-untyped-def]
    copy, own = paper("copy", **changes), paper("own")
    for first, second in ((own, copy), (copy, own)):
        book.forget()
        kept(first, book)
        (one,) = scene.found(NUMBER, with_book(second, book))
        assert one.status is DOUBT
        assert one.evidence and one.evidence[0].source.startswith("seen: 2026-")
        if "mass" in changes:
            sides = {each.field: (each.read, each.expected) for each in one.evidence}
            assert set(sides["mass"]) == {PAPER["mass"], changes["mass"]}


def test_a_misread_value_is_none(book: Book) -> None:
    kept(paper("first"), book)
    # One character, read the same twice on both papers; more, where the ink says the earlier
    # value; more, where a second reader says the earlier value.
    for mass in ("53.736", "53.746", "53.86"):
        assert told(NUMBER, paper("b", mass=mass), book) == []
    assert told(NUMBER, paper("c", mass="12.05", says=["53.786"]), book) == []
    assert told(NUMBER, paper("d", mass="12.05", again={"mass": "53.786"}), book) == []
    # A number that the second reader does not repeat accuses nobody.
    unsure = {"certificate_no": "PZ23032100205"}
    assert told(NUMBER, paper("e", mass="12.05", again=unsure), book) == []


@pytest.mark.parametrize("other", [{"mass": "12.05"}, {"conclusion": "和田玉手镯"}])
def test_one_value_accuses_when_both_readings_of_it_were_borne_out(other, book: Book) -> None:  # type: ignore[no-untyped-def]
    (key,) = other
    kept(paper("first", again={key: "?"}), book)
    # The earlier value may be its reader's blunder, until another photo was read alike.
    assert told(NUMBER, paper("b", **other), book) == []
    kept(paper("first again", again={key: "?"}, piece=picture(1, 9)), book)
    assert told(NUMBER, paper("b", **other), book) == [(DOUBT, "")]
    book.forget()
    # A second engine on the earlier photo is as good; this reading has to be borne out, too.
    kept(paper("first"), book)
    assert told(NUMBER, paper("b", again={key: "?"}, **other), book) == []
    assert told(NUMBER, paper("b", **other), book) == [(DOUBT, "")]
    # What was read with all certainty is not asked of it.
    book.forget()
    kept(paper("first", confidence=1.0, again={key: "?"}), book)
    assert told(NUMBER, paper("b", **other), book) == [(DOUBT, "")]
    # So is one that garbled a character, but not another's value.
    for second, expected in (("53.78翡翠手镯", []), (PAPER[key][:-1], [(DOUBT, "")])):
        book.forget()
        kept(paper("first", again={key: second}), book)
        assert told(NUMBER, paper("b", **other), book) == expected
    # It is the odd one where a third photo says what this one says.
    kept(paper("third", **other), book)
    again = paper("first, once more", piece=picture(1, 11))
    assert told(NUMBER, again, book) == []
    book.forget()
    kept(paper("first"), book)
    # Words that name no other species may be cut off or run into a neighbour's.
    assert told(NUMBER, paper("c", conclusion="53.786g"), book) == []
    assert told(NUMBER, paper("d", conclusion="翡翠"), book) == []
    kept(paper("first again", piece=picture(1, 9)), book)
    assert told(NUMBER, paper("e", conclusion="翡翡手镯", mass=""), book) == []


def test_a_neighbour_misread_earlier_accuses_nobody(book: Book) -> None:
    theirs = {"mass": "12.05", "piece": picture(3), "conclusion": "和田玉吊坠"}
    kept(paper("neighbour", certificate_no="PZ23032100208", **theirs), book)
    kept(paper("misread", certificate_no="PZ23032100202", **theirs), book)
    assert told(NUMBER, paper("own"), book) == []


def test_values_of_a_hand_are_neither_kept_nor_compared(book: Book) -> None:
    kept(paper("first"), book)
    given = paper("second", mass="12.05")
    by_hand = {key: dc.replace(one, reader="hand") for key, one in given.reading.fields.items()}
    for key in ("mass", "certificate_no"):
        fields = {**given.reading.fields, key: by_hand[key]}
        hand = dc.replace(given, reading=dc.replace(given.reading, fields=fields))
        assert told(NUMBER, hand, book) == []
    entered = dc.replace(given, reading=dc.replace(given.reading, fields=by_hand))
    one = sighting(entered, book.key)
    assert (one.fields, one.number_sure, one.person, one.issued_on) == ({}, SOFT, "", None)


def test_a_paper_that_contradicted_the_registry_is_not_held_against_another(book: Book) -> None:
    kept(paper("first"), book)
    engine_rows = tables.SIGHTINGS.update().values(accused=1)
    with store.writing(book.engine) as connection:
        connection.execute(engine_rows)
    assert told(NUMBER, paper("b", mass="12.05", conclusion="和田玉手镯"), book) == [
        (ADVICE, ".other_at_fault")
    ]
    # Where another paper of the number was in order, that one is told of.
    kept(paper("second", mass="48.2", conclusion="玉髓手镯"), book)
    with store.writing(book.engine) as connection:
        connection.execute(engine_rows.where(tables.SIGHTINGS.c.fields.contains("翡翠")))
        connection.execute(
            tables.SIGHTINGS.update()
            .where(tables.SIGHTINGS.c.fields.contains("48.2"))
            .values(accused=0)
        )
    assert told(NUMBER, paper("b", mass="12.05", conclusion="和田玉手镯"), book) == [(DOUBT, "")]


def test_numbers_of_two_laboratories_are_two(book: Book) -> None:
    kept(paper("first"), book)
    other = scene.record(lab=Lab(lab_id="x", name="示例另一家检测有限公司"))
    assert told(NUMBER, paper("b", mass="12.05", conclusion="和田玉手镯", lab=other), book) == []


def test_a_code_with_the_number_is_as_good_as_a_second_reading(book: Book) -> None:
    kept(paper("first"), book)
    unsure = {"certificate_no": "?"}
    code = "https://shili-yuan.example/c/PZ23032100202"
    given = paper("b", mass="12.05", conclusion="和田玉手镯", again=unsure, code=code)
    assert sighting(given, book.key).number_sure == CODE
    misread = paper("d", certificate_no="PZ2303Z100202", code=code)
    one = sighting(misread, book.key)
    assert (one.number, one.number_sure) == ("PZ23032100202", CODE)
    assert sighting(paper("c"), book.key).number_sure == PRINT
    assert told(NUMBER, given, book) == [(DOUBT, "")]


def test_one_picture_of_two_pieces_is_a_sign_where_pictures_are_of_pieces(book: Book) -> None:
    kept(paper("first"), book)
    copy = paper("copy", piece=picture(1, 12), certificate_no="PZ23050400777", mass="12.05",
                 issue_date="2023-05-04")  # fmt: skip
    assert told(PICTURE, copy, book) == [(ADVICE, ".stock")]
    many(book, 25)
    assert told(PICTURE, copy, book) == [(DOUBT, "")]
    far = paper("far", piece=picture(1, 70), certificate_no="PZ23050400777", mass="12.05")
    assert told(PICTURE, far, book) == []
    misread = paper("m", certificate_no="PZ23032100208", says=["PZ23032100202"])
    assert told(PICTURE, misread, book) == []


def test_lots_and_papers_issued_anew_are_no_sign(book: Book) -> None:
    kept(paper("first"), book)
    many(book, 25)
    lot = paper("lot", certificate_no="PZ23032100999", mass="51.2")
    assert told(PICTURE, lot, book) == [(ADVICE, ".lot")]
    anew = paper("anew", certificate_no="PZ23080100321", issue_date="2023-08-01")
    assert told(PICTURE, anew, book) == [(ADVICE, ".again")]


def test_pictures_from_stock_accuse_nobody(book: Book) -> None:
    many(book, 25)
    for number in range(4):
        day, mass = f"2023-05-0{number + 1}", f"{12 + number}.05"
        own = f"PZ2305040077{number}"
        kept(paper(f"stock {number}", certificate_no=own, issue_date=day, mass=mass), book)
    assert book.totals(scene.NAME) == Totals(29, 3)
    again = paper("b", certificate_no="PZ23060400555", issue_date="2023-06-04", mass="31.7")
    assert told(PICTURE, again, book) == [(ADVICE, ".stock")]


def test_one_photo_with_two_numbers_is_a_sign(book: Book) -> None:
    kept(paper("first", piece=None, frame=picture(5)), book)
    changed = {"certificate_no": "PZ23050400777", "piece": None}
    edited = paper("edited", frame=picture(5, 3), **changed)  # type: ignore[arg-type]
    assert told(PICTURE, edited, book) == [(DOUBT, ".photo")]
    beside = paper("beside", frame=picture(5, 40), **changed)  # type: ignore[arg-type]
    assert told(PICTURE, beside, book) == []


def test_a_signatory_of_two_laboratories(book: Book) -> None:
    other = scene.record(lab=Lab(lab_id="x", name="示例另一家检测有限公司"))
    kept(paper("theirs", lab=other, certificate_no="AB2303210001"), book)
    ours = paper("ours", certificate_no="PZ23040100010", issue_date="2023-04-01", piece=None)
    # In force since June 2021; the paper is of 2023.
    assert told(PEOPLE, ours, book) == [(DOUBT, "")]
    later = paper("l", certificate_no="PZ23080100010", issue_date="2023-08-01", piece=None)
    assert told(PEOPLE, later, book) == []
    listed = scene.record(signatories=(Signatory(lab_id="yuan", name="沈怀瑾"),))
    assert told(PEOPLE, dc.replace(ours, match=dc.replace(ours.match, record=listed)), book) == [
        (ADVICE, ".namesake")
    ]  # fmt: skip
    soft = paper("s", certificate_no="PZ23040100011", issue_date="2023-04-01", piece=None,
                 again={"approver": "沈怀理"})  # fmt: skip
    assert told(PEOPLE, soft, book) == [(ADVICE, ".namesake")]


def test_one_hand_at_two_laboratories_is_a_sign_where_it_is_not_on_file(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A genuine paper of the hand's own laboratory is not blamed for another that copied it."""
    other = scene.record(lab=Lab(lab_id="x", name="示例另一家检测有限公司"))
    kept(paper("theirs", lab=other, certificate_no="AB2303210001"), book)
    ours = paper("ours", certificate_no="PZ23040100010", issue_date="2023-04-01", piece=None)
    listed = scene.record(signatories=(Signatory(lab_id="yuan", name="沈怀瑾"),))
    own = dc.replace(ours, match=dc.replace(ours.match, record=listed))
    for hand, here, there in (
        (Answer.AGREES, (ADVICE, ".listed"), (DOUBT, ".same_hand")),
        (Answer.DIFFERS, None, None),
    ):
        monkeypatch.setattr(item5_seen, "_hands", lambda *_, hand=hand: hand)
        assert told(PEOPLE, own, book) == ([here] if here else [])
        assert told(PEOPLE, ours, book) == ([there] if there else [])


def test_the_more_people_were_seen_the_less_a_name_says(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = scene.record(lab=Lab(lab_id="x", name="示例另一家检测有限公司"))
    kept(paper("theirs", lab=other, certificate_no="AB2303210001"), book)
    ours = paper("ours", certificate_no="PZ23032100010", piece=None)
    assert told(PEOPLE, ours, book) == [(DOUBT, "")]
    monkeypatch.setattr(Book, "people", lambda _self, most: most)
    assert told(PEOPLE, ours, book) == [(ADVICE, ".namesake")]


def test_the_book_holds_no_name_and_no_photo(book: Book) -> None:
    kept(paper("photo-digest"), book)
    with store.reading(book.engine) as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    data = Path(str(book.engine.url.database)).read_bytes()
    assert "沈怀瑾".encode() not in data and b"photo-digest" not in data
    assert Path(str(book.engine.url.database)).stat().st_mode & 0o777 == 0o600
    # The same name is known again in this book, and another book would not know it.
    one = sighting(paper("x"), book.key).person
    assert one == sighting(paper("y"), book.key).person != sighting(paper("y"), b"other").person


def test_a_photo_stands_in_the_book_once_and_old_ones_go(book: Book) -> None:
    kept(paper("first"), book)
    kept(paper("first"), book)
    assert book.totals(scene.NAME) == Totals(1, 0)
    later = paper("second", certificate_no="PZ23032100777", piece=picture(4))
    day = scene.TODAY + dt.timedelta(days=KEPT_DAYS + 1)
    kept(dc.replace(later, checked_on=day), book)
    assert book.numbered(scene.NAME, "PZ23032100202", "") == []
    assert book.pictured([picture(1)], b"", "") == []
    assert book.forget() == 1


def test_a_report_of_other_memories_has_another_id(book: Book) -> None:
    alone = judge(with_book(paper("b", mass="12.05", conclusion="和田玉手镯"), book))
    assert report_parts.remembered(alone) == []
    kept(paper("first"), book)
    assert report_parts.remembered(
        judge(with_book(paper("b", mass="12.05", conclusion="和田玉手镯"), book))
    )


def test_a_book_that_cannot_be_used_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"this is no database at all, and long enough to be taken for one" * 20)
    monkeypatch.setenv(store.SETTING, str(broken))
    with pytest.raises(SeenBookError):
        store.opened(str(broken))
    assert remembering(paper("a")).memory is None
    monkeypatch.setenv(store.SETTING, store.OFF)
    assert remembering(paper("a")).memory is None
    monkeypatch.setenv(store.SETTING, str(tmp_path / "own.sqlite"))
    case = remembering(paper("a"))
    assert case.memory is not None
    with contextlib.closing(sqlite3.connect(tmp_path / "own.sqlite")) as other:
        other.execute("DROP TABLE seen_sightings")
    assert case.memory.numbered() == [] and judge(case)[4].status is not Status.UNVERIFIABLE


def test_steps_go_up_and_down_and_make_the_tables(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import inspect

    engine = store.opened(str(tmp_path / "x.sqlite"))
    with store.writing(engine) as connection:
        options = {"version_table": tables.VERSION_TABLE}
        context = MigrationContext.configure(connection, opts=options)
        assert context.get_current_revision() == tables.SCHEMA
        assert compare_metadata(context, tables.METADATA) == []
        store.migrate(connection, "base")
        assert inspect(connection).get_table_names() == [tables.VERSION_TABLE]
        store.migrate(connection)
    engine.dispose()


def test_near_hashes_share_bands_and_far_ones_do_not() -> None:
    near = [
        len(set(bands(PIECE, [picture(n)])) & set(bands(PIECE, [picture(n, 20)])))
        for n in range(200)
    ]
    assert sum(one > 0 for one in near) > 190
    far = [
        set(bands(PIECE, [picture(n)])) & set(bands(PIECE, [picture(n + 500)])) for n in range(99)
    ]
    assert sum(map(bool, far)) < 3
    assert distance(picture(1), picture(1, 20)) == 20 < BITS


def test_likelihood_of_misreading() -> None:
    assert compare.misread("12.50", "12.5") == 0.0
    like, other = compare.misread("33.786", "33.736"), compare.misread("33.786", "33.746")
    assert 0 < like < other < compare.ACCUSES
    assert compare.misread("33.786", "120.05") == compare.BLUNDER
    assert compare.same_number("PZ2303210O202", "PZ23032100202")
    assert not compare.same_number("PZ23032100202", "PZ23050400777")
