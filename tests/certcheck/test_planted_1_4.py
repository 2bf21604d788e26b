"""What would break: a planted fault of items 1 to 4 not seen, an honest certificate not cleared.

As `test_planted`: a perfect reading, so that nothing here is a recogniser's doing.
"""

import pytest

from certcheck.finding import Status
from certcheck.rules.framework import ItemResult, judge
from registry.lookup import Registry
from samples.generator import faults
from tests.certcheck import paper

SEEDS = (31, 32)
ACCUSED = (Status.INCONSISTENT, Status.SUSPECTED)
# A forged hand and a mark are seen in the picture alone, which a perfect reading is without.
IN_PICTURE = ("approver_hand_forged", "cal_mark_invented")
FAULTS = [
    name
    for name in faults.names(honest=False)
    if faults.plan(name).item in (1, 2, 3, 4) and name not in IN_PICTURE
]
# Laboratories of which the registry knows little or nothing: no more than unverifiable.
UNKNOWN = [("outside",), ("mo",)]
HONEST = [name for name in faults.names(honest=True) if faults.plan(name).labs not in UNKNOWN]


@pytest.fixture(scope="module")
def known() -> Registry:
    return paper.registry()


def first_four(plan: str, seed: int, known: Registry) -> tuple[ItemResult, ...]:
    return judge(paper.case_of(plan, seed, known))[:4]


@pytest.mark.parametrize("plan", ["", *HONEST])
def test_honest_certificates_are_cleared(plan: str, known: Registry) -> None:
    for seed in SEEDS:
        results = first_four(plan, seed, known)
        assert [one for one in results if one.status is not Status.CONSISTENT] == []


@pytest.mark.parametrize("plan", FAULTS)
def test_every_planted_fault_is_seen_at_its_item(plan: str, known: Registry) -> None:
    row = faults.plan(plan)
    for seed in SEEDS:
        results = first_four(plan, seed, known)
        status = results[(row.item or 1) - 1].status
        if row.expect[str(row.item)] == "unverifiable":
            assert status is Status.UNVERIFIABLE
        else:
            assert status in ACCUSED
        if row.labs not in UNKNOWN:
            others = {one.status for one in results if one.item != row.item}
            assert others == {Status.CONSISTENT}, results
