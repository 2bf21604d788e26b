"""A webhook's message, believed only where it bears the server's signature.

As Standard Webhooks has it (https://www.standardwebhooks.com): HMAC-SHA256 over the message's
id, the time and the body as it came.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses as dc
import hashlib
import hmac
import json
import time
from collections.abc import Mapping

from certcheck_client.errors import SignatureError

# A message that is older was kept by somebody to send it once more; the same as the standard's.
TOLERANCE_S = 5 * 60
_PREFIX = "whsec_"
_VERSION = "v1"


@dc.dataclass(frozen=True, slots=True)
class BatchDone:
    """A batch has ended.

    Attributes:
        message_id: the same when the message comes twice.
        batch_id: of the batch; `Client.show_batch` has its items.
        title: of the batch.
        counts: items by verdict.
    """

    message_id: str
    batch_id: str
    title: str
    counts: Mapping[str, int]


def read_webhook(
    secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None
) -> BatchDone:
    """The message of a webhook's request.

    Args:
        secret: as `certcheck client webhook` printed it.
        headers: of the request.
        body: as it came, before anything parses it.
        now: seconds since 1970; the present where it is None.

    Raises:
        SignatureError: it is not the server's, was changed on the way, or is old.
    """
    known = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, stamp = known["webhook-id"], known["webhook-timestamp"]
        given = known["webhook-signature"].split()
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        age = abs((time.time() if now is None else now) - int(stamp))
    except (KeyError, ValueError, binascii.Error) as error:
        raise SignatureError("not signed") from error
    signed = f"{message_id}.{stamp}.".encode() + body
    wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    if not any(hmac.compare_digest(f"{_VERSION},{wanted}".encode(), one.encode()) for one in given):
        raise SignatureError("the signature is another's")
    if age > TOLERANCE_S:
        raise SignatureError("too old, or of a clock that goes wrong")
    data = json.loads(body)["data"]
    return BatchDone(message_id, data["id"], data["title"], data["counts"])
