"""A database knows its key: no other one is made or used in its place, and one bad row spoils nothing else."""

from dataclasses import replace

import pytest

from scheduler.access.accounts import code_fits, create_account
from scheduler.errors import KeyMissing, KeyWrong
from scheduler.model.accounts import Role
from scheduler.model.people import UNREADABLE
from scheduler.model.reading_rights import Reader, masked_phone
from scheduler.planning.publish import publish
from scheduler.store import Store, open_store
from scheduler.store.accounts import accounts
from scheduler.store.people import recipients, volunteers
from scheduler.store.queries.staff_lists import recipients_page, volunteers_page
from scheduler.store.sealed import Seal, key_path
from scheduler.store.unreadable import unreadable
from tests import world
from tests.scheduler.planning.week import NOW, a_week, planned


@pytest.fixture
def path(tmp_path):
    with open_store(tmp_path / "a.db") as store:
        world.add_map(store)
        world.add_elder(store)
    return tmp_path / "a.db"


def test_no_key_is_made_in_the_place_of_one_that_is_missing(path):
    key_path(path).unlink()
    for opened in (open_store, Store):
        with pytest.raises(KeyMissing, match="put this database's key back") as told:
            opened(path)
        assert "密钥" in told.value.said.zh
    assert not key_path(path).exists()


@pytest.mark.parametrize("content", [None, b"", b"short", b"\x00" * 32, "密钥".encode()])
def test_a_key_that_does_not_fit_is_refused_and_the_right_one_opens_everything_again(path, content):
    right = key_path(path).read_bytes()
    key_path(path).unlink()
    if content is None:
        Seal.make(key_path(path))
    else:
        key_path(path).write_bytes(content)
    with pytest.raises(KeyWrong, match="does not fit"):
        open_store(path)
    key_path(path).write_bytes(right + b"\n")
    with open_store(path) as store:
        assert recipients.get(store, "li").phone == world.CANARY_PHONE


def test_a_refused_key_leaves_the_database_free_for_others(path):
    right = key_path(path).read_bytes()
    key_path(path).write_bytes(b"")
    for _ in range(3):
        with pytest.raises(KeyWrong):
            open_store(path)
    key_path(path).write_bytes(right)
    with open_store(path) as store, store.transaction():
        store.touch()


def sealed_with_another_key(store, table, column, id):
    strange = Seal.random().close("13811112222", f"{table}.{column}")
    store.execute(f"UPDATE {table} SET {column} = :v WHERE id = :id", {"v": strange, "id": id})


def test_a_row_that_cannot_be_opened_breaks_no_list_and_is_named(store):
    world.add_world(store)
    for column in ("phone", "address", "notes"):
        sealed_with_another_key(store, "recipients", column, "li")
    sealed_with_another_key(store, "volunteers", "phone", "ann")
    store.execute("UPDATE volunteers SET notes = 'not even base64 //' WHERE id = 'ann'")
    listed = recipients_page(store, reader=Reader(Role.STAFF), text="", today=NOW.date()).rows
    assert [masked_phone(row.phone) for row in listed if row.id == "li"] == [UNREADABLE]
    assert len(volunteers_page(store, reader=Reader(Role.STAFF), text="1234", today=NOW.date(), now=NOW).rows) == 0
    assert {(value.field, value.row) for value in unreadable(store)} == {
        ("recipients.phone", "li"),
        ("recipients.address", "li"),
        ("recipients.notes", "li"),
        ("volunteers.phone", "ann"),
        ("volunteers.notes", "ann"),
    }


def test_a_change_of_a_row_that_cannot_be_opened_keeps_what_is_sealed_in_it(store):
    world.add_world(store)
    index = store.value("SELECT phone_index FROM recipients WHERE id = 'li'")
    sealed_with_another_key(store, "recipients", "phone", "li")
    before = store.value("SELECT phone FROM recipients WHERE id = 'li'")
    address = store.value("SELECT address FROM recipients WHERE id = 'li'")
    recipients.save(store, replace(recipients.get(store, "li"), name="李秀兰", address=UNREADABLE))
    assert store.value("SELECT address FROM recipients WHERE id = 'li'") == address, (
        "what a form sent back is no address"
    )
    row = store.rows("SELECT name, phone, phone_index FROM recipients WHERE id = 'li'")[0]
    assert row == {"name": "李秀兰", "phone": before, "phone_index": index}
    recipients.save(store, replace(recipients.get(store, "li"), phone="13900001111"))
    assert recipients.by(store, phone_index=store.seal.blind("13900001111"))[0].phone == "13900001111"


def test_a_plan_is_made_although_a_row_cannot_be_opened(store):
    config = a_week(store)
    sealed_with_another_key(store, "volunteers", "phone", volunteers.where(store)[0].id)
    sealed_with_another_key(store, "recipients", "address", recipients.where(store)[0].id)
    assert publish(store, config, planned(store, config).id, by="staff", now=NOW)


def test_a_login_secret_that_cannot_be_opened_lets_nobody_in(store):
    made = create_account(store, login="anna", password="four-plain-words", role=Role.STAFF, by="t", now=NOW)
    sealed_with_another_key(store, "accounts", "totp_secret", made.id)
    assert not code_fits(store, accounts.get(store, made.id), "123456", now=NOW)
