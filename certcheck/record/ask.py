"""Asks a laboratory's registered query site for its record of a certificate.

By the QR code's address, where its host is the laboratory's own as of today, or as the site is
listed (`certcheck/data/records.toml`). No other host is ever asked.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import enum
import hashlib
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from certcheck.case import Case
from certcheck.confirm import Second, second_reading
from certcheck.errors import SettingError
from certcheck.lookalike import is_own
from certcheck.numbers import cleaning
from certcheck.outside.address import Policy
from certcheck.outside.documents import (
    Client,
    Document,
    Failure,
    Limits,
    NoDocumentError,
    Question,
)
from certcheck.record.compare import DECISIVE, compare, understood
from certcheck.record.fields import Understood, understand
from certcheck.record.model import Answer, Outcome, Reason, Record, Result, Row
from certcheck.record.sites import Site, Sites, known
from certcheck.report import VERSION
from certcheck.rules.item5_codes import numbers
from certcheck.rules.item5_hosts import addresses

log = logging.getLogger(__name__)

ONLINE = "CERTCHECK_ONLINE"
SITES = "CERTCHECK_ONLINE_SITES"
AGENT = f"certcheck/{VERSION} (looks up one certificate for its holder)"

# Seconds that all certificates of a photo may take together: less than a process has for it.
PHOTO_S = 60.0
_REFUSED = 400
_FAILED: Mapping[Failure, Reason] = {
    Failure.ELSEWHERE: Reason.LEFT,
    Failure.FORBIDDEN: Reason.FORBIDDEN,
    Failure.UNKNOWN: Reason.UNKNOWN,
    Failure.CERTIFICATE: Reason.CERTIFICATE,
    Failure.UNREACHABLE: Reason.UNREACHABLE,
    Failure.SLOW: Reason.SLOW,
    Failure.LARGE: Reason.LARGE,
    Failure.KIND: Reason.KIND,
    Failure.REDIRECTS: Reason.REDIRECTS,
}


class Mode(enum.StrEnum):
    """Whether and where may be asked.

    Attributes:
        PUBLIC: on the internet.
        LOCAL: on this machine too, to try it.
        OFF: nowhere.
    """

    PUBLIC = "public"
    LOCAL = "local"
    OFF = "off"


@dc.dataclass(frozen=True, slots=True)
class Asker:
    """Who asks.

    Attributes:
        mode: whether and where.
        sites: how listed sites are asked.
        limits: how much is taken of an answer.
        ca_file: certificates to trust in place of the usual ones.
    """

    mode: Mode = Mode.PUBLIC
    sites: Sites = dc.field(default_factory=known)
    limits: Limits = Limits()
    ca_file: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Asker:
        """Who asks by the settings of this process.

        Raises:
            SettingError: a variable holds what it cannot mean.
            SitesFileError: the operator's file of sites is of no use.
        """
        more = environment.get(SITES)
        return cls(mode(environment), known(Path(more) if more else None))

    def ask(self, case: Case, share: float = 1.0) -> Record:
        """Asks for the record of a certificate; never fails, but says why it could not.

        Args:
            case: the certificate; what differs is asked of its picture again.
            share: of the time for all certificates of a photo.
        """
        seconds = min(self.limits.seconds, PHOTO_S * share)
        hurried = dc.replace(self, limits=dc.replace(self.limits, seconds=seconds))
        return _Inquiry(hurried, case).run()


def mode(environment: Mapping[str, str] = os.environ) -> Mode:
    """Whether and where this process may ask.

    Raises:
        SettingError: the variable holds what it cannot mean.
    """
    given = environment.get(ONLINE, "").strip() or Mode.PUBLIC
    if given not in set(Mode):
        raise SettingError(name=ONLINE, value=given, wanted=", ".join(Mode))
    return Mode(given)


class _Stop(Exception):  # noqa: N818 - no error: says why there is nothing to ask
    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


class _Inquiry:
    """One certificate's record, asked for."""

    def __init__(self, asker: Asker, case: Case) -> None:
        self._asker, self._case = asker, case
        lab = case.match.record.on(case.checked_on) if case.match else None
        # Whose site it was on the day of issue may have been somebody else's since.
        self._domains = [row.domain for row in lab.domains] if lab else []
        self._site = asker.sites.of(self._domains)
        # Whether the site is asked as it is listed, and whether with the printed number.
        self._listed = self._by_number = False
        self._deadline = time.monotonic() + asker.limits.seconds
        self._record = Record(Outcome.NOT_ASKED, dt.datetime.now(dt.UTC).replace(microsecond=0))

    def run(self) -> Record:
        """Asks and compares."""
        try:
            question = self._question()
        except _Stop as stop:
            return self._not_asked(stop.reason)
        host = parse_url(question.url).host or ""
        self._record = dc.replace(self._record, host=host, link=self._link(question))
        try:
            found = self._fetched(question)
        except NoDocumentError as error:
            log.info("no record from %s: %s", host, error)
            return self._not_asked(_FAILED[error.failure])
        return self._judged(found)

    def _fetched(self, question: Question) -> Document:
        """What the site answers, in what is left of the time.

        Raises:
            NoDocumentError: nothing that may be had.
        """
        policy = Policy(plain=True, local=self._asker.mode is Mode.LOCAL)
        left = max(0.0, self._deadline - time.monotonic())
        limits = dc.replace(self._asker.limits, seconds=left)
        return Client(policy, self._is_own, AGENT, limits, self._asker.ca_file).fetch(question)

    def _is_own(self, host: str) -> bool:
        return is_own(host, self._domains)

    def _question(self) -> Question:
        """What is asked.

        Raises:
            _Stop: there is nothing to ask, or nobody.
        """
        case, site = self._case, self._site
        if self._asker.mode is Mode.OFF:
            raise _Stop(Reason.OFF)
        if case.match is None:
            raise _Stop(Reason.NO_LABORATORY)
        if not self._domains:
            raise _Stop(Reason.NO_SITE)
        if site is not None and site.address:
            values = self._values(site)
            if site.needs <= set(values):
                try:
                    question = site.question(values)
                    self._listed, self._by_number = True, "certificate_no" in site.needs
                    return question
                except ValueError:
                    log.info("%s cannot be asked with what was read", site.domain)
        own = [code.text or "" for code, host in addresses(case) if self._is_own(host)]
        if own:
            number = cleaning.fold(self._case.certificate_no)
            self._by_number = bool(number) and number in cleaning.fold(unquote(own[0]))
            return Question(_address(own[0]))
        raise _Stop(self._nobody(site))

    def _nobody(self, site: Site | None) -> Reason:
        """Why no site can be asked."""
        if site is not None and site.person:
            return Reason.PERSON
        if site is not None and site.address:
            return Reason.MISSING
        return Reason.ELSEWHERE if addresses(self._case) else Reason.NO_ADDRESS

    def _values(self, site: Site) -> dict[str, str]:
        """What the site is asked with; the number as a code of the paper spells it."""
        fields = ((key, self._case.field(key)) for key in site.needs)
        values = {key: field.text for key, field in fields if field is not None}
        if "certificate_no" in values:
            printed = values["certificate_no"]
            same = (
                one.number for one in numbers(self._case, printed)
                if cleaning.fold(one.number) == cleaning.fold(printed)
            )  # fmt: skip
            values["certificate_no"] = next(same, printed)
        return values

    def _link(self, question: Question) -> str:
        """Where a person may look himself: a page of the laboratory's own."""
        if self._site is not None and self._site.person:
            return self._site.person
        return question.url if question.form is None else ""

    def _not_asked(self, reason: Reason) -> Record:
        person = self._site.person if self._site else ""
        return dc.replace(self._record, reason=reason, link=self._record.link or person)

    def _judged(self, found: Document) -> Record:
        """What an answer says of the certificate."""
        digest = hashlib.sha256(found.data).hexdigest()
        kept = Answer(found.url, found.status, found.kind, digest, found.data)
        self._record = dc.replace(self._record, host=found.host, answer=kept)
        broken = Reason.STATUS if found.status >= _REFUSED else Reason.UNCLEAR
        answer = understand(found, self._site)
        if answer is None:
            return self._not_asked(broken)
        rows = compare(self._case, answer.fields)
        if found.status < _REFUSED and understood(rows) and self._is_meant(rows, answer):
            return dc.replace(self._record, outcome=_outcome(rows), rows=rows)
        site = self._site
        if site is not None and site.lacks(found, answer.text, answer.told):
            if site.control and self._controlled(site):
                absent = dc.replace(self._record, outcome=Outcome.ABSENT)
                return dc.replace(absent, tells=self._tells(site))
            # A sign that stands there for a number that the site has too is none any more.
            if not site.control and not answer.guarded:
                return dc.replace(self._record, outcome=Outcome.ABSENT)
        if answer.guarded:
            return self._not_asked(Reason.CAPTCHA)
        return self._not_asked(broken)

    def _is_meant(self, rows: tuple[Row, ...], answer: Understood) -> bool:
        """Whether an answer that differs is about the certificate that was asked for.

        A sample, the first of a list or another's record, as a site may show in place of an
        answer, is held against nobody; a code that leads to another number's record is.
        """
        if _outcome(rows) is Outcome.AGREES:
            return True
        if len(answer.fields.get("certificate_no", ())) > 1:
            return False  # whose values they are nobody knows
        stated = next((row.result for row in rows if row.key == "certificate_no"), None)
        if stated in (Result.DIFFERS, Result.UNSURE):
            return not self._by_number
        # Without a label: the number may be the page's heading, or the form's echo.
        number = cleaning.fold(self._case.certificate_no)
        return stated is Result.AGREES or bool(number and number in cleaning.fold(answer.text))

    def _controlled(self, site: Site) -> bool:
        """Whether the site shows, asked in the same way, a certificate that it is known to have.

        Where it does not, it was changed, or says the same of every number.
        """
        question = site.control_question(listed=self._listed)
        if question is None:
            return False
        try:
            found = self._fetched(question)
        except NoDocumentError as error:
            log.info("the control of %s: %s", site.domain, error)
            return False
        answer = understand(found, site)
        if found.status >= _REFUSED or answer is None:
            return False
        known = cleaning.fold(site.control["certificate_no"])
        shown = any(
            cleaning.fold(one.value) == known for one in answer.fields.get("certificate_no", ())
        )
        whole = shown and bool(DECISIVE & set(answer.fields))
        return whole and not site.lacks(found, answer.text, answer.told)

    def _tells(self, site: Site) -> bool:
        """Whether a number that is not there should be: all that was asked with was surely read."""
        if not site.expects(self._case.issued_on, self._case.checked_on):
            return False
        asked_with = {"certificate_no"} | (site.needs if self._listed else set())
        return all(map(self._surely_read, asked_with))

    def _surely_read(self, key: str) -> bool:
        field = self._case.field(key)

        def same(one: str, other: str) -> bool:
            return cleaning.plain(one) == cleaning.plain(other)

        return field is not None and (
            second_reading(self._case, field, (), same) is Second.SAME
        )  # fmt: skip


def _outcome(rows: tuple[Row, ...]) -> Outcome:
    results = {row.result for row in rows}
    if Result.DIFFERS in results:
        return Outcome.DIFFERS
    return Outcome.UNSURE if Result.UNSURE in results else Outcome.AGREES


def _address(text: str) -> str:
    """A code's address as it is asked: with its scheme, in characters that addresses have.

    Raises:
        _Stop: it is none.
    """
    text = text.strip()
    try:
        parsed = parse_url(text if "://" in text else f"http://{text}")
    except LocationParseError as error:
        raise _Stop(Reason.FORBIDDEN) from error
    return parsed._replace(fragment=None).url
