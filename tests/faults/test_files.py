"""What would break: photos lost or answered twice where they lie in a bucket that is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from certcheck.runner.settings import BLOBS, BROKER, ENGINE
from tests.faults.flight import Flight, shut
from tests.faults.house import House, until
from tests.registry.server import Server
from tests.servers.redis import Redis

if TYPE_CHECKING:
    from tests.servers.bucket import Service

pytest.importorskip("celery")
pytest.importorskip("s3fs")
COUNT = 3


def test_a_bucket_that_is_away_then_refuses(
    s3_service: Service, database: Server, broker: Redis, house_of: Callable[..., House]
) -> None:
    from tests.servers.bucket import NAME

    told = {ENGINE: "celery", BROKER: broker.url, BLOBS: f"s3://{NAME}/faults"}
    house = house_of(None, database.url(database.create()), **told)
    web, worker = house.web(), house.worker()
    flight = Flight(house, lambda: web)
    until(lambda: bool(worker.readers()), "a reader")

    def wrong() -> None:
        flight.refused("work.storage")
        assert web.ready()["files"] == "ready.files_away"

    with shut(house):
        flight.fill("the bucket is away", COUNT)
        flight.strikes("the bucket is away")
        s3_service.stop()
    wrong()
    s3_service.start()
    with shut(house):
        flight.fill("the bucket refuses", COUNT)
        flight.strikes("the bucket refuses")
        s3_service.refuses = True
    wrong()
    s3_service.refuses = False
    flight.balanced()
    until(lambda: web.ready() == {}, "all that is well again")
