"""A backup is a good one or none; a restore brings back what was there."""

from datetime import timedelta

import pytest

from scheduler.errors import InputError
from scheduler.store import open_store
from scheduler.store.backup import back_up, backups_in, restore
from scheduler.store.people import recipients
from tests import world
from tests.world import NOW


def test_a_backup_opens_with_its_key_and_holds_what_was_there(store, tmp_path):
    world.add_map(store)
    world.add_elder(store)
    made = back_up(store, tmp_path / "copies", now=NOW, keep=3)
    world.add_elder(store, "later")
    with open_store(made) as copy:
        assert [r.id for r in recipients.where(copy)] == ["li"]
        assert recipients.get(copy, "li").phone == world.CANARY_PHONE
    assert made.stat().st_mode & 0o077 == 0


def test_only_so_many_backups_are_kept(store, tmp_path):
    for day in range(5):
        back_up(store, tmp_path / "copies", now=NOW + timedelta(days=day), keep=3)
    kept = backups_in(tmp_path / "copies", store.path.stem)
    assert [p.name[-18:-10] for p in kept] == ["20261127", "20261126", "20261125"]
    assert len(list((tmp_path / "copies").iterdir())) == 6


def test_a_backup_is_made_while_somebody_writes(store, tmp_path):
    world.add_map(store)
    with store.transaction():
        world.add_elder(store)
        with open_store(store.path) as other:
            made = back_up(other, tmp_path / "copies", now=NOW, keep=3)
    with open_store(made) as copy:
        assert recipients.where(copy) == []


def test_a_restore_puts_the_copy_back_and_keeps_what_was_there(store, tmp_path):
    world.add_map(store)
    world.add_elder(store)
    made = back_up(store, tmp_path / "copies", now=NOW, keep=3)
    world.add_elder(store, "later")
    store.close()
    aside = restore(made, store.path)
    with open_store(store.path) as now:
        assert [r.id for r in recipients.where(now)] == ["li"]
    with open_store(store.path) as keys, open_store(aside) as before:
        before.seal = keys.seal
        assert {r.id for r in recipients.where(before)} == {"li", "later"}


@pytest.mark.parametrize("damage", ["empty", "text", "flipped"])
def test_a_file_that_is_no_sound_backup_is_refused(store, tmp_path, damage):
    world.add_map(store)
    made = back_up(store, tmp_path / "copies", now=NOW, keep=3)
    whole = bytearray(made.read_bytes())
    if damage == "flipped":
        whole[4096 : 4096 + 512] = bytes(512)
    made.write_bytes({"empty": b"", "text": b"not a database at all" * 100, "flipped": bytes(whole)}[damage])
    with pytest.raises(InputError, match="choose"):
        restore(made, store.path)
    assert store.value("SELECT COUNT(*) FROM grids") == 5
