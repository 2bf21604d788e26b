"""What somebody is to the app. What each role may do stands in one place: `web.access`."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Who asks.

    A visitor has not signed in and a client is a program with a key (`certcheck client`); the
    others are people with a name and a password (`certcheck user`).
    """

    VISITOR = "visitor"
    CLIENT = "client"
    STREAMER = "streamer"
    INSPECTOR = "inspector"
    CHIEF = "chief"
    KEEPER = "keeper"
    ADMIN = "admin"


# Roles that a person can be given.
OF_PEOPLE = (Role.STREAMER, Role.INSPECTOR, Role.CHIEF, Role.KEEPER, Role.ADMIN)
# Those who look into certificates in the market; what they checked is kept (`certcheck.archive`).
INSPECTING = frozenset({Role.INSPECTOR, Role.CHIEF})
