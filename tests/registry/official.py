"""Files as authorities publish them, made with their traps: titles, levels, merged cells."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

Cell = str | int | float | dt.date | None
LAB = "示例伏牛珠宝检测有限公司"
NUMBER = "211620110061"
ADDRESS = "河南省南阳市镇平县示玉大道61号"
APPROVED = dt.date(2021, 5, 6)
# An invented person's numbers; of the right form, so that they would be found if kept.
ID_NUMBER = "410101199001011234"
MOBILE = "13800138000"
PERSONAL = (ID_NUMBER, MOBILE)


@dc.dataclass
class Page:
    """One table: its cells, which of them are merged, and the lines before it.

    Attributes:
        spans: first and last row and column of merged cells, from 0, the ends included.
    """

    name: str
    rows: list[list[Cell]]
    spans: list[tuple[int, int, int, int]] = dc.field(default_factory=list)
    before: list[str] = dc.field(default_factory=list)


def institutions(*extra: list[Cell]) -> Page:
    """A list of institutions; the number as a spreadsheet keeps it, a float."""
    head: list[Cell] = [
        "序号",
        "机构名称",
        "资质认定证书编号",
        "统一社会信用代码",
        "机构地址",
        "发证日期",
        "有效期至",
        "证书状态",
        "发证机关",
        "联系人",
        "联系电话",
    ]
    rows: list[list[Cell]] = [
        head,
        [
            1,
            LAB,
            211620110061.0,
            "",
            ADDRESS,
            "2021年5月6日",
            dt.date(2027, 5, 5),
            "有效",
            "示例省局",
            "某某",
            MOBILE,
        ],
        [
            2,
            "示例桐柏玉石检测站",
            "２１１６２０１１００６２",
            "",
            "河南省南阳市桐柏县示河路2号",
            "2021/5/6",
            "2027-05-05",
            "有效",
            "示例省局",
            "某某",
            MOBILE,
        ],
        *extra,
    ]
    return Page("名录", rows, before=["示例省检验检测机构名录", "截至2024年3月31日"])


def capability() -> Page:
    """检验检测能力表: a heading of two levels, cells merged downwards, two standards in one."""
    rows: list[list[Cell]] = [
        ["序号", "类别", "产品/项目/参数", None, "依据的标准（方法）", None, "限制范围", "说明"],
        [None, None, "序号", "名称", "名称", "编号（含年号）", None, None],
        [1, "珠宝玉石", "1.1", "翡翠", "珠宝玉石 鉴定", "GB/T 16553—2017", "不测B货", "/"],
        [None, None, "1.2", "折射率", "珠宝玉石 鉴定", "GB/T16553-2017 4.1.2条", None, "扩项"],
        [
            2,
            "贵金属",
            "2.1",
            "金含量",
            "首饰 贵金属含量的测定",
            "GB/T 18043-2013\nGB 11887-2012",
            "只测足金",
            None,
        ],
    ]
    spans = [
        (0, 0, 1, 0),
        (0, 1, 1, 1),
        (0, 2, 0, 3),
        (0, 4, 0, 5),
        (0, 6, 1, 6),
        (0, 7, 1, 7),
        (2, 0, 3, 0),
        (2, 1, 3, 1),
    ]
    before = [
        "填写说明：本表由机构填写，编号须与证书一致。",
        f"批准{LAB}检验检测的能力范围",
        f"证书编号：{NUMBER}    批准日期：2021年5月6日    有效期至：2027年5月5日",
    ]
    return Page("能力表", rows, spans, before)


SCOPES = {
    ("翡翠", "", "GB/T 16553-2017", "不测B货"),
    ("珠宝玉石", "折射率", "GB/T 16553-2017", "4.1.2条"),
    ("贵金属", "金含量", "GB/T 18043-2013", "只测足金"),
    ("贵金属", "金含量", "GB 11887-2012", "只测足金"),
}


def signatories() -> Page:
    """授权签字人表, with what must not be stored."""
    rows: list[list[Cell]] = [
        ["序号", "姓名", "职务/职称", "批准授权签字领域", "手机", "身份证号", "备注"],
        [1, "沈 怀瑾", "高级工程师", "批准范围内全部", float(MOBILE), ID_NUMBER, None],
        [
            2,
            f"顾明哲（{MOBILE}）",
            "工程师",
            f"珠宝玉石鉴定 身份证：{ID_NUMBER}",
            None,
            None,
            "仅限翡翠",
        ],
    ]
    before = [
        f"批准{LAB}授权签字人及领域表",
        f"资质认定证书编号：{NUMBER}  批准日期：2021-05-06  有效期至：2027-05-05",
    ]
    return Page("授权签字人表", rows, [], before)


SIGNATORIES = {("沈怀瑾", "批准范围内全部"), ("顾明哲", "珠宝玉石鉴定（仅限翡翠）")}


def xlsx(path: Path, pages: Sequence[Page], hidden: Sequence[Page] = ()) -> Path:
    """Title lines in merged rows of their own, then the table."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for page in (*pages, *hidden):
        sheet: Any = book.create_sheet(page.name)
        width = max(len(row) for row in page.rows)
        for line in page.before:
            sheet.append([line])
            sheet.merge_cells(
                start_row=sheet.max_row, end_row=sheet.max_row, start_column=1, end_column=width
            )
        top = len(page.before) + 1
        for row in page.rows:
            sheet.append(row)
        for first, left, last, right in page.spans:
            sheet.merge_cells(
                start_row=top + first,
                start_column=left + 1,
                end_row=top + last,
                end_column=right + 1,
            )
        if page in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path
