"""What loading a list must not do to a laboratory that it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlmodel import Session, col, delete, select

from registry import describe
from registry.days import today
from registry.importing.plan import ImportPlan, Wish, plan_import
from registry.imports import ImportGroup, ImportRecord
from registry.models import Accreditation, Lab, ScopeRow, Signatory
from tests.registry import official
from tests.registry.lists import content
from tests.registry.test_formats import LAB_ID, load

HEAD: list[official.Cell] = ["序号", "检测对象", "项目名称", "依据标准", "限制范围", "说明"]
TITLE = f"机构名称：{official.LAB}  证书编号：{official.NUMBER}  批准日期：2021年5月6日"
STANDARD = "GB/T 16553-2017"


@pytest.fixture
def lab(session: Session, tmp_path: Path) -> Session:
    """A registry with the laboratory."""
    load(session, official.xlsx(tmp_path / "名录.xlsx", [official.institutions()]))
    return session


def book(
    folder: Path,
    *rows: list[official.Cell],
    name: str = "附表.xlsx",
    title: str | list[str] = TITLE,
    head: Iterable[official.Cell] = HEAD,
    sheet: str = "能力表",
    said: str = "",
) -> Path:
    """A table with lines above it, and what its mapping file says."""
    before = [title] if isinstance(title, str) else title
    path = official.xlsx(folder / name, [official.Page(sheet, [list(head), *rows], before=before)])
    path.with_name(path.name + ".map.toml").write_text(said, encoding="utf-8")
    return path


def annex(session: Session, folder: Path, *rows: list[official.Cell], **more: str) -> ImportPlan:
    """Loads a capability table."""
    return load(session, book(folder, *rows, **more))


LIST_HEAD = ["序号", "机构名称", "资质认定证书编号", "机构地址", "发证日期", "有效期至"]
TERM = ("2021-05-06", "2027-05-05")


def listed(
    folder: Path,
    *rows: tuple[official.Cell, ...],
    day: str = "2024-06-01",
    more: tuple[str, ...] = (),
    said: str = "",
) -> Path:
    """A list of institutions as of a day."""
    numbered = [[place, *row] for place, row in enumerate(rows, start=1)]
    title = f"截至{day.replace('-', '.')}"
    head = [*LIST_HEAD, *more]
    return book(folder, *numbered, name="名录2.xlsx", title=title, head=head, said=said)


def refused(session: Session, path: Path, wish: Wish | None = None) -> set[str]:
    """What keeps a file from being loaded."""
    plan = plan_import(session, path, wish or Wish())
    return {each.code.removeprefix("registry.import.") for each in plan.problems}


def held(session: Session, lab_id: str = LAB_ID) -> list[Accreditation]:
    session.expire_all()
    query = select(Accreditation).where(Accreditation.lab_id == lab_id)
    return list(session.exec(query.order_by(Accreditation.number, Accreditation.address)))


def scope(
    thing: str, standard: str = STANDARD, limit: str = "", note: str = ""
) -> list[official.Cell]:
    return [1, thing, "全部参数", standard, limit, note]


def scopes(session: Session) -> set[tuple[str, str, str]]:
    held = session.exec(select(ScopeRow)).all()
    return {(row.object, row.standard, row.limitation) for row in held if row.dropped_on is None}


def told(plan: ImportPlan) -> list[str]:
    return [each.code.removeprefix("registry.import.") for each in plan.warnings]


def test_a_standard_that_is_not_understood_is_a_row_and_told(lab: Session, tmp_path: Path) -> None:
    """The annex would seem to have no more than was understood."""
    plan = annex(lab, tmp_path, [1, "翡翠", "全部参数", "GB/T 16552~16554-2017", "", ""])
    assert told(plan) == ["standard_unclear"]
    assert {standard for _, standard, _ in scopes(lab)} == {"GB/T 16552", "16552~16554-2017"}


# Parts of lists, and lists of others ---------------------------------------------------------


def test_an_annex_of_additions_ends_nothing_unasked(lab: Session, tmp_path: Path) -> None:
    """What was granted before would be outside the scope from the day of the extension on."""
    annex(lab, tmp_path, scope("翡翠"), scope("和田玉"))
    later = TITLE.replace("2021年", "2022年")
    for more in ({"title": f"{later}（扩项）"}, {"title": later, "name": "扩项附表.xlsx"}):
        assert refused(lab, book(tmp_path, scope("珍珠"), **more)) == {"whole_or_part"}
    noted = book(tmp_path, scope("珍珠", note="扩项"), title=later)
    assert refused(lab, noted) == {"whole_or_part"}
    load(lab, book(tmp_path, scope("珍珠", note="扩项"), title=later, said="adds = true"))
    assert {thing for thing, _, _ in scopes(lab)} == {"翡翠", "和田玉", "珍珠"}
    load(lab, book(tmp_path, scope("珍珠", note="扩项"), title=later, said="adds = false"))
    assert {thing for thing, _, _ in scopes(lab)} == {"珍珠"}


def test_additions_to_nothing_are_refused(lab: Session, tmp_path: Path) -> None:
    """The part would count as the whole."""
    path = book(tmp_path, scope("珍珠"), title=f"{TITLE} 扩项", said="adds = true")
    assert refused(lab, path) == {"adds_to_nothing"}


def test_a_list_of_one_authority_says_nothing_of_anothers_numbers(
    lab: Session, tmp_path: Path
) -> None:
    """A certificate with the national number would be called ended."""
    national = (official.LAB, "210020349767", official.ADDRESS, *TERM)
    load(lab, listed(tmp_path, national, day="2024-05-01"))
    assert [(row.number, row.dropped_on) for row in held(lab)] == [
        ("210020349767", None),
        (official.NUMBER, None),
    ]
    renewed = (official.LAB, "241620110999", official.ADDRESS, "2024-05-20", "2030-05-19")
    load(lab, listed(tmp_path, renewed))
    dropped = {row.number for row in held(lab) if row.dropped_on}
    assert dropped == {official.NUMBER}


def test_an_annex_of_one_number_leaves_that_of_the_other(lab: Session, tmp_path: Path) -> None:
    """A laboratory with a national and a provincial number has an annex of each."""
    load(lab, listed(tmp_path, (official.LAB, "210020349767", official.ADDRESS, *TERM)))
    annex(lab, tmp_path, scope("翡翠"))
    other = TITLE.replace(official.NUMBER, "210020349767").replace("2021年", "2022年")
    plan = annex(lab, tmp_path, scope("贵金属"), title=other)
    assert "other_number_kept" in told(plan)
    assert {thing for thing, _, _ in scopes(lab)} == {"翡翠", "贵金属"}


# Which laboratory ----------------------------------------------------------------------------


def test_a_held_number_under_another_name_is_asked(lab: Session, tmp_path: Path) -> None:
    """A slip of the clerk would rename one laboratory and end its right."""
    other = ("示例西峡宝玉石鉴定站", official.NUMBER, "西峡县示河路18号", *TERM)
    assert refused(lab, listed(tmp_path, other)) == {"lab_renamed"}
    name = 'labs = {"示例西峡宝玉石鉴定站" = "' + LAB_ID + '"}'
    assert refused(lab, listed(tmp_path, other, said=name)) == set()
    load(lab, listed(tmp_path, other, said=name))
    assert official.LAB in lab.get_one(Lab, LAB_ID).alias_names
    former = (*other, official.LAB)
    load(lab, listed(tmp_path, former, more=("曾用名",)))
    assert lab.get_one(Lab, LAB_ID).name == "示例西峡宝玉石鉴定站"
    assert official.LAB in lab.get_one(Lab, LAB_ID).alias_names


def test_two_names_under_one_number_in_one_list(session: Session, tmp_path: Path) -> None:
    """The second would be taken for the first."""
    rows = [(name, official.NUMBER, official.ADDRESS, *TERM) for name in ("示例甲站", "示例乙站")]
    assert refused(session, listed(tmp_path, *rows)) == {"lab_renamed"}


def test_one_legal_person_may_run_two_laboratories(session: Session, tmp_path: Path) -> None:
    """A 省院 and its 国家中心 share a credit code, and no annex, number or name."""
    code = "124100004158012349"
    names = ("示例省产品检验院", "示例国家玉石检验中心")
    rows = [
        (name, number, official.ADDRESS, *TERM, code)
        for name, number in zip(names, ("211620110001", "210020110002"), strict=True)
    ]
    plan = load(session, listed(tmp_path, *rows, more=("统一社会信用代码",)))
    assert "uscc_of_others" in told(plan)
    assert {lab.lab_id: lab.name for lab in session.exec(select(Lab))} == {
        code: names[0],
        "CMA-210020110002": names[1],
    }
    assert refused(session, listed(tmp_path, *rows, more=("统一社会信用代码",))) == set()
    assert plan_import(session, listed(tmp_path, *rows, more=("统一社会信用代码",))).empty


@pytest.mark.parametrize("cell", ["{}（原：{}）", "{}（{}）", "{}、{}", "{}\n{}"])
def test_former_and_second_names_of_a_cell(session: Session, tmp_path: Path, cell: str) -> None:
    """The whole cell would be the name, and no certificate bears it."""
    name = cell.format(official.LAB, "示例镇平玉检站")
    load(session, listed(tmp_path, (name, official.NUMBER, official.ADDRESS, *TERM)))
    lab = session.exec(select(Lab)).one()
    assert (lab.name, lab.alias_names) == (official.LAB, ("示例镇平玉检站",))
    unclear = (f"{official.LAB}/二部的", "211620110077", official.ADDRESS, *TERM)
    assert refused(session, listed(tmp_path, unclear)) == {"names_unclear"}


def test_several_addresses_of_a_cell(session: Session, tmp_path: Path) -> None:
    """A certificate with the second would have another address than the registered one."""
    other = "河南省南阳市镇平县工艺路5号"
    cell = f"注册地址：{official.ADDRESS}；检测地址：{other}"
    load(session, listed(tmp_path, (official.LAB, official.NUMBER, cell, *TERM)))
    assert session.exec(select(Lab)).one().licence_address == official.ADDRESS
    assert [row.address for row in held(session)] == [other]
    both = (official.LAB, official.NUMBER, f"{official.ADDRESS}；{other}", *TERM)
    load(session, listed(tmp_path, both))
    assert {row.address for row in held(session)} == {official.ADDRESS, other}


# Days and states -----------------------------------------------------------------------------


def test_an_open_end_takes_the_place_of_a_day(lab: Session, tmp_path: Path) -> None:
    """长期有效 would be read as nothing, and the old last day stay."""
    for cell, last in (("长期有效", None), ("", None), ("2028-01-01", dt.date(2028, 1, 1))):
        row = (official.LAB, official.NUMBER, official.ADDRESS, TERM[0], cell)
        load(lab, listed(tmp_path, row))
        assert [one.valid_until for one in held(lab)] == [last]


def test_a_day_belongs_to_its_state(lab: Session, tmp_path: Path) -> None:
    """The day of a suspension that was lifted would become that of a later end."""
    heads = ("状态", "状态日期")
    row = (official.LAB, official.NUMBER, official.ADDRESS, *TERM)
    seen = []
    for day, state, on in (
        ("2024-04-01", "暂停", "2024-03-15"),
        ("2024-05-01", "暂停", ""),
        ("2024-06-01", "有效", ""),
        ("2024-07-01", "注销", ""),
    ):
        load(lab, listed(tmp_path, (*row, state, on), day=day, more=heads))
        seen += [(one.status, one.status_on) for one in held(lab)]
    march = dt.date(2024, 3, 15)
    expected = [("suspended", march), ("suspended", march), ("valid", None), ("cancelled", None)]
    assert seen == expected


@pytest.mark.parametrize("title", ["有效期截止：2077年5月5日", "有效期截至2077-05-05"])
def test_a_last_day_is_not_the_day_of_the_list(lab: Session, tmp_path: Path, title: str) -> None:
    """Every list until then would be the older one, and its renewals go unheard."""
    path = book(tmp_path, scope("翡翠"), title=[TITLE, title])
    assert plan_import(lab, path).list_date == dt.date(2021, 5, 6)
    named = book(tmp_path, scope("翡翠"), name="附表（有效期至20770505）.xlsx")
    assert plan_import(lab, named).list_date == dt.date(2021, 5, 6)


def test_a_list_of_the_future_is_refused(lab: Session, tmp_path: Path) -> None:
    """By whatever door its day comes."""
    path = book(tmp_path, scope("翡翠"), title=[TITLE, "截至2077年5月5日"])
    assert refused(lab, path) == {"list_of_the_future"}
    path = book(tmp_path, scope("翡翠"))
    assert refused(lab, path, Wish(list_date=today())) == set()
    tomorrow = Wish(list_date=today() + dt.timedelta(days=1))
    assert refused(lab, path, tomorrow) == {"list_of_the_future"}


def test_a_bad_day_is_told_with_its_column(lab: Session, tmp_path: Path) -> None:
    """The message would name neither."""
    row = (official.LAB, official.NUMBER, official.ADDRESS, "2021年5月", TERM[1])
    [wrong] = plan_import(lab, listed(tmp_path, row)).problems
    assert (wrong.column, wrong.details["value"]) == ("valid_from", "2021年5月")


def test_the_order_of_lists_that_say_less(lab: Session, tmp_path: Path) -> None:
    """A number without days, loaded first, would hold for ever beside the one with days."""
    full = listed(tmp_path, (official.LAB, official.NUMBER, official.ADDRESS, *TERM))
    short = tmp_path / "short.xlsx"
    rows: list[list[official.Cell]] = [LIST_HEAD[1:3], ["示例丁站", "211620110071"]]
    official.xlsx(short, [official.Page("名单", rows, before=["截至2023.06.01"])])
    load(lab, short)
    before = content(lab)
    load(lab, listed(tmp_path, ("示例丁站", "211620110071", official.ADDRESS, *TERM)))
    [row] = held(lab, "CMA-211620110071")
    assert (row.valid_from, row.dropped_on) == (dt.date(2021, 5, 6), None)
    newest = len(lab.exec(select(ImportRecord)).all())
    lab.commit()
    describe.undo(lab, newest, dry_run=False)
    assert content(lab) == before
    rows[1] = ["示例戊站", "211620110072"]
    official.xlsx(short, [official.Page("名单", rows, before=["截至2025.06.01"])])
    load(lab, short)
    full = listed(tmp_path, ("示例戊站", "211620110072", official.ADDRESS, *TERM))
    load(lab, full)
    [row] = held(lab, "CMA-211620110072")
    assert (row.valid_from, row.dropped_on) == (dt.date(2021, 5, 6), None)


def test_what_was_listed_before_a_right_began_is_another(lab: Session, tmp_path: Path) -> None:
    """A scope listed in 2018 would be gone once an annex tells its approval of 2021."""
    rows = ([scope("翡翠")], [scope("翡翠"), scope("和田玉")])
    plain = TITLE.split("  批准")[0]
    for order in ((0, 1), (1, 0)):
        for place in order:
            title = (f"{plain}  查询日期：2018年5月6日", TITLE)[place]
            load(lab, book(tmp_path, *rows[place], title=title))
        lab.expire_all()
        terms = {
            (row.object, row.valid_from, row.valid_until) for row in lab.exec(select(ScopeRow))
        }
        approved = dt.date(2021, 5, 6)
        assert terms == {
            ("翡翠", None, dt.date(2021, 5, 5)),
            ("翡翠", approved, None),
            ("和田玉", approved, None),
        }
        lab.execute(delete(ScopeRow))
        lab.execute(delete(ImportGroup).where(col(ImportGroup.table_name) == "scopes"))
        lab.commit()


def test_an_old_list_without_a_day_is_asked_for_it(lab: Session, tmp_path: Path) -> None:
    """Taken for a list of today, it would stand before each newer one that extends a term."""
    row = [1, official.LAB, official.NUMBER, official.ADDRESS, "2019-05-06", "2025-05-05"]
    path = book(tmp_path, row, title="名录", head=LIST_HEAD)
    assert refused(lab, path) == {"list_day_needed"}
    assert refused(lab, path, Wish(list_date=dt.date(2024, 5, 1))) == set()


# Rows of a table -----------------------------------------------------------------------------


def test_a_row_of_one_cell_is_asked(lab: Session, tmp_path: Path) -> None:
    """The object of it would be outside the scope."""
    head = ["检测对象", "检测依据"]
    rows: list[list[official.Cell]] = [["翡翠", STANDARD], ["和田玉", None], ["注胶翡翠", STANDARD]]
    path = book(tmp_path, *rows, head=head)
    assert refused(lab, path) == {"row_of_one"}
    load(lab, book(tmp_path, *rows, head=head, said="skip_rows = [4]"))
    assert {thing for thing, _, _ in scopes(lab)} == {"翡翠", "注胶翡翠"}


def test_a_table_under_another(lab: Session, tmp_path: Path) -> None:
    """Signatories would be taken for objects of the scope."""
    rows: list[list[official.Cell]] = [
        scope("翡翠"),
        ["授权签字人"],
        ["序号", "姓名", "职务/职称", "授权签字领域", "备注", None],
        [1, "沈怀瑾、顾明哲", "高工", "珠宝玉石鉴定", "", None],
    ]
    annex(lab, tmp_path, *rows)
    assert {thing for thing, _, _ in scopes(lab)} == {"翡翠"}
    people = {(row.name, row.scope) for row in lab.exec(select(Signatory))}
    assert people == {("沈怀瑾", "珠宝玉石鉴定"), ("顾明哲", "珠宝玉石鉴定")}


def test_a_limit_under_the_table_is_kept(lab: Session, tmp_path: Path) -> None:
    """It would be lost, and a certificate judged by rows that it limits."""
    rows: list[list[official.Cell]]
    rows = [scope("翡翠"), ["注：以上项目均不测B货"], ["说明", "仅限1号楼"], ["注：共1项"]]
    plan = annex(lab, tmp_path, *rows)
    assert scopes(lab) == {("翡翠", STANDARD, "不测B货；仅限1号楼")}
    assert told(plan) == ["note_kept", "note_kept"]


def test_ditto_marks_say_what_stands_above(lab: Session, tmp_path: Path) -> None:
    """同上 would be an object, or a standard, of its own."""
    annex(lab, tmp_path, scope("翡翠"), scope("和田玉", "同上"), scope("〃", "GB/T 16552-2017"))
    assert {(thing, standard) for thing, standard, _ in scopes(lab)} == {
        ("翡翠", STANDARD),
        ("和田玉", STANDARD),
        ("和田玉", "GB/T 16552-2017"),
    }


def test_a_site_however_it_is_spelt(lab: Session, tmp_path: Path) -> None:
    """What a newer annex of a site no longer lists would stay open."""
    second = "河南省南阳市镇平县工艺路5号"
    rows = [(official.LAB, official.NUMBER, place, *TERM) for place in (official.ADDRESS, second)]
    load(lab, listed(tmp_path, *rows))
    for day, site, things in (
        ("2021年5月6日", "镇平县示玉大道61号", ("翡翠", "琥珀")),
        ("2021年5月6日", "镇平县工艺路5号", ("和田玉",)),
        ("2022年5月6日", official.ADDRESS, ("翡翠",)),
    ):
        title = [TITLE.replace("2021年5月6日", day), f"检验检测场所地址：{site}"]
        load(lab, book(tmp_path, *map(scope, things), title=title))
    # One spelling, so that what stays is one row.
    assert {(thing, limit) for thing, _, limit in scopes(lab)} == {
        ("翡翠", "仅限镇平县示玉大道61号场所"),
        ("和田玉", "仅限镇平县工艺路5号场所"),
    }
