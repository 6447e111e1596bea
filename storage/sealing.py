"""Secrets sealed with a key of the operator's before they are stored."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from core.errors import SettingsError


class Seal:
    """Seals texts with AES and an HMAC (Fernet: https://github.com/fernet/spec), the key made of a long secret."""

    def __init__(self, secret: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()))

    def close(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """The text. SettingsError when it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise SettingsError(
                "ORCHESTRATOR_SECRET_KEY is not the key that the stored tokens were sealed with: set it to the former key, "
                "or have each workspace install orch again"
            ) from None
