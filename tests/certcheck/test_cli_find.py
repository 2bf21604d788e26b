"""`certcheck registry find`: which laboratory is meant, how sure that is, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import Session

from certcheck import messages
from certcheck.cli import cli
from registry import store
from registry.found import Answer, evidence_of
from tests.registry.conftest import fill


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("find") / "registry.sqlite"
    address = f"sqlite:///{path}"
    with Session(store.open_registry(address)) as session:
        fill(session)
    return address


def said(answer: Answer, **details: str) -> str:
    told = messages.text(f"registry.find.{answer}", **{"odd": "", "percent": "", **details}).zh
    return told.split("，")[0]


@pytest.mark.parametrize(
    ("words", "answer", "lab", "why"),
    [
        # To the letter, and its neighbour kept apart.
        ("示例宛西玉器质量检验站", Answer.SURE, "zhan", "[中心 > 站]"),
        # 站 and 中心 are there, 所 is not.
        ("示例宛西玉器质量检验所", Answer.ALIKE, "zhan", "[站 > 所]"),
        # What may be misread on a photo may be another name on paper.
        ("示例像玉宝石鉴定研究院", Answer.SLIP, "yu", "[豫 > 像]"),
        # Its own name, and the start of another's.
        ("示例岭南首饰检测", Answer.UNCLEAR, "stem", "[有限公司 >]"),
        ("国家级示例豫玉宝石鉴定研究院", Answer.ALIKE, "yu", "[> 国家级]"),
        ("示例豫玉宝石鉴定研究院南阳分中心 211620110004", Answer.ALIKE, "yu", "= cma_no"),
        # Two at one door; the address taken apart.
        ("镇平县石佛寺镇玉都大道88号", Answer.UNCLEAR, "door", "county=镇平县  town=石佛寺镇"),
        ("cx.yu.example", Answer.UNCLEAR, "yu", "= domain"),
    ],
)
def test_it_says_how_sure_and_why(url: str, words: str, answer: Answer, lab: str, why: str) -> None:
    """An operator would take a look-alike's name for the laboratory that it imitates."""
    told = CliRunner().invoke(cli, ["registry", "find", *words.split(), "--database", url])
    assert told.exit_code == 0, told.output
    name = next(line.split()[1] for line in told.stdout.splitlines() if line.startswith(lab))
    assert said(answer, lab=name) in told.stdout.splitlines()[-1]
    assert why in told.stdout


def test_nobody_is_found_and_nothing_is_asked(url: str) -> None:
    """Whatever is typed, somebody would be named."""
    none = CliRunner().invoke(cli, ["registry", "find", "张三", "--database", url])
    assert none.exit_code == 0 and said(Answer.NONE) in none.stdout
    assert CliRunner().invoke(cli, ["registry", "find", "--database", url]).exit_code == 2


def test_a_program_reads_it(url: str) -> None:
    words = ["registry", "find", "--seal", "示例宛西玉器质量检验站", "--number", "211620110003"]
    told = CliRunner().invoke(cli, [*words, "--json", "--database", url]).stdout.splitlines()
    first = json.loads(told[0])
    assert first["lab_id"] == "zhan" and first["matched_by"] == ["cma_no", "seal"]
    assert first["confidence"] > 0.999 and first["why"][0]["sign"] == "="


def test_words_are_taken_for_what_they_look_like() -> None:
    """A number would be looked for among the names."""
    words = ("示例豫玉", "CNAS L0290", "211620110004", "0377-12345678", "https://a.example/x")
    told = evidence_of((*words, "郑州市金水区例行路112号"))
    assert (told.lab_name, told.cnas_no, told.cma_no, told.phone, told.hosts, told.address) == (
        "示例豫玉", "CNAS L0290", "211620110004", "0377-12345678", ("https://a.example/x",),
        "郑州市金水区例行路112号",
    )  # fmt: skip
