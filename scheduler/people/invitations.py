"""How a volunteer gets in: a slip with a link that is valid for two weeks and works once.

Staff invite one, many or all who have no account. The link shows a surname; who holds the slip proves with the phone's
last digits that it is theirs, gives the consents and chooses a password. For somebody who has an account
already the same slip is the way to a new password.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.access.accounts import add_account, refuse_login, set_hash
from scheduler.access.entry import end_access, volunteer_may_come_in
from scheduler.access.passwords import hash_for
from scheduler.config import Config
from scheduler.errors import InputError, NotFound
from scheduler.localized import LocalizedText
from scheduler.model.accounts import Account, Role
from scheduler.model.ids import new_id
from scheduler.model.people import Unreadable, Volunteer
from scheduler.people.own_data import PURPOSES, set_consent
from scheduler.store import Store, audit, invitations
from scheduler.store.accounts import accounts
from scheduler.store.people import volunteers
from scheduler.store.tokens import new_token
from scheduler.words import plain

VALID = timedelta(days=14)
TRIES = 5  # wrong last digits until the slip ends
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed for one person: the token is not kept and cannot be shown again."""

    volunteer: Volunteer
    token: str
    expires_at: datetime
    renews: bool  # the person has an account: the slip gives a new password


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a link is for, what it asks and which login they have or would get."""

    volunteer: Volunteer
    expires_at: datetime
    asks_digits: bool  # of the phone that is stored
    login: str
    renews: bool


def invite(store: Store, volunteer_ids: Iterable[str], *, by: str, now: datetime) -> list[Slip]:
    """A fresh slip for each of the volunteers, in their order; older slips of theirs end.

    Raises NotFound, and InputError for somebody who is not active: an account of theirs would open nothing.
    """
    slips = []
    with store.transaction():
        for volunteer_id in volunteer_ids:
            person = volunteers.get(store, volunteer_id)
            if not person.active:
                raise InputError(
                    LocalizedText(
                        "%(name)s (%(code)s) is not active: set them active first, then invite",
                        name=person.name,
                        code=person.code,
                    )
                )
            token, until = new_token(), now + VALID
            invitations.put(store, volunteer_id, token, by=by, now=now, expires_at=until)
            audit.record(
                store, at=now, actor=by, action="volunteer.invited", object_kind="volunteer", object_id=volunteer_id
            )
            slips.append(Slip(person, token, until, bool(accounts.by(store, volunteer_id=volunteer_id))))
    return slips


def look(store: Store, token: str, *, now: datetime) -> Invited:
    """Whom the link invites; changes nothing. Raises NotFound for an unknown, used or ended one."""
    found = invitations.find(store, token, now=now)
    if found is None or not volunteer_may_come_in(store, found.volunteer_id):
        raise _ended()
    person = volunteers.get(store, found.volunteer_id)
    theirs = accounts.by(store, volunteer_id=person.id)
    known = isinstance(person.phone, str) and not isinstance(person.phone, Unreadable) and len(person.phone) >= DIGITS
    login = theirs[0].login if theirs else free_login(store, person.code)
    return Invited(person, found.expires_at, known, login, bool(theirs))


def take_up(
    store: Store, token: str, *, digits: str, login: str, password: str, consents: Sequence[str], now: datetime
) -> Account:
    """The account that the person has from now on; the slip is used up, the consents given stand.

    Raises NotFound as look does, and InputError for wrong digits (the slip ends after five), a login that is taken, a
    password that is too short or guessed easily; then nothing is changed and the slip is still good.
    """
    invited = look(store, token, now=now)
    person = invited.volunteer
    if invited.asks_digits and not hmac.compare_digest(plain(digits).encode(), person.phone[-DIGITS:].encode()):
        _count_wrong_digits(store, person.id, now=now)
    login = invited.login if invited.renews else refuse_login(login)
    hashed = hash_for(login, password)  # before the transaction: it takes a while
    with store.transaction():
        if not invitations.end(store, person.id):
            raise _ended()
        if invited.renews:
            (account,) = accounts.by(store, login=login)
            end_access(store, accounts.save(store, replace(account, totp_secret="")), now=now)
            set_hash(store, account.id, hashed, by=login, now=now)
        else:
            made = Account(new_id(), login, Role.VOLUNTEER, hashed, person.name, None, person.id, created_at=now)
            account = add_account(store, made, by=login)
        for purpose in PURPOSES:
            if purpose in consents:
                set_consent(store, person.id, purpose, given=True, by=login, now=now)
        return accounts.get(store, account.id)


def free_login(store: Store, wish: str) -> str:
    """A login nobody has yet, like the wish: the volunteer's code in small letters, with a number where it is taken."""
    bare = "".join(sign for sign in plain(wish).lower() if sign.isascii() and (sign.isalnum() or sign in "._-"))[:36]
    bare = bare.lstrip("._-") or "v"
    bare = bare if len(bare) > 1 else f"v{bare}"
    taken = {account.login for account in accounts.where(store, "login LIKE :like", {"like": f"{bare}%"})}
    return next(name for name in (bare, *(f"{bare}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)


def address(config: Config, token: str) -> str:
    """The full web address that a slip shows."""
    return f"{config.web.address}/join/{token}"


def _ended() -> NotFound:
    return NotFound(
        LocalizedText("this invitation was used, has ended or was replaced: ask the community staff for a new one")
    )


def _count_wrong_digits(store: Store, volunteer_id: str, *, now: datetime) -> None:
    with store.transaction():
        invitations.count_try(store, volunteer_id)
        found = invitations.of(store, volunteer_id, now=now)
        left = TRIES - found.tries if found else 0
        if left <= 0:
            invitations.end(store, volunteer_id)
    if left <= 0:
        raise NotFound(
            LocalizedText(
                "wrong last digits five times, so this invitation has ended: ask the community staff for a new one"
            )
        )
    raise InputError(
        LocalizedText(
            "the last four digits are not those of the phone we have: type the last four of your number, "
            "%(left)s tries are left",
            left=left,
        )
    )
