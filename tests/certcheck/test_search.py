"""What would break: something not found that is there, or found on one database alone."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import col, delete, select

from certcheck.accounts.people import People
from certcheck.archive import index, rebuild, registered, search, words
from certcheck.archive.index import Findable
from certcheck.archive.search import Question
from certcheck.archive.tables import Archived, Entry, Indexed, Kind
from certcheck.cases import opening
from certcheck.cases.opening import Told, Wish
from certcheck.cases.rules import Source
from certcheck.market import circumstances
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry
from tests.certcheck import work_store
from tests.certcheck.archived import INSPECTOR, answer, checked, people, report
from tests.servers.databases import WorkDatabases

DAY = dt.date(2026, 11, 20)
# Few characters, so that pieces stand in many texts, and often in another order.
TEXTS = st.text("12aA 玉石佛寺廣广（－Ａ*\"':\t", max_size=9)


@pytest.fixture(scope="module", params=store.DATABASES)
def work(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Work]:
    """A work store on each kind of database."""
    patch = pytest.MonkeyPatch()
    # So small that a few entries are many.
    patch.setattr(index, "WINDOW_BITS", 1)
    patch.setattr(search, "_FEW", 2)
    url = None
    if request.param != "sqlite":
        databases: WorkDatabases = request.getfixturevalue("work_databases")
        url = databases.own()
    made = Work(work_store.settings(tmp_path_factory.mktemp("work"), url=url))
    people(made)
    yield made
    made.close()
    patch.undo()


def put(work: Work, *texts: str, kind: Kind = Kind.CASE, **more: object) -> None:
    """Entries of their own kind, in place of those that were there."""
    with store.session(work.engine) as opened:
        store.write(opened)
        opened.exec(delete(Entry))
        for ref, one in enumerate(texts):
            index.put(opened, Findable(kind, str(ref), [one], [one], **more))  # type: ignore[arg-type]
        opened.commit()


def found(work: Work, asked: str, kind: Kind = Kind.CASE, most: int = 100) -> list[str]:
    """Refs of all pages, those called exactly so first."""
    refs: list[str] = []
    before = None
    while True:
        with store.session(work.engine) as opened:
            page = search.find(opened, kind, Question(asked), before=before, most=most)
        assert len(page.rows) <= most
        refs += [one.ref for one in page.every]
        before = page.before
        if before is None:
            return refs


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(TEXTS, max_size=8), asked=TEXTS, most=st.integers(1, 3))
def test_what_holds_all_terms_is_found_and_nothing_else(
    work: Work, texts: list[str], asked: str, most: int
) -> None:
    put(work, *texts)
    terms = [plain for one in asked.split() if (plain := words.plain(one))]
    held = [
        str(ref) for ref, one in enumerate(texts) if all(term in words.plain(one) for term in terms)
    ]
    exact = [one for one in held if terms and words.plain(texts[int(one)]) == words.plain(asked)]
    rest = [one for one in held if one not in exact]
    assert found(work, asked, most=100) == exact[::-1] + rest[::-1]
    if not exact:
        assert found(work, asked, most=most) == rest[::-1]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("广东省（珠宝）检测中心", "廣東省珠寶"), ("GD-2026 0117", "0260117"), ("石佛寺市场", "佛"),
        ("ＧＤ２０２６", "gd20"), ("翡翠手镯", "手镯　翡"), ("A12号", "12号"), ("王𠮷明", "𠮷明"),
    ],
)  # fmt: skip
def test_width_forms_points_and_pieces_do_not_matter(work: Work, text: str, asked: str) -> None:
    put(work, text, "别的")
    assert found(work, asked) == ["0"]


@pytest.mark.parametrize(
    "asked", ['"', "翡 OR 别", "NOT 翡", "翡*", "words:翡", "' OR 1=1 --", "{}"]
)
def test_no_sign_in_what_is_asked_means_anything(work: Work, asked: str) -> None:
    put(work, "翡翠", "别的")
    expected = ["1", "0"] if not words.terms(asked) else ["0"] * (asked in ("翡*",))
    assert found(work, asked) == expected


def test_lists_are_narrowed_by_properties_and_days(work: Work) -> None:
    put(work, "甲", "乙", properties={"verdict": ["suspected", "x"]}, day=DAY)
    late = dt.timedelta(days=1)
    asked = [
        (Question("甲", {"verdict": "suspected"}), ["0"]),
        (Question("", {"verdict": "suspected", "lab": ""}), ["1", "0"]),
        (Question("", {"verdict": "consistent"}), []),
        (Question("", {}, DAY, DAY), ["1", "0"]),
        (Question("", {}, dt.date(2025, 1, 1), dt.date(2026, 12, 1)), ["1", "0"]),
        (Question("", {}, DAY + late), []),
        (Question("", {}, None, DAY - late), []),
        (Question("", {}, DAY, DAY - late), []),
    ]
    for question, expected in asked:
        with store.session(work.engine) as opened:
            page = search.find(opened, Kind.CASE, question)
        assert [one.ref for one in page.every] == expected, question


def listed(work: Work) -> list[tuple[str, str, str, str, str]]:
    """All entries but for their ids and windows."""
    with store.session(work.engine) as opened:
        rows = opened.exec(select(Entry)).all()
    found = [
        (
            one.kind, one.ref, one.title, one.texts,
            " ".join(word for word in one.words.split() if not word.startswith("w:")),
        )
        for one in rows
    ]  # fmt: skip
    return sorted(found)


def test_the_index_made_anew_is_what_it_was(work: Work, demo_registry: Registry) -> None:
    put(work)
    registered.follow(work, demo_registry)
    checked(work, report("YA1"), photo=b"1")
    checked(work, report("YA2", lab=None, part=1), photo=b"2")
    before = listed(work)
    with store.session(work.engine) as opened:
        store.write(opened)
        opened.exec(delete(Entry).where(col(Entry.kind) != Kind.STALL))
        opened.commit()
    assert rebuild.rebuild(work, demo_registry) == len(before)
    assert listed(work) == before
    assert len(found(work, "ya", Kind.CERTIFICATE)) == 2
    put(work)


def test_the_index_follows_the_registry(work: Work, demo_registry: Registry) -> None:
    put(work)
    with store.session(work.engine) as opened:
        store.write(opened)
        opened.exec(delete(Indexed))
        opened.commit()
    assert not registered.follows(work, demo_registry)
    assert registered.follow(work, demo_registry) > 0
    assert registered.follows(work, demo_registry) and registered.follow(work, demo_registry) == 0
    lab = next(one for one in demo_registry.roster() if one.signatories)
    for asked in (lab.name, lab.numbers[0], lab.name[2:6]):
        assert lab.lab_id in found(work, asked, Kind.LABORATORY)
    ref = f"{lab.lab_id}\t{lab.signatories[0]}"
    assert ref in found(work, lab.signatories[0], Kind.SIGNATORY)
    with store.session(work.engine) as opened:
        store.write(opened)
        index.put(opened, Findable(Kind.LABORATORY, "gone", ["没有了"], digest="x"))
        opened.merge(Indexed(source="registry", revision="older"))
        opened.commit()
    assert registered.follow(work, demo_registry) == 1
    assert found(work, "没有了", Kind.LABORATORY) == []


def test_what_an_inspector_noted_and_what_was_complained_is_found(
    work: Work, demo_registry: Registry
) -> None:
    put(work)
    about = circumstances.told(
        {"key": "0" * 32, "captured_at": DAY.isoformat() + "T02:00:00Z", "note": "摊主说去年\n買的"}
    )
    photo, asked = io.BytesIO(b"noted"), work_store.request(owner=INSPECTOR)
    of = circumstances.accept(work, photo, None, asked, about).check_id
    answer(work)
    told = Told(Source.COMPLAINT, DAY, "手镯放进水里变色", name="赵某某", phone="1390000")
    person = next(one for one in People(work.engine, work.clock).everyone() if one.id == "insp")
    case_id = str(opening.open_case(work, person, Wish("甲", told=told)))
    with store.session(work.engine) as opened:
        (row,) = opened.exec(select(Archived).where(Archived.root == of)).all()
    ref = str(row.id)
    for again in (False, True):
        if again:
            rebuild.rebuild(work, demo_registry)
        assert found(work, "去年买的", Kind.CERTIFICATE) == [ref], again
        assert found(work, "水里变", Kind.CASE) == [case_id], again
        # Who complained is found by nobody.
        assert not [kind for kind in Kind if found(work, "赵某某", kind) or found(work, "1390000")]
