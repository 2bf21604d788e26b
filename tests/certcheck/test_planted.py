"""What would break: an honest certificate accused, a planted sign of item 5 not seen.

The whole judge over the demo registry, with a perfect reading of every plan of the
generator: whatever goes wrong here is no recogniser's doing.
"""

import numpy as np
import pytest

from certcheck.finding import Status
from certcheck.rules.framework import judge
from registry.lookup import Registry
from samples.generator import faults
from tests.certcheck import paper

SEEDS = (11, 12)
ACCUSED = (Status.INCONSISTENT, Status.SUSPECTED)
SIGNS = [name for name in faults.names() if faults.plan(name).item == 5]


@pytest.fixture(scope="module")
def known() -> Registry:
    return paper.registry()


@pytest.mark.parametrize("plan", ["", *faults.names(honest=True)])
def test_no_honest_certificate_is_accused(plan: str, known: Registry) -> None:
    for seed in SEEDS:
        results = judge(paper.case_of(plan, seed, known))
        accused = [one for one in results if one.status in ACCUSED]
        assert accused == []
        if faults.plan(plan).labs != ("outside",):
            assert results[4].status is Status.CONSISTENT


@pytest.mark.parametrize("plan", SIGNS)
def test_every_planted_sign_is_seen_and_nothing_else(plan: str, known: Registry) -> None:
    for seed in SEEDS:
        results = judge(paper.case_of(plan, seed, known))
        assert [one.item for one in results if one.status in ACCUSED] == [5]
        assert results[4].status is Status.SUSPECTED


@pytest.mark.parametrize("plan", faults.names(honest=False))
def test_items_6_to_8_blame_nobody_whatever_is_planted(plan: str, known: Registry) -> None:
    results = judge(paper.case_of(plan, SEEDS[0], known))
    told = {Status.CONSISTENT, Status.ADVICE, Status.NOT_APPLICABLE}
    assert {one.status for one in results[5:]} <= told
    assert results[5].status is Status.NOT_APPLICABLE


def test_the_paper_is_read_as_it_was_drawn() -> None:
    cert = faults.carry_out(faults.plan(""), None, np.random.default_rng(1))
    reading = paper.reading_of(cert)
    assert reading.fields["certificate_no"].text == cert.values["certificate_no"].truth
    assert reading.codes[0].text == cert.query
