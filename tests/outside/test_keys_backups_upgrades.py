"""A technician's mishaps, tried on real processes: a lost key, a restore in the middle of the day, a damaged file."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.errors import InputError
from scheduler.operations import health
from scheduler.people import privacy
from scheduler.store import audit, open_store, uploads
from scheduler.store.backup import back_up
from scheduler.store.sealed import Seal, key_path
from tests.outside.street import Street

YIDU = (sys.executable, "-m", "web.cli")


def yidu(street: Street, *arguments: object, timeout: int = 120) -> subprocess.CompletedProcess[str]:
    command = [*YIDU, "--database", str(street.config.database), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout)


@contextmanager
def running(street: Street, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [*YIDU, "--database", str(street.config.database), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


@contextmanager
def pages(street: Street) -> Iterator[str]:
    """`yidu serve` on a free port; the address, once it answers anything."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with running(street, "serve", "--port", str(port)):
        address = f"http://127.0.0.1:{port}"
        until(lambda: status(address + "/readyz"))
        yield address


def status(address: str) -> int:
    """The status of a page; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def until(happens, seconds: float = 90) -> None:
    ends = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.1)


def overwrite(path: Path, first: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(first)
        file.write(b"\xa5" * length)


# Restoring, while somebody works -------------------------------------------------------------------------------------


def test_a_backup_is_not_put_under_pages_that_are_being_served(street: Street):
    street.a_visit()
    copy = back_up(street.store, street.config.backup_folder, now=street.clock(), keep=3)
    street.store.close()
    with pages(street) as address:
        assert status(address + "/readyz") == 200
        refused = yidu(street, "restore", copy, "--yes")
        assert (refused.returncode, "in use" in refused.stderr) == (1, True)
        assert "Traceback" not in refused.stderr
        assert not list(street.folder.glob("*before-restore*"))
        assert status(address + "/readyz") == 200
    done = yidu(street, "restore", copy, "--yes")
    assert done.returncode == 0, done.stderr


def test_a_backup_is_not_put_under_a_scheduler_between_its_jobs(street: Street):
    copy = back_up(street.store, street.config.backup_folder, now=street.clock(), keep=3)
    street.store.close()
    with running(street, "scheduler"):
        until(lambda: street.config.database.with_suffix(".scheduler.lock").exists())
        time.sleep(1)
        assert yidu(street, "restore", copy, "--yes").returncode == 1


def test_a_new_demo_is_not_laid_over_one_that_is_running(street: Street):
    from scheduler.store.backup import remove

    with pytest.raises(InputError, match="in use"):
        remove(street.config.database)
    assert street.config.database.exists()


def test_nobody_opens_a_database_while_a_backup_is_put_back(street: Street):
    from scheduler.store.in_use import alone

    street.store.close()
    with alone(street.config.database):
        refused = yidu(street, "health")
    assert refused.returncode == 1
    assert "a backup is being put" in refused.stderr
    street.store = open_store(street.config.database)


# The key -------------------------------------------------------------------------------------------------------------


def test_pages_whose_key_is_gone_say_so_and_answer_again_when_it_is_back(street: Street):
    street.a_visit()
    key = key_path(street.config.database)
    right = key.read_bytes()
    street.store.close()
    key.unlink()
    with pages(street) as address:
        assert status(address + "/readyz") == 503
        assert status(address + "/login") in (200, 500)
        assert not key.exists(), "a key was made in the place of the missing one"
        key.write_bytes(right)
        until(lambda: status(address + "/readyz") == 200)
        key.write_bytes(right[::-1])
        until(lambda: status(address + "/readyz") == 503)
        key.write_bytes(right)
    street.store = open_store(street.config.database)
    assert audit.broken_row(street.store) is None


@pytest.mark.parametrize("command", ["plan", "publish", "backup", "health", "scheduler"])
def test_no_command_works_with_the_key_of_another_database(street: Street, command: str):
    street.a_visit()
    street.store.close()
    key_path(street.config.database).unlink()
    Seal.make(key_path(street.config.database))
    refused = yidu(street, command)
    assert refused.returncode == 1
    assert "does not fit" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not street.config.backup_folder.exists()


def test_a_row_sealed_with_another_key_stops_no_page_and_no_night_and_is_named(street: Street):
    street.a_visit(people=("V1", "V2"))
    strange = Seal.random().close("13811112222", "volunteers.phone")
    street.store.execute("UPDATE volunteers SET phone = :p WHERE code = 'V2'", {"p": strange})
    browser = street.browser()
    code, page = browser.get("/volunteers")
    assert (code, "志愿者V1" in page, "志愿者V2" in page, "无法读取" in page) == (200, True, True, True)
    assert browser.get(f"/volunteers/{street.volunteer('V2').id}")[0] == 200
    assert street.plan(seconds=20).state == "published"
    found = yidu(street, "health")
    assert found.returncode == 1
    assert re.search(r"volunteers\.phone of V2 cannot be opened", found.stdout)
    assert "of V1" not in found.stdout


# A damaged file, and an end of the log that is gone ------------------------------------------------------------------


def test_pages_on_a_file_that_is_damaged_meanwhile_are_not_ready_and_promise_nothing_more(street: Street):
    street.a_visit()
    browser = street.browser()
    assert browser.get("/readyz")[0] == 200
    street.store.value("PRAGMA wal_checkpoint(TRUNCATE)")
    root = street.store.value("SELECT rootpage FROM sqlite_schema WHERE name = 'seats'")
    overwrite(street.config.database, (root - 1) * 4096, 512)
    until(lambda: browser.get("/readyz")[0] == 503, 30)
    code, page = browser.get("/today")
    assert code == 200, "what can be read is shown"
    code, page = browser.post("/needs", {"title": "x"})
    assert (code, "yidu restore" in page) == (500, True)


def test_pages_that_start_on_a_damaged_file_are_not_ready(street: Street):
    street.a_visit()
    root = street.store.value("SELECT rootpage FROM sqlite_schema WHERE name = 'seats'")
    street.store.close()
    overwrite(street.config.database, (root - 1) * 4096, 512)
    with pages(street) as address:
        assert status(address + "/readyz") == 503


ANSWERS = """
import os, signal, sys
from datetime import datetime
from scheduler.config import load_config
from scheduler.promises import replies
from scheduler.store import open_store
config = load_config().model_copy(update={"database": __import__("pathlib").Path(sys.argv[1])})
store = open_store(config.database)
replies.accept(store, config, sys.argv[2], now=datetime.fromisoformat(sys.argv[3]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def answered_and_killed(street: Street) -> Path:
    """V1 accepts, confirmed, and the process dies; the write-ahead log that holds the answer."""
    slot = street.a_visit()
    made = street.place(slot, "V1", accept=False)
    street.store.close()
    arguments = [str(street.config.database), made.id, street.clock().isoformat()]
    done = subprocess.run([sys.executable, "-c", ANSWERS, *arguments], timeout=120)
    assert done.returncode == -signal.SIGKILL
    return Path(f"{street.config.database}-wal")


def test_an_answer_survives_kill_9(street: Street):
    assert answered_and_killed(street).stat().st_size
    street.store = open_store(street.config.database)
    assert [held.state for held in street.held()] == ["accepted"]


@pytest.mark.parametrize("mishap", ["flipped", "cut", "removed"])
def test_confirmed_answers_that_are_lost_with_the_log_are_missed_at_every_start(street: Street, mishap: str):
    wal = answered_and_killed(street)
    if mishap == "flipped":
        overwrite(wal, 32 + 24 + 100, 1)  # in the first page of the log
    elif mishap == "cut":
        os.truncate(wal, 32 + 24)
    else:
        wal.unlink()
        Path(f"{street.config.database}-shm").unlink()
    for _ in range(2):
        refused = yidu(street, "health")
        assert refused.returncode == 1
        assert "the newest entries of the database are gone" in refused.stderr
    with pages(street) as address:
        assert status(address + "/readyz") == 503
    taken = yidu(street, "restore", street.config.database, "--yes")
    assert taken.returncode == 0, taken.stderr
    street.store = open_store(street.config.database)
    assert [held.state for held in street.held()] == ["proposed"]


def test_a_file_that_a_person_put_in_its_place_is_taken_as_it_is(street: Street):
    street.a_visit()
    street.store.close()
    before = street.config.database.read_bytes()
    with open_store(street.config.database) as store:
        audit.record(store, at=street.clock(), actor="a", action="x", object_kind="y", object_id="z")
    street.config.database.write_bytes(before)
    street.store = open_store(street.config.database)
    audit.record(street.store, at=street.clock(), actor="a", action="x", object_kind="y", object_id="z")
    with open_store(street.config.database) as other:
        assert audit.broken_row(other) is None


# What lies on the disk -----------------------------------------------------------------------------------------------


def test_whatever_a_command_writes_is_for_its_owner_only(tmp_path: Path):
    database = tmp_path / "data" / "yidu.db"
    command = [*YIDU, "--database", str(database)]
    old = os.umask(0o022)
    try:
        for arguments in (("init",), ("backup",), ("backup", "--with-key"), ("template", str(tmp_path / "t.xlsx"))):
            subprocess.run([*command, *arguments], check=True, capture_output=True, timeout=120)
    finally:
        os.umask(old)
    with open_store(database):
        found = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert {"yidu.db", "yidu.db-wal", "yidu.db-shm", "yidu.key", "yidu.lock", "t.xlsx"} <= {p.name for p in found}
        assert [path for path in found if path.stat().st_mode & 0o077] == []


def test_a_stolen_backup_folder_opens_nothing(street: Street):
    street.a_visit()
    made = yidu(street, "backup")
    assert made.returncode == 0, made.stderr
    street.live("2026-11-30 10:10")
    assert not list(street.config.backup_folder.glob("*.key"))
    yidu(street, "backup", "--with-key")
    assert len(list(street.config.backup_folder.glob("*.key"))) == 1


def test_an_upload_lies_sealed_and_is_gone_after_a_day_whether_or_not_somebody_uploads_again(street: Street):
    boss = street.store.value("SELECT id FROM accounts WHERE login = 'boss'")
    content = "姓名,电话,住址\n王芳,13900007777,真光路1288弄5号602室\n".encode()
    kept = uploads.keep(street.store, boss, "a.csv", content, now=street.clock())
    assert uploads.of(street.store, kept, boss, now=street.clock()).content == content
    street.store.value("PRAGMA wal_checkpoint(TRUNCATE)")
    on_disk = street.config.database.read_bytes()
    assert b"13900007777" not in on_disk
    assert "真光路".encode() not in on_disk
    street.clock.now += timedelta(days=1, seconds=1)
    with pytest.raises(InputError, match="no longer kept"):
        uploads.of(street.store, kept, boss, now=street.clock())
    uploads.forget_old(street.store, now=street.clock())
    assert street.store.value("SELECT count(*) FROM uploads") == 0


# Who opened what -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["....", "    ", "——！！", "aaaa", "1111", "abab", "ㅤㅤㅤㅤ", "ok", "。。。a"])
def test_a_reason_that_says_nothing_opens_nothing(street: Street, reason: str):
    street.bring(street.elders("E1"))
    with pytest.raises(InputError) as told:
        privacy.reveal(
            street.store, "recipient", street.recipient("E1").id, by="boss", reason=reason, now=street.clock()
        )
    assert "几个字" in told.value.said.zh
    assert audit.count(street.store, text="reveal") == 0


@pytest.mark.parametrize("reason", ["电话回访", "妈妈病了", "fell ill", "12月3日 核对门牌"])
def test_a_reason_that_says_something_is_enough(street: Street, reason: str):
    street.bring(street.elders("E1"))
    elder = street.recipient("E1").id
    assert privacy.reveal(street.store, "recipient", elder, by="boss", reason=reason, now=street.clock())


def test_a_roster_is_not_handed_out_for_a_reason_that_says_nothing(street: Street):
    street.a_visit()
    browser = street.browser()
    browser.get("/exchange")
    assert browser.post("/exchange/roster", {"reason": "。。。。", "from": "2026-12-01"})[0] == 422
    assert audit.count(street.store, text="export") == 0


def test_no_reason_of_staff_opens_the_door_on_the_volunteers_page(street: Street):
    slot = street.a_visit("2026-12-01")
    held = street.place(slot, "V1")
    street.clock.at("2026-12-01 10:00")
    elder = street.recipient("E1").id
    privacy.reveal(street.store, "recipient", elder, by="boss", reason=f"visit {held.id}", now=street.clock())
    assert not privacy.contact_of(street.store, held, now=street.clock(), locale="zh").full
    privacy.open_for_visit(street.store, held.id, held.volunteer_id, by="v1", now=street.clock())
    assert privacy.contact_of(street.store, held, now=street.clock(), locale="zh").full
    assert audit.count(street.store, text="reveal") == 2


def test_the_page_of_the_log_says_when_its_newest_rows_are_gone(street: Street):
    street.a_visit()
    browser = street.browser()
    _, page = browser.get("/audit")
    assert "没有记录被改动" in page or "完整" in page
    checks = {check.name: check.ok for check in health.checks(street.store, street.config, now=street.clock())}
    assert checks["log"]
    street.store.execute("DROP TRIGGER audit_kept")
    street.store.execute("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
    _, page = browser.get("/audit")
    assert "篡改" in page or "改动" in page
    checks = {check.name: check.ok for check in health.checks(street.store, street.config, now=street.clock())}
    assert not checks["log"]
    assert yidu(street, "health").returncode == 1
