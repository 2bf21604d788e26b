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

from rapidfuzz.distance import Levenshtein

from certcheck.case import Case
from certcheck.finding import Status
from certcheck.numbers import certificate, cma, cnas, standard
from ocr.errors import OcrError
from ocr.reading import Field
from ocr.witness import Answer, Support
from registry import names
from registry.matching import NEAR_SIMILARITY

log = logging.getLogger(__name__)

# Below this mean character probability a reading that nothing supports is no reading.
# Our choice: the recogniser's own slips on generated photographs lie mostly under it.
LOW_CONFIDENCE = 0.75

# A seal's free reading shorter than this share of the registered text is a fragment.
WHOLE_SEAL = 0.6

# A ring read less surely than this may hold print from around it.
SURE_RING = 0.85

# A ring cut open through two characters leaves one that is neither (示例 read as 圳).
CUT_OPEN = 1

# A ring that the ink cannot settle is a slip from here on, a strange text below
# (`registry.matching.NEAR_SIMILARITY`, the same question of printed names).
ALIKE = NEAR_SIMILARITY

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
        text: the registered value the ink agrees with, "" unless MISREAD.
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
    again = _reread(case, field.key)
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


def ask_seal(case: Case, index: int, texts: Sequence[str]) -> list[Support]:
    """`Witness.ask_seal`, as `ask_field`."""
    if not texts:
        return []
    try:
        return case.witness.ask_seal(index, texts)
    except OcrError:
        log.warning("the witness could not be asked about seal %d", index, exc_info=True)
        return [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]


def best(supports: Iterable[Support]) -> str:
    """The text the ink agrees with best; "" when it agrees with none."""
    agreed = [one for one in supports if one.answer is Answer.AGREES]
    return max(agreed, key=lambda one: one.score).text if agreed else ""


def weigh_seal(case: Case, index: int, allowed: Sequence[str], rivals: Sequence[str]) -> Weighed:
    """Weighs a seal's ring against the texts the laboratory may use.

    The ring must differ from every allowed text, and agree with what was read freely,
    whole and clearly, or with another laboratory's name; and the second engine's reading
    must lie nearer to that than to any allowed text. A free reading that lacks characters
    of an allowed text is that text half read: forgers write other characters, readers lose
    them.

    Args:
        case: the case.
        index: of the seal in the reading.
        allowed: texts the laboratory's seals may carry.
        rivals: names of other laboratories.
    """
    seal = case.reading.seals[index]
    others = [name for name in dict.fromkeys([*rivals, seal.name]) if name and name not in allowed]
    supports = {one.text: one for one in ask_seal(case, index, [*allowed, *others])}
    mine = best(supports[name] for name in allowed)
    theirs = best(supports[name] for name in others)
    if mine:
        ahead = theirs in rivals and supports[theirs].score > supports[mine].score
        return Weighed(Weight.UNREAD) if ahead else Weighed(Weight.MISREAD, mine)
    if theirs not in rivals and any(half_read(seal.name, text, wrong=CUT_OPEN) for text in allowed):
        return Weighed(Weight.UNREAD)
    if seal.confidence < SURE_RING and any(plain(one) in plain(seal.name) for one in allowed):
        # The whole name with noise around it: the strip was cut too wide.
        return Weighed(Weight.UNREAD)
    told = all(supports[name].answer is Answer.DIFFERS for name in allowed)
    whole = len(seal.name) >= WHOLE_SEAL * min(map(len, allowed), default=0)
    if seal.shape == "square" and not whole:
        # A person's name seal, as legal representatives and inspectors use them.
        return Weighed(Weight.UNREAD)
    clear = whole and seal.confidence >= LOW_CONFIDENCE
    if told and theirs and (clear or theirs in rivals):
        return Weighed(
            Weight.CERTAIN if _seconded(case, index, theirs, allowed) else Weight.DOUBTFUL
        )
    likeness = max((names.similarity(plain(seal.name), plain(one)) for one in allowed), default=0.0)
    strange = clear and likeness < ALIKE
    return Weighed(Weight.DOUBTFUL if told or strange else Weight.UNREAD)


def _seconded(case: Case, index: int, text: str, allowed: Sequence[str]) -> bool:
    """Whether the second engine reads a ring more like a text than like any allowed one."""
    try:
        again = plain(case.witness.reread_seal(index) or "")
    except OcrError:
        log.warning("seal %d could not be read again", index, exc_info=True)
        return False
    if not again:
        return False
    distance = Levenshtein.distance(again, plain(text))
    return all(distance < Levenshtein.distance(again, plain(one)) for one in allowed)


def half_read(read: str, text: str, *, wrong: int = 0) -> bool:
    """Whether a reading is a text with characters missing, and few beside them wrong.

    >>> half_read("检测专用章", "检验检测专用章"), half_read("质检专用章", "检验检测专用章")
    (True, False)
    >>> half_read("圳玉石检验站", "示例玉石检验站", wrong=1)
    True
    >>> half_read("示列玉石检验站", "示例玉石检验站", wrong=1)
    False

    Args:
        read: the free reading.
        text: what may stand there.
        wrong: how many characters may be neither missing nor right.
    """
    one, whole = plain(read), plain(text)
    missing = len(whole) - len(one)
    return one == whole or (missing > 0 and Levenshtein.distance(one, whole) <= missing + wrong)


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


def _reread(case: Case, key: str) -> Field | None:
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
