"""A backup is a good one or none; a restore brings back what was there."""

from datetime import timedelta

import pytest

from scheduler.errors import InputError, KeyWrong
from scheduler.store import audit, open_store
from scheduler.store.backup import back_up, backups_in, missing_from_log, restore
from scheduler.store.people import recipients
from tests import world
from tests.world import NOW


def test_a_backup_with_its_key_opens_and_holds_what_was_there(store, tmp_path):
    world.add_map(store)
    world.add_elder(store)
    made = back_up(store, tmp_path / "copies", now=NOW, keep=3, with_key=True)
    world.add_elder(store, "later")
    with open_store(made) as copy:
        assert [r.id for r in recipients.where(copy)] == ["li"]
        assert recipients.get(copy, "li").phone == world.CANARY_PHONE
    assert made.stat().st_mode & 0o077 == 0


def test_only_so_many_backups_are_kept(store, tmp_path):
    for day in range(5):
        back_up(store, tmp_path / "copies", now=NOW + timedelta(days=day), keep=3)
    kept = backups_in(tmp_path / "copies", store.path.stem)
    assert [p.name.split("-")[1] for p in kept] == ["20261127", "20261126", "20261125"]
    assert len(list((tmp_path / "copies").iterdir())) == 3, "a key lies beside its backups"


def test_the_backups_of_another_district_whose_name_begins_alike_are_left_alone(store, tmp_path):
    with open_store(store.path.with_name(f"{store.path.stem}-west.db")) as west:
        theirs = back_up(west, tmp_path / "copies", now=NOW, keep=3)
    for day in range(1, 4):
        back_up(store, tmp_path / "copies", now=NOW + timedelta(days=day), keep=1)
    assert theirs.exists()
    assert len(backups_in(tmp_path / "copies", store.path.stem)) == 1


def test_a_backup_is_made_while_somebody_writes(store, tmp_path):
    world.add_map(store)
    with store.transaction():
        world.add_elder(store)
        with open_store(store.path) as other:
            made = back_up(other, tmp_path / "copies", now=NOW, keep=3, with_key=True)
    with open_store(made) as copy:
        assert recipients.where(copy) == []


def test_a_restore_puts_the_copy_back_and_keeps_what_was_there(store, tmp_path):
    world.add_map(store)
    world.add_elder(store)
    made = back_up(store, tmp_path / "copies", now=NOW, keep=3)
    world.add_elder(store, "later")
    store.close()
    aside = restore(made, store.path, now=NOW)
    with open_store(store.path) as now:
        assert [r.phone for r in recipients.where(now)] == [world.CANARY_PHONE]
        world.add_elder(now, "new")
    with open_store(aside) as before:
        assert {r.id for r in recipients.where(before)} == {"li", "later"}
    again = restore(made, store.path, now=NOW + timedelta(minutes=1))
    with open_store(again) as second, open_store(aside) as first:
        assert {r.id for r in recipients.where(second)} == {"li", "new"}
        assert {r.id for r in recipients.where(first)} == {"li", "later"}, (
            "the second restore kept the first one's copy"
        )


def sealed_backup(store, tmp_path):
    world.add_map(store)
    world.add_elder(store)
    made = back_up(store, tmp_path / "copies", now=NOW, keep=3)
    store.close()
    return made


def test_a_backup_is_not_restored_without_a_key_that_opens_it(store, tmp_path):
    made = sealed_backup(store, tmp_path)
    elsewhere = tmp_path / "other machine" / "yidu.db"
    with pytest.raises(KeyWrong, match="--key") as told:
        restore(made, elsewhere, now=NOW)
    assert "--key" in told.value.said.zh
    assert not elsewhere.exists()


def test_a_backup_is_not_restored_with_the_key_of_another_database(store, tmp_path):
    made = sealed_backup(store, tmp_path)
    other = tmp_path / "other.db"
    open_store(other).close()
    before = other.read_bytes()
    with pytest.raises(KeyWrong):
        restore(made, other, now=NOW)
    assert other.read_bytes() == before


def test_a_key_that_was_kept_apart_opens_a_backup_on_another_machine(store, tmp_path):
    made = sealed_backup(store, tmp_path)
    elsewhere = tmp_path / "other machine" / "yidu.db"
    restore(made, elsewhere, now=NOW, key=store.path.with_suffix(".key"))
    with open_store(elsewhere) as opened:
        assert recipients.get(opened, "li").phone == world.CANARY_PHONE


def test_a_log_of_the_backup_that_was_not_folded_in_yet_is_restored_too(store, tmp_path):
    world.add_map(store)
    world.add_elder(store)
    copy = tmp_path / "by hand.db"
    for suffix in ("", "-wal"):  # the kind of copy that a person makes
        (tmp_path / f"by hand.db{suffix}").write_bytes((store.path.parent / f"{store.path.name}{suffix}").read_bytes())
    store.close()
    restore(copy, store.path, now=NOW)
    with open_store(store.path) as now:
        assert [r.id for r in recipients.where(now)] == ["li"]


def test_nothing_is_restored_while_somebody_has_the_database_open(store, tmp_path):
    made = back_up(store, tmp_path / "copies", now=NOW, keep=3)
    with pytest.raises(InputError, match="in use") as told:
        restore(made, store.path, now=NOW)
    assert "正在使用" in told.value.said.zh
    store.close()
    restore(made, store.path, now=NOW)


def test_a_backup_says_how_far_the_log_had_come_and_finds_a_log_that_was_cut(store, tmp_path):
    for number in range(1, 4):
        audit.record(store, at=NOW, actor="a", action="x", object_kind="y", object_id=str(number))
    made = back_up(store, tmp_path / "copies", now=NOW, keep=3)
    assert "-log3-" in made.name
    assert missing_from_log(store, tmp_path / "copies") is None
    store.execute("DROP TRIGGER audit_kept")
    store.execute("DELETE FROM audit WHERE number > 1")
    assert missing_from_log(store, tmp_path / "copies") == made


@pytest.mark.parametrize("damage", ["empty", "text", "flipped"])
def test_a_file_that_is_no_sound_backup_is_refused(store, tmp_path, damage):
    world.add_map(store)
    made = back_up(store, tmp_path / "copies", now=NOW, keep=3)
    whole = bytearray(made.read_bytes())
    if damage == "flipped":
        whole[4096 : 4096 + 512] = bytes(512)
    path = store.path
    store.close()
    made.write_bytes({"empty": b"", "text": b"not a database at all" * 100, "flipped": bytes(whole)}[damage])
    with pytest.raises(InputError, match="choose"):
        restore(made, path, now=NOW)
    with open_store(path) as store:
        assert store.value("SELECT COUNT(*) FROM grids") == 5
