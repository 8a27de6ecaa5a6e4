"""Encrypts single fields (phone, address, notes) with a key that lies outside the database."""

import base64
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scheduler.errors import ConfigError
from scheduler.words import Said

KEY_BYTES = 32
NONCE_BYTES = 12


class Seal:
    """AES-256-GCM per field (PIPL art. 51); the field's name is bound in, so values cannot change columns."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ConfigError(
                Said(
                    f"密钥有{len(key)}字节，应为{KEY_BYTES}：请恢复密钥文件",
                    f"the field key has {len(key)} bytes, expected {KEY_BYTES}: restore the key file",
                )
            )
        self._box = AESGCM(key)
        self._index_key = hashlib.sha256(b"blind-index" + key).digest()

    @classmethod
    def beside(cls, database: Path) -> "Seal":
        """The key beside the database file (`NAME.key`, mode 0600), made at first use."""
        if str(database) == ":memory:":
            return cls(os.urandom(KEY_BYTES))
        path = database.with_suffix(".key")
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return cls(base64.b64decode(path.read_text(encoding="ascii")))
        key = os.urandom(KEY_BYTES)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(base64.b64encode(key).decode("ascii"))
        return cls(key)

    def close(self, text: str, field: str) -> str:
        """Base64 of nonce and ciphertext; empty text stays empty."""
        if not text:
            return ""
        nonce = os.urandom(NONCE_BYTES)
        return base64.b64encode(nonce + self._box.encrypt(nonce, text.encode(), field.encode())).decode("ascii")

    def open(self, sealed: str, field: str) -> str:
        """The clear text. Raises ConfigError if the key is not the one the value was sealed with."""
        if not sealed:
            return ""
        raw = base64.b64decode(sealed)
        try:
            return self._box.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], field.encode()).decode()
        except InvalidTag as error:
            raise ConfigError(
                Said(
                    f"{field} 无法用这个密钥打开：请恢复这个数据库的密钥文件",
                    f"{field} cannot be opened with this key: restore this database's key file",
                )
            ) from error

    def blind(self, text: str) -> str:
        """A keyed hash for equality search on a sealed field; says nothing about the value."""
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest() if text else ""
