"""Codes: exact payloads, honest places, and "seen but not read" told from "none"."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
import qrcode
import zxingcpp

from ocr import codes as code_reader
from ocr import geometry, payload
from ocr.codes import read_codes
from ocr.geometry import as_array, as_quad, box_quad, map_quad
from ocr.page import find_pages
from ocr.reading import Code, Quad
from tests.ocr.drawing import (
    DESKS,
    Picture,
    draw_desk,
    draw_paper,
    lay_on_desk,
    photo_of,
)

URL = "https://cx.shili.example/q?no=ZY2023-0246633&code=79284659"
CORNERS = ((180.0, 160.0), (1440.0, 200.0), (1400.0, 1050.0), (210.0, 1010.0))


def qr_picture(content: str | bytes, side: int, *, error: int = qrcode.ERROR_CORRECT_M) -> Picture:
    code = qrcode.QRCode(error_correction=error, border=4)
    code.add_data(content)
    code.make()
    modules = np.where(np.array(code.get_matrix()), 0, 255).astype(np.uint8)
    grown = cv2.resize(modules, (side, side), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.cvtColor(grown, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def bars_picture(text: str, form: zxingcpp.BarcodeFormat, module: int, height: int) -> Picture:
    barcode = zxingcpp.create_barcode(text, form)
    row = np.array(zxingcpp.write_barcode_to_image(barcode, scale=module, add_quiet_zones=True))
    row = row[row.shape[0] // 2]
    quiet = np.full(12 * module, 255, np.uint8)
    bars = np.tile(np.concatenate([quiet, row, quiet]), (height, 1))
    return np.asarray(cv2.cvtColor(bars, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def with_code(code: Picture, at: tuple[int, int] = (760, 520)) -> tuple[Picture, Quad]:
    """A paper with a code on it, and the code's place in the paper."""
    paper = draw_paper()
    x, y = at
    height, width = code.shape[:2]
    paper[y : y + height, x : x + width] = code
    return paper, box_quad(x, y, width, height)


def snapshot(paper: Picture, **options: float) -> Picture:
    return lay_on_desk(paper, draw_desk("wood", 1600, 1200), CORNERS, **options)  # type: ignore[arg-type]


def read(image: Picture) -> list[Code]:
    photo = photo_of(image)
    return read_codes(photo, find_pages(photo)[0])


def on_photo(paper: Picture, place: Quad) -> Quad:
    height, width = paper.shape[:2]
    return map_quad(place, geometry.homography(box_quad(-0.5, -0.5, width, height), CORNERS))


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_qr_code_is_read_and_its_box_starts_at_its_own_top_left(turns: int) -> None:
    paper, place = with_code(qr_picture(URL, 220))
    image = np.ascontiguousarray(np.rot90(snapshot(paper), -turns))
    (code,) = read(image)
    assert (code.symbology, code.text, code.reader) == ("QRCode", URL, "zxing")
    inner = geometry.pad_quad(place, -20, -20)  # without the quiet zone
    true = as_array(on_photo(paper, inner))
    width, height = 1600, 1200
    for _ in range(turns):
        true = np.stack([height - 1 - true[:, 1], true[:, 0]], axis=1)
        width, height = height, width
    assert np.abs(as_array(code.box) - true).max() < 8


def test_two_codes_are_two_and_one_seen_twice_is_one() -> None:
    paper, _ = with_code(qr_picture(URL, 220))
    bars = bars_picture("ZY20230246633", zxingcpp.BarcodeFormat.Code128, 2, 60)
    paper[700:760, 120 : 120 + bars.shape[1]] = bars
    found = read(snapshot(paper))
    assert sorted((c.symbology, c.text) for c in found) == [
        ("Code128", "ZY20230246633"),
        ("QRCode", URL),
    ]


@pytest.mark.parametrize("module", [2, 3])
def test_a_fine_bar_code_on_a_photographed_page(module: int) -> None:
    bars = bars_picture("PZ22040827224", zxingcpp.BarcodeFormat.Code128, module, 60)
    paper, place = with_code(bars, (90, 700))
    (code,) = read(snapshot(paper, blur=1.0))
    assert (code.symbology, code.text) == ("Code128", "PZ22040827224")
    assert geometry.overlap(code.box, on_photo(paper, place)) > 0.7


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("证书编号：玉2023-0246633，检验结论：翡翠手镯", "gb18030"),
        ("证书编号：玉2023-0246633，检验结论：翡翠手镯", "utf-8"),
        ("和田玉（白玉）挂件", "gbk"),
        ("镕坤玥珺珠宝检测中心", "gbk"),  # characters that GB 2312 lacks
        ("No. 12 ℃ ±0.05", "utf-8"),
    ],
)
def test_chinese_payloads_survive_whatever_their_encoding(content: str, encoding: str) -> None:
    image = qr_picture(content.encode(encoding), 400)
    (code,) = read(image)
    assert code.text == content


@pytest.mark.parametrize(
    "data",
    [
        "证书编号：玉2023-0246633，检验结论：翡翠手镯".encode("gb18030"),
        "Gübelin Prüfbericht Nr. 19081234, façade, señal".encode("latin-1"),
        bytes(range(1, 256)),
        bytes([0x00, 0xFF, 0x10, 0x80, 0x00, 0x07]),
    ],
)
def test_the_bytes_of_a_payload_survive_exactly(data: bytes) -> None:
    (code,) = read(qr_picture(data, 500))
    assert code.text is not None
    assert code.data == data
    assert not code.is_utf8


def test_text_in_utf8_needs_no_bytes_beside_it() -> None:
    (code,) = read(qr_picture("证书 A1".encode(), 300))
    assert code.is_utf8
    (plain,) = read(qr_picture(URL, 300))
    assert plain.is_utf8 and plain.data == URL.encode()


def test_latin_1_is_read_as_such() -> None:
    text = "Gübelin Prüfbericht Nr. 19081234"
    (code,) = read(qr_picture(text.encode("latin-1"), 400))
    assert code.text == text


def test_a_code_with_a_picture_in_its_dark_squares_and_pale_ink() -> None:
    code = qr_picture(URL, 232)
    rng = np.random.default_rng(3)
    pale = rng.integers(120, 205, (*code.shape[:2], 1)).astype(np.uint8)
    (found,) = read(np.where(code > 128, code, pale).astype(np.uint8))
    assert found.text == URL


def test_a_data_matrix_beside_a_qr_code() -> None:
    made = zxingcpp.create_barcode("DM-2023-0246633", zxingcpp.BarcodeFormat.DataMatrix)
    matrix = np.array(zxingcpp.write_barcode_to_image(made, scale=7, add_quiet_zones=True))
    paper, _ = with_code(qr_picture(URL, 220))
    paper[650 : 650 + matrix.shape[0], 120 : 120 + matrix.shape[1]] = matrix[..., None]
    assert {c.text for c in read(snapshot(paper))} == {URL, "DM-2023-0246633"}


def test_spaces_and_line_ends_of_a_payload_are_kept() -> None:
    text = " no=1\r\nname=A B \n"
    (code,) = read(qr_picture(text, 300))
    assert code.text == text


@pytest.mark.parametrize("guess", ["*ﾃﾞｻﾞｲﾝQR*", "ﾀﾞﾌﾞﾙ"])
def test_half_width_kana_are_not_taken_for_chinese(guess: str) -> None:
    assert payload.decode(guess.encode("shift_jis"), guess) == guess


def test_what_zbar_may_have_bent_is_not_believed() -> None:
    assert payload.of_zbar(b"ZY-1") == "ZY-1"
    assert payload.of_zbar("证书编号：翡翠，检测".encode()) == "证书编号：翡翠，检测"
    bent = "翡翠".encode("gbk").decode("big5", errors="replace")
    assert payload.of_zbar(bent.encode()) != "翡翠"
    assert payload.of_zbar("ﾀﾞﾌﾞﾙ".encode()) is None
    assert payload.of_zbar(b"\xff\xfe") is None


def test_a_light_code_on_a_dark_cover() -> None:
    (code,) = read(np.asarray(255 - qr_picture(URL, 300), dtype=np.uint8))
    assert code.text == URL


def unreadable(side: int = 240) -> Picture:
    """A QR code with its eyes whole and a third of its body lost."""
    code = qr_picture(URL, side, error=qrcode.ERROR_CORRECT_L)
    rng = np.random.default_rng(1)
    band = code[side // 3 : side * 2 // 3, side // 10 : side * 9 // 10]
    band[:] = np.where(rng.random((*band.shape[:2], 1)) < 0.5, 20, 235)
    band[:] = cv2.GaussianBlur(band, (0, 0), 1.5)
    return code


def test_a_code_that_cannot_be_decoded_is_reported_as_seen() -> None:
    paper, place = with_code(unreadable())
    (code,) = read(snapshot(paper))
    assert code.text is None
    assert code.status == "unreadable"
    assert code.symbology == "QRCode"
    assert geometry.overlap(code.box, on_photo(paper, place)) > 0.8


def test_a_blurred_code_is_read_or_reported_and_never_misread() -> None:
    paper, _ = with_code(qr_picture(URL, 180))
    seen = 0
    for blur in (2.0, 3.0, 4.0):
        found = read(snapshot(paper, blur=blur))
        assert all(code.text in (URL, None) for code in found)
        seen += bool(found)
    assert seen >= 2


def test_bars_that_cannot_be_decoded_are_reported_as_seen() -> None:
    bars = bars_picture("PZ22040827224", zxingcpp.BarcodeFormat.Code128, 3, 70)
    bars[:, 200:290] = bars[:, 300:390]  # a broken check sum
    paper, place = with_code(bars, (90, 690))
    (code,) = read(snapshot(paper))
    assert (code.symbology, code.text) == ("Barcode", None)
    assert geometry.overlap(code.box, on_photo(paper, place)) > 0.8


@pytest.mark.parametrize("desk", DESKS)
def test_print_seals_and_desks_are_no_codes(desk: str) -> None:
    assert read(lay_on_desk(draw_paper(), draw_desk(desk, 1600, 1200), CORNERS)) == []


def test_a_code_without_check_digits_needs_both_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    paper, _ = with_code(bars_picture("2023024663", zxingcpp.BarcodeFormat.ITF, 3, 70), (90, 690))
    image = snapshot(paper, blur=0.5)
    if code_reader.pyzbar is not None:
        assert [c.text for c in read(image)] == ["2023024663"]
    monkeypatch.setattr(code_reader, "pyzbar", None)
    assert all(c.text is None for c in read(image))


def test_a_missing_second_reader_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_reader, "pyzbar", None)
    paper, _ = with_code(qr_picture(URL, 220))
    assert [c.text for c in read(snapshot(paper))] == [URL]
    assert read(draw_paper()) == []


def test_the_second_reader_takes_over_where_the_first_sees_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if code_reader.pyzbar is None:
        pytest.skip("libzbar is not installed")

    def nothing(*_: object, **__: object) -> Iterator[zxingcpp.Barcode]:
        return iter(())

    monkeypatch.setattr(zxingcpp, "read_barcodes", nothing)
    paper, place = with_code(qr_picture(URL, 240))
    (code,) = read(snapshot(paper))
    assert (code.text, code.reader) == (URL, "zbar")
    assert geometry.overlap(code.box, on_photo(paper, place)) > 0.9


def test_without_a_page_the_photo_alone_is_read() -> None:
    paper, _ = with_code(qr_picture(URL, 220))
    assert [c.text for c in read_codes(photo_of(snapshot(paper)), None)] == [URL]


def test_what_was_sighted_before_is_not_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    paper, _ = with_code(qr_picture(URL, 220))
    photo = photo_of(snapshot(paper))
    (page,) = find_pages(photo)
    sighted = code_reader.sight(photo)
    expected = read_codes(photo, page)
    monkeypatch.delattr(code_reader, "sight")
    assert read_codes(photo, page, sighted) == expected
    assert [code.text for code in expected] == [URL]


@pytest.mark.parametrize("size", [(1, 1), (2, 500), (500, 2)])
def test_tiny_pictures_have_no_codes(size: tuple[int, int]) -> None:
    assert read(np.full((*size, 3), 200, np.uint8)) == []


def test_boxes_are_clockwise() -> None:
    mirrored = np.ascontiguousarray(qr_picture(URL, 300)[:, ::-1])
    for image in (qr_picture(URL, 300), mirrored):
        (code,) = read(image)
        assert code.text == URL
        assert geometry.quad_area(as_quad(code.box)) > 0
