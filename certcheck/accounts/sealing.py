"""What a program has to read again is kept so that the database alone does not tell it.

AES-256-GCM with a key that is derived (HKDF, SHA-256) from what signs cookies: that lies in the
environment or in a file beside, and is in no backup.
"""

from __future__ import annotations

import base64
import binascii
import secrets

from certcheck.accounts.errors import SealBrokenError

_NONCE = 12
_KEY = 32


class Sealer:
    """Seals short texts, each for one thing that it is of.

    Args:
        secret: what signs cookies.
        use: what the texts are; each use has its own key.
    """

    def __init__(self, secret: str, use: str) -> None:
        self._secret, self._use = secret, use

    def seal(self, text: str, of: str) -> str:
        """A text that only `opened` reads again, and only as one of the same thing."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(self._key()).encrypt(nonce, text.encode(), of.encode())
        return base64.b64encode(nonce + sealed).decode()

    def opened(self, sealed: str, of: str) -> str:
        """The text again.

        Raises:
            SealBrokenError: it was sealed with another secret, as another's, or was changed.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            data = base64.b64decode(sealed, validate=True)
            plain = AESGCM(self._key()).decrypt(data[:_NONCE], data[_NONCE:], of.encode())
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise SealBrokenError() from error
        return plain.decode()

    def _key(self) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        made = HKDF(SHA256(), _KEY, None, f"certcheck {self._use}".encode())
        return made.derive(self._secret.encode())
