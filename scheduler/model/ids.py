"""Ids: random for what people create, derived for what repeats."""

import hashlib
import secrets


def new_id() -> str:
    """128 random bits as 32 hex digits: safe to show in an address."""
    return secrets.token_hex(16)


def stable_id(*parts: object) -> str:
    """The same 32 hex digits for the same parts, on every machine."""
    return hashlib.sha256("\x1f".join(str(p) for p in parts).encode()).hexdigest()[:32]
