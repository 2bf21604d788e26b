"""What would break: genuine papers blamed where a site was changed, shows a sample, or answers
for another certificate than was asked for.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from certcheck.finding import Status
from certcheck.record.model import Outcome, Reason, Result
from tests.certcheck.lookups import (
    FIELDS,
    HTML,
    KNOWN,
    NUMBER,
    RECORDED,
    Desk,
    page,
    results,
)
from tests.certcheck.scene import Ink, sure

# No such number -------------------------------------------------------------------------------

GONE = "<p>对不起，查无此证！</p>"


def test_no_such_number_is_a_sign_only_by_the_sites_own_word(desk: Desk) -> None:
    desk.server.publish(f"/q?no={NUMBER}", GONE, **HTML)
    asked = desk.ask(site=desk.listed())
    assert asked.outcome is Outcome.ABSENT and asked.tells
    assert [path for path, _ in desk.server.asked] == [f"/q?no={NUMBER}", f"/q?no={KNOWN}"]
    assert desk.told(desk.paper(), asked) == [(Status.SUSPECTED, ".absent")]
    # The same page of a site whose sign is not known.
    asked = desk.ask()
    assert (asked.outcome, asked.reason) == (Outcome.NOT_ASKED, Reason.UNCLEAR)


@pytest.mark.parametrize(
    "instead",
    [
        GONE,
        "<p>系统维护中</p>",
        page(RECORDED | {"证书编号": "PZ20010100002"}),
        page(RECORDED | {"证书编号": KNOWN}) + GONE.encode(),
        f"<p>证书编号：{KNOWN}</p>",
        None,
    ],
    ids=["says so of every number", "repaired", "another", "beside it", "echo", "moved"],
)
def test_a_site_that_does_not_show_what_it_is_known_to_have_says_nothing_of_a_number(
    desk: Desk, instead: str | bytes | None
) -> None:
    """A page built anew, or one that is being repaired, says of genuine numbers too what it may."""
    desk.server.publish(f"/q?no={NUMBER}", GONE, **HTML)
    if instead is None:
        del desk.server.answers[f"/q?no={KNOWN}"]
    else:
        desk.server.publish(f"/q?no={KNOWN}", instead, **HTML)
    asked = desk.ask(site=desk.listed())
    assert (asked.outcome, asked.reason) == (Outcome.NOT_ASKED, Reason.UNCLEAR)
    assert desk.told(desk.paper(), asked) == [(Status.UNVERIFIABLE, ".not_asked.unclear")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<p>如显示“查无此证”，请与我们联系。</p>", Reason.UNCLEAR),
        (f"<p>{'本站提供证书查询服务，' * 6}查无此证。</p>", Reason.UNCLEAR),
        (f"<form><input name=yzm></form>{GONE}", Reason.CAPTCHA),
    ],
)
def test_the_sites_word_counts_where_it_answers_and_not_in_its_advice(
    desk: Desk, body: str, reason: Reason
) -> None:
    desk.server.publish(f"/q?no={NUMBER}", body, **HTML)
    assert desk.ask(site=desk.listed(control={})).reason is reason


@pytest.mark.parametrize(
    ("changes", "ink"),
    [
        ({"complete_from": None}, sure(FIELDS)),
        ({"complete_from": dt.date(2024, 1, 1)}, sure(FIELDS)),
        ({"days": 5000}, sure(FIELDS)),
        ({"control": {}}, sure(FIELDS)),
        ({}, Ink(again=FIELDS | {"certificate_no": "PZ23032100208"})),
    ],
    ids=["not known since when", "before it", "too new", "no control", "read otherwise"],
)
def test_where_the_site_need_not_have_it_or_the_number_may_be_misread_nothing_follows(
    desk: Desk, changes: dict[str, Any], ink: Ink
) -> None:
    desk.server.publish("/q", "<p>查无此证</p>", **HTML)
    given = desk.paper(codes=[desk.url("/q")], witness=ink)
    asked = desk.ask(given, desk.listed(**changes))
    assert asked.outcome is Outcome.ABSENT and not asked.tells
    assert desk.told(given, asked) == [(Status.UNVERIFIABLE, ".absent_untold")]


# Whose record it is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        page(RECORDED | {"证书编号": "PZ23032100203"}),
        page({"证书编号": "PZ23032100203", "检验结论": "石英岩玉", "总质量": "9.99g"}),
        "<p>证书示例</p><p>检验结论：石英岩玉</p><p>总质量：9.99g</p>",
        f"<input value={NUMBER}><p>证书编号：PZ23032100299</p><p>总质量：9.99g</p>",
        json.dumps(
            {"query": {"certNo": NUMBER}, "data": {"certNo": "PZ23032100299", "totalMass": "9.99g"}}
        ),
    ],
    ids=[
        "another number",
        "another piece",
        "a sample without a number",
        "a form's echo",
        "the question beside it",
    ],
)
def test_an_answer_about_another_certificate_is_held_against_nobody(
    desk: Desk, body: bytes | str
) -> None:
    """A site asked for a number that shows its sample, or the first of a list."""
    desk.server.publish(f"/q?no={NUMBER}", body, **HTML)
    asked = desk.ask()
    assert (asked.outcome, asked.reason) == (Outcome.NOT_ASKED, Reason.UNCLEAR)


def test_a_code_that_leads_to_another_numbers_record_is_a_sign(desk: Desk) -> None:
    desk.server.publish("/q?id=a7Rk", page(RECORDED | {"证书编号": "PZ23032100203"}), **HTML)
    given = desk.paper(codes=[desk.url("/q?id=a7Rk")])
    asked = desk.ask(given)
    assert asked.outcome is Outcome.DIFFERS
    assert results(asked)["certificate_no"] is Result.DIFFERS
    assert desk.told(given, asked) == [(Status.SUSPECTED, ".differs")]
