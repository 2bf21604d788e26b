"""What happens at the door, as lines for whoever watches the server.

They go to the log of operations alone: the log that cannot be changed unseen holds what was done
to accounts, for good, and nobody's comings and goings. A line names an account by its id, and only
one that there is; never what was typed, nor an address.
"""

from __future__ import annotations

import logging
from enum import StrEnum

log = logging.getLogger(__name__)


class Event(StrEnum):
    """What happened."""

    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    ENDED = "sign-ins ended"
    SIGN_IN_REFUSED = "sign-in refused"
    PASSWORD_WRONG = "password wrong"
    CODE_WRONG = "second factor wrong"
    KEY_UNREADABLE = "second factor unreadable"
    LOCKED = "locked out"


# What is expected of those who belong here; all else may be somebody's who does not.
_USUAL = frozenset({Event.SIGNED_IN, Event.SIGNED_OUT, Event.ENDED})


def tell(event: Event, account: str | None, **more: str) -> None:
    """Writes a line.

    Args:
        event: what happened.
        account: id of the account, None where there is none.
        more: words of ours that tell it more closely.
    """
    level = logging.INFO if event in _USUAL else logging.WARNING
    log.log(level, event, extra={"fields": {"account": account, **more}})
