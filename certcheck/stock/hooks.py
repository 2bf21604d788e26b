"""What clients are to be told of their batches: written down, tried, tried again later."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import json
import secrets

from sqlmodel import Session, col, delete, select

from certcheck import audit
from certcheck.errors import ClientUnknownError
from certcheck.report import utc
from certcheck.runner.tables import Batch, Client, Message, Webhook
from certcheck.runner.work import Work
from certcheck.stock.address import checked
from certcheck.stock.batches import Batches
from certcheck.stock.items import Stock
from certcheck.stock.signing import new_secret
from registry import store

# After each failed attempt; then the message is given up. Results are kept for a day as a rule.
PAUSES = tuple(
    dt.timedelta(seconds=seconds) for seconds in (5, 60, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600)
)
# What is due later than the longest pause was written down before the clock was set back.
_LATEST = PAUSES[-1] + dt.timedelta(minutes=1)
# Batches looked at, and messages sent, in one turn.
AT_ONCE = 16
_ID_BYTES = 16
_LONGEST_ANSWER = 200


@dc.dataclass(frozen=True, slots=True)
class Due:
    """A message to send now.

    Attributes:
        id: of the message.
        url: where to.
        secret: to sign with.
        body: as it is sent.
    """

    id: str
    url: str
    secret: str
    body: bytes


class Hooks:
    """Webhooks of the clients of a work store.

    Args:
        work: the store.
        batches: its batches.
    """

    def __init__(self, work: Work, batches: Batches) -> None:
        self._work, self._batches = work, batches

    def set(self, client: str, url: str) -> str:
        """Has a client be told at an address; returns the secret, which is not shown again.

        Args:
            client: its name.
            url: where to; what was said before is forgotten.

        Raises:
            WebhookAddressError: it may not be told there.
            ClientUnknownError: there is none of that name, or its key has ended.
            DatabaseUnreachableError: the database does not answer.
        """
        checked(url, local=self._work.settings.local_hooks)
        secret = new_secret()
        with store.session(self._work.engine) as opened:
            store.write(opened)
            known = _client(opened, client)
            opened.exec(delete(Webhook).where(col(Webhook.client_id) == known))
            opened.add(
                Webhook(client_id=known, url=url, secret=secret, created_at=self._work.clock())
            )
            _noted(opened, known, "set")
            opened.commit()
        return secret

    def end(self, client: str) -> bool:
        """A client is told nothing more; whether it was told before.

        Raises:
            ClientUnknownError: there is none of that name, or its key has ended.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._work.engine) as opened:
            store.write(opened)
            known = _client(opened, client)
            gone = opened.exec(delete(Webhook).where(col(Webhook.client_id) == known)).rowcount
            if gone:
                _noted(opened, known, "ended")
            opened.commit()
        return bool(gone)

    def note(self) -> int:
        """Writes down a message for each batch that has ended; returns how many.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        wanted = (
            select(Batch.id)
            .join(Webhook, col(Webhook.client_id) == col(Batch.owner))
            .join(Client, col(Client.id) == col(Webhook.client_id))
            .where(
                col(Batch.told_at).is_(None),
                col(Batch.created_at) >= col(Webhook.created_at),
                col(Client.revoked_at).is_(None),
            )
        )
        with store.session(self._work.engine) as opened:
            ids = opened.exec(wanted).all()
        ended = [found for one in ids if (found := self._batches.look(one)) and found.done]
        for found in ended:
            self._write(found)
        return len(ended)

    def due(self) -> list[Due]:
        """Messages to send now, the oldest first.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        moment = self._work.clock()
        wanted = (
            select(Message, Webhook)
            .join(Webhook, col(Webhook.client_id) == col(Message.client_id))
            .join(Client, col(Client.id) == col(Message.client_id))
            .where(
                col(Message.delivered_at).is_(None),
                col(Message.dropped_at).is_(None),
                (col(Message.due_at) <= moment) | (col(Message.due_at) > moment + _LATEST),
                col(Client.revoked_at).is_(None),
            )
            .order_by(col(Message.due_at))
            .limit(AT_ONCE)
        )
        with store.session(self._work.engine) as opened:
            rows = opened.exec(wanted).all()
        return [Due(one.id, hook.url, hook.secret, one.body.encode()) for one, hook in rows]

    def attempted(self, message_id: str, answer: str, *, taken: bool) -> None:
        """Writes down what came of an attempt.

        Args:
            message_id: of the message.
            answer: a status, or why there was none.
            taken: whether the client has it now.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        moment = self._work.clock()
        with store.session(self._work.engine) as opened:
            store.write(opened)
            found = opened.get(Message, message_id)
            if found is None:
                return
            found.answer = answer[:_LONGEST_ANSWER]
            if taken:
                found.delivered_at = moment
            elif found.attempts < len(PAUSES):
                found.due_at = moment + PAUSES[found.attempts]
            else:
                found.dropped_at = moment
            found.attempts += 1
            opened.add(found)
            opened.commit()

    def _write(self, found: Stock) -> None:
        moment = self._work.clock()
        with store.session(self._work.engine) as opened:
            store.write(opened)
            batch = opened.get(Batch, found.id)
            if batch is None or batch.told_at is not None or batch.owner is None:
                return
            batch.told_at = moment
            opened.add(batch)
            opened.add(
                Message(
                    id="msg_" + secrets.token_hex(_ID_BYTES),
                    client_id=batch.owner,
                    body=_body(found, moment),
                    created_at=moment,
                    due_at=moment,
                    expires_at=max(batch.expires_at, moment + sum(PAUSES, dt.timedelta(hours=1))),
                )  # fmt: skip
            )
            opened.commit()


def _body(found: Stock, moment: dt.datetime) -> str:
    """What is sent: no photo, no name of a thing; whoever wants more asks with his key."""
    data = {
        "id": found.id,
        "address": f"/api/v1/batches/{found.id}",
        "title": found.title,
        "total": len(found.items),
        "counts": found.counts,
        "expires_at": utc(found.expires_at),
    }
    told = {"type": "batch.done", "timestamp": utc(moment), "data": data}
    return json.dumps(told, ensure_ascii=False)


def _noted(opened: Session, client_id: str, how: str) -> None:
    audit.write(
        opened, who=audit.COMMAND, what="client.webhook", about=("client", client_id),
        detail={"webhook": how},
    )  # fmt: skip


def _client(opened: Session, name: str) -> str:
    wanted = select(Client.id).where(Client.name == name, col(Client.revoked_at).is_(None))
    found = opened.exec(wanted).first()
    if found is None:
        raise ClientUnknownError(name=name)
    return found
