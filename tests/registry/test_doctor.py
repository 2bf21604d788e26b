"""What would break: a slip in the registry that stays until it accuses an honest laboratory.

A sound registry has no finding; then each case puts one thing wrong, and exactly that is found.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlmodel import Session, select

from certcheck import messages
from registry.days import today
from registry.doctor.examine import STALE_AFTER, examine
from registry.doctor.findings import LEVELS, PREFIX, Finding
from registry.imports import ImportRecord
from registry.models import SPECIMEN_HASH, Signatory
from tests.registry.lists import load

LISTED = dt.date(2026, 11, 1)
DAY = dt.date(2026, 11, 21)

NANYANG = "河南省南阳市镇平县玉都大道88号"
GUANGZHOU = "广东省广州市番禺区样珠大道99号"
# Codes whose check digits are right, of no real body.
CODES = ("9141132400XHL0010J", "5241132400XHL0020L")
Tables = Mapping[str, list[str]]
SOUND: Tables = {
    "labs": [
        f"a,甲玉石检测有限公司,{CODES[0]},{NANYANG},甲玉检",
        f"b,乙珠宝检验中心,{CODES[1]},{GUANGZHOU},",
    ],
    "accreditations": [
        f"a,CMA,151601060001,甲玉石检测有限公司,{NANYANG},2015-09-01,2021-08-31,valid,,局",
        f"a,CMA,211601060417,甲玉石检测有限公司,{NANYANG},2021-09-01,2024-02-29,valid,,局",
        f"a,CMA,211601060417,甲玉石检测有限公司,{NANYANG},2024-03-01,2024-09-30,suspended,2024-03-01,局",
        f"a,CMA,211601060417,甲玉石检测有限公司,{NANYANG},2024-10-01,2027-08-31,valid,,局",
        f"a,CNAS,CNAS L0290,甲玉检,{NANYANG},2018-06-15,2030-06-14,valid,,委员会",
        f"b,CMA,2012190264Z,乙珠宝检验中心,{GUANGZHOU},2012-09-01,2015-08-31,valid,,局",
        f"b,CMA,211920340126,乙珠宝检验中心,{GUANGZHOU},2021-09-01,2027-08-31,valid,,局",
    ],
    "scopes": [
        "a,珠宝玉石,,GB/T 16553-2010,,2015-09-01,2018-04-30",
        "a,珠宝玉石,,GB/T 16553-2017,,2018-05-01,",
        "b,翡翠,,GB/T 16553-2017,,2021-09-01,",
        "b,翡翠,,GB/T 16553-2017,只测手镯,2022-01-01,",
    ],
    "signatories": [
        "a,沈怀瑾,全部,2015-09-01,2020-12-31,",
        "a,顾明哲,翡翠,2015-09-01,,",
        "b,沈怀瑾,全部,2021-01-01,,",
    ],
    "seals": ["a,甲玉石检测有限公司,检验检测专用章", "b,乙珠宝检验中心,检验检测专用章"],
    "domains": ["a,jia.example", "b,yi.example"],
    "memberships": ["a,平台,2022-01-10,2023-01-09", "a,平台,2023-01-10,"],
    "coverage": ["16,CMA,2012-01-01,2019-12-31,名录", "16,CMA,2020-01-01,,名录"],
}


def examined(session: Session, tmp_path: Path, tables: Tables) -> list[Finding]:
    load(session, tmp_path / "tables", LISTED, **tables)
    return list(examine(session, DAY))


def test_a_sound_registry_has_no_finding(session: Session, tmp_path: Path) -> None:
    assert examined(session, tmp_path, SOUND) == []


HELD = f"甲玉石检测有限公司,{NANYANG}"
CASES = [
    ("several_names", ["c"], {"labs": ["c,丙玉石检验站（原：丁检测站）,,,"]}),
    ("several_addresses", ["c"], {"labs": [f"c,丙玉石检验站,,{GUANGZHOU}；镇平县甲路1号,"]}),
    ("several_signatories", ["a"], {"signatories": ["a,韩玉、白云,翡翠,2015-09-01,,"]}),
    ("heading_as_scope", ["a"], {"scopes": ["a,检测对象,,GB/T 16553-2017,只测手镯,2015-09-01,"]}),
    ("heading_as_scope", ["a"], {"scopes": ["a,顾明哲,,GB/T 16553-2017,只测手镯,2015-09-01,"]}),
    ("rights_overlap", ["a"], {"scopes": ["a,珠宝玉石,,GB/T 16553-2017,,2024-01-01,"]}),
    ("rights_overlap", ["a"], {"signatories": ["a,顾明哲,翡翠,2020-01-01,2020-01-01,"]}),
    ("rights_overlap", ["a"], {"memberships": ["a,平台,2024-01-01,2024-12-31"]}),
    (
        "rights_overlap",
        ["a"],
        {"accreditations": [f"a,CMA,211601060417,{HELD},2025-01-01,2026-01-01,valid,,局"]},
    ),
    (
        "status_conflict",
        ["a"],
        {
            "accreditations": [
                f"a,CMA,211601060417,{HELD},2025-01-01,2026-01-01,revoked,2025-06-01,局"
            ]
        },
    ),
    (
        "two_numbers",
        ["a"],
        {"accreditations": [f"a,CMA,210001060001,{HELD},2021-09-01,2027-08-31,valid,,局"]},
    ),
    (
        "term_too_long",
        ["a"],
        {"accreditations": [f"a,CMA,090001060001,{HELD},2009-09-01,2015-09-02,valid,,局"]},
    ),
    (
        "term_open",
        ["a"],
        {"accreditations": [f"a,CMA,210001060001,甲玉检,{GUANGZHOU},2021-09-01,,valid,,局"]},
    ),
    (
        "holder_differs",
        ["a"],
        {
            "accreditations": [
                "a,CAL,(2021)016号,丙检测有限公司,河南省郑州市金水区一路1号,2021-09-01,2027-08-31,valid,,局"
            ]
        },
    ),
    (
        "cma_number_form",
        ["a"],
        {"accreditations": [f"a,CMA,21160106041,{HELD},2009-09-01,2012-08-31,valid,,局"]},
    ),
    (
        "cnas_number_form",
        ["a"],
        {"accreditations": [f"a,CNAS,CNAS L29,{HELD},2009-09-01,2012-08-31,valid,,局"]},
    ),
    (
        "status_without_day",
        ["a"],
        {"accreditations": [f"a,CMA,091601060001,{HELD},2009-09-01,2012-08-31,revoked,,局"]},
    ),
    (
        "status_outside_term",
        ["a"],
        {
            "accreditations": [
                f"a,CMA,091601060001,{HELD},2009-09-01,2012-08-31,revoked,2013-01-01,局"
            ]
        },
    ),
    (
        "number_shared",
        ["a", "b"],
        {
            "accreditations": [
                f"b,CMA,151601060001,乙珠宝检验中心,{GUANGZHOU},2016-09-01,2017-08-31,valid,,局"
            ]
        },
    ),
    ("seal_of_another", ["b", "a"], {"seals": ["b,甲玉石检测有限公司,检验检测专用章"]}),
    ("name_shared", ["a", "c"], {"labs": ["c,甲玉检,,,"]}),
    ("uscc_check_digit", ["c"], {"labs": ["c,丙检测站,9141132400XHL0010K,,"]}),
    ("uscc_shared", ["a", "c"], {"labs": [f"c,丙检测站,{CODES[0]},,"]}),
    ("domain_shared", ["a", "b"], {"domains": ["b,jia.example"]}),
    ("signatory_namesakes", ["a", "b"], {"signatories": ["b,顾明哲,全部,2021-01-01,,"]}),
    (
        "signatory_two_labs",
        ["a", "c"],
        {
            "labs": ["c,丙检测站,,河南省南阳市宛城区二路2号,"],
            "accreditations": [
                "c,CMA,211620340305,丙检测站,河南省南阳市宛城区二路2号,2021-09-01,2027-08-31,valid,,局"
            ],
            "signatories": ["c,顾明哲,全部,2021-09-01,,"],
        },
    ),
    (
        "rights_without_accreditation",
        ["c"],
        {"labs": ["c,丙检测站,,,"], "scopes": ["c,翡翠,,,,2021-01-01,"]},
    ),
    (
        "open_after_end",
        ["c"],
        {
            "labs": ["c,丙检测站,,,"],
            "accreditations": ["c,CMA,201621340077,丙检测站,,2020-08-12,2026-08-11,valid,,局"],
            "signatories": ["c,陈一,全部,2021-01-01,,"],
        },
    ),
    (
        "open_after_end",
        ["c"],
        {
            "labs": ["c,丙检测站,,,"],
            "accreditations": [
                "c,CMA,221621340077,丙检测站,,2022-08-12,2028-08-11,revoked,2025-01-01,局"
            ],
            "scopes": ["c,翡翠,,,,2021-01-01,"],
        },
    ),
    ("coverage_future", [], {"coverage": ["19,CMA,2020-01-01,2026-12-31,名录"]}),
    ("coverage_empty", [], {"coverage": ["17,CMA,2020-01-01,2020-12-31,名录"]}),
    ("coverage_overlap", [], {"coverage": ["16,CMA,2019-12-31,2019-12-31,名录"]}),
    ("coverage_without_source", [], {"coverage": ["16,CMA,2010-01-01,2010-12-31, "]}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "labs", "wrong"), CASES, ids=[case[0] for case in CASES])
def test_one_thing_wrong_is_one_finding(
    session: Session, tmp_path: Path, kind: str, labs: list[str], wrong: Tables
) -> None:
    tables = {name: [*lines, *wrong.get(name, [])] for name, lines in SOUND.items()}
    [finding] = examined(session, tmp_path, tables)
    assert (finding.kind, list(finding.labs)) == (kind, labs)
    told = messages.text(finding.code, **finding.details)
    assert "{" not in told.zh + told.en


def test_a_claim_without_end_grows_stale_and_a_newer_list_renews_it(
    session: Session, tmp_path: Path
) -> None:
    listed = dt.date(2026, 7, 1)
    load(session, tmp_path / "tables", listed, **SOUND)
    last = listed + dt.timedelta(days=STALE_AFTER)
    assert list(examine(session, last)) == []
    [stale] = examine(session, last + dt.timedelta(days=1))
    assert (stale.kind, stale.details["newest"]) == ("coverage_stale", "2026-07-01")
    assert list(examine(session, last, stale_after=5)) != []
    load(session, tmp_path / "tables", last, **SOUND)
    assert list(examine(session, last + dt.timedelta(days=1))) == []


def test_a_list_of_a_day_to_come(session: Session, tmp_path: Path) -> None:
    """It was taken before such lists were refused, or by a clock that was wrong."""
    load(session, tmp_path / "tables", LISTED, **SOUND)
    record = session.exec(select(ImportRecord)).one()
    record.list_date = today() + dt.timedelta(days=1)
    session.commit()
    [finding] = examine(session, DAY)
    assert (finding.kind, finding.details["number"]) == ("list_of_the_future", "1")


def test_one_signature_for_two_people(session: Session, tmp_path: Path) -> None:
    load(session, tmp_path / "tables", LISTED, **SOUND)
    picture = SPECIMEN_HASH + hashlib.sha256(b"ink").hexdigest()
    for lab_id, name in (("a", "周一"), ("b", "吴二")):
        session.add(Signatory(lab_id=lab_id, name=name, specimen=f"{name}.png{picture}"))
    session.commit()
    [finding] = examine(session, DAY)
    assert (finding.kind, finding.labs) == ("specimen_shared", ("a", "b"))
    assert "周一" in finding.details["names"] and "吴二" in finding.details["names"]


def test_every_kind_has_its_sentence_and_its_case() -> None:
    written = {code for code in messages.catalogue() if code.startswith(PREFIX)}
    assert written == {PREFIX + kind for kind in LEVELS}
    elsewhere = {"coverage_stale", "specimen_shared", "list_of_the_future"}
    assert {case[0] for case in CASES} | elsewhere == set(LEVELS)
