"""Accounts: making them, proving who one is, changing passwords and second factors."""

import hmac
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from scheduler.access.entry import end_access, may_come_in
from scheduler.errors import InputError, StoreBusy
from scheduler.localized import LocalizedText
from scheduler.model.accounts import Account, Role
from scheduler.model.ids import new_id
from scheduler.model.people import Unreadable
from scheduler.store import Store, audit
from scheduler.store.accounts import accounts
from scheduler.store.logins import end_logins, forget_codes, use_code
from scheduler.words import plain

HASHER = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)  # OWASP's argon2id minimum: ~26 ms
PASSWORD_LENGTHS = range(8, 129)
HASHES_AT_ONCE = threading.BoundedSemaphore(2)  # 19 MB and a core each: a flood of logins must not starve the pages
HASH_WAIT_SECONDS = 5
DIFFERENT = 4  # characters at least, besides the login
CODE_STEP_SECONDS = 30
CODE_SECRET = re.compile(r"[A-Z2-7]{32}")  # 160 bits in base32, as new_code_secret makes them
LOGIN_FORM = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
COMMON = frozenset(
    [
        "password",
        "password1",
        "12345678",
        "123456789",
        "1234567890",
        "11111111",
        "88888888",
        "66666666",
        "00000000",
        "qwertyui",
        "qwerty123",
        "abc12345",
        "iloveyou",
        "woaini520",
        "woaini1314",
        "5201314520",
        "a1234567",
        "aa123456",
        "admin123",
        "putuo123",
        "yidu1234",
        "shanghai",
        "shanghai1",
        "zhongguo",
        "changzheng",
        "volunteer",
        "zhiyuanzhe",
        "qwertyuiop",
        "asdfghjkl",
        "1qaz2wsx",
    ]
)
LOOKS_LIKE = str.maketrans("@430$", "aaeos")  # p@ssw0rd is password


@contextmanager
def _one_hash() -> Iterator[None]:
    if not HASHES_AT_ONCE.acquire(timeout=HASH_WAIT_SECONDS):
        raise StoreBusy(LocalizedText("many people are logging in right now: try again in a minute"))
    try:
        yield
    finally:
        HASHES_AT_ONCE.release()


def hash_password(password: str) -> str:
    """The argon2id hash. Raises InputError where the password is too short, too long or a common one."""
    if len(password) not in PASSWORD_LENGTHS:
        raise InputError(
            LocalizedText(
                "the password has %(password)s characters, expected %(shortest)s to 128",
                password=len(password),
                shortest=PASSWORD_LENGTHS[0],
            )
        )
    said = plain(password).casefold()
    if not COMMON.isdisjoint((said, said.rstrip("0123456789!."), said.translate(LOOKS_LIKE))):
        raise InputError(
            LocalizedText("this password is on every attacker's list: choose another one, for instance four words")
        )
    with _one_hash():
        return HASHER.hash(password)


def refuse_guessable(password: str, login: str) -> None:
    """Raises InputError for a password of hardly any different characters, in a row, or made of the login."""
    said = plain(password).casefold()
    in_a_row = len({ord(after) - ord(before) for before, after in pairwise(said)}) < 2  # abcdefgh, 87654321
    bare = said.replace(login, "").replace(login[::-1], "")
    if len(set(said)) < DIFFERENT or in_a_row or len(bare) < DIFFERENT:
        raise InputError(
            LocalizedText(
                "this password is easily guessed: neither the login nor blanks or one repeated character "
                "will do; choose for instance four words"
            )
        )


# Checked for unknown logins, so that they take as long as known ones and cannot be told apart.
NOBODY = HASHER.hash(secrets.token_urlsafe(16))


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
    login = login.strip().lower()
    if not LOGIN_FORM.fullmatch(login):
        raise InputError(
            LocalizedText(
                "login '%(login)s': expected 2 to 40 small letters, digits, dots or hyphens", login=login[:60]
            )
        )
    if (role is Role.VOLUNTEER) != (volunteer_id is not None):
        raise InputError(
            LocalizedText(
                "account '%(login)s': a volunteer's account, and no other, names the volunteer it belongs to",
                login=login,
            )
        )
    refuse_guessable(password, login)
    hashed = hash_password(password)
    with store.transaction():
        if accounts.by(store, login=login):
            raise InputError(LocalizedText("login '%(login)s' is taken: choose another one", login=login))
        made = accounts.add(store, Account(new_id(), login, role, hashed, name, grid_id, volunteer_id, created_at=now))
        audit.record(store, at=now, actor=by, action="account.create", object_kind="account", object_id=made.id)
    return made


def verify(store: Store, login: str, password: str) -> Account | None:
    """The account with this login and password if it may come in, else None; takes equally long for unknown logins."""
    found = next(iter(accounts.by(store, login=login.strip().lower())), None)
    with _one_hash():
        try:
            HASHER.verify(found.password_hash if found else NOBODY, password[:128])
        except (VerificationError, InvalidHashError):
            return None
    return found if found is not None and may_come_in(store, found) else None


def change_password(store: Store, account_id: str, password: str, *, by: str, now: datetime) -> None:
    """Sets a new password and ends every login of the account: who is there goes on with a new one."""
    refuse_guessable(password, accounts.get(store, account_id).login)
    hashed = hash_password(password)
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
