"""What would break: a code that is guessed, used twice, read out of the database, or of no use."""

from __future__ import annotations

import hmac
from base64 import b32decode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from certcheck.accounts.errors import (
    CodeWrongError,
    FactorKnownError,
    FactorUnknownError,
    SealBrokenError,
)
from certcheck.accounts.people import Person
from certcheck.accounts.second_factor import RECOVERY_CODES, SecondFactors
from certcheck.accounts.tables import RecoveryCode, SecondFactor
from certcheck.cli import cli
from certcheck.errors import SettingError
from certcheck.runner.settings import FOLDER, SECOND_FACTOR, Settings
from registry import store
from tests.certcheck.test_accounts import Office
from tests.web.staff import quick

STEP = 30


def code(secret: str, seconds: float) -> str:
    """RFC 6238 (and RFC 4226, 5.3) by hand: six digits of HMAC-SHA-1 of the step."""
    step = int(seconds // STEP).to_bytes(8, "big")
    digest = hmac.digest(b32decode(secret), step, "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


class Phone:
    """Somebody's app, and the office that he shows its codes to."""

    def __init__(self, office: Office, name: str = "li") -> None:
        self.office, self.person = office, office.add(name)
        office.clock.on(seconds=1)
        self.factors = self.of("k" * 32)
        self.key = self.factors.begin(self.person)
        self.secret = self.key.text.replace(" ", "")

    def of(self, secret: str) -> SecondFactors:
        return SecondFactors(self.office.work.engine, self.office.clock, quick(), secret)

    def shows(self, later: int = 0) -> str:
        return code(self.secret, self.office.clock.now.timestamp() + later * STEP)

    def right(self, typed: str, person: Person | None = None) -> bool:
        try:
            self.factors.ask(person or self.person, typed)
        except CodeWrongError:
            return False
        return True

    def confirmed(self) -> list[str]:
        """The recovery codes; the next code of the app was not used."""
        codes = self.factors.confirm(self.person, self.shows())
        self.office.clock.on(seconds=STEP)
        return codes


@pytest.fixture
def office(work_url: str | None, tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path, work_url)
    yield made
    made.work.close()


def test_the_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: the last six of its eight digits."""
    from pyotp import TOTP

    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, wanted in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert code(secret, seconds) == TOTP(secret).at(seconds) == wanted


def test_a_code_counts_once_and_only_about_now(office: Office) -> None:
    phone = Phone(office, "李 Wei")
    about = urlsplit(phone.key.address)
    assert (about.scheme, about.netloc) == ("otpauth", "totp")
    assert unquote(about.path).endswith(phone.person.name)
    assert parse_qs(about.query)["secret"] == [phone.secret]
    # Before it is confirmed it counts for nothing, and a wrong code does not confirm it.
    assert phone.factors.since(phone.person.id) is None and not phone.right(phone.shows())
    for wrong in ("", phone.shows(2), phone.shows(-2)):
        with pytest.raises(CodeWrongError):
            phone.factors.confirm(phone.person, wrong)
    token = office.sign_ins.begin(phone.person)
    used = phone.shows()
    assert len(set(phone.factors.confirm(phone.person, used))) == RECOVERY_CODES
    assert office.sign_ins.person(token) is None
    assert phone.factors.owners() == {phone.person.id}
    for again in (phone.factors.begin, lambda one: phone.factors.confirm(one, used)):
        with pytest.raises(FactorKnownError):
            again(phone.person)
    assert not phone.right(used)
    office.clock.on(seconds=2 * STEP)
    assert not phone.right(phone.shows(-2)) and not phone.right(phone.shows(2))
    late = phone.shows(-1)
    now, wide = phone.shows(), "".join(chr(ord(one) + 0xFEE0) for one in phone.shows())
    assert phone.right(late) and not phone.right(late)
    assert phone.right(f" {wide[:3]} {wide[3:]} ") and not phone.right(now)
    ahead = phone.shows(1)
    assert phone.right(ahead)
    office.clock.on(seconds=STEP)
    assert not phone.right(ahead) and not phone.right(phone.shows())
    other = Phone(office, "wang")
    other.confirmed()
    assert not phone.right(other.shows()) and other.right(other.shows())


def test_each_recovery_code_counts_once_until_there_are_others(office: Office) -> None:
    phone = Phone(office)
    codes = phone.confirmed()
    assert phone.right(codes[0].upper()) and not phone.right(codes[0])
    assert phone.right(codes[-1].replace("-", " "))
    assert phone.factors.left(phone.person.id) == RECOVERY_CODES - 2
    first, second = codes[1].partition("-"), codes[2].partition("-")
    for wrong in (f"{first[0]}-{second[2]}", first[2], f"99-{first[2]}", "-", "²-aaaa-bbbb-cccc"):
        assert not phone.right(wrong), wrong
    assert not phone.right(codes[3], office.add("wang"))
    renewed = phone.factors.renew(phone.person)
    assert not phone.right(codes[4]) and phone.right(renewed[4])
    with store.session(office.work.engine) as opened:
        kept = opened.exec(select(RecoveryCode.code)).all()
    assert len(kept) == RECOVERY_CODES and all(one.startswith("$argon2id$") for one in kept)


def test_the_database_alone_tells_no_key(office: Office) -> None:
    phone, other = Phone(office), Phone(office, "wang")
    codes, _ = phone.confirmed(), other.confirmed()
    with store.session(office.work.engine) as opened:
        row = opened.get_one(SecondFactor, phone.person.id)
        assert phone.secret not in row.secret
        row.secret = opened.get_one(SecondFactor, other.person.id).secret
        opened.add(row)
        opened.commit()
    with pytest.raises(SealBrokenError):  # put into another's row
        phone.factors.ask(phone.person, other.shows())
    lost = phone.of("another" * 9)
    with pytest.raises(SealBrokenError):
        lost.ask(other.person, other.shows())
    assert lost.ask(phone.person, codes[0]) == "recovery"


def test_it_is_taken_away_and_that_stands_in_the_log(office: Office) -> None:
    phone = Phone(office)
    codes = phone.confirmed()
    token = office.sign_ins.begin(phone.person)
    phone.factors.renew(phone.person)
    office.clock.on(seconds=1)
    # As the command line does it, without the secret.
    taking = SecondFactors(office.work.engine, office.clock, quick(), None)
    taking.remove("Li ")
    assert office.sign_ins.person(token) is None
    assert phone.factors.since(phone.person.id) is None and phone.factors.left(phone.person.id) == 0
    assert not phone.right(phone.shows()) and not phone.right(codes[1])
    with pytest.raises(FactorUnknownError):
        taking.remove("li")
    with pytest.raises(FactorUnknownError):
        phone.factors.confirm(phone.person, phone.shows())
    deeds, total = office.people.deeds(1)
    assert [(one.what, one.name, one.by) for one in deeds] == [
        ("factor_off", "li", ""), ("factor_codes", "li", "li"), ("factor_on", "li", "li"),
        ("added", "li", ""),
    ]  # fmt: skip
    assert total == 4


def test_the_command_line_takes_it_away(tmp_path: Path) -> None:
    office = Office(tmp_path)
    phone = Phone(office)
    phone.confirmed()

    def drop(name: str) -> Result:
        told = {FOLDER: str(office.work.settings.folder)}
        return CliRunner().invoke(cli, ["user", "drop-second-factor", name], env=told)

    assert drop("li").exit_code == 0 and phone.factors.owners() == set()
    for name in ("li", "nobody"):
        refused = drop(name)
        assert refused.exit_code == 2 and refused.stderr
    office.work.close()


def test_roles_that_have_to_have_one_are_named_by_the_setting() -> None:
    given = Settings.from_environment({SECOND_FACTOR: "inspector, admin"}).second_factor
    assert given == {"inspector", "admin"} and not Settings.from_environment({}).second_factor
    for wrong in ("visitor", "everybody"):
        with pytest.raises(SettingError):
            Settings.from_environment({SECOND_FACTOR: wrong})
