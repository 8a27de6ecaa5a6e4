"""Tokens for other systems: given to an account for some actions and some time, shown once, ended at will."""

from datetime import datetime, timedelta

from scheduler.errors import InputError, NotFound
from scheduler.model.ids import new_id
from scheduler.store import Store, audit, tokens
from scheduler.store.accounts import accounts
from scheduler.store.tokens import ApiToken
from scheduler.words import Said

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
            Said(
                f"名称“{name[:80]}”不可用：请用80字以内写明哪个系统使用这个令牌",
                f"name: '{name[:80]}' is no name; say in up to 80 letters which system uses the token",
            )
        )
    if not scopes or not scopes <= set(SCOPES):
        raise InputError(
            Said(
                f"权限范围“{'、'.join(sorted(scopes)) or '无'}”不可用：应为 {'、'.join(SCOPES)} 中的一项或几项",
                f"scopes: {', '.join(sorted(scopes)) or 'none'}; expected some of {', '.join(SCOPES)}",
            )
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise InputError(
            Said(f"有效天数为{days}，应为1到{LONGEST_DAYS}", f"days: {days}; expected 1 to {LONGEST_DAYS}")
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
            raise NotFound(Said(f"没有编号为“{token_id}”的有效令牌", f"no live token with id '{token_id}'"))
        audit.record(store, at=now, actor=by, action="token.revoke", object_kind="token", object_id=token_id)
