"""Proving who one is: one way for the login, a new password and a new second factor, with limits and a trace."""

from datetime import datetime, timedelta

from scheduler.access.accounts import code_fits, find_account, verify
from scheduler.errors import YiduError
from scheduler.localized import LocalizedText
from scheduler.model.accounts import Account
from scheduler.store import Store, audit
from scheduler.store.logins import forgive, take
from scheduler.words import plain

AN_HOUR = timedelta(hours=1)
PER_ACCOUNT_AND_SENDER = 10  # so that a stranger elsewhere locks nobody out
PER_ACCOUNT = 100  # loose: stops guessing from many addresses, not the person behind the account
PER_SENDER = 300  # offices share one address


class NotProven(YiduError):
    """Login, password or code is wrong; which of them is never said."""


class TooManyTries(YiduError):
    """The next try has to wait."""


def prove(
    store: Store, login: str, password: str, code: str, *, what: str, sender: str, with_codes: bool, now: datetime
) -> Account:
    """The active account with this login and password, and with this code if it has a second factor.

    `what` is the step that asks, for the audit log; `sender` the network the try comes from; `with_codes` is
    False where the settings switch codes off. Raises NotProven with one sentence whatever was wrong, TooManyTries.
    """
    login = plain(login).lower()
    known = find_account(store, login)
    named = known.login if known else login  # one limit an account, however its phone number is written
    tries = f"login:{named}:{sender}"
    wait_s = max(
        take(store, tries, limit=PER_ACCOUNT_AND_SENDER, per=AN_HOUR, now=now),
        take(store, f"login-account:{named}", limit=PER_ACCOUNT, per=AN_HOUR, now=now),
        take(store, f"login-address:{sender}", limit=PER_SENDER, per=AN_HOUR, now=now),
    )
    if wait_s:
        minutes = int(wait_s // 60) + 1
        raise TooManyTries(LocalizedText("Too many tries. Try again in %(minutes)s minutes.", minutes=minutes))
    found = verify(store, login, password)
    if found is None or (with_codes and found.totp_secret and not code_fits(store, found, code, now=now)):
        audit.record(
            store, at=now, actor=known.login if known else "anonymous", action="proof.failed",
            object_kind="account", object_id=known.id if known else "", reason=what,
        )  # fmt: skip
        raise NotProven(LocalizedText("Login, password or code is not right."))
    forgive(store, tries)
    return found
