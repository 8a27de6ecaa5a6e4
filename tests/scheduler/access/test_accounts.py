"""Passwords and accounts."""

import pytest
from argon2 import extract_parameters

from scheduler.access import accounts as use
from scheduler.access import passwords
from scheduler.errors import InputError
from scheduler.model.accounts import Role
from scheduler.store import Store, audit
from tests.world import NOW, add_map, add_volunteer

GOOD = "four quiet words here"


def make(store: Store, **changes):
    values = {"login": "li.na", "password": GOOD, "role": Role.STAFF, "by": "admin", "now": NOW, **changes}
    return use.create_account(store, **values)


def test_passwords_are_hashed_with_argon2id_at_the_agreed_cost(store: Store):
    parameters = extract_parameters(make(store).password_hash)
    assert parameters.type.name == "ID"
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19456, 2, 1)


@pytest.mark.parametrize(
    ("password", "fits"), [("x" * 7, False), ("x" * 8, True), ("x" * 128, True), ("x" * 129, False)]
)
def test_a_password_has_8_to_128_characters(password: str, fits: bool):
    if fits:
        assert passwords.hash_password(password)
    else:
        with pytest.raises(InputError, match=r"expected 8 to 128"):
            passwords.hash_password(password)


@pytest.mark.parametrize("password", ["password1", "WoAiNi520", "putuo123"])
def test_common_passwords_are_refused(password: str):
    with pytest.raises(InputError, match="list"):
        passwords.hash_password(password)


@pytest.mark.parametrize("login", ["a", "Zhang San", "-x-", "x" * 41, "../etc"])
def test_a_senseless_login_is_refused(store: Store, login: str):
    with pytest.raises(InputError, match="login"):
        make(store, login=login)


def test_a_login_is_taken_once(store: Store):
    make(store)
    with pytest.raises(InputError, match="taken"):
        make(store, login="LI.NA")


def test_a_volunteers_account_names_its_volunteer(store: Store):
    add_map(store)
    add_volunteer(store)
    with pytest.raises(InputError, match="volunteer"):
        make(store, role=Role.VOLUNTEER)
    with pytest.raises(InputError, match="volunteer"):
        make(store, volunteer_id="ann")
    assert make(store, role=Role.VOLUNTEER, volunteer_id="ann").volunteer_id == "ann"


def test_the_right_password_finds_the_account_and_a_closed_one_is_nobody(store: Store):
    made = make(store)
    assert use.verify(store, " Li.Na ", GOOD) == made
    assert use.verify(store, "li.na", GOOD + "!") is None
    use.change_account(store, made.id, role=Role.STAFF, grid_id=None, active=False, by="admin", now=NOW)
    assert use.verify(store, "li.na", GOOD) is None


def test_nobody_takes_their_own_rights_away(store: Store):
    boss = make(store, login="boss", role=Role.ADMIN)
    with pytest.raises(InputError, match="your own rights"):
        use.change_account(store, boss.id, role=Role.STAFF, grid_id=None, active=True, by="boss", now=NOW)


def test_a_reset_password_works_and_is_recorded(store: Store):
    made = make(store)
    password = use.reset_password(store, made.id, by="admin", now=NOW)
    assert use.verify(store, "li.na", password) is not None
    assert [row.action for row in audit.history(store, "account", made.id)] == ["account.password", "account.create"]
