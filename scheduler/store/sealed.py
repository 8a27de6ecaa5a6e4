"""Encrypts single fields (phone, address, notes) with a key that lies outside the database."""

import base64
import hashlib
import hmac
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scheduler.errors import KeyMissing, KeyWrong
from scheduler.localized import LocalizedText
from scheduler.model.people import Unreadable

KEY_BYTES = 32
NONCE_BYTES = 12


class Seal:
    """AES-256-GCM per field (PIPL art. 51); the field's name is bound in, so values cannot change columns."""

    def __init__(self, key: bytes) -> None:
        """Raises ValueError unless the key has 32 bytes."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a field key has {KEY_BYTES} bytes, not {len(key)}")
        self._box = AESGCM(key)
        self._index_key = hashlib.sha256(b"blind-index" + key).digest()
        self._link_key = hashlib.sha256(b"reply-link" + key).digest()
        self._log_key = hashlib.sha256(b"audit-log" + key).digest()

    @classmethod
    def random(cls) -> "Seal":
        """A seal of a new key that is kept nowhere."""
        return cls(os.urandom(KEY_BYTES))

    @classmethod
    def read(cls, path: Path) -> "Seal":
        """The seal of a key file. Raises KeyMissing, KeyWrong."""
        try:
            return cls(base64.b64decode(path.read_bytes().strip(), validate=True))
        except FileNotFoundError as error:
            raise KeyMissing(
                LocalizedText(
                    "the key file %(path)s is missing: phones and addresses cannot be read and nothing was "
                    "changed; let the technician put this database's key back",
                    path=path,
                )
            ) from error
        except OSError as error:
            raise does_not_fit(path, str(error.strerror)) from error
        except ValueError as error:
            raise does_not_fit(path, LocalizedText("not 32 bytes in base64")) from error

    @classmethod
    def make(cls, path: Path) -> "Seal":
        """The seal of a new key file (mode 0600), on disk when this returns; one that somebody else made first wins."""
        handle, temporary = tempfile.mkstemp(prefix=path.name, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(base64.b64encode(os.urandom(KEY_BYTES)))
                file.flush()
                os.fsync(handle)
            with suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            os.unlink(temporary)
        flush(path.parent)
        return cls.read(path)

    def close(self, text: str, field: str) -> str:
        """Base64 of nonce and ciphertext; empty text stays empty."""
        return base64.b64encode(self.close_bytes(text.encode(), field)).decode("ascii") if text else ""

    def close_bytes(self, content: bytes, field: str) -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._box.encrypt(nonce, content, field.encode())

    def open(self, sealed: str, field: str) -> str:
        """The clear text; an Unreadable where the key does not open it, so that one bad row spoils no list."""
        if not sealed:
            return ""
        try:
            return self.open_bytes(base64.b64decode(sealed), field).decode()
        except (InvalidTag, ValueError):
            return Unreadable()

    def opens(self, sealed: str, field: str) -> bool:
        """Whether this key opens the value."""
        return not isinstance(self.open(sealed, field), Unreadable)

    def open_bytes(self, sealed: bytes, field: str) -> bytes:
        """The inverse of close_bytes. Raises InvalidTag or ValueError if it was sealed with another key or field."""
        return self._box.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], field.encode())

    def blind(self, text: str) -> str:
        """A keyed hash for equality search on a sealed field; says nothing about the value."""
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest() if text else ""

    def token(self, text: str) -> str:
        """A secret of 256 bits for an address: the same for the same text, and nobody guesses it without the key."""
        made = hmac.new(self._link_key, text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made).decode().rstrip("=")

    def sign(self, text: str) -> str:
        """A keyed hash (hex) that nobody makes without the key."""
        return hmac.new(self._log_key, text.encode(), hashlib.sha256).hexdigest()


def key_path(database: Path) -> Path:
    """Where the key of a database lies: `NAME.key` beside it."""
    return database.with_suffix(".key")


def does_not_fit(path: Path, found: str | LocalizedText) -> KeyWrong:
    return KeyWrong(
        LocalizedText(
            "the key file %(path)s does not fit the database (%(found)s): nothing was changed; let the "
            "technician put this database's key back",
            path=path,
            found=found,
        )
    )


def flush(path: Path) -> None:
    """Returns when the file's content, or the folder's list of files, is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
