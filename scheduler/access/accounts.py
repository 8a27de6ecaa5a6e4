"""Accounts: making them, proving who one is, changing passwords and second factors."""

import hmac
import re
import secrets
from dataclasses import replace
from datetime import datetime

import pyotp

from scheduler.access import passwords
from scheduler.access.entry import end_access, may_come_in
from scheduler.errors import InputError
from scheduler.localized import LocalizedText
from scheduler.model.accounts import Account, Role
from scheduler.model.ids import new_id
from scheduler.model.people import Unreadable
from scheduler.model.phone_numbers import first_number
from scheduler.store import Store, audit
from scheduler.store.accounts import accounts
from scheduler.store.logins import end_logins, forget_codes, use_code
from scheduler.store.people import with_phone
from scheduler.words import plain

CODE_STEP_SECONDS = 30
CODE_SECRET = re.compile(r"[A-Z2-7]{32}")  # 160 bits in base32, as new_code_secret makes them
LOGIN_FORM = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


def create_account(
    store: Store,
    *,
    login: str,
    password: str,
    role: Role,
    name: str = "",
    grid_id: str | None = None,
    volunteer_id: str | None = None,
    by: str,
    now: datetime,
) -> Account:
    """A new active account. Raises InputError for a bad or taken login, a weak password, a volunteer without person."""
    login = refuse_login(login)
    hashed = passwords.hash_for(login, password)  # before the transaction: it takes a while
    with store.transaction():
        return add_account(
            store, Account(new_id(), login, role, hashed, name, grid_id, volunteer_id, created_at=now), by=by
        )


def refuse_login(login: str) -> str:
    """The login as it is stored. Raises InputError where it cannot be one."""
    login = login.strip().lower()
    if not LOGIN_FORM.fullmatch(login):
        raise InputError(
            LocalizedText(
                "login '%(login)s': expected 2 to 40 small letters, digits, dots or hyphens", login=login[:60]
            )
        )
    return login


def add_account(store: Store, account: Account, *, by: str) -> Account:
    """Stores a new account; call inside a transaction. Raises InputError for a taken login, a person not named."""
    login = account.login
    if (account.role is Role.VOLUNTEER) != (account.volunteer_id is not None):
        raise InputError(
            LocalizedText(
                "account '%(login)s': a volunteer's account, and no other, names the volunteer it belongs to",
                login=login,
            )
        )
    if accounts.by(store, login=login):
        raise InputError(LocalizedText("login '%(login)s' is taken: choose another one", login=login))
    made = accounts.add(store, account)
    at = account.created_at
    assert at is not None
    audit.record(store, at=at, actor=by, action="account.create", object_kind="account", object_id=made.id)
    return made


def find_account(store: Store, login: str) -> Account | None:
    """The account with this login, or of the one volunteer with this phone number."""
    login = plain(login).lower()
    if found := accounts.by(store, login=login):
        return found[0]
    number, _ = first_number(login)
    people = with_phone(store, number) if number else []
    theirs = [account for person in people for account in accounts.by(store, volunteer_id=person.id)]
    return theirs[0] if len(theirs) == 1 else None


def verify(store: Store, login: str, password: str) -> Account | None:
    """The account with this login and password if it may come in, else None; takes equally long for unknown logins."""
    found = find_account(store, login)
    right = passwords.fits(found.password_hash if found else None, password)
    return found if right and found is not None and may_come_in(store, found) else None


def change_password(store: Store, account_id: str, password: str, *, by: str, now: datetime) -> None:
    """Sets a new password and ends every login of the account: who is there goes on with a new one."""
    hashed = passwords.hash_for(accounts.get(store, account_id).login, password)
    with store.transaction():
        set_hash(store, account_id, hashed, by=by, now=now)


def set_hash(store: Store, account_id: str, hashed: str, *, by: str, now: datetime) -> None:
    """Stores a password's hash and ends every login of the account; call inside a transaction."""
    with store.transaction():
        accounts.save(store, replace(accounts.get(store, account_id), password_hash=hashed))
        end_logins(store, account_id)
        audit.record(store, at=now, actor=by, action="account.password", object_kind="account", object_id=account_id)


def reset_password(store: Store, account_id: str, *, by: str, now: datetime) -> str:
    """Gives the account a made-up password, to be handed over once.

    Whoever may have known the old one is out: logins, tokens and calendar address end, the second factor is off.
    """
    password = secrets.token_urlsafe(9)
    with store.transaction():
        end_access(store, accounts.save(store, replace(accounts.get(store, account_id), totp_secret="")), now=now)
        change_password(store, account_id, password, by=by, now=now)
    return password


def change_account(
    store: Store, account_id: str, *, role: Role, grid_id: str | None, active: bool, by: str, now: datetime
) -> Account:
    """Sets role, area and whether the account may log in; ends its logins, so it holds from the next request.

    An account that is closed, or gets another role, loses its tokens and its calendar address too.
    """
    with store.transaction():
        before = accounts.get(store, account_id)
        if (role is Role.VOLUNTEER) != (before.volunteer_id is not None):
            raise InputError(
                LocalizedText(
                    "account '%(login)s': a volunteer's account stays one, a staff account too", login=before.login
                )
            )
        if before.login == by and not (active and role is before.role):
            raise InputError(LocalizedText("you cannot take your own rights away: ask another administrator"))
        after = accounts.save(store, replace(before, role=role, grid_id=grid_id, active=active))
        if active and role is before.role:
            end_logins(store, account_id)
        else:
            end_access(store, after, now=now)
        audit.record(store, at=now, actor=by, action="account.change", object_kind="account", object_id=account_id)
    return after


def new_code_secret() -> str:
    """A fresh secret for an authenticator app (base32)."""
    return pyotp.random_base32()


def code_address(account: Account, secret: str) -> str:
    """The otpauth address that an authenticator app reads."""
    return str(pyotp.TOTP(secret, name=account.login, issuer="Yidu").provisioning_uri())


def switch_codes_on(store: Store, account_id: str, secret: str, code: str, *, now: datetime) -> Account:
    """Turns the second factor on once a code proves that the app has the secret. Raises InputError on a wrong code."""
    with store.transaction():
        before = accounts.get(store, account_id)
        forget_codes(store, account_id)
        fits = CODE_SECRET.fullmatch(secret) and code_fits(store, replace(before, totp_secret=secret), code, now=now)
        if not fits:
            raise InputError(
                LocalizedText("the code does not fit: check that the phone's clock is right and type the newest code")
            )
        after = accounts.save(store, replace(before, totp_secret=secret))
        audit.record(
            store, at=now, actor=before.login, action="account.codes", object_kind="account", object_id=before.id
        )
    return after


def code_fits(store: Store, account: Account, code: str, *, now: datetime) -> bool:
    """Whether a six-digit code is right now (30 s either side, RFC 6238) and was never used before."""
    if isinstance(account.totp_secret, Unreadable):
        return False
    app = pyotp.TOTP(account.totp_secret)
    digits = "".join(plain(code).split())  # a Chinese keyboard may type full-width digits
    if not digits.isascii():
        return False
    for drift in (0, -1, 1):
        step = int(now.timestamp()) // CODE_STEP_SECONDS + drift
        if hmac.compare_digest(app.generate_otp(step), digits):
            return use_code(store, account.id, step)
    return False
