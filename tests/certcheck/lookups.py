"""A laboratory's query site on this machine, and who asks it about one certificate."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from certcheck import report
from certcheck.case import Case
from certcheck.finding import Status
from certcheck.outside.documents import Limits
from certcheck.record.ask import Asker, Mode
from certcheck.record.model import Record, Result
from certcheck.record.sites import ADDRESS, Absent, Site, Sites
from certcheck.report import sentence
from tests.certcheck.names import Names
from tests.certcheck.scene import HONEST, case, found, item
from tests.registry.publisher import Publisher

RULE = "item5.record"
SCHEMA = Path(report.__file__).parent / "data" / "report.schema.json"
OWN = "shili-yuan.example"
SITE = f"cx.{OWN}"
NUMBER = HONEST["certificate_no"]
FIELDS = HONEST | {"mass": "54.32", "security_code": "77839765"}
# What the laboratory has of it.
RECORDED = {
    "证书编号": NUMBER, "检验结论": "翡翠手镯", "总质量（g）": "54.320", "折射率": "1.66（点测）",
    "密度": "3.33 g/cm3", "签发日期": "2023年03月21日",
}  # fmt: skip
HTML = {"Content_Type": "text/html; charset=utf-8"}
LISTED = Site(OWN, absent=Absent(text=("查无此证",)), complete_from=dt.date(2020, 1, 1))
# A certificate that the site is known to have.
KNOWN = "PZ20010100001"


def page(recorded: Mapping[str, str] = RECORDED, charset: str = "utf-8") -> bytes:
    rows = "".join(f"<tr><th>{label}</th><td>{text}</td></tr>" for label, text in recorded.items())
    head = f'<html><head><meta charset="{charset}"><title>查询</title></head>'
    return f"{head}<body><h1>证书查询结果</h1><table>{rows}</table></body>".encode(charset)


@dc.dataclass
class Desk:
    """Asks one server about one certificate."""

    server: Publisher
    names: Names

    def url(self, path: str = f"/q?no={NUMBER}", host: str = SITE) -> str:
        return f"http://{host}:{self.server.port}{path}"

    def paper(self, fields: Mapping[str, str] = FIELDS, **named: Any) -> Case:
        return case(fields, **{"codes": [self.url()], **named})

    def ask(self, given: Case | None = None, site: Site | None = None, **named: Any) -> Record:
        sites = Sites([site] if site else [])
        asker = Asker(Mode.LOCAL, sites, **{"limits": Limits(seconds=5.0), **named})
        return asker.ask(given or self.paper())

    def listed(self, **changes: Any) -> Site:
        """The site as an operator lists it, with a certificate that it is known to have."""
        control = {"certificate_no": KNOWN, ADDRESS: self.url(f"/q?no={KNOWN}")}
        return dc.replace(LISTED, **{"control": control, **changes})

    def told(self, given: Case, asked: Record) -> list[tuple[Status, str]]:
        """What the rule says; item 5 is no better."""
        given = dc.replace(given, record=asked)
        told = found(RULE, given)
        assert item(5, given).status in {one.status for one in told} | {Status.SUSPECTED}
        for one in told:
            assert sentence(one).zh and sentence(one).en
        return [(one.status, one.message.removeprefix(RULE)) for one in told]


def results(asked: Record) -> dict[str, Result]:
    return {row.key: row.result for row in asked.rows}


def opened(patch: pytest.MonkeyPatch) -> Desk:
    """A site that has the record of `FIELDS`; whoever opens it stops its server."""
    names = Names(patch)
    names.lead(SITE, ["127.0.0.1"])
    server = Publisher()
    server.publish(f"/q?no={NUMBER}", page(), **HTML)
    server.publish(f"/q?no={KNOWN}", page(RECORDED | {"证书编号": KNOWN}), **HTML)
    return Desk(server, names)
