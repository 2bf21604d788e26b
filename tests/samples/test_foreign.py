"""What would break: reports from abroad that say what their truth does not, or real names."""

import json
from decimal import Decimal

import numpy as np
import pytest

from certcheck import abroad
from samples.generator import foreign


@pytest.mark.parametrize("layout", foreign.layouts())
def test_a_report_is_what_its_truth_says(layout):
    sample = foreign.make(11, layout=layout)
    truth = sample.truth
    assert json.loads(json.dumps(truth)) == truth
    assert {"lab_name", "certificate_no", "issue_date", "mass", "shape", "colour",
            "website", "remarks"} <= truth["fields"].keys()  # fmt: skip
    assert not {"cma_no", "approver"} & truth["fields"].keys()
    carats = truth["printed"]["mass"]
    assert carats["unit"] == "ct"
    assert Decimal(truth["fields"]["mass"]) == Decimal(carats["printed"]) * Decimal("0.2")
    tall, wide = sample.image.shape[:2]
    boxes = np.array([*truth["boxes"].values(), *(code["box"] for code in truth["codes"])])
    assert (boxes >= 0).all() and (boxes <= [wide, tall]).all()
    assert all(truth["fields"]["certificate_no"] in code["text"] for code in truth["codes"])


def test_the_same_seed_makes_the_same_report_and_another_another():
    one, two, other = foreign.make(5), foreign.make(5), foreign.make(6)
    assert one.truth == two.truth and np.array_equal(one.image, two.image)
    assert one.truth["fields"] != other.truth["fields"]


def test_every_invented_laboratory_is_in_the_table_and_none_is_real():
    demo = {name for lab in abroad.labs() if lab.key.startswith("example-") for name in lab.names}
    rows = foreign.table()["lab"].values()
    assert {row["name"] for row in rows} == demo
    assert all("EXAMPLE" in row["name"] and ".example" in row["query"] for row in rows)
