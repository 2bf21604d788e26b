"""What would break: a finding tied to the wrong place, or a place to the milder finding."""

from flask import Flask

from certcheck.finding import Status
from registry.models import TABLES
from tests.web.scene import LOWER, PLACE, report
from web import view


def test_one_place_gets_one_mark_with_the_worst_that_is_said_of_it() -> None:
    first, second = view.sheet(report(), 1).marks
    assert first.status is Status.INCONSISTENT
    assert first.items == (1, 3)
    assert first.points == " ".join(f"{x},{y}" for x, y in PLACE)
    assert second.status is Status.UNVERIFIABLE
    assert second.points == " ".join(f"{x},{y}" for x, y in LOWER)


def test_a_mark_leads_to_the_worst_finding_first() -> None:
    sheet = view.sheet(report(), 1)
    rows = {
        row.anchor: block.json["status"]
        for item in sheet.items
        for block in item.findings
        for row in block.evidence
    }
    assert [rows[target] for target in sheet.marks[0].targets] == ["inconsistent", "consistent"]


def test_every_evidence_with_a_place_knows_its_mark() -> None:
    sheet = view.sheet(report(), 1)
    for item in sheet.items:
        for block in item.findings:
            for row in block.evidence:
                assert (row.mark is not None) == bool(row.json["box"])
                if row.mark:
                    assert row.anchor in row.mark.targets


def test_evidence_without_anything_to_show_makes_no_mark_and_no_row() -> None:
    item4 = view.sheet(report(), 1).items[3]
    assert [len(block.evidence) for block in item4.findings] == [1, 0]
    assert 4 not in view.sheet(report(), 1).marks[0].items


def test_findings_stand_the_worst_first_and_marks_are_drawn_the_worst_last() -> None:
    sheet = view.sheet(report(), 1)
    assert [one.json["status"] for one in sheet.items[2].findings] == ["inconsistent", "consistent"]
    assert [mark.status for mark in sheet.drawn] == [Status.UNVERIFIABLE, Status.INCONSISTENT]


def test_items_named_below_the_verdict_are_those_that_do_not_agree() -> None:
    assert [one.json["item"] for one in view.sheet(report(), 1).told] == [3, 4]


def test_the_numbered_disc_stays_inside_the_photo() -> None:
    edge = [[-5, -5], [3, -5], [3, 2], [-5, 2]]
    given = report()
    given["items"][0]["findings"][0]["evidence"][0]["box"] = edge
    sheet = view.sheet(given, 1)
    for mark in sheet.marks:
        assert sheet.disc <= mark.x <= 400 - sheet.disc
        assert sheet.disc <= mark.y <= 400 - sheet.disc


def test_anchors_of_two_certificates_of_one_photo_differ() -> None:
    one, two = view.sheet(report(), 1), view.sheet(report(), 2)
    assert {mark.anchor for mark in one.marks}.isdisjoint(mark.anchor for mark in two.marks)
    assert {item.anchor for item in one.items}.isdisjoint(item.anchor for item in two.items)


def test_demo_is_told_by_the_laboratory_and_else_by_the_registry() -> None:
    real = {"revision": "r", "imported_at": "2026-11-20T08:00:00Z", "demo": True}
    assert not view.sheet(report(registry=real), 1).demo
    assert view.sheet(report(registry=real, lab=None), 1).demo


def test_every_table_that_evidence_rests_on_has_a_name(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert all(view.source_name(f"{table}: a") for table in TABLES)
        assert view.source_name("gem_constants.csv: 翡翠") == "table of gem constants"
        assert view.source_name("of nowhere: a") == ""
