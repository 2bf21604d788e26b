"""What can go wrong with people and passwords."""

from __future__ import annotations

from certcheck.errors import CertcheckError


class PersonKnownError(CertcheckError):
    """A name that is taken."""

    code = "account.known"


class PersonUnknownError(CertcheckError):
    """There is nobody of that name."""

    code = "account.unknown"


class BadNameError(CertcheckError):
    """A name that is empty, too long, or has characters that nobody sees."""

    code = "account.bad_name"


class LastAdminError(CertcheckError):
    """Nobody would be left who can give roles."""

    code = "account.last_admin"


class PasswordShortError(CertcheckError):
    """A password of too few characters."""

    code = "account.password_short"


class PasswordLongError(CertcheckError):
    """A password of more characters than anybody types."""

    code = "account.password_long"


class PasswordCommonError(CertcheckError):
    """A password that is tried early by whoever tries many."""

    code = "account.password_common"


class PasswordSameError(CertcheckError):
    """The new password is the old one."""

    code = "account.password_same"


class PasswordWrongError(CertcheckError):
    """The password given beside the new one is not the person's."""

    code = "account.password_wrong"


class SignInError(CertcheckError):
    """Name and password do not belong together, or the person may not sign in."""

    code = "account.refused"


class BusyError(CertcheckError):
    """More people sign in at this moment than passwords can be compared."""

    code = "account.busy"


class CodeWrongError(CertcheckError):
    """A code of a second factor that is none now, or was used before."""

    code = "account.code_wrong"


class FactorKnownError(CertcheckError):
    """Somebody who has a second factor begins with another."""

    code = "account.factor_known"


class FactorUnknownError(CertcheckError):
    """Somebody who has no second factor."""

    code = "account.factor_unknown"


class SealBrokenError(CertcheckError):
    """What was sealed with another secret, or changed."""

    code = "account.seal_broken"
