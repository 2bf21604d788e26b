"""What would break: uploads and sign-ins that end with the Redis that only counts them."""

from __future__ import annotations

import dataclasses as dc
import io
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from flask import Flask

from certcheck.runner.work import Work
from registry.lookup import Registry
from tests.servers.redis import Redis
from tests.web.staff import Office, office
from web import rates

pytest.importorskip("redis")


@contextmanager
def counting(app: Flask, registry: Registry, where: str) -> Iterator[Office]:
    """An office that takes two photos a minute, counted somewhere."""
    work: Work = app.extensions["work"]
    with closing(Work(dc.replace(work.settings, rate=2, rates=where), work.clock)) as few:
        yield office(registry, few)


def sent(made: Office) -> int:
    photo = {"photo": (io.BytesIO(b"photo"), "a.jpg")}
    return made.app.test_client().post("/api/v1/checks", data=photo).status_code


def guessed(made: Office) -> int:
    wrong = {"name": "streamer", "password": "wrong"}
    return made.app.test_client().post("/sign-in", data=wrong).status_code


def test_what_redis_does_not_take_is_counted_in_the_work_store(
    app: Flask, demo_registry: Registry, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "_PAUSE_S", 0.0)
    with counting(app, demo_registry, redis.counting) as made:
        assert [sent(made), guessed(made)] == [202, 403]
        redis.asked("CONFIG", "SET", "maxmemory", "1")
        try:
            assert [sent(made), guessed(made), sent(made), sent(made)] == [202, 403, 202, 429]
        finally:
            redis.asked("CONFIG", "SET", "maxmemory", "0")
        assert [sent(made), sent(made)] == [202, 429], "Redis knows what it counted"


def test_where_nobody_listens_nobody_is_asked_each_time(
    app: Flask, demo_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a machine that is off each question takes a second."""
    with counting(app, demo_registry, "redis+unix:///no/such/socket") as made:
        assert [sent(made), guessed(made)] == [202, 403]
        (limiter,) = made.app.extensions["limiter"]
        monkeypatch.setattr(limiter.storage, "_first", None)
        assert [sent(made), guessed(made), sent(made)] == [202, 403, 429]
