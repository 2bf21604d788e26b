"""A report for a person at a terminal: plain text, Chinese first.

Widths count a Chinese character as two columns, as terminals do.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import unicodedata
from collections.abc import Iterable, Iterator

from certcheck import advice, law, messages
from certcheck.corrections import ByHand
from certcheck.finding import Evidence, Finding, Status
from certcheck.law import Citation, Edition
from certcheck.messages import Text
from certcheck.record.model import Outcome, Record
from certcheck.report import Report, sentence, utc
from certcheck.report_parts import next_code
from certcheck.rules.framework import ItemResult
from certcheck.terminal import harmless

WIDTH = 84
_INDENT = "    "
_NAME_COLUMNS = {"zh": 20, "en": 38}
_COLON = {"zh": "：", "en": ": "}
_COMMA = {"zh": "、", "en": ", "}
_JOINT = {"zh": "；", "en": "; "}
_VALUE_COLUMNS = 60
# Percent: no evidence on a photo makes wholly sure whose paper it is.
_SUREST = 99

# Fields that tell a reader at a glance which certificate this is.
_GLANCE = ("certificate_no", "issue_date", "conclusion", "cma_no", "approver")
# Findings of these statuses show what they rest on.
_SHOWN = (Status.INCONSISTENT, Status.SUSPECTED, Status.UNVERIFIABLE)
_NOT_GOOD = (Status.INCONSISTENT, Status.SUSPECTED, Status.UNVERIFIABLE)

LANGUAGES = ("zh", "en", "both")


@dc.dataclass(frozen=True, slots=True)
class SummaryRow:
    """One line of a table of many reports, in Chinese.

    Attributes:
        photo: the file's name, with page and part where there are several.
        laboratory: its registered name, or that it was not identified.
        verdict: in words.
        why: the items that are not consistent, with the reason of each.
    """

    photo: str
    laboratory: str
    verdict: str
    why: str


def columns(text: str) -> int:
    """Columns that a text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def pad(text: str, width: int) -> str:
    """The text filled up to a width in columns; longer ones stay."""
    text = harmless(text)
    return text + " " * (width - columns(text))


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most `width` columns; breaks between words, and between Chinese characters.

    Args:
        text: one paragraph.
        width: columns of a line, the indent included.
        indent: before the first line; the others get as many spaces.
    """
    lines: list[str] = []
    start, line = indent, ""
    for piece in _pieces(harmless(text).replace("\n", " ")):
        full = columns(start) + columns(line) + columns(piece.rstrip()) > width
        if full and line and piece not in _NO_START:
            kept = line.rstrip(_NO_END)
            lines.append((start + kept).rstrip())
            start, line = " " * columns(indent), line[len(kept) :].lstrip()
        line += piece if line else piece.lstrip()
    return [*lines, (start + line).rstrip()] if line.strip() else lines


# Marks that may not begin a line, and marks that may not end one.
_NO_START = "，。；：、！？）》”』」】"
_NO_END = "（《“『「【"


def _pieces(text: str) -> Iterator[str]:
    """What may not be broken: a Chinese character, or a word with the space behind it."""
    word = ""
    for char in text:
        if unicodedata.east_asian_width(char) in "WF" or char == " ":
            if char == " ":
                yield word + char
                word = ""
                continue
            if word:
                yield word
                word = ""
            yield char
        else:
            word += char
    if word:
        yield word


class _Page:
    """Lines in one language or both."""

    def __init__(self, lang: str) -> None:
        if lang not in LANGUAGES:
            raise ValueError(f"language {lang!r} is none of {LANGUAGES}")
        self.both = lang == "both"
        self.main = "en" if lang == "en" else "zh"
        self.lines: list[str] = []

    def say(self, text: Text) -> str:
        """The text in the main language."""
        return text.en if self.main == "en" else text.zh

    def word(self, code: str, **params: object) -> str:
        """A sentence of the catalogue in the main language."""
        return self.say(messages.text(code, **params))

    def put(self, text: Text, indent: str = "") -> None:
        """A paragraph; with both languages the English one below."""
        self.lines += wrap(self.say(text), WIDTH, indent)
        if self.both and text.en != text.zh:
            self.lines += wrap(text.en, WIDTH, indent)

    def line(self, text: str = "", indent: str = "") -> None:
        """A line of the main language."""
        self.lines += wrap(text, WIDTH, indent) if text else [""]

    def pair(self, code: str, value: str, indent: str = "") -> None:
        """A label and what belongs to it."""
        self.line(f"{self.word(code)}{_COLON[self.main]}{value}", indent)


def render(report: Report, lang: str = "zh") -> str:
    """The report as text.

    Args:
        report: the report.
        lang: `zh`, `en`, or `both` for Chinese with English below.
    """
    page = _Page(lang)
    _head(page, report)
    if report.problem is None:
        for item in report.items:
            _item(page, item, report.judged_on)
        if report.record is not None:
            _record(page, report.record)
    _foot(page, report)
    return "\n".join(page.lines) + "\n"


def _head(page: _Page, report: Report) -> None:
    photo = report.photo
    rule = "─" * WIDTH
    title = f"{page.word('report.title')}  {photo.name}"
    if photo.page > 1 or photo.part > 1:
        title += f"  ({page.word('report.part', page=photo.page, part=photo.part)})"
    page.lines.append(rule)
    page.line(title)
    page.lines.append(rule)
    page.put(verdict_text(report))
    if report.problem is not None:
        page.put(report.problem.message)
    if report.problem is None or report.lab is not None:
        page.pair("report.laboratory", _laboratory(page, report))
    for key in _GLANCE:
        field = report.reading.fields.get(key) if report.reading else None
        if field is not None:
            page.pair(f"field.{key}", field.text)
    for one in report.by_hand:
        page.put(correction_text(one), "* ")
    if report.problem is None:
        page.line()


def correction_text(one: ByHand) -> Text:
    """What was entered by hand, and what was read there."""
    label, read = messages.text(f"field.{one.key}"), one.read
    code = "correction.told" if read else "correction.told_unread"
    zh = messages.text(code, field=label.zh, read=read, value=one.text).zh
    return Text(zh, messages.text(code, field=label.en, read=read, value=one.text).en)


def verdict_text(report: Report) -> Text:
    """One sentence: the verdict, and which items stand behind it."""
    code = "verdict.error" if report.problem is not None else f"verdict.{report.verdict}"
    label, sentence = messages.text("report.verdict"), messages.text(code)
    if report.problem is not None:
        return Text(f"{label.zh}：{sentence.zh}", f"{label.en}: {sentence.en}")
    groups = [_group(report.items, status) for status in _NOT_GOOD]
    zh = "；".join(group.zh for group in groups if group)
    en = "; ".join(group.en for group in groups if group)
    return Text(
        f"{label.zh}：{sentence.zh}" + (f"（{zh}）" if zh else ""),
        f"{label.en}: {sentence.en}" + (f" ({en})" if en else ""),
    )


def _group(items: Iterable[ItemResult], status: Status) -> Text | None:
    """`与登记不符：1 资质认定、3 …` for the items of a status; None for none."""
    held = [item.item for item in items if item.status is status]
    if not held:
        return None
    word = messages.text(f"report.group.{status}")
    names = [(number, messages.text(f"item.{number}")) for number in held]
    return Text(
        f"{word.zh}：" + "、".join(f"{number} {name.zh}" for number, name in names),
        f"{word.en}: " + ", ".join(f"{number} {name.en}" for number, name in names),
    )


def _laboratory(page: _Page, report: Report) -> str:
    lab = report.lab
    if lab is None:
        return page.say(laboratory_text(report))
    by = _COMMA[page.main].join(page.word(f"report.matched_by.{key}") for key in lab.matched_by)
    percent = min(int(lab.confidence * 100), _SUREST)
    told = page.word("report.matched", by=by, percent=percent)
    return f"{lab.name} ({told})" if by else lab.name


def laboratory_text(report: Report) -> Text:
    """What stands for the laboratory where none of the register was identified."""
    if report.foreign is None:
        return messages.text("report.no_laboratory")
    return messages.text("report.foreign_laboratory", name=report.foreign.lab.name)


def _item(page: _Page, item: ItemResult, day: dt.date | None) -> None:
    name = f"{item.item} {page.word(f'item.{item.item}')}"
    page.line(pad(name, _NAME_COLUMNS[page.main]) + page.word(f"status.{item.status}"))
    for finding in _ordered(item.findings):
        page.put(sentence(finding), _INDENT)
        if finding.status in _SHOWN:
            for evidence in finding.evidence:
                _evidence(page, evidence)
            step = messages.next_step(finding.message, **finding.params)
            if step:
                page.put(step, _INDENT + "→ ")
    _law(page, item, day)


def _record(page: _Page, record: Record) -> None:
    """What was asked and what came, so that it can be asked again and shown."""
    page.line()
    page.line(page.word("record.title"))
    if record.host:
        page.pair("record.asked", record.host, _INDENT)
        asked_at = utc(record.asked_at)[:16].replace("T", " ")
        page.pair("record.asked_at", f"{asked_at} UTC", _INDENT)
    if record.answer is not None:
        page.pair("record.sha256", record.answer.sha256, _INDENT)
    for row in record.rows:
        told = [
            f"{page.word('record.printed')} {_short(row.printed)}",
            f"{page.word('record.recorded')} {_short(row.recorded)}",
            page.word(f"record.result.{row.result}"),
        ]
        page.pair(f"field.{row.key}", " | ".join(told), _INDENT + "· ")
    if record.link and record.outcome is not Outcome.AGREES:
        page.pair("record.link", record.link, _INDENT)


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first; otherwise as found."""
    order = list(Status)
    return sorted(findings, key=lambda finding: order.index(finding.status))


def _evidence(page: _Page, evidence: Evidence) -> None:
    if not evidence.read and not evidence.expected:
        return
    read = _short(evidence.read) or page.word("report.nothing_read")
    text = f"{page.word('report.read')} {read}"
    if evidence.expected:
        text += f" | {page.word('report.expected')} {_short(evidence.expected)}"
    if evidence.source:
        text += f"  [{evidence.source}]"
    page.pair(f"field.{evidence.field}", text, _INDENT + "· ")


def _short(text: str) -> str:
    return text if columns(text) <= _VALUE_COLUMNS else text[: _VALUE_COLUMNS // 2] + "…"


def _law(page: _Page, item: ItemResult, day: dt.date | None) -> None:
    """The articles behind an item, once, where something does not agree."""
    accusing = (Status.INCONSISTENT, Status.SUSPECTED)
    keys = [key for one in item.findings if one.status in accusing for key in one.law]
    by_text: dict[Edition, list[Citation]] = {}
    for citation in law.cite_all(keys, day):
        by_text.setdefault(citation.edition, []).append(citation)
    told = [_articles(page, edition, found) for edition, found in by_text.items()]
    if told:
        page.pair("report.law", _JOINT[page.main].join(told), _INDENT)


def _articles(page: _Page, edition: Edition, found: Iterable[Citation]) -> str:
    """`《…办法》第十三条、第十四条`, an article that was not seen with its note."""
    note = page.word("report.law_check")
    parts = [one.article + ("" if one.confirmed else note) for one in found]
    title = edition.zh if page.main == "zh" else f"{edition.title_en} {edition.zh}"
    return title + "、".join(part for part in parts if part)


def _foot(page: _Page, report: Report) -> None:
    page.line()
    for step in next_steps(report):
        page.put(step, "→ ")
    page.line()
    page.put(messages.text("report.proves"))
    if demo(report):
        page.put(messages.text("report.demo"))
    empty = report.revision.imported_at.year == dt.MINYEAR
    page.put(
        messages.text(
            "report.registry_empty" if empty else "report.registry",
            imported=utc(report.revision.imported_at)[:10],
            checked=utc(report.checked_at)[:16].replace("T", " "),
        )
    )
    page.line(page.word("report.id", id=report.id))


def demo(report: Report) -> bool:
    """Whether the report rests on invented laboratories."""
    return report.lab.demo if report.lab is not None else report.revision.demo


def next_steps(report: Report) -> list[Text]:
    """What to do: about the photo first, then about the result."""
    photo = [advice.sentence(one) for one in (report.reading.advice if report.reading else ())]
    if report.problem is not None:
        return list(dict.fromkeys([*photo, report.problem.next_step]))
    findings = (finding for item in report.items for finding in item.findings)
    step = next_code(
        report.verdict, foreign=report.foreign is not None,
        outcome=report.record.outcome if report.record else None,
        unverifiable=[one.rule for one in findings if one.status is Status.UNVERIFIABLE],
    )  # fmt: skip
    return list(dict.fromkeys([*photo, messages.text(step)]))


def summary_row(report: Report) -> SummaryRow:
    """The report as one row of a table, in Chinese."""
    photo = report.photo
    name = photo.name.rsplit("/", 1)[-1]
    if photo.page > 1 or photo.part > 1:
        name += f" #{photo.page}.{photo.part}"
    lab = report.lab.name if report.lab else laboratory_text(report).zh
    if report.problem is not None:
        return SummaryRow(name, "—", messages.text("verdict.error").zh, report.problem.message.zh)
    word = messages.text(f"status.{report.verdict}").zh
    return SummaryRow(name, lab, word, "\n".join(_reasons(report.items)))


def summary_head() -> SummaryRow:
    """The table's headings."""
    keys = ("photo", "laboratory", "verdict", "why")
    return SummaryRow(*(messages.text(f"summary.{key}").zh for key in keys))


def _reasons(items: Iterable[ItemResult]) -> Iterator[str]:
    for item in items:
        if item.status in _NOT_GOOD:
            first = _ordered(item.findings)[0]
            # The table has room for one sentence; the report has them all.
            reason = sentence(first).zh.split("。", maxsplit=1)[0]
            yield f"{item.item} {messages.text(f'item.{item.item}').zh}：{reason}"
