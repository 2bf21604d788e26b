"""Laboratories' own records beside generated certificates: how often an honest one is suspected.

    python -m tests.benchmarks.records --papers 500

Each certificate is looked up, by the product's own code, at a real server on this machine that
has its record, in one of many layouts and ways to write a value; then as a paper that bears the
number of another piece, and as one on which one value was changed. The papers are read by a perfect
reader: what is measured is asking, understanding and comparing.
"""

from __future__ import annotations

import argparse
import dataclasses as dc
import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from certcheck.case import Case
from certcheck.finding import Status
from certcheck.record.ask import Asker, Mode
from certcheck.record.model import Outcome, Record
from certcheck.record.sites import Site, Sites
from certcheck.rules import framework
from ocr.reading import Field
from registry.days import CHINA
from tests.benchmarks.rule_rates import keep_made
from tests.certcheck import paper
from tests.certcheck.names import Names
from tests.registry.publisher import Publisher

RULE = "item5.record"
# What sites call the fields: labels that certificates have too, as sites mix them.
LABELS: Mapping[str, tuple[str, ...]] = {
    "certificate_no": ("证书编号", "编号", "证书号", "Certificate No.", "证书编号 Certificate No."),
    "conclusion": ("检验结论", "鉴定结果", "检测结论", "检测结果", "结论"),
    "mass": ("总质量", "质量", "总质量（g）", "质量(g)", "重量", "Total Mass"),
    "shape": ("形状", "外观"),
    "colour": ("颜色",),
    "refractive_index": ("折射率", "折射率 R.I."),
    "density": ("密度", "密度（g/cm3）"),
    "issue_date": ("签发日期", "检测日期", "出证日期", "日期"),
}
# Charset of the page, and what its head says.
CHARSETS = (("utf-8", "; charset=utf-8"), ("gbk", "; charset=gb2312"), ("gb18030", ""))
EDITED = ("mass", "conclusion", "density")
OTHER_STONES = ("石英岩玉", "萤石", "玻璃", "合成立方氧化锆", "方解石")


@dc.dataclass(frozen=True, slots=True)
class Result:
    """Outcomes by the kind of paper, and how many of each the rule suspected."""

    honest: Counter[Outcome]
    cloned: Counter[Outcome]
    edited: Counter[Outcome]
    suspected: Counter[str]


class Bench:
    """A server that has records, and who asks it.

    Args:
        patch: leads the laboratories' hosts to this machine.
        seed: of layouts and ways to write.
    """

    def __init__(self, patch: pytest.MonkeyPatch, seed: int = 1) -> None:
        self._server = Publisher()
        self._names = Names(patch)
        self._rng = random.Random(seed)
        self._registry = paper.registry()
        for domain in self._registry.sites():
            self._names.lead(f"www.{domain}", ["127.0.0.1"])

    def stop(self) -> None:
        """Ends the server."""
        self._server.stop()

    def measure(self, papers: int) -> Result:
        """Looks so many certificates up, each in all three ways."""
        found = Result(Counter(), Counter(), Counter(), Counter())
        (rule,) = [one for one in framework.all_rules() if one.id == RULE]
        cases = [paper.case_of("", seed, self._registry) for seed in range(papers + 1)]
        for one, other in zip(cases, cases[1:], strict=False):
            if one.lab is None or not one.lab.domains or "mass" not in one.reading.fields:
                continue
            changed = self._changed(one)
            for kind, case, recorded in (
                ("honest", one, one), ("cloned", one, other), ("edited", changed, one),
            ):  # fmt: skip
                came = self._asked(case, recorded)
                getattr(found, kind)[came.outcome] += 1
                judged = framework.run(rule, dc.replace(case, record=came))
                found.suspected[kind] += any(f.status is Status.SUSPECTED for f in judged)
        return found

    def _asked(self, case: Case, recorded: Case) -> Record:
        """A paper looked up where its number has the record of another paper, or its own."""
        assert case.lab is not None
        domain, number = case.lab.domains[0].domain, case.reading.fields["certificate_no"].text
        values = {
            key: self._written(key, field.text)
            for key, field in recorded.reading.fields.items() if key in LABELS
        } | {"certificate_no": number}  # fmt: skip
        body, kind = self._page(values)
        self._server.publish(f"/{number}", body, Content_Type=kind)
        address = f"http://www.{domain}:{self._server.port}/{{certificate_no}}"
        return Asker(Mode.LOCAL, Sites([Site(domain, address=address)])).ask(case)

    def _written(self, key: str, text: str) -> str:
        """A value as a database may have it."""
        rng = self._rng
        if key == "issue_date":
            year, month, day = text.split("-")
            midnight = dt.datetime.fromisoformat(text).replace(tzinfo=CHINA)
            greenwich = midnight.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
            since_1970 = str(int(midnight.timestamp()) * 1000)
            chinese = f"{year}年{month}月{day}日"
            return rng.choice((text, chinese, f"{year}/{month}/{day}", greenwich, since_1970))
        if key == "mass" and text.replace(".", "").isdigit():
            carats = f"{(Decimal(text) * 5).normalize():f}ct"
            bare = carats.removesuffix("ct")
            return rng.choice((text, f"{text}g", f"{text} 克", f"{text}0 g", carats, bare))
        if key == "conclusion":
            return rng.choice((text, text, f"天然{text}" if text.startswith("翡翠") else text))
        return rng.choice((text, f" {text} "))

    def _page(self, values: Mapping[str, str]) -> tuple[bytes, str]:
        """The record in one of the layouts that query sites have."""
        rng = self._rng
        labelled = [(rng.choice(_labels(key, text)), text) for key, text in values.items()]
        layout = rng.randrange(6)
        if layout == 0:
            told = {"code": 0, "data": dict(labelled)}
            return json.dumps(told, ensure_ascii=False).encode(), "application/json"
        pairs = {
            1: "<tr><th>{}</th><td>{}</td></tr>",
            2: "<dt>{}：</dt><dd>{}</dd>",
            3: "<p>{}：{}</p>",
            4: "<li><span>{}</span><span>{}</span></li>",
            5: "<td>{}</td><td>{}</td>",
        }
        inner = "".join(pairs[layout].format(*pair) for pair in labelled)
        around = {1: "<table>{}</table>", 2: "<dl>{}</dl>", 5: "<table><tr>{}</tr></table>"}
        body = around.get(layout, "<div>{}</div>").format(inner)
        page = (
            f"<html><head><title>证书查询</title></head><body><h1>查询结果</h1>{body}<p>免责声明："
            "本查询结果仅供参考，以实物证书为准。</p><p>联系电话：0377-55500136</p></body></html>"
        )
        charset, said = rng.choice(CHARSETS)
        return page.encode(charset, "xmlcharrefreplace"), f"text/html{said}"

    def _changed(self, case: Case) -> Case:
        """The paper with one value changed, as a forger would."""
        fields = dict(case.reading.fields)
        key = self._rng.choice([one for one in EDITED if _figure(fields, one)] or ["conclusion"])
        text = fields[key].text
        if key == "conclusion":
            new = next(one for one in OTHER_STONES if one not in text)
        else:
            new = str((Decimal(text) * Decimal("1.3")).quantize(Decimal("0.01")))
        fields[key] = dc.replace(fields[key], value=new, raw=new)
        reading = dc.replace(case.reading, fields=fields)
        return dc.replace(case, reading=reading, witness=paper.Print(reading))


def _labels(key: str, text: str) -> list[str]:
    """Labels for a value: a bare figure, which may be carats, under none that says grams."""
    bare = key == "mass" and text[-1].isdigit()
    return [label for label in LABELS[key] if not (bare and label.endswith((")", "）")))]


def _figure(fields: Mapping[str, Field], key: str) -> bool:
    field = fields.get(key)
    return field is not None and (key == "conclusion" or field.text.replace(".", "").isdigit())


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=500)
    parser.add_argument("--rates", type=Path, help="a file for tests.benchmarks.rule_rates")
    asked = parser.parse_args()
    with pytest.MonkeyPatch.context() as patch:
        bench = Bench(patch)
        result = bench.measure(asked.papers)
        bench.stop()
    for name in ("honest", "cloned", "edited"):
        counts: Counter[Outcome] = getattr(result, name)
        print(name, {str(outcome): count for outcome, count in counts.items()})
    print("suspected by the rule", dict(result.suspected))
    if asked.rates:
        of, told = result.honest.total(), result.suspected
        row = (of, told["honest"], 2 * of, told["cloned"] + told["edited"])
        how = (
            "made records of the demo laboratories' papers at a real server: the paper's own,"
            " another piece's, and its own beside a paper with one value changed"
            " (`python -m tests.benchmarks.records`)."
        )
        keep_made(asked.rates, how, {RULE: row})


if __name__ == "__main__":
    main()
