"""Documents of authorities in whatever order: the same is held, on both databases."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from pathlib import Path

from hypothesis import note
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from registry import describe
from registry.importing.plan import Wish
from registry.lookup import Registry
from registry.revision import content_digest
from tests.registry import lists, official
from tests.registry.lists import content
from tests.registry.test_honest import HEAD, STANDARD, book, listed
from tests.registry.test_properties import cases, folder
from tests.registry.test_properties import start as empty

__all__ = ["folder"]

NAME, NUMBER, CENTRE = "示例丙珠宝检测站", "181620110071", "210020349767"
HOME, BRANCH = "河南省南阳市镇平县示玉大道71号", "河南省南阳市镇平县工艺路5号"
LAB_ID = f"CMA-{NUMBER}"
FIRST = dt.date(2024, 1, 1)
DAY = dt.timedelta(days=1)
# Days that a right is said to have begun: before all lists, among them, and not said.
SINCE = ("", "2018-05-01", "2024-01-04", "2024-01-07")
UNTIL = ("", "2026-05-01", "2030-05-01")
THINGS = ("翡翠", "和田玉", "贵金属")
PEOPLE = ("沈怀瑾", "顾明哲")


@dc.dataclass(frozen=True)
class Page:
    """One document.

    Attributes:
        day: of its list, counted from FIRST.
        kind: `institutions`, `scopes`, `signatories`, or `contract` for a table of ours.
        rows: what tells its rows, first and last days among it.
        site: that the lines above name; "" for none.
        adds: whether the operator says that it only adds.
    """

    day: int
    kind: str
    rows: tuple[tuple[str, ...], ...]
    site: str = ""
    adds: bool = False

    def load(self, session: Session, folder: Path) -> None:
        day = FIRST + self.day * DAY
        if self.kind == "contract":
            rows = tuple(f"{LAB_ID},{thing},,{STANDARD},,{first or '2018-05-01'},{last}"
                         for thing, first, last in self.rows)  # fmt: skip
            lists.load(session, folder / "csv", day, scopes=rows)
            return
        describe.apply(session, self._written(folder, day), Wish(list_date=day), dry_run=False)

    def _written(self, folder: Path, day: dt.date) -> Path:
        title = [f"机构名称：{NAME}  证书编号：{NUMBER}"]
        title += [f"检验检测场所地址：{self.site}"] if self.site else []
        said = "adds = true" if self.adds else ""
        if self.kind == "institutions":
            places = (((NAME, number, place, *days)) for number, place, *days in self.rows)
            return listed(folder, *places, day=day.isoformat(), said=said)
        if self.kind == "signatories":
            head: list[official.Cell] = ["序号", "姓名", "授权签字领域", "批准日期", "有效期至"]
            people: list[list[official.Cell]] = [
                [1, name, "全部", *days] for name, *days in self.rows
            ]
            named = {"name": "签字人.xlsx", "sheet": "授权签字人"}
            return book(folder, *people, title=title, head=head, said=said, **named)
        things: list[list[official.Cell]] = [
            [1, thing, "全部参数", STANDARD, "", "", *days] for thing, *days in self.rows
        ]
        head = [*HEAD, "批准日期", "有效期至"]
        return book(folder, *things, title=title, head=head, said=said)


def _rows(*names: str) -> st.SearchStrategy[tuple[tuple[str, ...], ...]]:
    """Some rows; of one list all have first days, or none, and so for the last ones."""
    rows = st.lists(
        st.tuples(st.sampled_from(names), st.sampled_from(SINCE[1:]), st.sampled_from(UNTIL[1:])),
        min_size=1,
        unique_by=lambda row: row[0],
    )
    return st.tuples(rows, st.booleans(), st.booleans()).map(_blanked)


def _blanked(drawn: tuple[list[tuple[str, str, str]], bool, bool]) -> tuple[tuple[str, ...], ...]:
    rows, dated, ended = drawn
    return tuple((name, since * dated, until * ended) for name, since, until in rows)


def _institutions() -> st.SearchStrategy[tuple[tuple[str, ...], ...]]:
    place = st.sampled_from(((NUMBER, HOME), (NUMBER, BRANCH), (NUMBER, ""), (CENTRE, HOME)))
    rows = st.lists(place, min_size=1, unique=True)
    days = st.tuples(st.sampled_from(SINCE), st.sampled_from(UNTIL))
    return st.tuples(rows, days).map(
        lambda drawn: tuple((*row, *drawn[1]) for row in _told(drawn[0]))
    )


def _told(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """A list names a number with its sites, or once without."""
    sited = [row for row in rows if row[1]]
    return sited or rows


DAYS = st.integers(0, 9)
SITES = st.sampled_from(("", HOME, BRANCH))
PAGES = st.one_of(
    st.builds(Page, DAYS, st.just("institutions"), _institutions()),
    st.builds(Page, DAYS, st.just("scopes"), _rows(*THINGS), SITES),
    st.builds(Page, DAYS, st.just("signatories"), _rows(*PEOPLE)),
    st.builds(Page, DAYS, st.just("contract"), _rows(*THINGS)),
)


def start(session: Session, folder: Path, *, bare: bool = False) -> None:
    """The laboratory, with an annex, so that parts have what to add to; bare, from our tables."""
    empty(session, folder / "empty")
    if bare:
        row = f"{LAB_ID},CMA,{NUMBER},{NAME},{HOME},2018-05-01,2030-05-01,valid,,"
        day = FIRST - 9 * DAY
        lists.load(session, folder, day, labs=(f"{LAB_ID},{NAME},,,",), accreditations=(row,))
        return
    Page(-9, "institutions", ((NUMBER, HOME, "2018-05-01", "2030-05-01"),)).load(session, folder)
    Page(-9, "scopes", (("珍珠", "", ""),)).load(session, folder)


@cases(
    data=st.data(),
    pages=st.lists(PAGES, min_size=2, max_size=5, unique_by=lambda page: (page.day, page.kind)),
)
def test_no_order_of_documents_changes_any_answer(
    engine: Engine, folder: Path, data: st.DataObject, pages: list[Page]
) -> None:
    """An older list loaded later would lose a right, and a paper of then be held to be outside."""
    # A contract's annex and an authority's of one day: the one loaded later counts alone.
    days = {page.day for page in pages if page.kind == "scopes"}
    pages = [page for page in pages if page.kind != "contract" or page.day not in days]
    bare = data.draw(st.booleans())
    adding = data.draw(st.sets(st.sampled_from(pages))) if not bare else set()
    pages = [dc.replace(page, adds=page in adding and page.kind == "scopes") for page in pages]
    shuffled = data.draw(st.permutations(pages))
    note(f"{shuffled}")
    found = []
    for order in (sorted(pages, key=lambda page: (page.day, page.kind)), shuffled):
        with Session(engine) as session:
            start(session, folder, bare=bare)
            for page in order:
                page.load(session, folder)
            assert Registry(session).revision.revision == content_digest(session)
            record = Registry(session).lab(LAB_ID)
            assert record is not None
            found.append((content(session), record.lists))
    assert found[1] == found[0]


def test_tables_of_ours_out_of_order_before_a_document(session: Session, tmp_path: Path) -> None:
    """What the older one states was forgotten: a document would not find its first days there."""
    pages = [Page(day, "contract", ((THINGS[0], "2018-05-01", last),))
             for day, last in ((1, "2026-05-01"), (5, "2030-05-01"))]  # fmt: skip
    pages.append(Page(3, "scopes", ((THINGS[0], "", ""),)))
    found = []
    for order in (pages[0], pages[2], pages[1]), (pages[1], pages[0], pages[2]):
        start(session, tmp_path, bare=True)
        for page in order:
            page.load(session, tmp_path)
        found.append(content(session)["scopes"])
        session.commit()
    assert found[1] == found[0]
    assert len(found[0]) == 1


@cases(before=st.lists(PAGES, min_size=1, max_size=3), page=PAGES)
def test_undo_after_a_document_is_the_identity(
    engine: Engine, folder: Path, before: list[Page], page: Page
) -> None:
    """A document loaded by mistake would leave traces, in its own tables and by its sites."""
    with Session(engine) as session:
        start(session, folder)
        for each in before:
            each.load(session, folder)
        was, revision = content(session), Registry(session).revision
        session.commit()
        page.load(session, folder)
        newest = describe.log(session)[0]
        then = content(session)
        session.commit()
        if Registry(session).revision == revision:
            return
        number = newest.id or 0
        describe.undo(session, number, dry_run=False)
        assert (content(session), Registry(session).revision) == (was, revision)
        session.commit()
        describe.undo(session, number + 1, dry_run=False)
        assert content(session) == then


@cases(pages=st.lists(PAGES, min_size=2, max_size=4), undone=st.booleans())
def test_what_was_known_on_a_day_stays(
    engine: Engine, folder: Path, pages: list[Page], *, undone: bool
) -> None:
    """A report of last year could not be explained: today's lists would answer for it."""
    with Session(engine) as session:
        start(session, folder)
        answers = {}
        for place, page in enumerate(pages):
            before = len(describe.log(session))
            page.load(session, folder)
            day = FIRST + (400 + place) * DAY
            newest = describe.log(session)[0]
            if len(describe.log(session)) == before:
                session.commit()
                continue  # it told nothing new
            newest.imported_at = dt.datetime.combine(day, dt.time(6), dt.UTC)
            session.commit()
            answers[day] = _answers(session, day)
            session.commit()
        if undone:
            describe.undo(session, newest.id or 0, dry_run=False)
        for day, was in answers.items():
            assert _answers(session, day) == was


def _answers(session: Session, known_on: dt.date) -> list[object]:
    """What `registry show` says of some days, as was known on one."""
    asked = (None, *(FIRST + days * DAY for days in (-400, 0, 4, 8, 2000)))
    return [describe.show(session, LAB_ID, as_of=day, known_on=known_on) for day in asked]
