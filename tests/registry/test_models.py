"""Rows without a database: their days, their names in evidence, their identity."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from registry.models import (
    TABLES,
    Accreditation,
    Coverage,
    Fee,
    Lab,
    Membership,
    ScopeRow,
    Signatory,
)
from registry.shape import content_columns

FIRST, LAST = dt.date(2021, 5, 1), dt.date(2027, 4, 30)
DAY = dt.timedelta(days=1)

# The contract's CSV headings, word for word; `phones` is our own.
CONTRACT = {
    "labs": "lab_id, name, uscc, licence_address, aliases",
    "accreditations": "lab_id, kind, number, holder_name, address, valid_from, valid_until, "
    "status, status_on, authority",
    "scopes": "lab_id, object, parameter, standard, limitation, valid_from, valid_until",
    "signatories": "lab_id, name, scope, valid_from, valid_until, specimen",
    "seals": "lab_id, text, kind",
    "domains": "lab_id, domain",
    "phones": "lab_id, phone",
    "memberships": "lab_id, platform, joined_on, left_on",
    "fees": "lab_id, item, unit_cost, currency, filed_on",
    "coverage": "authority_code, kind, complete_from, complete_until, source",
}


def test_columns_are_the_contracts() -> None:
    """A renamed column would refuse every file that operators have."""
    assert {name: ", ".join(content_columns(model)) for name, model in TABLES.items()} == CONTRACT


@pytest.mark.parametrize(
    "row",
    [
        Accreditation(lab_id="a", kind="CMA", number="1", valid_from=FIRST, valid_until=LAST),
        ScopeRow(lab_id="a", object="翡翠", valid_from=FIRST, valid_until=LAST),
        Signatory(lab_id="a", name="王", valid_from=FIRST, valid_until=LAST),
        Membership(lab_id="a", platform="p", joined_on=FIRST, left_on=LAST),
        Coverage(authority_code="16", kind="CMA", complete_from=FIRST, complete_until=LAST),
    ],
    ids=lambda row: type(row).__name__,
)
def test_first_and_last_day_are_included(
    row: Accreditation | ScopeRow | Signatory | Membership | Coverage,
) -> None:
    """A certificate of the last day would be called expired."""
    assert row.holds_on(FIRST)
    assert row.holds_on(LAST)
    assert not row.holds_on(FIRST - DAY)
    assert not row.holds_on(LAST + DAY)


def test_open_ends_hold_for_ever() -> None:
    """A row without days would never hold."""
    row = Accreditation(lab_id="a", kind="CMA", number="1")
    assert row.holds_on(dt.date.min)
    assert row.holds_on(dt.date.max)


def test_fee_holds_from_its_filing() -> None:
    """A fee filed later would be held against an earlier certificate."""
    fee = Fee(lab_id="a", item="x", unit_cost=Decimal("38"), filed_on=FIRST)
    assert fee.holds_on(FIRST)
    assert not fee.holds_on(FIRST - DAY)


def test_status_counts_from_its_day() -> None:
    """Certificates from before a revocation would be called revoked."""
    row = Accreditation(
        lab_id="a", kind="CMA", number="1", status="revoked", status_on=dt.date(2024, 1, 10)
    )
    assert row.status_at(dt.date(2024, 1, 9)) == "valid"
    assert row.status_at(dt.date(2024, 1, 10)) == "revoked"


def test_status_without_its_day_is_unknown() -> None:
    """A revocation of unknown date would be held against every certificate ever made."""
    row = Accreditation(lab_id="a", kind="CMA", number="1", status="revoked")
    assert row.status_at(FIRST) == "unknown"
    valid = Accreditation(lab_id="a", kind="CMA", number="1")
    assert valid.status_at(FIRST) == "valid"


def test_rows_name_themselves() -> None:
    """Evidence could not be traced to its row."""
    held = Accreditation(lab_id="yuan", kind="CMA", number="211601060417")
    assert held.source == "accreditations: yuan/CMA/211601060417"
    assert ScopeRow(lab_id="yuan", standard="GB/T 1").source == "scopes: yuan/GB/T 1"
    covered = Coverage(authority_code="16", kind="CMA", source="名录")
    assert (covered.row_source, covered.source) == ("coverage: 16/CMA", "名录")


def test_lists_take_both_semicolons() -> None:
    """A list typed on a Chinese keyboard would be one long name."""
    assert Signatory(lab_id="a", name="王", scope="翡翠；和田玉; ").objects == ("翡翠", "和田玉")
    assert Lab(lab_id="a", name="n", aliases="").alias_names == ()


def test_same_row_cannot_be_stored_twice(session: Session) -> None:
    """Open days are NULL, which SQL never holds equal; rows would double at every import."""
    session.add(Lab(lab_id="a", name="n"))
    session.add(ScopeRow(lab_id="a", object="翡翠"))
    session.commit()
    session.add(ScopeRow(lab_id="a", object="翡翠", valid_until=LAST))
    with pytest.raises(IntegrityError):
        session.commit()
