"""What would break: somebody kept out who comes in, or a password that is kept or guessed."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from certcheck.accounts import demo, passwords
from certcheck.accounts.errors import (
    BadNameError,
    LastAdminError,
    PasswordCommonError,
    PasswordLongError,
    PasswordSameError,
    PasswordShortError,
    PasswordWrongError,
    PersonKnownError,
    PersonUnknownError,
    SignInError,
)
from certcheck.accounts.passwords import Passwords
from certcheck.accounts.people import People, Person
from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.accounts.sign_ins import ABSOLUTE, IDLE, SignIns
from certcheck.cli import cli
from certcheck.errors import SettingError
from certcheck.runner.clients import Clients
from certcheck.runner.settings import FOLDER, HTTPS, SECRET, Settings
from certcheck.runner.work import Work
from tests.certcheck.work_store import Clock, send, settings

GOOD, OTHER = "kettle-orbit-lemon-74", "纸船 window 49 蓝灯塔"
# Kilobytes: the least that Argon2 takes.
LEAST = 8


class Office:
    """The people of an empty work store, with hashes that cost little."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.clock = Clock()
        self.work = Work(settings(folder, url=url), self.clock)
        self.people = self.with_cost(1)
        self.sign_ins = SignIns(self.work.engine, self.clock)

    def with_cost(self, rounds: int) -> People:
        hasher = PasswordHasher(time_cost=rounds, memory_cost=LEAST, parallelism=1)
        return People(self.work.engine, self.clock, Passwords(hasher))

    def add(self, name: str = "li", role: Role = Role.STREAMER) -> Person:
        return self.people.add(name, role, GOOD, must_change=False)


@pytest.fixture
def office(work_url: str | None, tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path, work_url)
    yield made
    made.work.close()


def test_the_right_password_lets_in_and_nothing_else_does(office: Office) -> None:
    person = office.add("李 Wei")
    assert person.last_sign_in_at is None
    # Keyboards differ in width and case of what one types; the password's own case counts.
    for name in ("李 Wei", "李 wei ", "李\u3000ＷＥＩ"):
        came = office.people.let_in(name, GOOD)
        assert (came.id, came.role, came.last_sign_in_at) == (
            person.id, Role.STREAMER, office.clock.now,
        )  # fmt: skip
    wrong = (("李 wei", GOOD.upper()), ("wang", GOOD), ("李 wei", ""), ("", ""), ("李 wei\0", GOOD))
    for name, word in wrong:
        with pytest.raises(SignInError):
            office.people.let_in(name, word)


def test_a_password_is_kept_nowhere(office: Office, tmp_path: Path) -> None:
    office.add()
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or GOOD.encode() not in path.read_bytes()


def test_a_wrong_name_costs_as_many_hashes_as_a_wrong_password(office: Office) -> None:
    """Else the time of the answer tells which names there are."""

    class Counting(PasswordHasher):
        verified = 0

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            Counting.verified += 1
            return super().verify(hash, password)

    counting = Counting(time_cost=1, memory_cost=LEAST, parallelism=1)
    people = People(office.work.engine, office.clock, Passwords(counting))
    people.add("li", Role.STREAMER, GOOD)
    costs = []
    for name in ("li", "nobody"):
        Counting.verified = 0
        with pytest.raises(SignInError):
            people.let_in(name, "wrong")
        costs.append(Counting.verified)
    assert costs == [1, 1]


def test_a_hash_follows_the_parameters(office: Office) -> None:
    office.add()
    dearer = office.with_cost(2)
    dearer.let_in("li", GOOD)
    with office.work.engine.connect() as opened:
        found = opened.exec_driver_sql("select password from work_accounts").scalar_one()
    assert ",t=2," in found
    assert dearer.let_in("li", GOOD) and office.people.let_in("li", GOOD)


def test_new_hashes_are_made_as_rfc_9106_says() -> None:
    made = Passwords().hash(GOOD)
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$") and len(made) < 255
    assert not Passwords().outdated(made)


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("short-one", PasswordShortError),
        ("", PasswordShortError),
        ("x" * 129, PasswordLongError),
        ("password123", PasswordCommonError),
        ("1qaz2wsx3edc", PasswordCommonError),
        ("qq123456789", PasswordCommonError),
        ("aaaaaaaaaaaaaaaa", PasswordCommonError),
        ("13800138000", PasswordCommonError),
        ("woaini1314520", PasswordCommonError),
        ("zhangxiaoming", PasswordCommonError),
        ("zhangxiaoming1", PasswordCommonError),
        ("Certcheck2026", PasswordCommonError),
    ],
)
def test_weak_passwords_are_refused(weak: str, why: type[Exception]) -> None:
    with pytest.raises(why):
        passwords.examine(weak, "zhangxiaoming")


def test_nobody_is_added_with_a_weak_password(office: Office) -> None:
    for weak in ("short-one", "lililililili"):
        with pytest.raises((PasswordShortError, PasswordCommonError)):
            office.people.add("Li", Role.STREAMER, weak)
    assert office.people.everyone() == []


def test_good_passwords_need_no_digits_or_signs() -> None:
    for good in (
        GOOD,
        OTHER,
        "moss umbrella tenor",
        "雨伞配鲸鱼再加一盏旧台灯",
        *[passwords.made() for _ in range(50)],
    ):
        passwords.examine(good, "zhang")


def test_a_change_of_password_ends_every_sign_in(office: Office) -> None:
    person, other = office.add(), office.add("wang")
    tokens = [office.sign_ins.begin(person) for _ in range(2)]
    kept = office.sign_ins.begin(other)
    for old, new, why in (
        ("wrong", OTHER, PasswordWrongError), (GOOD, GOOD, PasswordSameError),
        (GOOD, "short", PasswordShortError), (GOOD, "lililililili", PasswordCommonError),
    ):  # fmt: skip
        with pytest.raises(why):
            office.people.change_password(person, old, new)
    assert all(map(office.sign_ins.person, tokens))
    office.people.change_password(person, GOOD, OTHER)
    assert not any(map(office.sign_ins.person, tokens)) and office.sign_ins.person(kept)
    assert office.people.let_in("li", OTHER).must_change is False
    with pytest.raises(SignInError):
        office.people.let_in("li", GOOD)


def test_a_reset_password_has_to_be_changed(office: Office) -> None:
    person = office.add()
    token = office.sign_ins.begin(person)
    office.people.reset_password("li", OTHER)
    assert office.sign_ins.person(token) is None
    again = office.people.let_in("li", OTHER)
    assert again.must_change
    office.people.change_password(again, OTHER, GOOD)
    assert not office.people.let_in("li", GOOD).must_change


def test_who_is_disabled_is_out_at_once_and_may_come_back(office: Office) -> None:
    token = office.sign_ins.begin(office.add())
    office.people.disable("li")
    assert office.sign_ins.person(token) is None
    with pytest.raises(SignInError):
        office.people.let_in("li", GOOD)
    office.people.enable("li")
    assert office.sign_ins.person(token) is None
    assert office.people.let_in("li", GOOD).disabled_at is None


def test_a_role_counts_from_the_next_page_on(office: Office) -> None:
    token = office.sign_ins.begin(office.add())
    office.people.give_role("li", Role.INSPECTOR)
    found = office.sign_ins.person(token)
    assert found is not None and found.role is Role.INSPECTOR
    for none in (Role.VISITOR, Role.CLIENT):
        with pytest.raises(ValueError, match="no role"):
            office.people.give_role("li", none)


def test_the_last_administrator_stays(office: Office) -> None:
    office.add("chief", Role.ADMIN)
    office.add("second", Role.ADMIN)
    office.people.disable("second")
    with pytest.raises(LastAdminError):
        office.people.disable("chief")
    with pytest.raises(LastAdminError):
        office.people.give_role("chief", Role.KEEPER)
    office.people.enable("second")
    office.people.give_role("chief", Role.KEEPER)


def test_an_administrator_of_the_demo_is_none_to_rely_on(office: Office) -> None:
    office.add("chief", Role.ADMIN)
    office.people.add("example", Role.ADMIN, GOOD, demo=True)
    with pytest.raises(LastAdminError):
        office.people.disable("chief")
    office.people.disable("example")


def test_names_are_given_once_and_can_be_seen(office: Office) -> None:
    office.add("Li")
    with pytest.raises(PersonKnownError):
        office.add("ＬＩ ")
    for bad in ("", "  ", "a\u200bb", "a\nb", "x" * 61):
        with pytest.raises(BadNameError):
            office.add(bad)
    for act in (office.people.disable, office.people.enable):
        with pytest.raises(PersonUnknownError):
            act("nobody")


def test_a_sign_in_ends_when_it_is_not_used(office: Office) -> None:
    token = office.sign_ins.begin(office.add())
    for _ in range(3):
        office.clock.now += IDLE - dt.timedelta(seconds=1)
        assert office.sign_ins.person(token)
    office.clock.now += IDLE
    assert office.sign_ins.person(token) is None


def test_a_sign_in_ends_after_a_day_however_much_it_is_used(office: Office) -> None:
    person = office.add()
    token, end = office.sign_ins.begin(person), office.clock.now + ABSOLUTE
    while office.clock.now + IDLE / 2 < end:
        office.clock.now += IDLE / 2
        assert office.sign_ins.person(token)
    office.clock.now = end
    assert office.sign_ins.person(token) is None
    office.sign_ins.begin(person)
    with office.work.engine.connect() as opened:
        left = opened.exec_driver_sql("select count(*) from work_sign_ins").scalar_one()
    assert left == 1


def test_a_token_is_kept_nowhere_and_ends_with_sign_out(office: Office, tmp_path: Path) -> None:
    token = office.sign_ins.begin(office.add())
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or token.encode() not in path.read_bytes()
    for wrong in ("", token[:-1], token + "x"):
        assert office.sign_ins.person(wrong) is None
    office.sign_ins.end(token)
    assert office.sign_ins.person(token) is None


def test_one_of_each_role_is_made_once_for_the_demo_registry_alone(
    office: Office, tmp_path: Path
) -> None:
    work, clients = office.work, Clients(office.work.engine)
    assert demo.prepare(office.people, work, demo=False) == []
    assert [*office.people.everyone(), *clients.everyone()] == []
    cards = demo.prepare(office.people, work, demo=True)
    *people, program = cards
    assert [card.role for card in cards] == [*OF_PEOPLE, Role.CLIENT]
    assert clients.by_key(program.password) is not None
    for card in people:
        came = office.people.let_in(card.name, card.password)
        assert came.demo and came.role is card.role and not came.must_change
    assert all(card.name.startswith("示例") for card in cards)
    path = demo.path_in(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert demo.prepare(office.people, work, demo=True) == cards == demo.read(tmp_path)
    assert demo.prepare(office.people, work, demo=False) == []
    assert not path.exists() and clients.by_key(program.password) is None


def test_only_the_servers_user_reads_what_is_kept(tmp_path: Path) -> None:
    work = Work(settings(tmp_path / "new"))
    send(work, b"photo")
    for path in (tmp_path / "new", *(tmp_path / "new").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    work.close()


def call(folder: Path, *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["user", *words], env={FOLDER: str(folder)}, input=typed)


def test_the_command_line_adds_lists_and_disables(tmp_path: Path) -> None:
    made = call(tmp_path, "add", "Li", "--role", "streamer")
    assert made.exit_code == 0
    asked = call(tmp_path, "add", "wang", "--role", "admin", "--ask", typed=f"{OTHER}\n{OTHER}\n")
    assert asked.exit_code == 0 and OTHER not in asked.output
    work = Work(settings(tmp_path))
    people = People(work.engine, work.clock)
    assert people.let_in("li", made.stdout.strip()).must_change
    assert not people.let_in("wang", OTHER).must_change
    anew = call(tmp_path, "passwd", "li").stdout.strip()
    assert people.let_in("li", anew).must_change
    assert call(tmp_path, "role", "li", "keeper").exit_code == 0
    assert call(tmp_path, "disable", "li").exit_code == 0
    rows = [line.split("\t") for line in call(tmp_path, "list").stdout.splitlines()]
    assert [(row[0], row[1], bool(row[2]), bool(row[3])) for row in rows] == [
        ("li", "keeper", True, True), ("wang", "admin", True, False),
    ]  # fmt: skip
    assert call(tmp_path, "enable", "li").exit_code == 0
    work.close()
    for words in (("disable", "wang"), ("add", "li", "--role", "admin"), ("passwd", "nobody")):
        refused = call(tmp_path, *words)
        assert refused.exit_code == 2 and refused.stderr and "Traceback" not in refused.stderr


def test_settings_of_cookies_come_from_the_environment() -> None:
    assert not Settings.from_environment({}).https
    told = Settings.from_environment({HTTPS: "on", SECRET: "s" * 32})
    assert told.https and told.secret == "s" * 32 and "sss" not in repr(told)
    for wrong in ({HTTPS: "yes"}, {SECRET: "too short"}):
        with pytest.raises(SettingError) as caught:
            Settings.from_environment(wrong)
        assert "too short" not in str(dc.asdict(Settings(Path())) | caught.value.details)
