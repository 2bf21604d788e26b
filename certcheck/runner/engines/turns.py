"""Messages that there is something to do, through Celery on Redis or RabbitMQ.

Each is a turn: whoever gets one takes the next job of the record. They are all alike, so that it
is enough to count them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from certcheck.errors import BrokerAwayError, ExtraMissingError
from certcheck.runner.queue import Queue
from certcheck.runner.settings import Settings

if TYPE_CHECKING:
    from celery import Celery

QUEUE = "certcheck"
TURN = "certcheck.turn"
# Seconds; whoever is told that the broker is away has not waited long for it.
_CONNECT_S, _ANSWER_S = 3, 30
# A turn that nobody acknowledged comes again after so many times of the longest one.
_AGAIN = 3
# Sent over one connection before the record is asked again.
_AT_ONCE = 1000


def make_app(settings: Settings) -> Celery:
    """The Celery application: one queue, turns acknowledged when they are over.

    Raises:
        ExtraMissingError: Celery is not installed.
    """
    try:
        import celery
    except ImportError:
        raise ExtraMissingError(extra="celery") from None
    app = celery.Celery("certcheck", broker=settings.broker, set_as_current=False)
    options: dict[str, object] = {}
    if settings.broker.startswith("redis"):
        _let_go()
        options = {
            "visibility_timeout": int(settings.time_limit * _AGAIN),
            "socket_connect_timeout": _CONNECT_S, "socket_timeout": _ANSWER_S,
            "socket_keepalive": True,
        }  # fmt: skip
    app.conf.update(
        task_default_queue=QUEUE,
        task_serializer="json", accept_content=["json"], result_backend=None,
        task_ignore_result=True, task_store_errors_even_if_ignored=False,
        task_acks_late=True, task_reject_on_worker_lost=True,
        task_acks_on_failure_or_timeout=True,
        worker_prefetch_multiplier=1,
        # Nobody commands workers through the broker: whoever reaches it must not.
        worker_enable_remote_control=False, worker_send_task_events=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True, broker_connection_max_retries=None,
        # A Redis without room refuses commands, and connects as ever: no reason to end either.
        broker_channel_error_retry=True,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_timeout=_CONNECT_S, broker_transport_options=options,
    )  # fmt: skip
    return app


def _let_go() -> None:
    """A turn whose end Redis was not told of is over all the same.

    kombu goes on counting it as begun and asks for no other: a worker that ended its only turn
    while Redis was away would never get one again. A turn too many finds nothing to do.
    """
    from kombu.transport import redis, virtual

    class Forgiving(redis.QoS):
        def ack(self, delivery_tag: str) -> None:
            try:
                super().ack(delivery_tag)  # type: ignore[no-untyped-call]
            finally:
                virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]

        def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's
            try:
                super().reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]
            finally:
                virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]

    if redis.Channel.QoS.__name__ != Forgiving.__name__:
        redis.Channel.QoS = Forgiving


class Turns:
    """The turns that wait at the broker.

    Args:
        settings: name the broker.

    Raises:
        ExtraMissingError: Celery is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        self.app = make_app(settings)

    def waiting(self) -> int:
        """Turns that nobody has taken.

        Raises:
            BrokerAwayError: the broker does not answer.
        """
        with _told(), self.app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=_CONNECT_S)
            queue = self.app.amqp.queues[QUEUE](connection.default_channel)
            return int(queue.queue_declare().message_count)

    def give(self, count: int) -> None:
        """Sends turns.

        Raises:
            BrokerAwayError: the broker does not answer.
        """
        with _told(), self.app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=_CONNECT_S)
            with self.app.amqp.Producer(connection) as producer:
                for _ in range(count):
                    self.app.send_task(TURN, producer=producer, retry=False)

    def fill(self, queue: Queue) -> int:
        """Sends as many turns as lack for the jobs that wait; returns how many.

        Whoever has just taken a turn and not yet his job makes it look as if one more lacked;
        a turn too many finds nothing to do.

        Raises:
            BrokerAwayError: the broker does not answer.
            DatabaseUnreachableError: the database does not answer.
        """
        lacking = max(0, queue.waiting() - self.waiting())
        for at in range(0, lacking, _AT_ONCE):
            self.give(min(_AT_ONCE, lacking - at))
        return lacking


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Whatever Celery, kombu or the broker's driver raises; its text may hold a password."""
    from kombu.exceptions import KombuError

    try:
        yield
    except (KombuError, OSError) as error:
        # kombu has one name for whatever the driver said.
        raise BrokerAwayError(reason=type(error.__cause__ or error).__name__) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _DRIVERS:
            raise
        raise BrokerAwayError(reason=type(error).__name__) from error


# Whose errors are the broker's: their classes are there only where they are installed.
_DRIVERS = ("redis", "amqp", "kombu", "celery")
