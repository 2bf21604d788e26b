"""How work is kept and done on this machine, from the environment."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import platformdirs

from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.errors import SettingError
from certcheck.runner import scanner
from certcheck.runner.pool import TIME_LIMIT_S, default_workers

FOLDER = "CERTCHECK_WORK"
URL = "CERTCHECK_WORK_URL"
KEEP_HOURS = "CERTCHECK_KEEP_HOURS"
KEEP_PEOPLE_DAYS = "CERTCHECK_KEEP_PEOPLE_DAYS"
KEEP_INSPECTED = "CERTCHECK_KEEP_INSPECTED_DAYS"
QUEUE = "CERTCHECK_QUEUE"
WORKERS = "CERTCHECK_WORKERS"
NICE = "CERTCHECK_NICE"
TIME_LIMIT = "CERTCHECK_TIME_LIMIT"
RATE = "CERTCHECK_RATE"
RATES = "CERTCHECK_RATES"
API = "CERTCHECK_API"
PROXIES = "CERTCHECK_PROXIES"
WEBHOOKS = "CERTCHECK_WEBHOOKS"
HTTPS = "CERTCHECK_HTTPS"
SECRET = "CERTCHECK_SECRET"
SECOND_FACTOR = "CERTCHECK_SECOND_FACTOR"
ENGINE = "CERTCHECK_ENGINE"
BROKER = "CERTCHECK_BROKER"
LEASE = "CERTCHECK_LEASE"
BLOBS = "CERTCHECK_BLOBS"
SCANNER = "CERTCHECK_SCANNER"

# Where requests are counted: in the work store, or where the library `limits` can.
RATES_HERE, RATES_IN_PROCESS = "work://", "memory://"
_RATES = (
    RATES_HERE, RATES_IN_PROCESS, "redis://", "rediss://", "redis+unix://", "redis+sentinel://"
)  # fmt: skip

# Who does the work: processes of the server, or workers that Celery gives their turns.
LOCAL_ENGINE, CELERY = "local", "celery"
_BROKERS = ("redis://", "rediss://", "redis+socket://", "amqp://", "amqps://")
_BROKER = "redis://localhost:6379/0"
# Where files lie: a folder, or a bucket, as fsspec writes their addresses.
_FILE = "file://"
_PLACES = (_FILE, "s3://", "oss://")

# Who may use the API: whoever reaches it, or clients with a key.
_OPEN, _KEYS = "open", "keys"
# Where clients may be told: on the internet, or on this machine too, to try it.
_PUBLIC, _LOCAL = "public", "local"
_OFF, _ON = "off", "on"
# Characters of a secret that nobody guesses.
_SECRET_LENGTH = 32

# Long enough to show the result to the seller the same day, or to sleep on it.
_KEEP_HOURS = 24
_YEAR_HOURS = 366 * 24
# Who complained may ask what came of it for half a year after the case was settled.
_KEEP_PEOPLE_DAYS, _MOST_PEOPLE_DAYS = 180, 3660
# What inspectors looked into: six years, as long as laboratories have to keep their own records.
_KEEP_INSPECTED, _MOST_INSPECTED = 6 * 366, 100 * 366
# Waiting photos: some minutes' work for two cores.
_QUEUE = 200
_MOST_QUEUED = 1_000_000
_MOST_WORKERS = 256
# Measured on two cores (docs/benchmarks.md): with none, pages took twice as long as on an idle
# server, with 10 hardly longer; the photos were done as soon.
_NICE, _MOST_NICE = 10, 19
# Seconds that a photo may take: not so few that a slow machine answers none.
_SHORTEST_LIMIT, _LONGEST_LIMIT = 5, 3600
# Photos a minute of one client or address: a hall of people behind one address, no flood.
_RATE = 120
# Seconds without a sign of life until a worker is given up: a full machine may stand for some.
_LEASE, _LONGEST_LEASE = 30, 3600
_MOST_RATE = 1_000_000
_MOST_PROXIES = 9
# Bytes of photos that wait; a phone's photo has 2 to 8 MB.
QUEUE_BYTES = 4 * 2**30


@dc.dataclass(frozen=True, slots=True)
class Settings:
    """How work is kept and done.

    Attributes:
        folder: of photos and pictures, and of the database where `url` names no other.
        url: of the database, or None.
        keep: how long a check, its photo and its result stay.
        keep_people: how long, after a case was settled, it is known who complained.
        keep_inspected: likewise one of an inspector; what a case holds stays longer.
        most_queued: photos that may wait; more are refused until there is room.
        most_bytes: likewise, their size together.
        workers: processes that read.
        time_limit: seconds a photo may take.
        nice: steps by which they stand back behind the server itself, see `limits.stand_back`.
        rate: photos a minute that one client, or one address, may send.
        rates: where they are counted, as an address; see `web.rates`. It may hold a password.
        api_keys: whether the API asks for a key.
        proxies: web servers of ours that requests come through; each tells whom it speaks for.
        https: whether browsers reach the pages by HTTPS alone.
        local_hooks: whether webhooks may lead to this machine, also without encryption.
        celery: whether workers do the work (`certcheck worker`), instead of the server's processes.
        broker: that gives them their turns, as an address. It may hold a password.
        lease: seconds without a sign of life until a worker is taken for dead.
        blobs: address of the files, or None for a folder in `folder`.
        scanner: address of the virus scanner that uploads are shown to, or None.
        secret: signs cookies; None for one that is made once and kept in the folder.
        second_factor: roles whose people have to have one.
    """

    folder: Path
    url: str | None = None
    keep: dt.timedelta = dt.timedelta(hours=_KEEP_HOURS)
    keep_people: dt.timedelta = dt.timedelta(days=_KEEP_PEOPLE_DAYS)
    keep_inspected: dt.timedelta = dt.timedelta(days=_KEEP_INSPECTED)
    most_queued: int = _QUEUE
    most_bytes: int = QUEUE_BYTES
    workers: int = dc.field(default_factory=default_workers)
    time_limit: float = TIME_LIMIT_S
    nice: int = _NICE
    rate: int = _RATE
    rates: str = dc.field(default=RATES_HERE, repr=False)
    api_keys: bool = False
    proxies: int = 0
    https: bool = False
    local_hooks: bool = False
    celery: bool = False
    broker: str = dc.field(default=_BROKER, repr=False)
    lease: float = _LEASE
    blobs: str | None = None
    scanner: str | None = None
    secret: str | None = dc.field(default=None, repr=False)
    second_factor: frozenset[Role] = frozenset()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings of this process.

        Raises:
            SettingError: a variable holds what it cannot mean.
        """
        folder = environment.get(FOLDER)
        return cls(
            folder=Path(folder).absolute() if folder else default_folder(),
            url=environment.get(URL) or None,
            keep=dt.timedelta(hours=_number(environment, KEEP_HOURS, _KEEP_HOURS, _YEAR_HOURS)),
            keep_people=dt.timedelta(
                days=_number(environment, KEEP_PEOPLE_DAYS, _KEEP_PEOPLE_DAYS, _MOST_PEOPLE_DAYS)
            ),
            keep_inspected=dt.timedelta(
                days=_number(environment, KEEP_INSPECTED, _KEEP_INSPECTED, _MOST_INSPECTED)
            ),
            most_queued=_number(environment, QUEUE, _QUEUE, _MOST_QUEUED),
            workers=_number(environment, WORKERS, default_workers(), _MOST_WORKERS),
            time_limit=_number(
                environment, TIME_LIMIT, TIME_LIMIT_S, _LONGEST_LIMIT, least=_SHORTEST_LIMIT
            ),
            nice=_number(environment, NICE, _NICE, _MOST_NICE, least=0),
            rate=_number(environment, RATE, _RATE, _MOST_RATE),
            rates=_address(environment, RATES, _RATES) or RATES_HERE,
            proxies=_number(environment, PROXIES, 0, _MOST_PROXIES, least=0),
            api_keys=_word(environment, API, _OPEN, _KEYS) == _KEYS,
            https=_word(environment, HTTPS, _OFF, _ON) == _ON,
            local_hooks=_word(environment, WEBHOOKS, _PUBLIC, _LOCAL) == _LOCAL,
            celery=_word(environment, ENGINE, LOCAL_ENGINE, CELERY) == CELERY,
            broker=_address(environment, BROKER, _BROKERS) or _BROKER,
            lease=_number(environment, LEASE, _LEASE, _LONGEST_LEASE),
            blobs=_place(environment),
            scanner=_scanner(environment),
            secret=_secret(environment),
            second_factor=_roles(environment, SECOND_FACTOR),
        )


def default_folder() -> Path:
    """The folder of a user who named none."""
    return Path(platformdirs.user_data_dir("certcheck", appauthor=False)) / "work"


def _secret(environment: Mapping[str, str]) -> str | None:
    given = environment.get(SECRET) or None
    if given is not None and len(given) < _SECRET_LENGTH:
        raise SettingError(name=SECRET, value="…", wanted=f"≥ {_SECRET_LENGTH}")
    return given


def _address(environment: Mapping[str, str], name: str, kinds: Sequence[str]) -> str | None:
    """An address of one of some kinds, never repeated: it may hold a password."""
    given = environment.get(name, "").strip() or None
    if given is not None and not given.startswith(tuple(kinds)):
        raise SettingError(name=name, value="…", wanted=", ".join(kinds))
    return given


def _place(environment: Mapping[str, str]) -> str | None:
    """Where files lie: an absolute folder, or a bucket by its name."""
    given = _address(environment, BLOBS, _PLACES)
    if given is None:
        return None
    inside = given.partition("://")[2]
    if not inside.strip("/") or given.startswith(_FILE) != inside.startswith("/"):
        raise SettingError(name=BLOBS, value=given, wanted=", ".join(_PLACES))
    return given


def _scanner(environment: Mapping[str, str]) -> str | None:
    """Where a virus scanner listens."""
    kinds = (scanner.TCP, scanner.UNIX)
    given = _address(environment, SCANNER, kinds)
    if given is not None:
        try:
            scanner.Scanner(given)
        except ValueError:
            raise SettingError(name=SCANNER, value=given, wanted=", ".join(kinds)) from None
    return given


def _roles(environment: Mapping[str, str], name: str) -> frozenset[Role]:
    """Some roles of people, with commas between them."""
    given = environment.get(name, "").replace(",", " ").split()
    if not set(given) <= set(OF_PEOPLE):
        raise SettingError(name=name, value=environment[name], wanted=", ".join(OF_PEOPLE))
    return frozenset(Role(one) for one in given)


def _word(environment: Mapping[str, str], name: str, *words: str) -> str:
    """One of some words; the first where nothing is said."""
    given = environment.get(name, "").strip() or words[0]
    if given not in words:
        raise SettingError(name=name, value=given, wanted=", ".join(words))
    return given


def _number(
    environment: Mapping[str, str], name: str, default: int, most: int, least: int = 1
) -> int:
    """A whole number from `least` to `most`."""
    given = environment.get(name, "").strip()
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or not least <= int(given[:12]) <= most:
        raise SettingError(name=name, value=given, wanted=f"{least}–{most}")
    return int(given)
