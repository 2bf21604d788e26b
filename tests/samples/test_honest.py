"""Honest certificates keep every rule that a check may hold against them.

The rules are written out here once more, from the contract and the registry tables, so
that a slip in the drafting does not turn into a laboratory accused by the benchmark.
"""

import datetime as dt
import functools

import numpy as np
import pytest

from samples.generator import content, demo, draft, faults

SEEDS = range(6)
NOT_TESTED = ("未检", "未测", "不可测", "样品条件所限", "—")
FIRST_DAY = {
    "GB/T 16552-2017": dt.date(2018, 5, 1),
    "GB/T 16553-2017": dt.date(2018, 5, 1),
    "GB/T 16552-2010": dt.date(2011, 2, 1),
    "GB/T 16553-2010": dt.date(2011, 2, 1),
    "GB/T 38821-2020": dt.date(2020, 12, 1),
    "GB/T 34098-2017": dt.date(2018, 2, 1),
}
LAST_DAY = {
    "GB/T 16552-2010": dt.date(2018, 4, 30),
    "GB/T 16553-2010": dt.date(2018, 4, 30),
}


@functools.cache
def certificates():
    """Of every honest plan and laboratory; drafted once a test asks, which few workers do."""
    plans = map(faults.plan, ("", *faults.names(honest=True)))
    return tuple(
        faults.carry_out(plan, lab_id, np.random.default_rng(seed))
        for plan in plans
        for lab_id in plan.labs
        for seed in SEEDS
    )


def known():
    return [cert for cert in certificates() if cert.lab.lab_id != demo.UNREGISTERED]


def text(cert, key):
    return str(cert.values[key].truth)


def test_the_number_is_the_laboratorys_and_valid_on_the_day():
    for cert in certificates():
        right = cert.lab.accredited("CMA", cert.day)
        assert right is not None, (cert.lab.lab_id, cert.day)
        assert text(cert, "cma_no") == right.row["number"]


def test_the_date_lies_in_the_past_of_every_check():
    assert max(cert.day for cert in certificates()) <= demo.LATEST_ISSUE


def test_the_approver_may_sign_this_piece_on_the_day():
    for cert in known():
        metal = text(cert, "metal") if "metal" in cert.values else ""
        fields = [
            right.row["scope"]
            for right in cert.lab.signatories
            if right.holds(cert.day) and right.row["name"] == text(cert, "approver")
        ]
        if cert.lab.signatories:
            assert any(content.can_sign(f, cert.species, metal) for f in fields), cert.lab.lab_id


def test_stone_metal_and_standards_are_within_the_scope_of_the_day():
    for cert in known():
        if not cert.lab.scopes:
            continue
        rows = [right.row for right in cert.lab.scopes if right.holds(cert.day)]
        objects = {row["object"] for row in rows}
        assert objects & {cert.species, content.ALL_GEMS}
        assert "metal" not in cert.values or content.METALS in objects
        assert set(cert.values["standards"].truth) <= {row["standard"] for row in rows}


def test_only_listed_parameters_are_reported_where_the_scope_lists_them():
    for cert in certificates():
        if content.parameters(cert.lab, cert.day):
            assert not {"fluorescence", "metal"} & set(cert.values)
            assert cert.extras == ()


def test_standards_are_in_force_on_the_day():
    for cert in certificates():
        for name in cert.values["standards"].truth:
            assert FIRST_DAY.get(name, dt.date.min) <= cert.day, (name, cert.day)
            assert cert.day <= LAST_DAY.get(name, dt.date.max), (name, cert.day)


def test_constants_lie_within_the_species_range():
    for cert in certificates():
        stone = draft.stones()[cert.species]
        density = text(cert, "density")
        if density[0].isdigit():
            assert float(stone["sg_low"]) <= float(density) <= float(stone["sg_high"])
        index = text(cert, "refractive_index")
        if index not in NOT_TESTED:
            low = float(index.replace("~", "-").replace("(", "-").split("-")[0])
            assert float(stone["ri_low"]) <= low <= float(stone["ri_high"])


def test_name_seal_and_address_are_registered():
    for cert in known():
        assert text(cert, "lab_name") in (cert.lab.name, *cert.lab.aliases)
        assert cert.seal_name == cert.lab.name
        sites = {right.row["address"] for right in cert.lab.accreditations}
        assert any(site.endswith(text(cert, "address")) for site in sites)


def test_the_qr_code_leads_to_the_laboratory_and_names_the_certificate():
    for cert in known():
        if cert.lab.domain and cert.query:
            assert cert.lab.domain in cert.query
            assert text(cert, "certificate_no") in cert.query or cert.query.endswith("/query")


@pytest.mark.parametrize("lab_id", ["yuan", "feng", "tuo"])
def test_numbers_that_hold_a_date_hold_the_printed_one(lab_id):
    own = [cert for cert in certificates() if cert.lab.lab_id == lab_id]
    assert own and all(f"{cert.day:%y%m%d}" in text(cert, "certificate_no") for cert in own)


def test_inspector_and_checker_are_two_other_people():
    for cert in certificates():
        three = {text(cert, key) for key in ("inspector", "checker", "approver")}
        assert len(three) == 3


@pytest.mark.parametrize(
    ("lab_id", "day", "quoted"),
    [
        ("yuan", dt.date(2013, 5, 18), ("GB 11887-2012",)),
        ("yuan", dt.date(2014, 7, 1), ("GB/T 18043-2013", "GB 11887-2012")),
        ("zhai", dt.date(2013, 4, 30), ("GB/T 18043-2008", "GB 11887-2008")),
        ("zhai", dt.date(2021, 1, 1), ("GB/T 18043-2013", "GB 11887-2012")),
    ],
)
def test_metals_are_tested_by_standards_of_the_day(lab_id, day, quoted):
    assert content.metal_standards(demo.labs()[lab_id], day) == quoted
