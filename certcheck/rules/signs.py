"""What the rules of item 5 have in common: a sign is never more than `suspected`.

Whether a report is false or untrue (39号令 art 13 and 14) rests on facts behind the paper;
a photo shows signs at most.
"""

from __future__ import annotations

from certcheck.confirm import Weight
from certcheck.finding import Evidence, Finding
from certcheck.rules.framework import agree, cannot, suspect

LAW = ("plan.3.4.5", "39.13", "39.14")
MISREAD = "item5.misread"
UNSURE = "item5.unsure"


def sign(weight: Weight, *evidence: Evidence, message: str = "", **params: object) -> Finding:
    """A sign, as far as its reading bears it.

    Args:
        weight: what the reading is worth.
        evidence: what was read and what was expected, the decisive one first.
        message: code of the sentence that states the sign.
        params: of the sentence.
    """
    if weight is Weight.MISREAD:
        return agree(*evidence, message=MISREAD, expected=evidence[0].expected)
    if weight is Weight.UNREAD:
        first = evidence[0]
        return cannot(*evidence, message=UNSURE, read=first.read, expected=first.expected)
    return suspect(*evidence, message=message, **params)


def only_certain(weight: Weight) -> Weight:
    """For a sign that one misread character makes: read otherwise a second time, it is unread."""
    return Weight.UNREAD if weight is Weight.DOUBTFUL else weight
