"""Checks and cases of a busy office, written straight into a work store; no photo is read.

The same seed gives the same rows. Each certificate has its job, check and place in the search
index, as when it is filed; cases come of checks, run their course, and some are late.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import json
import random
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Table, text
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from certcheck.accounts.roles import Role
from certcheck.accounts.tables import Account
from certcheck.archive import filing, index, words
from certcheck.archive.tables import ITEMS, Archived, Entry, Kind
from certcheck.cases import classes
from certcheck.cases.rules import State
from certcheck.cases.tables import NEVER, CaseDeadline, CaseFile, CaseThing
from certcheck.inspections.plans import State as Reached
from certcheck.inspections.tables import Assigned, Inspection, Target
from certcheck.runner.tables import Check, Job, ReportName

MARKETS = (
    "石佛寺珠宝玉雕市场",
    "国际玉城",
    "天下玉源",
    "华夏玉都",
    "真玉天地",
    "老毕庄玉雕市场",
    "",
)
# Where it is as in an office: most of it is one market's, some stones are hardly ever seen.
OF_MARKETS = (45, 20, 12, 10, 6, 4, 3)
STONES = (
    "翡翠手镯",
    "和田玉挂件",
    "独山玉摆件",
    "翡翠(处理)戒面",
    "岫玉手把件",
    "玛瑙珠链",
    "石英岩玉吊坠",
)
RARE = ("葡萄石吊坠", "绿松石珠链")
OF_STONES = (400, 250, 150, 100, 60, 30, 10, 1, 0.2)
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙马朱胡", "晓明建国丽华志强秀英伟芳娜敏静磊军洋勇艳杰涛"
PLACES = (
    "南阳", "镇平", "郑州", "洛阳", "广州", "四会", "揭阳", "平洲", "瑞丽", "腾冲", "苏州", "北京",
    "上海", "深圳", "武汉", "长沙",
)  # fmt: skip
KINDS = ("珠宝玉石检测中心", "宝玉石鉴定研究所", "质量检验检测有限公司", "珠宝鉴定服务中心")
VERDICTS = ("inconsistent", "suspected", "unverifiable", "consistent", "error")
WEIGHTS = (6, 8, 30, 54, 2)
FIRST_DAY = dt.date(2024, 12, 1)
DAYS = 720
_AT_ONCE = 5000
_INSPECTED, _OF_FIRST, _UNDER_WAY = 0.3, 0.25, 5
# What a row has that was not given.
_UNSET: dict[str, Any] = {
    **{f"item{item}": "" for item in ITEMS}, "batch": None, "inspection": None,
    "note": "", "corrected": False, "online": False, "held": False,
}  # fmt: skip


class _Row(SimpleNamespace):
    """What an `Archived` has; a hundred thousand of those take minutes to make."""

    @property
    def items(self) -> tuple[str, ...]:
        """The statuses of the eight items."""
        return tuple(getattr(self, f"item{item}", "") for item in ITEMS)


@dc.dataclass(frozen=True, slots=True)
class Size:
    """How much is made.

    Attributes:
        first: number of the first check and the first case, where others are in the store.
        skewed: whether it is as in an office; else every market and stone is as frequent.
        inspections: planned; three in ten checks belong to one, a quarter of them to the first.
    """

    checks: int
    cases: int
    labs: int = 300
    people: int = 40
    stalls: int = 400
    first: int = 1
    skewed: bool = False
    inspections: int = 0


def fill(
    connection: Connection, size: Size, seed: int = 7, known: Sequence[tuple[str, str]] = ()
) -> None:
    """Writes it all, in the transaction that is open; the tables are empty before.

    Args:
        connection: to the work store.
        size: how much.
        seed: the same seed gives the same rows.
        known: ids and names of laboratories of a registry, which issue the most.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    accounts = [account(at) for at in range(size.people)]
    _put(connection, Account, [one.model_dump() for one in accounts])
    labs = [*known]
    labs += [
        (f"lab{at:04d}", f"{PLACES[at % len(PLACES)]}{chr(0x4E00 + 7 * at)}{KINDS[at % 4]}")
        for at in range(size.labs - len(known))
    ]
    _inspections(connection, size)
    made = _checks(chance, size, accounts, labs)
    suspects: list[Archived] = []
    stalls: dict[str, index.Findable] = {}
    while some := list(islice(made, _AT_ONCE)):
        _put(connection, Job, [_job(row) for row in some])
        _put(connection, Check, [_check(row) for row in some])
        names = [{"report_id": f"{row.id:032x}", "job_id": row.id} for row in some]
        _put(connection, ReportName, names)
        _put(connection, Archived, [vars(row) for row in some])
        entries = [index.values(filing.findable(row), number(row)) for row in some]
        _put(connection, Entry, entries)
        _put(connection, Assigned, [_assigned(row) for row in some if row.inspection])
        suspects += [row for row in some if row.verdict in VERDICTS[:2]]
        for row in some:
            if row.market:
                one = filing.findable_stall(row.market, row.stall)
                stalls.setdefault(one.ref, one)
            other = filing.findable_signatory(filing.lab_key(row), row.lab, row.signatory)
            stalls.setdefault(other.ref, other)
    last = size.first + size.checks
    _put(
        connection, Entry, [index.values(one, last + at) for at, one in enumerate(stalls.values())]
    )
    _cases(connection, chance, size, accounts, suspects)
    _numbered(connection)


def number(row: Archived) -> int:
    """Its id, which it was made with."""
    assert row.id is not None
    return row.id


def account(at: int) -> Account:
    """A person; every fifth is a chief."""
    name = f"{SURNAMES[at % len(SURNAMES)]}检{at}"
    return Account(
        id=f"{at:016x}", name=name, role=Role.CHIEF if at % 5 == 0 else Role.INSPECTOR,
        password="-", must_change=False, created_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),  # noqa: S106
    )  # fmt: skip


def _checks(
    chance: random.Random, size: Size, accounts: Sequence[Account], labs: list[tuple[str, str]]
) -> Iterator[Archived]:
    signers = {lab: [_name(chance) for _ in range(4)] for lab, _ in labs}
    few = list(accumulate(max(1, int(100 / (at + 1))) for at in range(len(labs))))
    places = {lab: at for at, (lab, _) in enumerate(labs)}
    for place in range(1, size.checks + 1):
        at = size.first - 1 + place
        lab_id, lab = chance.choices(labs, cum_weights=few)[0]
        day = FIRST_DAY + dt.timedelta(days=place * DAYS // (size.checks + 1))
        # Late in the evening in China it is another day, and perhaps another month, in UTC.
        moment = dt.datetime.combine(day, dt.time(chance.randrange(24), 5), filing.CHINA)
        (verdict,) = chance.choices(VERDICTS, WEIGHTS)
        market = _one(chance, MARKETS, OF_MARKETS, size)
        who = chance.choice(accounts)
        number = f"{places[lab_id]:04d}{day:%y%m%d}{chance.randrange(10**5):05d}"
        root = f"{at:040x}"
        row = _Row(
            id=at, root=root, check_id=root, page=1, part=1, number=number,
            number_key=words.plain(number), lab_id=lab_id, lab=lab,
            signatory=chance.choice(signers[lab_id]),
            conclusion=_one(chance, (*STONES, *RARE), OF_STONES, size),
            verdict=verdict, judged_on=day - dt.timedelta(days=chance.randrange(400)),
            checked_at=moment.astimezone(dt.UTC), day=day, owner=f"person:{who.id}", who=who.name,
            market=market, stall=f"{chance.randrange(size.stalls)}号" if market else "",
            **(_UNSET | _items(chance, verdict) | _inspected(chance, size, place)),
        )  # fmt: skip
        yield cast(Archived, row)


def _items(chance: random.Random, verdict: str) -> dict[str, str]:
    if verdict == "error":
        return {}
    plain = ("consistent", "consistent", "unverifiable", "not_applicable")
    found = {f"item{item}": chance.choice(plain) for item in range(1, 9)}
    if verdict in VERDICTS[:2]:
        found[f"item{chance.randint(1, 8)}"] = verdict
    return found


def _one(chance: random.Random, every: Sequence[str], weights: Sequence[float], size: Size) -> str:
    """One of several; the rare ones only where some are more frequent than others."""
    if size.skewed:
        return chance.choices(every, weights)[0]
    return chance.choice([one for one in every if one not in RARE])


def _inspected(chance: random.Random, size: Size, place: int) -> dict[str, str]:
    if not size.inspections or chance.random() >= _INSPECTED:
        return {}
    at = place * size.inspections // (size.checks + 1)
    return {"inspection": inspection_id(0 if chance.random() < _OF_FIRST else at)}


def inspection_id(at: int) -> str:
    """Of an inspection, by its number from 0."""
    return f"{at:016x}"


def _inspections(connection: Connection, size: Size) -> None:
    """Plans of some weeks each, of which the latest are under way."""
    made, targets = [], []
    for at in range(size.inspections):
        first = FIRST_DAY + dt.timedelta(days=at * DAYS // size.inspections)
        moment = dt.datetime.combine(first, dt.time(9), dt.UTC)
        over = at < size.inspections - _UNDER_WAY
        made.append(
            Inspection(
                id=inspection_id(at), number=f"{first.year}-{at:04d}", title=f"第{at}批抽查",
                note="", starts_on=first, ends_on=first + dt.timedelta(days=20),
                state=Reached.CLOSED if over else Reached.UNDER_WAY, version=1, planned_by="王检0",
                planned_at=moment, closed_at=moment if over else None, outcome="",
            )
        )  # fmt: skip
        targets += [
            Target(inspection_id=inspection_id(at), number=number, market=market, stall="", lab="",
                   wanted=60)
            for number, market in enumerate(MARKETS[:-1], start=1)
        ]  # fmt: skip
    _put(connection, Inspection, [one.model_dump() for one in made])
    _put(connection, Target, [one.model_dump() for one in targets])


def _assigned(row: Archived) -> dict[str, Any]:
    return {
        "check_id": row.root, "inspection_id": row.inspection, "by": row.who, "at": row.checked_at
    }  # fmt: skip


def _job(row: Archived) -> dict[str, Any]:
    report: dict[str, Any] = {
        "id": f"{row.id:032x}",
        "photo": {"name": "", "page": 1, "part": 1, "sha256": f"{row.id:064x}"}, "items": [],
        "verdict": row.verdict, "lab": {"lab_id": row.lab_id, "name": row.lab},
        "fields": {"certificate_no": {"value": row.number}}, "error": None,
    }  # fmt: skip
    return {
        "id": row.id, "key": f"{row.id:064x}", "sha256": f"{row.id:064x}", "size": 1,
        "wish": '{"visitor": false}', "revision": "r", "status": "done", "priority": 0,
        "deaths": 0, "interruptions": 0, "queued_at": row.checked_at, "done_at": row.checked_at,
        "reports": json.dumps([report], ensure_ascii=False),
    }  # fmt: skip


def _check(row: Archived) -> dict[str, Any]:
    return {
        "id": row.root, "job_id": row.id, "name": f"{row.id}.jpg", "owner": row.owner,
        "created_at": row.checked_at, "expires_at": row.checked_at + dt.timedelta(days=6 * 366),
    }  # fmt: skip


def _cases(
    connection: Connection, chance: random.Random, size: Size, accounts: Sequence[Account],
    suspects: Sequence[Archived],
) -> None:  # fmt: skip
    rows: list[CaseFile] = []
    deadlines: list[CaseDeadline] = []
    things: list[CaseThing] = []
    entries: list[dict[str, Any]] = []
    for at in range(size.first, size.first + size.cases):
        row = _case(chance, at, accounts, suspects)
        rows.append(row)
        if row.due_on != NEVER:
            deadlines.append(
                CaseDeadline(
                    id=at, case_id=at, kind="verify", due_on=row.due_on, sure=True,
                    began_on=row.due_on - dt.timedelta(days=21), days=15,
                )
            )  # fmt: skip
        of = chance.choice(suspects)
        things.append(
            CaseThing(
                case_id=at, kind="check", ref=of.root, told="{}", added_at=row.opened_at,
                added_by=row.opened_by,
            )
        )  # fmt: skip
        found = index.Findable(
            Kind.CASE, str(at), (row.title, row.lab, row.market), (str(at),),
            {"lab": (row.lab_id or "",)}, title=row.title, line=row.lab,
        )  # fmt: skip
        entries.append(index.values(found, 2 * size.checks + size.labs * 10 + size.first + at))
    for table, some in ((CaseFile, rows), (CaseDeadline, deadlines), (CaseThing, things)):
        _put(connection, table, [one.model_dump() for one in some])
    _put(connection, Entry, entries)


def _case(
    chance: random.Random, at: int, accounts: Sequence[Account], suspects: Sequence[Archived]
) -> CaseFile:
    of = chance.choice(suspects)
    opened = of.checked_at + dt.timedelta(hours=chance.randrange(200))
    state = chance.choices(list(State), (8, 12, 6, 8, 16, 50))[0]
    settled = opened + dt.timedelta(days=chance.randrange(2, 90))
    results = [one.key for one in classes.classes().results.values()]
    active = state in (State.PENDING, State.CHECKING, State.FILED)
    closed = state is State.CLOSED
    faults = [item for item, one in enumerate(of.items, 1) if one in VERDICTS[:2]]
    return CaseFile(
        id=at, title=f"{of.lab}证书 {of.number} 疑点", source=chance.choice(("check", "complaint")),
        state=state, owner=chance.choice(accounts).id if state is not State.PENDING else None,
        opened_by=of.who, lab_id=of.lab_id, lab=of.lab, market=of.market,
        item=faults[0] if faults and chance.random() < 0.9 else None,
        category=chance.choice([*classes.classes().categories, ""]),
        result=chance.choice(results) if closed else "", active=active,
        due_on=opened.date() + dt.timedelta(days=21) if active else NEVER,
        opened_at=opened, changed_at=settled, settled_at=None if active else settled,
        late=chance.random() < 0.2,
    )  # fmt: skip


def _name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, 2))


def _put(connection: Connection, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    target: Table = table.__table__  # type: ignore[attr-defined]
    for at in range(0, len(rows), _AT_ONCE):
        connection.execute(target.insert(), rows[at : at + _AT_ONCE])


def _numbered(connection: Connection) -> None:
    """PostgreSQL goes on counting where these ids end, and knows what its tables hold."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("ANALYZE"))
        return
    for name in ("work_jobs", "work_archive", "work_search", "work_cases", "work_case_deadlines"):
        last = f"(SELECT max(id) FROM {name})"  # noqa: S608
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last})"))
    connection.execute(text("ANALYZE"))
