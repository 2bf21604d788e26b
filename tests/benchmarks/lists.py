"""A country's lists as authorities publish them, loaded one after the other.

    python -m tests.benchmarks.lists --provinces 31 --labs 1000 --lists 3 --folder /tmp/lists

Each province publishes a list of its laboratories on several days; they are loaded in any
order, as people find them. What lists say together is gone through anew with each (`replay`):
this prints whether a province's list takes longer the more of other provinces is held, and the
more lists of its own. Times are of this process on the processor.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import openpyxl
from sqlmodel import Session

from registry import store
from tests.benchmarks.many_labs import Made, labs

_HEAD = ("序号", "机构名称", "资质认定证书编号", "机构地址", "发证日期", "有效期至")
_FIRST = dt.date(2024, 1, 31)
# Of a list's laboratories, those that the one of another day does not have.
_MISSING = 0.02


def _write(path: Path, made: Sequence[Made], day: dt.date) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名录")
    sheet.append([f"检验检测机构名录（截至{day.year}年{day.month}月{day.day}日）"])
    sheet.append(_HEAD)
    for place, one in enumerate(made, start=1):
        year = 2000 + int(one.number[:2])
        term = (f"{year}-03-01", f"{year + 6}-02-28")
        sheet.append([place, one.name, one.number, one.address, *term])
    book.save(path)


def _provinces(count: int, size: int) -> list[list[Made]]:
    """The laboratories of some provinces, by the authority in their numbers."""
    found: defaultdict[str, list[Made]] = defaultdict(list)
    for one in labs(count * size * 31 // count):
        found[one.number[2:4]].append(one)
    return [each[:size] for each in sorted(found.values(), key=len, reverse=True)[:count]]


def _load(session: Session, path: Path) -> float:
    from registry.importing.apply import apply_plan
    from registry.importing.plan import read_plan

    cpu = time.process_time()
    store.lock(session)
    apply_plan(session, read_plan(session, path))
    session.commit()
    return time.process_time() - cpu


def main() -> None:
    """Makes the lists, loads them, and prints what each round took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provinces", type=int, default=31)
    parser.add_argument("--labs", type=int, default=1000)
    parser.add_argument("--lists", type=int, default=3)
    parser.add_argument("--folder", type=Path, required=True)
    wanted = parser.parse_args()
    rng = random.Random("lists")
    wanted.folder.mkdir(parents=True, exist_ok=True)
    provinces = _provinces(wanted.provinces, wanted.labs)
    days = [_FIRST + dt.timedelta(days=91 * place) for place in range(wanted.lists)]
    rng.shuffle(days)
    database = wanted.folder / "registry.sqlite"
    database.unlink(missing_ok=True)
    engine = store.make_engine(store.parse_url(f"sqlite:///{database}"))
    store.migrate(engine)
    with Session(engine) as session:
        for day in days:
            times = []
            for place, province in enumerate(provinces):
                some = [one for one in province if rng.random() >= _MISSING]
                path = wanted.folder / f"{place:02d}-{day.isoformat()}.xlsx"
                _write(path, some, day)
                times.append(_load(session, path))
            third = max(1, len(times) // 3)
            print(
                f"lists of {day}: {statistics.mean(times):.2f} s each,"
                f" the first {third} {statistics.mean(times[:third]):.2f} s,"
                f" the last {third} {statistics.mean(times[-third:]):.2f} s"
            )
    engine.dispose()


if __name__ == "__main__":
    main()
