"""Registered values that the ink bears out where nothing could be stated.

A value that is too soft to be stated, or runs into a reflection, is reported as unread. Asked
whether *this* number stands there, the same ink often answers plainly. Such an answer can
clear a laboratory; it never accuses one, for nothing was read that could contradict.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from certcheck.case import Case
from certcheck.confirm import ask_field
from ocr.errors import OcrError
from ocr.witness import Answer, Support

log = logging.getLogger(__name__)

# A registered value must explain the ink nearly as well as the best free reading does, in
# nats. On doubted values of generated photographs (level normal) the true ones scored 0.0, one
# with a misread character -5.8, other registered values under -36.
NEARLY_FREE = -2.0


def borne_out(case: Case, key: str, registered: Sequence[str], *, anywhere: bool = False) -> str:
    """The registered value that the ink bears out where the field was not stated, or "".

    Args:
        case: the case.
        key: contract field key; of a field that was stated nothing is asked.
        registered: what the registry would have there, as it would be printed.
        anywhere: whether the value tells itself wherever it stands: a number of twelve
            digits does, a person's name may be another person's on the same paper.
    """
    if not registered or case.field(key) is not None:
        return ""
    supports: list[Support] = []
    if key in case.reading.doubted:
        supports = ask_field(case, key, registered)
    found = _best(supports)
    return _best(_ask_anywhere(case, registered)) if anywhere and not found else found


def _ask_anywhere(case: Case, texts: Sequence[str]) -> list[Support]:
    try:
        return case.witness.ask_anywhere(texts)
    except OcrError:
        log.warning("the witness could not be asked", exc_info=True)
        return []


def _best(supports: Sequence[Support]) -> str:
    """The text nearly as good as the free reading, and better than all others asked about."""
    agreed = [one for one in supports if one.answer is Answer.AGREES and one.score >= NEARLY_FREE]
    agreed.sort(key=lambda one: one.score, reverse=True)
    tied = len(agreed) > 1 and agreed[1].score == agreed[0].score
    return agreed[0].text if agreed and not tied else ""
