"""The demo registry is what the contract's tables say, and agrees with itself."""

import csv
import datetime as dt
import itertools
import re

import pytest
from publicsuffixlist import PublicSuffixList
from stdnum.cn import uscc

from samples.generator import demo

COLUMNS = {
    "labs": "lab_id,name,uscc,licence_address,aliases",
    "accreditations": "lab_id,kind,number,holder_name,address,valid_from,valid_until,status,"
    "status_on,authority",
    "scopes": "lab_id,object,parameter,standard,limitation,valid_from,valid_until",
    "signatories": "lab_id,name,scope,valid_from,valid_until,specimen",
    "seals": "lab_id,text,kind",
    "domains": "lab_id,domain",
    "memberships": "lab_id,platform,joined_on,left_on",
    "fees": "lab_id,item,unit_cost,currency,filed_on",
    "coverage": "authority_code,kind,complete_from,complete_until,source",
}
# Digits: year, authority 00-31, field 00-21, industry 00-34, serial (field notes 1.1).
CMA_NUMBER = re.compile(r"\d\d(0\d|1\d|2\d|3[01])([01]\d|2[01])([0-2]\d|3[0-4])\d{4}")
LETTER_NUMBER = re.compile(r"(19|20)\d\d\d\d\d{4}[A-Z]")
TABLES = tuple(COLUMNS)
LAB_IDS = {row["lab_id"] for row in demo.read_table("labs")}


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_the_contracts(table):
    with (demo.REGISTRY / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        assert ",".join(next(csv.reader(file))) == COLUMNS[table]


@pytest.mark.parametrize("table", [name for name in TABLES if name not in ("labs", "coverage")])
def test_every_row_belongs_to_a_laboratory(table):
    assert {row["lab_id"] for row in demo.read_table(table)} <= LAB_IDS


def test_every_name_says_that_it_is_an_example():
    for row in demo.read_table("labs"):
        names = [row["name"], *filter(None, row["aliases"].split(";"))]
        assert all(name.startswith("示例") for name in names)


def test_organisation_codes_have_right_check_characters():
    for row in demo.read_table("labs"):
        assert uscc.is_valid(row["uscc"]), row


@pytest.mark.parametrize("table", ["accreditations", "scopes", "signatories"])
def test_rights_begin_before_they_end(table):
    for row in demo.read_table(table):
        assert dt.date.fromisoformat(row["valid_from"]) <= demo.day_of(row["valid_until"]), row


def test_accreditation_numbers_are_well_formed():
    rows = [row for row in demo.read_table("accreditations") if row["kind"] == "CMA"]
    odd = [row["number"] for row in rows if not CMA_NUMBER.fullmatch(row["number"])]
    assert odd and all(LETTER_NUMBER.fullmatch(number) for number in odd)


def test_accreditation_numbers_begin_with_their_year():
    for row in demo.read_table("accreditations"):
        if row["kind"] == "CMA" and CMA_NUMBER.fullmatch(row["number"]):
            years = [
                r["valid_from"][2:4]
                for r in demo.read_table("accreditations")
                if r["number"] == row["number"]
            ]
            assert row["number"][:2] == min(years), row


def test_a_number_belongs_to_one_laboratory():
    owners = {(row["number"], row["lab_id"]) for row in demo.read_table("accreditations")}
    assert len({number for number, _ in owners}) == len(owners)


def test_a_status_other_than_valid_has_its_day():
    for row in demo.read_table("accreditations"):
        assert row["status"] in ("valid", "suspended", "revoked", "cancelled")
        assert (row["status"] == "valid") == (row["status_on"] == ""), row


def test_holders_and_seals_carry_the_registered_name():
    names = {row["lab_id"]: row["name"] for row in demo.read_table("labs")}
    for row in demo.read_table("accreditations"):
        assert row["holder_name"] == names[row["lab_id"]]
    for row in demo.read_table("seals"):
        assert row["text"] == names[row["lab_id"]]


def test_domains_are_reserved_names_and_registrable():
    suffixes = PublicSuffixList()
    for row in demo.read_table("domains"):
        assert row["domain"].endswith((".example", ".test"))
        assert suffixes.privatesuffix(f"www.{row['domain']}") == row["domain"]


def test_no_person_signs_for_two_laboratories():
    signing = {(row["name"], row["lab_id"]) for row in demo.read_table("signatories")}
    assert len({name for name, _ in signing}) == len(signing)


def test_two_laboratories_differ_by_little():
    names = [row["name"] for row in demo.read_table("labs")]
    near = [(a, b) for a, b in itertools.combinations(names, 2) if a[:-2] == b[:-1]]
    assert near == [("示例宛西玉器质量检验中心", "示例宛西玉器质量检验站")]


def test_one_laboratory_is_known_by_its_accreditation_alone():
    def known(table):
        return {row["lab_id"] for row in demo.read_table(table)}

    assert LAB_IDS - known("scopes") == LAB_IDS - known("signatories") == {"mo"}
    assert LAB_IDS - known("seals") == {"mo"}


def test_henan_is_complete_and_hubei_only_for_a_time():
    rows = {row["authority_code"]: row for row in demo.read_table("coverage")}
    assert rows["16"]["complete_until"] == ""
    assert rows["17"]["complete_until"] and "19" not in rows
