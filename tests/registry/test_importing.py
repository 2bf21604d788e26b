"""Importing: every error with its place, all or nothing, twice changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import Session, select

from registry.errors import BadImportError
from registry.importing.apply import apply_plan
from registry.importing.changes import Kind
from registry.importing.plan import ImportPlan, Wish, plan_import
from registry.imports import ImportRecord
from registry.lookup import LabEvidence, Registry, Revision
from registry.models import TABLES, Accreditation, Coverage, Fee, Lab, SealText
from registry.shape import content_columns
from registry.store import demo_tables

TODAY = dt.date(2026, 11, 21)
YESTERDAY = dt.date(2026, 11, 20)

LABS = "lab_id,name,uscc,licence_address,aliases\n"
HELD = "lab_id,kind,number,holder_name,address,valid_from,valid_until,status,status_on,authority\n"
SCOPES = "lab_id,object,parameter,standard,limitation,valid_from,valid_until\n"
SEALS = "lab_id,text,kind\n"
COVERAGE = "authority_code,kind,complete_from,complete_until,source\n"
FEES = "lab_id,item,unit_cost,currency,filed_on\n"

GOOD = {
    "labs": LABS + "a,甲检测有限公司,,,\nb,乙检测有限公司,,,\n",
    "accreditations": HELD
    + "a,CMA,211601060417,甲,地址一,2021-05-01,2027-04-30,valid,,局\n"
    + "a,CMA,151601060001,甲,地址一,2015-05-01,2021-04-30,valid,,局\n"
    + "b,CMA,211601060418,乙,地址二,2021-05-01,2027-04-30,valid,,局\n",
    "seals": SEALS + "a,甲检测有限公司,检验检测专用章\n",
    "fees": FEES + "a,鉴定,38.00,CNY,2021-09-20\n",
    "coverage": COVERAGE + "16,CMA,2020-01-01,,名录\n",
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_tables(name: str = "tables", **tables: str | bytes) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for old in folder.glob("*.csv"):
            old.unlink()
        for table, text in tables.items():
            data = text if isinstance(text, bytes) else text.encode()
            (folder / f"{table}.csv").write_bytes(data)
        return folder

    return write_tables


def run(session: Session, path: Path, today: dt.date = TODAY) -> tuple[ImportPlan, Revision]:
    plan = plan_import(session, path, Wish(list_date=today))
    revision = apply_plan(session, plan)
    session.commit()
    return plan, revision


def problems(session: Session, path: Path) -> list[tuple[str, str]]:
    """(file:line:column, code without its prefix) of everything wrong."""
    found = plan_import(session, path, Wish(list_date=TODAY)).problems
    return [(each.place, each.code.removeprefix("registry.import.")) for each in found]


def counts(session: Session) -> dict[str, int]:
    return {name: len(session.exec(select(model)).all()) for name, model in TABLES.items()}


@pytest.mark.parametrize(
    ("table", "text", "expected"),
    [
        ("accreditations", HELD + "a,CMA,1,,,2021-5-1,,valid,,\n", ("2:valid_from", "bad_date")),
        ("accreditations", HELD + "a,CMA,1,,,2021-02-30,,valid,,\n", ("2:valid_from", "bad_date")),
        ("accreditations", HELD + "a,CMA,1,,,20210501,,valid,,\n", ("2:valid_from", "bad_date")),
        (
            "accreditations",
            HELD + "a,CMA,1,,,2021-05-01,2021-04-30,valid,,\n",
            ("2:valid_until", "reversed_dates"),
        ),
        ("accreditations", HELD + "a,CMM,1,,,,,valid,,\n", ("2:kind", "unknown_kind")),
        ("accreditations", HELD + "a,CMA,1,,,,,gone,,\n", ("2:status", "unknown_status")),
        ("accreditations", HELD + "a,CMA,1,,,,,,,\n", ("2:status", "required")),
        ("accreditations", HELD + "a,CMA,,,,,,valid,,\n", ("2:number", "required")),
        ("accreditations", HELD + "zz,CMA,1,,,,,valid,,\n", ("2:lab_id", "unknown_lab")),
        ("seals", SEALS + "a,章,x\n\nb,章,x\na,章,x\n", ("5:", "duplicate")),
        ("seals", SEALS + '"a","章\n二",x\na\n', ("4:", "cell_count")),
        ("seals", SEALS + '"a","章\n二"\n', ("2:", "cell_count")),
        ("seals", SEALS + 'a,"章,x\n', ("2:", "bad_quotes")),
        ("seals", SEALS + "a,\x07章,x\n", ("2:text", "bad_character")),
        ("seals", "lab_id,text\na,章\n", ("1:kind", "missing_column")),
        ("seals", "lab_id,text,kind,colour\na,章,x,red\n", ("1:colour", "unknown_column")),
        ("seals", "lab_id,text,kind,kind\na,章,x,y\n", ("1:kind", "column_twice")),
        ("seals", "", ("0:", "no_header")),
        ("seals", (SEALS + "a,章,x\n").encode("gbk"), ("2:", "not_utf8")),
        ("seals", (SEALS + "a,章,x\n").encode("utf-16"), ("0:", "not_utf8")),
        ("sealz", SEALS, ("0:", "unknown_table")),
        ("scopes", SCOPES + "a,,,,只测,,\n", ("2:object", "empty_scope")),
        ("domains", "lab_id,domain\na,www.example.com\n", ("2:domain", "bad_domain")),
        ("domains", "lab_id,domain\na,http://example.com\n", ("2:domain", "bad_domain")),
        ("domains", "lab_id,domain\na,10.0.0.1\n", ("2:domain", "bad_domain")),
        ("fees", FEES + "a,鉴定,1e3,CNY,\n", ("2:unit_cost", "bad_amount")),
        ("fees", FEES + "a,鉴定,-1,CNY,\n", ("2:unit_cost", "bad_amount")),
        ("fees", FEES + "a,鉴定,1,元,\n", ("2:currency", "bad_currency")),
        ("coverage", COVERAGE + "1,CMA,,,\n", ("2:authority_code", "bad_authority")),
        ("labs", LABS + "a/b,甲,,,\n", ("2:lab_id", "bad_id")),
        ("labs", LABS + "a,,,,\n", ("2:name", "required")),
        ("labs", LABS + "a,甲,,,\na,乙,,,\n", ("3:lab_id", "duplicate")),
    ],
)
def test_each_error_with_its_place(
    session: Session, write: Write, table: str, text: str | bytes, expected: tuple[str, str]
) -> None:
    """An operator could not find what to correct; worse, a bad row would be taken."""
    run(session, write(**GOOD))
    before = Registry(session).revision
    place, code = expected
    path = write("bad", **{table: text})
    assert problems(session, path) == [(f"{table}.csv:{place}", code)]
    with pytest.raises(BadImportError):
        run(session, path)
    assert Registry(session).revision == before


def test_encoding_is_named(session: Session, write: Write) -> None:
    """An operator with a file from a Chinese Excel would not know what to do."""
    path = write(seals=(SEALS + "a,章,x\n").encode("gbk"))
    [problem] = plan_import(session, path).problems
    assert problem.details == {"looks_like": "GBK"}


def test_all_problems_at_once_and_nothing_changed(session: Session, write: Write) -> None:
    """A bad row in the last table would leave the first ones changed."""
    bad = GOOD | {
        "labs": GOOD["labs"] + "c,丙,,,\n,丁,,,\n",
        "seals": SEALS + "a,章,x\nq,章,x\n",
        "coverage": COVERAGE + "16,CMA,2020-01-01,2019-01-01,名录\n",
    }
    path = write(**bad)
    assert problems(session, path) == [
        ("coverage.csv:2:complete_until", "reversed_dates"),
        ("labs.csv:5:lab_id", "required"),
        ("seals.csv:3:lab_id", "unknown_lab"),
    ]
    with pytest.raises(BadImportError) as caught:
        run(session, path)
    assert len(caught.value.problems) == 3
    assert set(counts(session).values()) == {0}
    assert session.exec(select(ImportRecord)).all() == []


def test_right_of_a_single_day(session: Session, write: Write) -> None:
    """First and last day are both included, so one day is a term."""
    held = HELD + "a,CMA,211601060417,,,2021-05-01,2021-05-01,valid,,\n"
    assert problems(session, write(labs=GOOD["labs"], accreditations=held)) == []


def test_bad_laboratory_is_one_problem(session: Session, write: Write) -> None:
    """One mistake would be told once for every row about that laboratory."""
    path = write(labs=LABS + "a,,,,\n", seals=SEALS + "a,章,x\n")
    assert problems(session, path) == [("labs.csv:2:name", "required")]
    path = write(labs=GOOD["labs"].encode("gbk"), seals=SEALS + "a,章,x\n")
    assert problems(session, path) == [("labs.csv:2:", "not_utf8")]


def test_failure_in_the_middle_leaves_nothing(
    session: Session, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash while writing would leave half an import."""
    plan = plan_import(session, write(**GOOD))

    def crash(_session: Session) -> str:
        raise RuntimeError

    monkeypatch.setattr("registry.importing.apply.holds_demo", crash)
    with pytest.raises(RuntimeError):
        apply_plan(session, plan)
    session.rollback()
    assert set(counts(session).values()) == {0}
    assert Registry(session).candidates(LabEvidence(lab_name="甲检测有限公司")) == []


def test_twice_changes_nothing(session: Session, write: Write) -> None:
    """Rows would double, and every report's id change, with each import."""
    path = write(**GOOD)
    first, revision = run(session, path)
    assert first.counts[Kind.ADD] == 8
    again, same = run(session, path)
    assert again.empty
    assert again.unchanged == 8
    assert same == revision
    assert len(session.exec(select(ImportRecord)).all()) == 1


def test_equal_content_has_an_equal_revision(session: Session, write: Write) -> None:
    """Two offices with the same lists could not tell that it is the same."""
    _, revision = run(session, write(**GOOD))
    _, changed = run(session, write(labs=LABS + "a,甲改名,,,\n"))
    assert changed.revision != revision.revision
    _, back = run(session, write(labs=LABS + "a,甲检测有限公司,,,\n"))
    assert back == revision


def test_bom_line_ends_order_and_money_spelling(session: Session, write: Write) -> None:
    """A file saved by a spreadsheet program would be refused or look changed."""
    run(session, write(**GOOD))
    labs = GOOD["labs"].replace("\n", "\r\n")
    path = write(
        labs=b"\xef\xbb\xbf" + labs.encode(),
        seals="kind,text,lab_id\n检验检测专用章, 甲检测有限公司 ,a\n",
        fees=FEES + "a,鉴定,38,CNY,2021-09-20\n",
    )
    plan, _ = run(session, path)
    assert plan.empty
    assert plan.problems == []


def test_money_stays_exact(session: Session, write: Write) -> None:
    """Costs would be off by binary fractions."""
    run(session, write(**GOOD | {"fees": FEES + "a,鉴定,0.1,CNY,\n"}))
    assert session.exec(select(Fee)).one().unit_cost == Decimal("0.1")


def test_formula_like_text_stays_text(session: Session, write: Write) -> None:
    """A seal's text would turn into something else on its way."""
    run(session, write(labs=GOOD["labs"], seals=SEALS + "a,=1+1,@x\n"))
    seal = session.exec(select(SealText)).one()
    assert (seal.text, seal.kind) == ("=1+1", "@x")


def test_odd_numbers_are_only_warned_of(session: Session, write: Write) -> None:
    """Real registers hold odd numbers; one would block the whole import."""
    held = HELD + "a,CMA,2116,,,,,valid,,\na,CMA,216901060417,,,,,valid,,\n"
    held += "a,CMA,2012160345Z,,,,,valid,,\na,CMA,211601060417,,,,,revoked,,\n"
    plan, _ = run(session, write(labs=GOOD["labs"], accreditations=held))
    assert [(each.place, each.code) for each in plan.warnings] == [
        ("accreditations.csv:2:number", "registry.import.odd_cma_number"),
        ("accreditations.csv:3:number", "registry.import.odd_cma_number"),
        ("accreditations.csv:5:status_on", "registry.import.status_without_day"),
    ]
    assert len(session.exec(select(Accreditation)).all()) == 4


def test_an_odd_credit_code_is_only_warned_of(session: Session, write: Write) -> None:
    """A digit copied wrong would go unseen, or block the whole import."""
    labs = "lab_id,name,uscc,licence_address,aliases\n"
    labs += (
        "a,甲检测中心,9141132400XHL0010J,,\nb,乙检测中心,9141132400XHL0010K,,\nc,丙检测中心,,,\n"
    )
    plan, _ = run(session, write(labs=labs))
    assert [(each.place, each.code) for each in plan.warnings] == [
        ("labs.csv:3:uscc", "registry.import.odd_uscc")
    ]


def test_changes_name_their_cells(session: Session, write: Write) -> None:
    """The operator could not see what an import does."""
    run(session, write(**GOOD))
    held = GOOD["accreditations"].replace("valid,,局\nb", "revoked,2022-01-01,局\nb")
    held = held.replace("2027-04-30,valid,,局\na", "2026-12-31,valid,,局\na")
    plan, _ = run(session, write(accreditations=held))
    changed = {change.source.split("/")[2]: change.cells for change in plan.changes[Kind.CHANGE]}
    assert [(cell.column, cell.before, cell.after) for cell in changed["211601060417"]] == [
        ("valid_until", "2027-04-30", "2026-12-31")
    ]
    assert [cell.column for cell in changed["151601060001"]] == ["status", "status_on"]
    assert plan.counts.total() == 2


def test_rows_no_longer_listed_end_and_stay(session: Session, write: Write) -> None:
    """Certificates issued while a right held would be judged as if it never had."""
    run(session, write(**GOOD), today=YESTERDAY)
    path = write(accreditations=HELD + "a,CMA,261601060999,甲,,2026-11-01,,valid,,局\n")
    plan, revision = run(session, path)
    # The term that had run out is history; the current one ends; b is not named.
    [ended] = plan.changes[Kind.END]
    assert ended.source == "accreditations: a/CMA/211601060417"
    assert ended.cells[0].after == YESTERDAY.isoformat()
    rows = {row.number: row for row in session.exec(select(Accreditation))}
    assert rows["211601060417"].valid_until == YESTERDAY
    assert rows["211601060417"].holds_on(dt.date(2024, 1, 1))
    assert rows["151601060001"].valid_until == dt.date(2021, 4, 30)
    assert rows["211601060418"].valid_until == dt.date(2027, 4, 30)
    again, same = run(session, path)
    assert again.empty
    assert revision == same


def test_a_later_list_that_says_the_same_is_news(session: Session, write: Write) -> None:
    """A registry that is confirmed every month would look as old as its last change."""
    path = write(**GOOD)
    _, first = run(session, path, today=TODAY - dt.timedelta(days=30))
    plan, confirmed = run(session, path)
    assert plan.empty
    assert plan.unchanged == 8
    assert confirmed.revision != first.revision


def test_undated_rows_no_longer_listed_end_too(session: Session, write: Write) -> None:
    """A seal withdrawn today would make last year's honest certificates look forged."""
    run(session, write(**GOOD))
    path = write(seals=SEALS + "a,新章,公章\n", fees=FEES + "a,复检,20,CNY,2026-01-01\n")
    plan, _ = run(session, path, today=TODAY + dt.timedelta(days=1))
    tomorrow = TODAY + dt.timedelta(days=1)
    assert [change.cells[0].after for change in plan.changes[Kind.END]] == [str(tomorrow)] * 2
    seals = {row.text: row for row in session.exec(select(SealText))}
    assert seals["甲检测有限公司"].holds_on(TODAY)
    assert not seals["甲检测有限公司"].holds_on(tomorrow)
    assert seals["新章"].holds_on(tomorrow)
    fees = {row.item: row.holds_on(tomorrow) for row in session.exec(select(Fee))}
    assert fees == {"鉴定": False, "复检": True}


def test_claims_and_future_rows_no_longer_listed_go(session: Session, write: Write) -> None:
    """A list that no longer claims to be complete would go on accusing."""
    future = GOOD["accreditations"] + "a,CMA,271601060001,甲,,2027-05-01,,valid,,局\n"
    run(session, write(**GOOD | {"accreditations": future}))
    path = write(
        accreditations=GOOD["accreditations"], coverage=COVERAGE + "16,CMA,2022-01-01,,名录\n"
    )
    plan, _ = run(session, path, today=TODAY + dt.timedelta(days=1))
    assert [change.source for change in plan.changes[Kind.REMOVE]] == [
        "accreditations: a/CMA/271601060001",
        "coverage: 16/CMA",
    ]
    assert [row.complete_from for row in session.exec(select(Coverage))] == [dt.date(2022, 1, 1)]


def test_table_that_is_not_there_changes_nothing(session: Session, write: Write) -> None:
    """A file with one table would wipe the others."""
    run(session, write(**GOOD))
    plan, _ = run(session, write(seals=SEALS))
    assert plan.empty
    assert counts(session)["accreditations"] == 3


def test_real_registry_replaces_the_demo(session: Session, write: Write) -> None:
    """The demo's claim to hold every laboratory would make honest numbers look unknown."""
    with demo_tables() as folder:
        _, demo = run(session, folder)
    assert demo.demo
    plan, real = run(session, write(**GOOD))
    assert plan.replaces
    assert not real.demo
    assert {lab.lab_id for lab in session.exec(select(Lab))} == {"a", "b"}
    assert counts(session)["coverage"] == 1
    plan, _ = run(session, write(labs=LABS + "c,丙,,,\n"))
    assert not plan.counts[Kind.REMOVE]
    # An operator may keep an invented laboratory beside the real ones.
    run(session, write(labs=LABS + "x,示例甲,,,\n"))
    plan, _ = run(session, write(labs=LABS + "d,丁,,,\n"))
    assert not plan.counts[Kind.REMOVE]


def test_more_demo_does_not_replace_the_demo(session: Session, write: Write) -> None:
    """Adding to the demo would throw it away."""
    run(session, write(labs=LABS + "x,示例甲,,,\n"))
    plan, revision = run(session, write(labs=LABS + "y,示例乙,,,\n"))
    assert not plan.replaces
    assert revision.demo
    assert counts(session)["labs"] == 2


def test_demo_registry_is_sound(session: Session) -> None:
    """The registry that everybody meets first would be refused by our own importer."""
    with demo_tables() as folder:
        plan, revision = run(session, folder)
    assert plan.problems == []
    assert revision.demo
    assert all(lab.demo for lab in session.exec(select(Lab)))


def test_every_table_can_be_imported(session: Session, write: Write) -> None:
    """A table would have no checks of its own and break on its first row."""
    headings = {name: ",".join(content_columns(model)) + "\n" for name, model in TABLES.items()}
    assert problems(session, write(**headings)) == []
