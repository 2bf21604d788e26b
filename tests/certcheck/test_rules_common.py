"""What would break: a sentence that quotes what nobody read."""

from __future__ import annotations

from certcheck.confirm import Weight
from certcheck.finding import Evidence, Status
from certcheck.rules.common import accuse


def unclear(read: str) -> tuple[Status, str]:
    finding = accuse(Weight.UNREAD, Evidence("approver", read, "示例甲", None, ""), message="")
    return finding.status, finding.message


def test_what_could_not_be_made_out_is_not_quoted() -> None:
    assert unclear("示例乙") == (Status.UNVERIFIABLE, "rule.unclear")
    assert unclear("") == (Status.UNVERIFIABLE, "rule.illegible")
