"""What would break: photos lost or answered twice where they lie in a bucket that is away."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import pytest

from certcheck.runner.settings import BLOBS, BROKER, ENGINE
from tests.faults.flight import Flight, shut
from tests.faults.house import House, until
from tests.servers.bucket import NAME, Service
from tests.servers.databases import WorkDatabases
from tests.servers.redis import Redis

pytest.importorskip("celery")
pytestmark = pytest.mark.skipif(find_spec("s3fs") is None, reason="s3fs is not installed")
COUNT = 3


def test_a_bucket_that_is_away_then_refuses(
    s3_service: Service,
    work_databases: WorkDatabases,
    broker: Redis,
    house_of: Callable[..., House],
) -> None:
    told = {ENGINE: "celery", BROKER: broker.url, BLOBS: f"s3://{NAME}/faults"}
    house = house_of(None, work_databases.own(), **told)
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
