"""What would break: a laboratory blamed for a misread or a second web address; a printed
look-alike that nobody is told of, or told of as a link to follow."""

from __future__ import annotations

from typing import Any

import pytest

from certcheck import messages
from certcheck.finding import Status
from registry.models import Domain
from tests.certcheck import scene
from tests.certcheck.scene import HONEST, case, found, one, record

RULE = "item5.website_foreign"
OWN = "shili-yuan.example"
SITES = {OWN: scene.NAME, "pkugac.com": "示例北大"}


def printed(address: str, *, again: str | None = None, says: str = "", **more: Any):  # type: ignore[no-untyped-def]
    fields = {**HONEST, "website": address}
    read = {**fields, "website": address if again is None else again}
    ink = scene.Ink(differs=True, again=read, says=[says])
    return case(fields, witness=ink, sites=SITES, **more)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("www.shili-yaun.example", ".lookalike"),
        ("http://cx.shili-yuen.example/q", ".lookalike"),
        ("www.shili-yuan.example.zs-cx.top", ".lookalike"),
        ("www.pkugac.com", ".other_lab"),
        ("pkugac.com.zs-cx.top", ".imitates"),
    ],
)
def test_a_printed_look_alike_is_a_sign_with_the_registered_address(
    address: str, message: str
) -> None:
    (finding,) = found(RULE, printed(address))
    assert (finding.status, finding.message) == (Status.SUSPECTED, RULE + message)
    step = messages.next_step(finding.message, **finding.params)
    registered = "pkugac.com" if message == ".imitates" else OWN
    assert step is not None and registered in step.zh and finding.params["host"] not in step.zh
    # A second reading that says otherwise, ink that says the registered one, soft print: nothing.
    assert found(RULE, printed(address, again="www.shili-yuan.example")) == []
    own = address.lower().replace("shili-yaun", "shili-yuan").replace("shili-yuen", "shili-yuan")
    if own != address:
        assert found(RULE, printed(address, says=own)) == []
    assert found(RULE, printed(address, confidence=0.7)) == []
    assert found(RULE, printed(address, matched_by=("seal",))) == []


@pytest.mark.parametrize(
    "address",
    [
        "www.shili-yuan.example", "HTTP://CX.SHILI-YUAN.EXAMPLE:8081/q", "weixin.qq.com",
        # What print cannot show.
        "www.shi1i-yuan.example", "www.shiliyuan.example",
    ],
)  # fmt: skip
def test_its_own_address_and_what_looks_the_same_say_nothing(address: str) -> None:
    assert found(RULE, printed(address)) == []


@pytest.mark.parametrize("address", ["www.jade-group.com", "shili-yuan.com", "shili-yuan-lab.cn"])
def test_another_address_of_an_honest_laboratory_is_only_told(address: str) -> None:
    assert one(found(RULE, printed(address))) == (Status.ADVICE, RULE)
    none_on_file = record(domains=())
    assert found(RULE, printed(address, lab=none_on_file)) == []


def test_a_site_that_was_given_up_is_no_look_alike_of_the_next() -> None:
    sites = tuple(Domain(lab_id="yuan", domain=name) for name in (OWN, "shili-yuen.example"))
    assert found(RULE, printed("www.shili-yuen.example", lab=record(domains=sites))) == []
