"""Two witnesses before an accusation.

A reading that would make an honest laboratory look guilty may be a slip of the recogniser.
Before a rule says `inconsistent` it asks here, and all rules that accuse ask here alone.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import enum
import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import unquote

from certcheck.case import Case
from certcheck.finding import Status
from certcheck.numbers import certificate, cma, cnas, standard
from ocr.errors import OcrError
from ocr.reading import Field
from ocr.witness import Answer, Support

log = logging.getLogger(__name__)

# Below this mean character probability a reading that nothing supports is no reading.
# Our choice: the recogniser's own slips on generated photographs lie mostly under it.
LOW_CONFIDENCE = 0.75

Same = Callable[[str, str], bool]


class Weight(enum.IntEnum):
    """How much a reading that contradicts the registry weighs, least first."""

    MISREAD = 0
    UNREAD = 1
    DOUBTFUL = 2
    CERTAIN = 3

    @property
    def status(self) -> Status:
        """The answer a rule may give on such a reading."""
        return _STATUS[self]


_STATUS = {
    Weight.MISREAD: Status.CONSISTENT,
    Weight.UNREAD: Status.UNVERIFIABLE,
    Weight.DOUBTFUL: Status.SUSPECTED,
    Weight.CERTAIN: Status.INCONSISTENT,
}


@dc.dataclass(frozen=True, slots=True)
class Weighed:
    """A reading weighed against the registered values.

    Attributes:
        weight: what it is worth.
        text: the registered value the ink agrees with, "" unless MISREAD; of a seal that is
            none of the laboratory's, the text that the ink agrees with instead.
    """

    weight: Weight
    text: str = ""

    @property
    def status(self) -> Status:
        """See `Weight.status`."""
        return self.weight.status


class Second(enum.Enum):
    """What the independent second reading says of the first."""

    SAME = "same"
    REGISTERED = "registered"
    OTHER = "other"
    NONE = "none"


def decide(answers: Iterable[Answer], second: Second, confidence: float) -> Weight:
    """The decision table.

    | the ink on the registered values | second reading | the reading is |
    | --- | --- | --- |
    | agrees with one | any | MISREAD: take the registered value |
    | differs from all, or nothing to ask | the same value | CERTAIN |
    | differs from all, or nothing to ask | a registered value | UNREAD: two engines disagree |
    | differs from all, or nothing to ask | another, or none | DOUBTFUL, UNREAD when faint |
    | cannot tell of one | the same value | DOUBTFUL |
    | cannot tell of one | a registered value | UNREAD |
    | cannot tell of one | another | UNREAD: nobody agrees with anybody |
    | cannot tell of one | none | DOUBTFUL, UNREAD when faint |

    Args:
        answers: the ink's answer to each registered value.
        second: the second reading.
        confidence: of the first reading, 0..1; faint below LOW_CONFIDENCE.
    """
    given = tuple(answers)
    if Answer.AGREES in given:
        return Weight.MISREAD
    if second is Second.REGISTERED:
        return Weight.UNREAD
    unsure = Answer.CANNOT_TELL in given
    if second is Second.SAME:
        return Weight.DOUBTFUL if unsure else Weight.CERTAIN
    if second is Second.OTHER and unsure:
        return Weight.UNREAD
    return Weight.UNREAD if confidence < LOW_CONFIDENCE else Weight.DOUBTFUL


def weigh(case: Case, key: str, registered: Sequence[str], *, same: Same | None = None) -> Weighed:
    """Weighs a field's reading that contradicts the registered values.

    Args:
        case: the case.
        key: contract field key.
        registered: what the registry would have there, as it would be printed; none where
            there is nothing to ask for.
        same: whether two readings say the same; by the key's own normal form when None.
    """
    field = case.field(key)
    if field is None:
        return Weighed(Weight.UNREAD)
    supports = ask_field(case, key, registered)
    second = second_reading(case, field, registered, same or _same(key))
    weight = decide((one.answer for one in supports), second, field.confidence)
    return Weighed(weight, best(supports) if weight is Weight.MISREAD else "")


def second_reading(case: Case, field: Field, registered: Sequence[str], same: Same) -> Second:
    """What another engine, the code on the paper or the registry say of a reading."""
    again = reread(case, field.key)
    if again is not None:
        if same(again.text, field.text):
            return Second.SAME
        if any(same(again.text, text) for text in registered):
            return Second.REGISTERED
    if _in_codes(case, field) or _cross_evidence(case, field):
        return Second.SAME
    return Second.NONE if again is None else Second.OTHER


def ask_field(case: Case, key: str, texts: Sequence[str]) -> list[Support]:
    """`Witness.ask_field`, an engine that is out of order being a witness who cannot tell."""
    if not texts:
        return []
    try:
        return case.witness.ask_field(key, texts)
    except OcrError:
        log.warning("the witness could not be asked about %s", key, exc_info=True)
        return [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]


def best(supports: Iterable[Support]) -> str:
    """The text the ink agrees with best; "" when it agrees with none."""
    agreed = [one for one in supports if one.answer is Answer.AGREES]
    return max(agreed, key=lambda one: one.score).text if agreed else ""


def weigh_day(case: Case, windows: Sequence[tuple[dt.date, dt.date | None]]) -> Weight:
    """Weighs the day of issue that falls outside the days on which all would be well.

    Other dates that would be innocent (the same print with another year or month) are
    asked of the ink. A day that the user gave needs no second witness.

    Args:
        case: the case.
        windows: first and last days on which the certificate would be in order.
    """
    field, day = case.field("issue_date"), case.issued_on
    if day is None:
        return Weight.UNREAD
    if field is None or field.text != day.isoformat():
        return Weight.CERTAIN
    return weigh(case, "issue_date", other_days(field.raw, day, windows)).weight


def other_days(
    raw: str, day: dt.date, windows: Sequence[tuple[dt.date, dt.date | None]]
) -> list[str]:
    """The print of a date with another year or another month that lies in a window.

    >>> other_days("2024年03月05日", dt.date(2024, 3, 5),
    ...            [(dt.date(2023, 1, 1), dt.date(2024, 2, 1))])
    ['2023年03月05日', '2024年01月05日']
    """
    found = []
    for other in [*_years(day, windows), *_months(day)]:
        if any(start <= other and (end is None or other <= end) for start, end in windows):
            text = _reprint(raw, day, other)
            if text != raw:
                found.append(text)
    return found


def _years(day: dt.date, windows: Sequence[tuple[dt.date, dt.date | None]]) -> Iterable[dt.date]:
    years = {
        year
        for start, end in windows
        for year in range(start.year, (end or day).year + 1)
        if year != day.year
    }
    return (day.replace(year=year, day=min(day.day, 28)) for year in sorted(years))


def _months(day: dt.date) -> Iterable[dt.date]:
    return (
        day.replace(month=month, day=min(day.day, 28)) for month in range(1, 13)
        if month != day.month
    )  # fmt: skip


def _reprint(raw: str, day: dt.date, other: dt.date) -> str:
    if other.year != day.year:
        return raw.replace(str(day.year), str(other.year), 1)
    month = re.compile(rf"({day.year}\D{{0,3}})(0?{day.month})(?=\D|\d\d(?!\d))")
    return month.sub(lambda m: m[1] + str(other.month).zfill(len(m[2])), raw, count=1)


def least(*weights: Weight) -> Weight:
    """A chain of readings is worth its weakest; a misreading in it makes it worth nothing."""
    return min((max(one, Weight.UNREAD) for one in weights), default=Weight.UNREAD)


def plain(text: str) -> str:
    """NFKC without spaces and punctuation, for asking whether two readings are alike."""
    kept = unicodedata.normalize("NFKC", text).upper()
    return "".join(char for char in kept if char.isalnum())


def _same(key: str) -> Same:
    form = {
        "cma_no": cma.compact,
        "cnas_no": cnas.compact,
        "certificate_no": certificate.compact,
    }.get(key, plain)
    if key == "standards":
        return lambda one, other: set(standard.split(one)) == set(standard.split(other))
    return lambda one, other: form(one) == form(other)


def reread(case: Case, key: str) -> Field | None:
    """`Witness.reread`, an engine that is out of order being one that cannot read it."""
    try:
        return case.witness.reread(key)
    except OcrError:
        log.warning("%s could not be read again", key, exc_info=True)
        return None


def _in_codes(case: Case, field: Field) -> bool:
    """Whether a decoded code on the paper carries the value."""
    texts = [plain(unquote(code.text)) for code in case.reading.codes if code.text]
    values = [plain(field.text)]
    if field.key == "issue_date":
        values = [case.issued_on.strftime("%Y%m%d")] if case.issued_on else []
    return any(len(value) >= 4 and value in text for value in values for text in texts)


def _cross_evidence(case: Case, field: Field) -> bool:
    """Whether what else is known bears a reading out, so that a slip is out of the question.

    A misread number or name hardly ever is one that the registry holds and the ink agrees
    with; a misread date hardly ever is the one that the laboratory writes into its
    certificate number.
    """
    if field.key == "issue_date":
        return _day_in_number(case)
    known = False
    if field.key == "cma_no":
        known = bool(case.registry.holders(cma.compact(field.text)))
    if field.key == "approver" and case.lab is not None:
        known = field.text in {one.name for one in case.lab.signatories}
    return known and bool(best(ask_field(case, field.key, [field.text])))


def _day_in_number(case: Case) -> bool:
    number = case.field("certificate_no")
    if number is None or case.lab is None:
        return False
    parts = certificate.parse(number.text, lab_id=case.lab.lab_id, names=[case.lab.name])
    return parts is not None and parts.date is not None and parts.date == case.issued_on
