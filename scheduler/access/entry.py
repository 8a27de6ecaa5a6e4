"""Who may come in: one question for logins, links, calendars and tokens; and the end of all of them at once."""

from datetime import datetime

from scheduler.model.accounts import Account
from scheduler.store import Store, tokens
from scheduler.store.accounts import accounts
from scheduler.store.logins import end_logins
from scheduler.store.people import is_active


def may_come_in(store: Store, account: Account) -> bool:
    """Whether the account is active and, if it is a volunteer's, the volunteer is still on the list."""
    return account.active and (account.volunteer_id is None or is_active(store, account.volunteer_id))


def volunteer_may_come_in(store: Store, volunteer_id: str) -> bool:
    """The same for a volunteer who comes by a link or a calendar address, with an account or without one."""
    theirs = accounts.by(store, volunteer_id=volunteer_id)
    return is_active(store, volunteer_id) and all(account.active for account in theirs)


def end_access(store: Store, account: Account, *, now: datetime) -> None:
    """Ends every login of the account, its tokens and its calendar address; call inside a transaction."""
    end_logins(store, account.id)
    tokens.revoke_api_tokens_of(store, account.id, now=now)
    if account.volunteer_id is not None:
        tokens.drop_feed(store, account.volunteer_id)


def end_access_of_volunteer(store: Store, volunteer_id: str, *, now: datetime) -> None:
    """The same for a volunteer, with an account or without one."""
    tokens.drop_feed(store, volunteer_id)
    for account in accounts.by(store, volunteer_id=volunteer_id):
        end_access(store, account, now=now)
