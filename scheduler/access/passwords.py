"""Passwords: which are good enough, their hashes, and that only few are hashed at once."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from scheduler.errors import InputError, StoreBusy
from scheduler.localized import LocalizedText
from scheduler.words import plain

HASHER = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)  # OWASP's argon2id minimum: ~26 ms
PASSWORD_LENGTHS = range(8, 129)
HASHES_AT_ONCE = threading.BoundedSemaphore(2)  # 19 MB and a core each: a flood of logins must not starve the pages
HASH_WAIT_SECONDS = 5
DIFFERENT = 4  # characters at least, besides the login

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
                "this password is easily guessed: neither the login nor blanks or one repeated character will do; "
                "choose for instance four words"
            )
        )


# Checked for unknown logins, so that they take as long as known ones and cannot be told apart.
NOBODY = HASHER.hash(secrets.token_urlsafe(16))


def hash_for(login: str, password: str) -> str:
    """The hash of a password that is good enough for this login. Raises InputError."""
    refuse_guessable(password, login)
    return hash_password(password)


def fits(hashed: str | None, password: str) -> bool:
    """Whether the password has this hash; for None it takes equally long and is False."""
    with _one_hash():
        try:
            HASHER.verify(hashed or NOBODY, password[:128])
        except (VerificationError, InvalidHashError):
            return False
    return hashed is not None
