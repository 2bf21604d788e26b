"""What is fuzzed of texts: lines of print made fields and judged, and what a QR code carries."""

from __future__ import annotations

import contextlib
import dataclasses as dc
import datetime as dt
import functools
import json
import logging
from collections.abc import Iterator

from certcheck import report, report_text
from certcheck.case import Case
from certcheck.identify import identify
from certcheck.lookalike import likeness
from certcheck.outside.address import AddressError, Policy, checked
from certcheck.report import PhotoInfo
from certcheck.rules.framework import judge
from ocr import payload
from ocr.fields import values
from ocr.fields.extract import extract
from ocr.reading import FIELD_KEYS, Code, Line, Quad, Reading
from registry.domains import host
from registry.lookup import Registry, Revision
from tests.certcheck import paper

_STEP, _HIGH, _MOST_LINES, _LONGEST = 8.0, 36.0, 60, 300
REVISION = Revision("ef" * 32, dt.datetime(2026, 11, 20, tzinfo=dt.UTC), demo=True)
POLICY = Policy()
NOW = dt.datetime(2026, 11, 21, 20, 15, tzinfo=dt.UTC)


class Told(logging.Handler):
    """What the product itself calls an error of its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextlib.contextmanager
def without_errors() -> Iterator[None]:
    """A rule that raises is taken for one that cannot tell: that must not happen either."""
    told, log = Told(), logging.getLogger("certcheck")
    log.addHandler(told)
    try:
        yield
    finally:
        log.removeHandler(told)
    assert not told.said, told.said


@functools.cache
def known() -> Registry:
    return paper.registry()


def field_seeds() -> Iterator[tuple[str, bytes]]:
    """Certificates of the generator as lines of print, and the edges of each value."""
    for plan in ("", "expired", "unknown_lab_uncovered"):
        fields = paper.case_of(plan, 1, known()).reading.fields
        rows = [f"{key}：{field.raw}" for key, field in fields.items()]
        yield f"raw-{plan or 'honest'}", _rows(rows)
        labels = {
            "certificate_no": "证书编号", "conclusion": "鉴定结果", "mass": "质量",
            "standards": "检验依据", "issue_date": "签发日期", "approver": "批准",
            "density": "密度", "refractive_index": "折射率", "colour": "颜色", "shape": "形状",
            "lab_name": "", "address": "地址", "phone": "电话", "website": "网址", "cma_no": "",
        }  # fmt: skip
        rows = [f"{labels[key]}：{fields[key].raw}" for key in labels if key in fields]
        yield f"card-{plan or 'honest'}", _rows(rows)
    yield (
        "numbers",
        _rows(["总质量：12.34g 5ct", "密度 3.33-3.36", "折射率：1.66（点测）1.65-1.68"]),
    )
    yield "dates", _rows(["签发日期：二〇二三年二月三十日", "2023.13.45", "日期：00000000"])
    yield "latin", _rows(["GEMSTONE REPORT No. 123-456", "Weight: 1.23 ct", "Date: 3 May 2023"])


def _rows(texts: list[str]) -> bytes:
    return b"\n".join(
        bytes([2, 4 + 5 * at, min(250, 2 + 3 * len(text)), 250]) + text.encode()
        for at, text in enumerate(texts)
    )


def lines_of(data: bytes) -> list[Line]:
    """Lines of print: of each row left, top, width and sureness, then its text."""
    found = []
    for row in data.split(b"\n")[:_MOST_LINES]:
        if len(row) < 5:
            continue
        left, top, wide = (one * _STEP for one in row[:3])
        text = row[4:].decode("utf-8", "replace")[:_LONGEST]
        right, low = left + wide + 1, top + _HIGH
        box: Quad = ((left, top), (right, top), (right, low), (left, low))
        found.append(Line(text, row[3] / 255, box, box, "fuzz"))
    return found


def fields(data: bytes) -> None:
    """Lines to fields, to a laboratory, to a judgement, to a report in words."""
    lines = lines_of(data)
    for line in lines[:8]:
        for key in FIELD_KEYS:
            values.parse(key, line.text)
    box: Quad = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    codes = (Code("QRCode", lines[-1].text, box, "fuzz"),) if lines else ()
    found = extract(lines, codes)
    assert set(found.fields) <= set(FIELD_KEYS)
    judged(
        Reading(
            1, 1, 2100, 2100, is_certificate=True, lines=tuple(lines), codes=codes,
            fields=found.fields, labels=found.labels,
        )
    )  # fmt: skip


def judged(reading: Reading) -> str:
    """A reading judged and reported, as nothing but JSON and words."""
    witness = paper.Print(reading)
    with without_errors():
        match = identify(reading, witness, known())
        case = Case(
            reading=reading, witness=witness, registry=known(), match=match,
            issued_on=dt.date(2023, 5, 1), checked_on=paper.TODAY,
        )  # fmt: skip
        made = report.build(
            photo=PhotoInfo("a.jpg", 1, 1, "cd" * 32, 2100, 2100), reading=reading, match=match,
            items=judge(case), revision=REVISION, checked_at=NOW,
        )  # fmt: skip
    told = json.dumps(made.to_json(), ensure_ascii=False)
    words = report_text.render(made, "both")
    controls = {one for one in words if one != "\n" and (one < " " or "\x7f" <= one < "\xa0")}
    assert not controls, controls
    return told


def code_seeds() -> Iterator[tuple[str, bytes]]:
    """What codes of certificates, of forgers and of attackers carry."""
    for number, text in enumerate(
        (
            "https://cx.shili-yuan.example/q?no=PY23032100202", "PY23032100202",
            "http://ngtc.com.cn.zs-query.top/cert/2303021234.html?t=1", "http://[::1]:80/",
            "javascript:alert(1)//https://a.example", "https://xn--pukgc-9za.com/?zsbh=1",
            "data:text/html,<script>alert(1)</script>", "http://a@b@c:99999/%00%0d%0aX: y",
            "证书编号：123456 鉴定结果：翡翠手镯", "WIFI:S:a;T:WPA;P:b;;", "https://[",
            "//evil.example/..%2f..%2f", "=HYPERLINK(\"http://x\",\"y\")", "\x1b]0;x\x07\nERROR",
            "http://٣.example/?no=²", "' OR 1=1 --", "\u202egnp.exe",
        )
    ):  # fmt: skip
        yield f"text-{number}", b"\0" + text.encode()
    yield "gbk", b"\1" + "示例玉石鉴定中心 翡翠".encode("gb18030")
    yield "binary", b"\2" + bytes(range(256))


def codes(data: bytes) -> None:
    """A code's bytes to text, to hosts and addresses, to what item 5 says of a paper with it."""
    kind, raw = data[:1] or b"\0", data[1:2954]  # the most that a QR code holds
    guess = raw.decode(("utf-8", "latin-1", "shift_jis")[kind[0] % 3], "replace")
    text = payload.decode(raw, guess)
    payload.of_zbar(raw)
    name = host(text)
    if name is not None:
        assert name.isascii() and not set(name) & set("/\\@?# \t\r\n<>\"'")
        likeness(name, ["ngtc.com.cn"], ["shili-yuan.example"])
    try:
        url = checked(text, POLICY)
    except AddressError:
        pass
    else:
        assert url.scheme in ("http", "https") and url.host
    honest = _honest()
    code = dc.replace(honest.codes[0], text=text, data=raw)
    judged(dc.replace(honest, codes=(code, *honest.codes[1:])))


@functools.cache
def _honest() -> Reading:
    return paper.case_of("", 1, known()).reading
