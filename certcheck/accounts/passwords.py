"""Passwords: what is asked of one, how it is kept, how a forgotten one is replaced.

Kept as Argon2id hashes with the parameters of RFC 9106's second choice, for machines with
little memory. A hash with other parameters is made anew when its person signs in next.
Length and commonness are what counts (NIST SP 800-63B, 3.1.1): no wish for digits or signs.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from zxcvbn import zxcvbn

from certcheck.accounts.errors import (
    BusyError,
    PasswordCommonError,
    PasswordLongError,
    PasswordShortError,
)

SHORTEST = 10
# Argon2 takes any length; this keeps what is sent for hashing small.
LONGEST = 128
# Powers of ten of guesses until it is found, by zxcvbn's count: beyond what can be tried at
# the sign-in page, which is the only place where guesses can be made.
_LEAST_GUESSES = 8.0
# What zxcvbn looks at; its time grows with the square of the length.
_LOOKED_AT = 72
# Words that its lists lack and people here choose first.
_NEAR = ("certcheck", "woaini", "5201314", "1314520", "1314", "zhengshu", "feicui", "zhubao")
# Hashes worked out at once, each of 64 MB; and seconds that others wait for their turn.
_AT_ONCE, _PATIENCE_S = 2, 5.0
# Characters of a made password that are not taken for others when read out or copied.
CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4


class Passwords:
    """Makes and compares hashes.

    Args:
        hasher: with the parameters that new hashes get.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._nobodys: str | None = None

    def hash(self, password: str) -> str:
        """A hash, with salt and parameters, at most 255 characters long.

        Raises:
            BusyError: too many are at it.
        """
        with self._turn():
            return self._hasher.hash(composed(password))

    def right(self, known: str | None, password: str) -> bool:
        """Whether a password is the one of a hash.

        Args:
            known: the hash; None for nobody's, which takes as long and is never right.
            password: as typed.

        Raises:
            BusyError: too many are at it.
        """
        if len(password) > LONGEST:
            return False
        if self._nobodys is None:
            self._nobodys = self.hash(secrets.token_hex())
        try:
            with self._turn():
                self._hasher.verify(known or self._nobodys, composed(password))
        except (VerificationError, InvalidHashError):
            return False
        return known is not None

    def outdated(self, known: str) -> bool:
        """Whether a hash was made with other parameters than new ones get."""
        return self._hasher.check_needs_rehash(known)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=_PATIENCE_S):
            raise BusyError()
        try:
            yield
        finally:
            self._turns.release()


def composed(password: str) -> str:
    """A password as every keyboard and system sends it (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def examine(password: str, *known: str) -> None:
    """Refuses a password that is easily guessed.

    Args:
        password: as typed.
        known: what others know of the person, such as the name.

    Raises:
        PasswordShortError: it is too short.
        PasswordLongError: it is too long.
        PasswordCommonError: it is common, a pattern of the keyboard, or made of what is known.
    """
    if len(composed(password)) < SHORTEST:
        raise PasswordShortError(least=SHORTEST)
    if len(password) > LONGEST:
        raise PasswordLongError(most=LONGEST)
    near = [*known, *_NEAR]
    told = zxcvbn(composed(password)[:_LOOKED_AT], user_inputs=near, max_length=_LOOKED_AT)
    if float(told["guesses_log10"]) < _LEAST_GUESSES:
        raise PasswordCommonError()


def made() -> str:
    """A password for somebody else, to be changed when first used: 79 bits, easily read out."""
    groups = ("".join(secrets.choice(CLEAR) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
