"""Where a webhook may lead: to servers on the internet by HTTPS, never into our own network.

See `certcheck.outside`; no redirect is followed.
"""

from __future__ import annotations

from urllib3.util import Url

from certcheck.errors import WebhookAddressError
from certcheck.outside import address
from certcheck.outside.address import AddressError, Policy, Refusal, Target

LONGEST = 500


def checked(url: str, *, local: bool) -> Url:
    """An address of the right form; its host is not looked up.

    Args:
        url: as a client gives it.
        local: whether this machine itself may be told, also without encryption.

    Raises:
        WebhookAddressError: it is none.
    """
    try:
        return address.checked(url, _policy(local=local))
    except AddressError as error:
        raise WebhookAddressError(url=url[:LONGEST]) from error


def resolved(url: str, *, local: bool) -> Target:
    """The server of an address, looked up now.

    Raises:
        WebhookAddressError: it is none that may be told.
        OSError: its name is not known.
    """
    try:
        return address.resolved(url, _policy(local=local))
    except AddressError as error:
        if error.refusal is Refusal.UNKNOWN:
            raise OSError("the name is not known") from error
        raise WebhookAddressError(url=url[:LONGEST]) from error


def _policy(*, local: bool) -> Policy:
    return Policy(local=local, any_port=True, longest=LONGEST)
