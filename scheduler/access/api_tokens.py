"""Tokens for other systems: given to an account for some actions and some time, shown once, ended at will."""

from datetime import datetime, timedelta

from scheduler.errors import InputError, NotFound
from scheduler.localized import LocalizedText
from scheduler.model.ids import new_id
from scheduler.store import Store, audit, tokens
from scheduler.store.accounts import accounts
from scheduler.store.tokens import ApiToken

SCOPES = ("need.read", "need.write", "slot.read", "assignment.read", "plan.read", "recommendation.read")
LONGEST_DAYS = 366


def give(
    store: Store, account_id: str, *, name: str, scopes: frozenset[str], days: int, by: str, now: datetime
) -> tuple[ApiToken, str]:
    """The token's rights and, this once, the token itself.

    Raises NotFound for an unknown account, InputError for an empty name, unknown scopes or a senseless time.
    """
    if not name.strip() or len(name) > 80:
        raise InputError(
            LocalizedText(
                "name: '%(name)s' is no name; say in up to 80 letters which system uses the token", name=name[:80]
            )
        )
    if not scopes or not scopes <= set(SCOPES):
        raise InputError(
            LocalizedText(
                "scopes: %(found)s; expected some of %(scopes)s",
                found=sorted(scopes) or LocalizedText("none"),
                scopes=list(SCOPES),
            )
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise InputError(
            LocalizedText("days: %(days)s; expected 1 to %(longest_days)s", days=days, longest_days=LONGEST_DAYS)
        )
    token = tokens.new_token()
    with store.transaction():
        account = accounts.get(store, account_id)
        given = ApiToken(new_id(), name.strip(), scopes, account.id, now, now + timedelta(days=days), None)
        tokens.add_api_token(store, given, token)
        audit.record(store, at=now, actor=by, action="token.give", object_kind="token", object_id=given.id)
    return given, token


def revoke(store: Store, token_id: str, *, by: str, now: datetime) -> None:
    """Ends a token from the next request on. Raises NotFound if it does not exist or has ended."""
    with store.transaction():
        if not tokens.revoke_api_token(store, token_id, now=now):
            raise NotFound(LocalizedText("no live token with id '%(token_id)s'", token_id=token_id))
        audit.record(store, at=now, actor=by, action="token.revoke", object_kind="token", object_id=token_id)
