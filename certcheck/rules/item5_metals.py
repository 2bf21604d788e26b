"""Item 5: names of precious metals by their date, and what was measured against what they promise.

GB 11887 (compulsory) names least contents without a minus tolerance. An instrument has one:
a content a little short is told as advice, one far short is a sign.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from certcheck import metals
from certcheck.case import Case
from certcheck.confirm import weigh
from certcheck.finding import Finding
from certcheck.rules.common import has
from certcheck.rules.framework import advise, agree, rule, seen
from certcheck.rules.signs import LAW, MISREAD, UNSURE, only_certain, sign

AMENDED = dt.date(2016, 5, 4)
# What X-ray fluorescence (GB/T 18043) may be wrong by on worked pieces, ‰; inference, on the
# generous side.
INSTRUMENT = Decimal(20)


@rule(
    "item5.metal_name",
    law=(*LAW, "gb11887"),
    since=AMENDED,
    messages=("",),
)
def metal_name(case: Case) -> Iterator[Finding]:
    """The paper names 千足金 or 万足金 after those names were given up (2016-05-04)."""
    day = case.issued_on or case.checked_on
    for key in ("conclusion", "metal"):
        field = case.field(key)
        word = metals.abolished(field.text, day) if field else None
        if word:
            yield advise(seen(case, key, source=metals.source()), words=word)
            return


@rule(
    "item5.metal_content",
    law=(*LAW, "gb11887"),
    since=AMENDED,
    applies=has("metal"),
    messages=("", ".short", ".reached", MISREAD, UNSURE),
)
def metal_content(case: Case) -> Iterator[Finding]:
    """The measured content of the metal is below what its name in the paper promises."""
    field = case.field("metal")
    assert field is not None
    conclusion = case.field("conclusion")
    promise = metals.promised(conclusion.text if conclusion else "") or metals.promised(field.text)
    content = metals.measured(field.text, promise.metal) if promise else None
    if promise is None or content is None:
        return
    least = Decimal(promise.least)
    read = seen(case, "metal", expected=f"≥ {promise.least}‰", source=metals.source())
    params: dict[str, Any] = {"words": promise.words, "content": f"{content.normalize():f}",
                              "least": promise.least}  # fmt: skip
    if content >= least:
        yield agree(read, seen(case, "conclusion"), message=".reached", **params)
    elif content >= least - INSTRUMENT:
        yield advise(read, seen(case, "conclusion"), message=".short", **params)
    else:
        metal = promise.metal

        def reached(text: str) -> bool:
            again = metals.measured(text, metal)
            return again is None or again >= least - INSTRUMENT

        weight = weigh(case, "metal", [], same=lambda a, b: reached(a) == reached(b)).weight
        yield sign(only_certain(weight), read, seen(case, "conclusion"), **params)
