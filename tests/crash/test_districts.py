"""One district cannot harm another, and nothing of Yidu listens where nobody should reach it."""

import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.config import load_config
from scheduler.store import open_store
from tests.crash.districts import neighbours

LISTENING = "0A"  # the state in /proc/net/tcp
HERE = {"0100007F", "00000000000000000000000001000000"}  # 127.0.0.1 and ::1 as the kernel writes them

SCHEDULER = (
    "from scheduler.operations.scheduler_process import serve; from tests.crash.test_districts import config_of; "
)
SCHEDULER += "import sys; print('ready', flush=True); serve(config_of(sys.argv[1]))"


@pytest.mark.parametrize(
    ("districts", "kills"), [(4, 2), pytest.param(40, 20, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
)
def test_a_broken_district_and_killed_processes_leave_the_others_alone(tmp_path, districts, kills):
    found = neighbours(tmp_path, districts=districts, kills=kills)
    assert found.clean, found


def config_of(path):
    return load_config(environ={}).model_copy(update={"database": Path(path)})


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["-c", SCHEDULER], id="scheduler"),
        pytest.param(["-m", "tests.crash.served"], id="pages"),
    ],
)
def test_nothing_listens_beyond_this_machine(tmp_path, command):
    path = tmp_path / "yidu.db"
    open_store(path).close()
    words = [sys.executable, *command, str(path), "2026-11-23T02:00:00+00:00"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline().startswith("ready")
            found = addresses_of(process.pid)
        finally:
            process.kill()
    assert found <= HERE
    assert bool(found) == ("served" in command[1])


def test_the_delivered_settings_listen_on_this_machine_only():
    assert load_config(environ={}).web.host == "127.0.0.1"


def addresses_of(pid):
    """The addresses on which a process listens, as hexadecimal text."""
    mine = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir() if str(fd.readlink()).startswith("socket:")}
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[1].split(":")[0] for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in mine}
