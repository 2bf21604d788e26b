"""What would break: a photo lost among many, one put under another's name, or a bomb opened."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import IO

import cv2
import numpy as np
import pytest
import zxingcpp

from certcheck import messages
from certcheck.errors import RefusedError
from certcheck.stock import archive, drawings, qr
from certcheck.stock import intake as intake_module
from certcheck.stock.entries import MOST_ITEMS, Entry
from certcheck.stock.intake import intake
from tests.certcheck import parcels
from tests.certcheck.parcels import jpeg

GREEN, WHITE, RED = jpeg(10), jpeg(20), jpeg(30)


def told(*files: tuple[str, bytes | IO[bytes]]) -> list[Entry]:
    return intake(
        [(name, io.BytesIO(one) if isinstance(one, bytes) else one) for name, one in files]
    )


def content(entry: Entry) -> bytes:
    assert entry.open is not None
    return entry.open().read()


def errors(entries: list[Entry]) -> dict[str, str | None]:
    return {one.file: one.error for one in entries}


def test_what_is_no_picture_is_told_and_the_rest_is_kept() -> None:
    found = told(
        ("a.jpg", GREEN), ("b.txt", b"text"), ("c.jpg", b""), ("d.rar", b"Rar!\x1a\x07\x01\x00"),
        ("e.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), ("f.zip", b"PK\x03\x04broken"),
        ("g.png", WHITE),
    )  # fmt: skip
    assert errors(found) == {
        "a.jpg": None, "b.txt": "photo.unknown_format", "c.jpg": "photo.empty",
        "d.rar": "stock.other_archive", "e.xls": "stock.old_sheet",
        "f.zip": "stock.archive_damaged", "g.png": None,
    }  # fmt: skip
    assert [content(one) for one in found if one.open] == [GREEN, WHITE]
    for one in found:
        assert one.error is None or messages.text(one.error, **one.details).zh


def test_an_archive_gives_its_photos_and_no_name_leads_anywhere() -> None:
    packed = parcels.archive(
        {
            "手镯/一.jpg": GREEN, "../../etc/二.jpg": WHITE, "/三.jpg": RED, "空/": b"",
            "__MACOSX/._一.jpg": b"x", ".DS_Store": b"x", "Thumbs.db": b"x",
            "里层.zip": parcels.archive({"a.jpg": GREEN}).getvalue(), "说明.docx": b"PK\x03\x04",
        }
    )  # fmt: skip
    found = told(("货.zip", packed))
    assert errors(found) == {
        "手镯/一.jpg": None, "etc/二.jpg": None, "三.jpg": None, "里层.zip": "stock.nested",
        "说明.docx": "photo.unknown_format",
    }  # fmt: skip
    assert [one.name for one in found if one.open] == ["手镯/一", "etc/二", "三"]
    assert [content(one) for one in found if one.open] == [GREEN, WHITE, RED]


@pytest.mark.parametrize(
    ("raw", "flag", "extra"),
    [
        ("翡翠手镯.jpg".encode("gb18030"), 0, b""),
        ("翡翠手镯.jpg".encode(), 0, b""),
        ("翡翠手镯.jpg".encode(), parcels.UTF8, b""),
        (b"1.jpg", 0, parcels.unicode_path(b"1.jpg", "翡翠手镯.jpg")),
        ("翡翠手镯.jpg".encode("gb18030"), 0, parcels.unicode_path(b"other", "错.jpg")),
    ],
    ids=["gbk", "utf-8 unsaid", "utf-8 said", "unicode path", "unicode path of another name"],
)
def test_chinese_names_in_whichever_way_they_were_written(
    raw: bytes, flag: int, extra: bytes
) -> None:
    (one,) = told(("货.zip", parcels.named(raw, GREEN, flag, extra)))
    assert (one.name, content(one)) == ("翡翠手镯", GREEN)


def test_a_name_that_could_be_either_goes_by_the_others_of_its_archive() -> None:
    """圆模 in GBK is UTF-8, too: of two letters of other alphabets."""
    raw = "圆模".encode("gbk")
    assert raw.decode("utf-8") == "Բģ"
    entries = zipfile.ZipFile(parcels.archive(dict.fromkeys("abc", GREEN))).infolist()
    for one, name in zip(entries, (raw, "手镯".encode("gbk"), "玉".encode()), strict=True):
        one.orig_filename = name.decode("cp437")
    assert archive.names(entries) == ["圆模", "手镯", "玉"]
    assert archive.names(entries[::2]) == ["Բģ", "玉"]


def test_what_is_made_to_burst_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = parcels.archive(
        {"a.bmp": b"BM" + bytes(5_000_000), "b.jpg": GREEN}, method=zipfile.ZIP_DEFLATED
    )
    assert errors(told(("a.zip", packed))) == {"a.bmp": "stock.bomb", "b.jpg": None}
    monkeypatch.setattr(archive, "MOST_UNPACKED", 5_000_000)
    with pytest.raises(RefusedError) as caught:
        told(("a.zip", packed))
    assert caught.value.code == "stock.too_much"
    monkeypatch.undo()
    monkeypatch.setattr(archive, "MOST_LISTED_BYTES", 60)
    with pytest.raises(RefusedError) as caught:
        told(("a.zip", packed))
    assert caught.value.code == "stock.too_much"


def test_a_list_of_contents_is_measured_where_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The larger form of an archive's end counts, also with the longest comment behind it."""
    packed = parcels.archive({f"{number}.jpg": GREEN for number in range(5)}).getvalue()
    at = packed.index(b"PK\x05\x06")
    size, start = struct.unpack_from("<LL", packed, at + 12)
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 5, 5, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 5, 5, 10, start, 2**16 - 1)
    made = packed[:at] + large + locator + end + bytes(2**16 - 1)
    assert len(told(("a.zip", made))) == 5
    monkeypatch.setattr(archive, "MOST_LISTED_BYTES", 60)
    with pytest.raises(RefusedError) as caught:
        told(("a.zip", made))
    assert caught.value.code == "stock.too_much"


def test_all_archives_of_a_request_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    one = parcels.archive({"a.jpg": GREEN}).getvalue()
    monkeypatch.setattr(intake_module, "MOST_UNPACKED", 2 * len(GREEN))
    assert len(told(("a.zip", one), ("b.zip", one))) == 2
    with pytest.raises(RefusedError) as caught:
        told(("a.zip", one), ("b.zip", one), ("c.zip", one))
    assert caught.value.code == "stock.too_much"


def test_spreadsheets_that_take_too_long_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = parcels.book([["名称"], ["手镯"]], {}).getvalue()
    monkeypatch.setattr(intake_module, "_MOST_SHEETS", 2)
    within = {f"{number}.xlsx": sheet for number in range(2)}
    assert len(told(("a.zip", parcels.archive(within)))) == 2
    with pytest.raises(RefusedError) as caught:
        told(("a.zip", parcels.archive(within)), ("c.xlsx", sheet))
    assert caught.value.code == "stock.too_much"


def test_words_of_a_spreadsheet_that_fill_the_memory_are_not_read() -> None:
    with zipfile.ZipFile(parcels.book([["名称"], ["手镯"]], {})) as packed:
        parts = {one: packed.read(one) for one in packed.namelist()}
    words = b"<si><t>a</t></si>" * (drawings.MOST_XML // 17 + 1)
    parts["xl/sharedStrings.xml"] = b"<sst>" + words + b"</sst>"
    with pytest.raises(RefusedError) as caught:
        told(("a.xlsx", parcels.archive(parts, method=zipfile.ZIP_DEFLATED)))
    assert caught.value.code == "stock.too_much"


def test_a_damaged_file_of_an_archive_costs_itself_alone() -> None:
    """It shows only when it is unpacked: its checksum does not fit."""
    packed = parcels.archive({"a.jpg": GREEN, "b.jpg": WHITE}).getvalue()
    at = packed.index(GREEN) + len(GREEN) - 5
    broken = packed[:at] + b"\xff" + packed[at + 1 :]
    first, second = told(("a.zip", broken))
    assert content(second) == WHITE
    if first.open is not None:
        with pytest.raises(RefusedError) as caught:
            first.open()
        assert caught.value.code == "stock.entry_damaged"
    else:
        assert first.error == "stock.entry_damaged"


def test_a_locked_file_is_told() -> None:
    packed = bytearray(parcels.named(b"a.jpg", GREEN).getvalue())
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    assert errors(told(("a.zip", bytes(packed)))) == {"a.jpg": "stock.encrypted"}


def test_too_many_are_refused_as_a_whole_and_nothing_is_too() -> None:
    many = {f"{number}.jpg": GREEN for number in range(MOST_ITEMS + 1)}
    with pytest.raises(RefusedError) as caught:
        told(("a.zip", parcels.archive(many)))
    assert caught.value.code == "stock.too_many"
    assert len(told(("a.zip", parcels.archive(dict(list(many.items())[1:]))))) == MOST_ITEMS
    with pytest.raises(RefusedError) as caught:
        told(("a.zip", parcels.archive({})))
    assert caught.value.code == "stock.nothing"


def test_pictures_in_a_spreadsheet_belong_to_their_rows() -> None:
    sheet = parcels.book(
        [["十一月清单"], ["序号", "商品名称", "证书图片"], [1, "手镯"], [2, "吊坠"], [3, "戒指"]],
        {"C3": GREEN, "C5": RED},
    )
    found = told(("清单.xlsx", sheet))
    assert [(one.name, one.error) for one in found] == [
        ("手镯", None), ("吊坠", "stock.row_without_picture"), ("戒指", None),
    ]  # fmt: skip
    assert [content(one) for one in found if one.open] == [GREEN, RED]


def test_several_pictures_of_a_row_are_told_apart() -> None:
    sheet = parcels.book([["名称", "正面", "背面"], ["手镯"]], {"B2": GREEN, "C2": WHITE})
    found = told(("a.xlsx", sheet))
    assert [(one.name, content(one)) for one in found] == [
        ("手镯 (1)", GREEN), ("手镯 (2)", WHITE),
    ]  # fmt: skip


def test_pictures_inside_cells_as_wps_keeps_them() -> None:
    sheet = parcels.wps(
        [["品名", "图片"], ["手镯", '=DISPIMG("ID_A",1)'], ["戒指", '=DISPIMG("ID_B",1)']],
        {"ID_B": RED, "ID_A": GREEN},
    )
    found = told(("a.xlsx", sheet))
    assert [(one.name, content(one)) for one in found] == [("手镯", GREEN), ("戒指", RED)]


def test_pictures_that_are_the_value_of_a_cell() -> None:
    """As Excel 365 places them; one picture may stand in several cells."""
    sheet = parcels.placed(
        [["名称", "图片"], ["手镯"], ["吊坠"], ["戒指"], ["又一只"]],
        {"B2": GREEN, "B4": RED, "B5": GREEN},
    )
    found = told(("a.xlsx", sheet))
    assert [(one.name, content(one) if one.open else one.error) for one in found] == [
        ("手镯", GREEN), ("吊坠", "stock.row_without_picture"), ("戒指", RED), ("又一只", GREEN),
    ]  # fmt: skip


def test_pictures_that_excel_fetched_are_taken_from_its_copy() -> None:
    found = told(("a.xlsx", parcels.fetched([["名称", "图片"], ["手镯"]], "B2", GREEN)))
    assert [(one.name, content(one)) for one in found if one.open] == [("手镯", GREEN)]


def test_a_cell_whose_value_leads_nowhere_holds_no_picture() -> None:
    whole = parcels.placed([["名称", "图片"], ["手镯"]], {"B2": GREEN})
    for part, old, new in (
        ("xl/metadata.xml", b'i="0"', b'i="7"'),
        ("xl/metadata.xml", b"XLRICHVALUE", b"XLDAPR"),
        ("xl/richData/rdrichvalue.xml", b"<v>0</v>", b"<v>9</v>"),
        ("xl/richData/rdrichvalue.xml", b's="0"', b's="-1"'),
        ("xl/richData/richValueRel.xml", b"rId1", b"rId9"),
    ):
        found = told(("a.xlsx", parcels.changed(whole, part, old, new)))
        assert [one.error for one in found] == ["stock.row_without_picture"], part
    broken = parcels.changed(whole, "xl/metadata.xml", b"</metadata>", b"")
    assert errors(told(("a.xlsx", broken))) == {"a.xlsx": "stock.sheet_damaged"}


def test_a_spreadsheet_names_photos_that_come_beside_it() -> None:
    """With folders or without, with the ending or without; what it does not name stays."""
    sheet = parcels.book(
        [["货品", "文件名"], ["手镯", "A.JPG"], ["吊坠", "b"], ["戒指", "没有.jpg"]], {}
    )
    packed = parcels.archive({"图/a.jpg": GREEN, "图/b.jpg": WHITE})
    found = told(("a.xlsx", sheet), ("货.zip", packed), ("c.jpg", RED))
    assert [(one.name, one.error) for one in found] == [
        ("手镯", None), ("吊坠", None), ("戒指", "stock.file_missing"), ("c", None),
    ]  # fmt: skip
    assert [content(one) for one in found if one.open] == [GREEN, WHITE, RED]
    inner = parcels.archive({"清单.xlsx": sheet.getvalue(), "a.jpg": GREEN, "b.jpg": WHITE})
    assert [one.name for one in told(("一起.zip", inner))] == ["手镯", "吊坠", "戒指"]


def test_a_spreadsheet_without_headings_is_understood_by_its_cells() -> None:
    found = told(("a.xlsx", parcels.book([["手镯", "a.jpg"]], {})), ("a.jpg", GREEN))
    assert [(one.name, one.error) for one in found] == [("手镯", None)]


def test_a_damaged_spreadsheet_is_told() -> None:
    whole = parcels.book([["名称"], ["手镯"]], {}).getvalue()
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        parts = {one: packed.read(one) for one in packed.namelist()}
    parts["xl/workbook.xml"] = b"<no"
    found = told(("a.xlsx", parcels.archive(parts)), ("a.jpg", GREEN))
    assert errors(found) == {"a.xlsx": "stock.sheet_damaged", "a.jpg": None}


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_spreadsheet_whose_parts_are_no_xml_is_damaged(part: str) -> None:
    made = parcels.changed(parcels.book([["a", "b.jpg"]], {}), part, b"<", b"<\x00&")
    assert errors(told(("a.xlsx", made))) == {"a.xlsx": "stock.sheet_damaged"}


def test_a_spreadsheet_with_a_column_beyond_the_last_is_damaged() -> None:
    with zipfile.ZipFile(parcels.book([["名称"], ["手镯"]], {})) as packed:
        parts = {one: packed.read(one) for one in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'r="A2"', b'r="ZZZ2"')
    found = told(("a.xlsx", parcels.archive(parts)), ("a.jpg", GREEN))
    assert errors(found) == {"a.xlsx": "stock.sheet_damaged", "a.jpg": None}


def test_entities_of_a_spreadsheet_are_not_resolved() -> None:
    with zipfile.ZipFile(parcels.book([["名称"], ["手镯"]], {"B2": GREEN})) as packed:
        parts = {one: packed.read(one) for one in packed.namelist()}
    drawing = parts["xl/drawings/drawing1.xml"]
    body = drawing[drawing.index(b"?>") + 2 :] if drawing.startswith(b"<?xml") else drawing
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "' + b"&a;" * 20 + b'">]>'
    parts["xl/drawings/drawing1.xml"] = bomb + body
    found = told(("a.xlsx", parcels.archive(parts)))
    assert [content(one) for one in found if one.open] == [GREEN]


def test_a_code_is_read_as_what_it_was_drawn_of() -> None:
    text = "https://check.example/p/ABCD-EFGH-JKMN"
    drawing = qr.drawn(text)
    picture = np.full((drawing.side, drawing.side), 255, np.uint8)
    for run in drawing.path.strip("M").split("M"):
        place, _, rest = run.partition("h")
        x, y = (int(one) for one in place.split())
        picture[y, x : x + int(rest.partition("v")[0])] = 0
    large = cv2.resize(picture, None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST)
    assert [one.text for one in zxingcpp.read_barcodes(large)] == [text]
    assert (picture[: qr.QUIET] == 255).all() and (picture[:, : qr.QUIET] == 255).all()
