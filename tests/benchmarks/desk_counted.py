"""Figures held against the rows that they come of: both as exported, the rows counted by hand.

Nothing of the program counts here: rows are read from `checks.csv` and `cases.csv` as an office
gets them, in Chinese, and each figure's file is built again from them.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

_Row = Mapping[str, str]
UNKNOWN = "未注明"
_VERDICTS = ("与登记不符", "疑似", "无法核对", "与登记一致", "未能核对")
# Heading of an item's column of figures to what stands in the rows.
_STATUSES = {**{one: one for one in _VERDICTS[:4]}, "疑似": "疑似，请人工核实", "不适用": "不涉及"}
_HANDED_OVER = "已移送其他机关，结案归档"
_OF = {"lab": "机构", "market": "市场", "person": "检查员"}
_OF_CASES = {
    "lab": "机构", "market": "市场", "item": "项目", "person": "承办人", "category": "案件类别",
    "state": "状态", "source": "来源",
}  # fmt: skip


def differing(folder: Path, today: dt.date) -> tuple[int, int, int, list[str]]:
    """Goes through an export of all days.

    Args:
        folder: with `checks.csv`, `cases.csv` and a file for each figure.
        today: the day that it was made on, in China.

    Returns:
        How many checks, cases and figures there are, and the names of figures that are not what
        their rows come to.
    """
    checks, cases = list(_rows(folder / "checks")), list(_rows(folder / "cases"))
    counted = {**_of_checks(checks), **_of_cases(cases, today)}
    wrong = []
    for name, by_hand in counted.items():
        told: dict[tuple[str, str], int] = {}
        for row in _rows(folder / name):
            key, *_ = row.values()
            told.update({(key, one): int(n) for one, n in list(row.items())[1:]})
        if {key: n for key, n in told.items() if n} != +by_hand:
            wrong.append(name)
    names = {path.stem for path in folder.glob("*.csv")} - {"checks", "cases"}
    wrong += sorted(names ^ counted.keys())
    return len(checks), len(cases), len(names), wrong


def _rows(path: Path) -> Iterator[_Row]:
    with path.with_suffix(".csv").open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _of_checks(checks: list[_Row]) -> dict[str, Counter[tuple[str, str]]]:
    measures: dict[str, Callable[[_Row], bool]] = {"合计": lambda row: True}
    for verdict in _VERDICTS:
        measures[verdict] = lambda row, verdict=verdict: row["核对结果"] == verdict  # type: ignore[misc]
    found = {f"checks_by_{of}": _by(checks, column, measures) for of, column in _OF.items()}
    found["checks_by_month"] = _by(checks, "核对日期", measures, 7)
    items: Counter[tuple[str, str]] = Counter()
    for name in (one for one in checks[0] if one[0].isdigit()):
        for heading, status in _STATUSES.items():
            items[name, heading] = sum(row[name] == status for row in checks)
    return {**found, "checks_by_item": items}


def _of_cases(cases: list[_Row], today: dt.date) -> dict[str, Counter[tuple[str, str]]]:
    def closed(row: _Row) -> bool:
        return row["状态"] == "办结"

    def on_time(row: _Row) -> bool:
        return closed(row) and row["曾逾期"] == "否"

    def referred(row: _Row) -> bool:
        return row["状态"] == "移送" or (closed(row) and row["办理结果"] == _HANDED_OVER)

    def left(row: _Row) -> bool:
        return row["未办完"] == "是"

    measures: dict[str, Callable[[_Row], bool]] = {
        "登记": lambda row: True,
        "已处置": lambda row: row["状态"] not in ("待核查", "核查中"),
        "立案办理中": lambda row: row["状态"] == "立案",
        "移送": referred,
        "办结": closed,
        "按期办结": on_time,
        "未办完": left,
        "已逾期": lambda row: left(row) and "" < row["到期日"] < today.isoformat(),
    }
    found = {f"cases_by_{of}": _by(cases, column, measures) for of, column in _OF_CASES.items()}
    settled = [row for row in cases if row["处理完日期"]]
    ended = {"处理完": measures["登记"], "办结": closed, "按期办结": on_time, "移送": referred}
    monthly = _by(cases, "登记日期", {"登记": measures["登记"]}, 7)
    return {**found, "cases_by_month": monthly + _by(settled, "处理完日期", ended, 7)}


def _by(
    rows: list[_Row],
    column: str,
    measures: Mapping[str, Callable[[_Row], bool]],
    length: int | None = None,
) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        key = row[column][:length] or UNKNOWN
        found.update((key, one) for one, fits in measures.items() if fits(row))
    return found
