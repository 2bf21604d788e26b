"""A report by hand that says of one place several things, and holds hostile text."""

from __future__ import annotations

from typing import Any

PLACE = [[10, 20], [90, 20], [90, 40], [10, 40]]
LOWER = [[300, 380], [395, 380], [395, 398], [300, 398]]
HOSTILE = "<script>alert(1)</script>\"'&"


def evidence(field: str, box: list[list[int]], read: str = "甲", expected: str = "乙") -> Any:
    return {"field": field, "read": read, "expected": expected, "box": box, "source": "labs: a"}


def finding(status: str, *rows: Any) -> Any:
    return {
        "rule": "item1.x",
        "status": status,
        "message": {"zh": f"中文句子 {HOSTILE}", "en": f"English sentence {HOSTILE}"},
        "next_step": None,
        "law": ["《某某办法》第十一条"],
        "evidence": list(rows),
    }


def report(**changes: Any) -> dict[str, Any]:
    """Item 1 and item 3 speak of the same place, item 3 worse; item 4 of a place by itself."""
    items: list[Any] = [
        {"item": number, "status": "consistent", "findings": []} for number in range(1, 9)
    ]
    items[0] = {
        "item": 1,
        "status": "consistent",
        "findings": [finding("consistent", evidence("cma_no", PLACE))],
    }
    items[2] = {
        "item": 3,
        "status": "inconsistent",
        "findings": [
            finding("consistent", evidence("lab_name", [])),
            finding("inconsistent", evidence("lab_name", PLACE, read=HOSTILE)),
        ],
    }
    items[3] = {
        "item": 4,
        "status": "unverifiable",
        "findings": [
            finding("unverifiable", evidence("approver", LOWER, read="")),
            finding("unverifiable", evidence("checker", PLACE, read="", expected="")),
        ],
    }
    return {
        "schema": "certcheck.report/1",
        "id": "0" * 32,
        "program": "0",
        "photo": {
            "name": HOSTILE, "page": 1, "part": 1, "sha256": "ab" * 32,
            "width": 400, "height": 400, "advice": [],
        },
        "checked_at": "2026-11-21T08:00:00Z",
        "judged_on": "2023-05-01",
        "registry": {"revision": "r", "imported_at": "2026-11-20T08:00:00Z", "demo": False},
        "verdict": "inconsistent",
        "fields": {
            "cma_no": {"value": "1", "confidence": 0.9, "box": PLACE, "reader": "r"},
            "standards": {"value": ["GB/T 1-2000"], "confidence": 0.9, "box": [], "reader": "r"},
        },
        "codes": [{"symbology": "QRCode", "text": None, "box": []}],
        "seals": [
            {"name": HOSTILE, "kind": "", "shape": "round", "confidence": 0.5, "box": LOWER}
        ],
        "lab": {"lab_id": "a", "name": "某机构", "matched_by": [], "confidence": 1, "demo": False},
        "items": items,
        "error": None,
    } | changes  # fmt: skip
