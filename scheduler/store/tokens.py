"""Random tokens for calendar feeds and API clients: the database keeps their hash, so a copy of it opens nothing."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime

from scheduler.store.database import Store
from scheduler.store.repository import utc_text

TOKEN_BYTES = 32  # 256 bits, 43 characters in an address


def new_token() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """SHA-256 in hex: enough for a random token, which cannot be guessed from a dictionary."""
    return hashlib.sha256(token.encode()).hexdigest()


def put_feed(store: Store, volunteer_id: str, token: str, *, now: datetime) -> None:
    """Makes this the volunteer's only feed; an older address stops working at once."""
    drop_feed(store, volunteer_id)
    values = {"hash": hash_of(token), "volunteer": volunteer_id, "now": utc_text(now)}
    store.execute("INSERT INTO calendar_feeds VALUES (:hash, :volunteer, :now)", values)


def drop_feed(store: Store, volunteer_id: str) -> bool:
    """Ends the volunteer's feed; True if there was one."""
    return bool(store.execute("DELETE FROM calendar_feeds WHERE volunteer_id = :id", {"id": volunteer_id}))


def feed_since(store: Store, volunteer_id: str) -> datetime | None:
    """Since when the volunteer has a feed; the token itself cannot be read back."""
    found = store.value("SELECT created_at FROM calendar_feeds WHERE volunteer_id = :id", {"id": volunteer_id})
    return datetime.fromisoformat(found) if found else None


def feed_holder(store: Store, token: str) -> str | None:
    """The volunteer behind a feed token; whether they may still come in is asked of scheduler/access/entry.py."""
    sql = "SELECT volunteer_id FROM calendar_feeds WHERE token_hash = :hash"
    found: str | None = store.value(sql, {"hash": hash_of(token)})
    return found


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What an API token may do and on whose behalf; its account's role and area bound it besides the scopes."""

    id: str
    name: str
    scopes: frozenset[str]
    account_id: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def add_api_token(store: Store, found: ApiToken, token: str) -> None:
    """Stores a token's hash and rights."""
    store.db.table("api_tokens").insert(
        {
            "id": found.id,
            "token_hash": hash_of(token),
            "name": found.name,
            "scopes": json.dumps(sorted(found.scopes)),
            "account_id": found.account_id,
            "created_at": utc_text(found.created_at),
            "expires_at": utc_text(found.expires_at),
            "revoked_at": None,
        }
    )


def find_api_token(store: Store, token: str, *, now: datetime) -> ApiToken | None:
    """The valid token; None if unknown, expired or revoked. Whose it is may come in: ask scheduler/access/entry.py."""
    found = store.rows(
        "SELECT * FROM api_tokens WHERE token_hash = :hash AND revoked_at IS NULL AND expires_at > :now",
        {"hash": hash_of(token), "now": utc_text(now)},
    )
    return _api_token(found[0]) if found else None


def api_tokens(store: Store) -> list[ApiToken]:
    """Every token that was ever given out, newest first."""
    return [_api_token(row) for row in store.rows("SELECT * FROM api_tokens ORDER BY created_at DESC, id")]


def revoke_api_token(store: Store, token_id: str, *, now: datetime) -> bool:
    """Ends a token at once; False if it does not exist or had ended already."""
    sql = "UPDATE api_tokens SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL"
    return bool(store.execute(sql, {"id": token_id, "now": utc_text(now)}))


def revoke_api_tokens_of(store: Store, account_id: str, *, now: datetime) -> None:
    """Ends every token of an account at once."""
    sql = "UPDATE api_tokens SET revoked_at = :now WHERE account_id = :id AND revoked_at IS NULL"
    store.execute(sql, {"id": account_id, "now": utc_text(now)})


def _api_token(row: dict[str, str]) -> ApiToken:
    return ApiToken(
        id=row["id"],
        name=row["name"],
        scopes=frozenset(json.loads(row["scopes"])),
        account_id=row["account_id"],
        created_at=datetime.fromisoformat(row["created_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
        revoked_at=datetime.fromisoformat(row["revoked_at"]) if row["revoked_at"] else None,
    )
