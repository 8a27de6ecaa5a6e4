"""A process that works until it is killed, and says on its output what has been promised: one line each, at once.

python -m tests.crash.victim publish|send|solve FOLDER SEED
"""

import os
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduler.config import Config
from scheduler.errors import YiduError
from scheduler.operations import delivery, night
from scheduler.planning.publish import publish
from scheduler.store import open_store
from tests.crash import world
from tests.scheduler.promises.world import NOW, a_config


def say(*words: object) -> None:
    """A line that the harness has read even if this process dies in the next instant."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class FileChannel:
    """The outside world: one line for each message taken, written before the sender hears of it."""

    name = "file"

    def __init__(self, path: Path) -> None:
        self.handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def address_of(self, addressee) -> str:
        return str(addressee.id)

    def send(self, message) -> str:
        os.write(self.handle, f"{message.key} {message.addressee}\n".encode())
        return ""


def publish_for_ever(folder: Path, rng: random.Random) -> None:
    with open_store(folder / world.DATABASE) as store:
        config = a_config()
        say("ready")
        while True:
            plan = world.draft(store, config, rng.randrange(200))
            try:
                publish(store, config, plan.id, by="staff", now=NOW)
            except YiduError as error:
                say("refused", type(error).__name__)
            else:
                say("published", plan.id)


def send_for_ever(folder: Path, _: random.Random) -> None:
    channel = FileChannel(folder / "sent.txt")
    now = datetime.fromtimestamp(float((folder / "clock.txt").read_text()), tz=UTC)
    with open_store(folder / world.DATABASE) as store:
        config = a_config()
        say("ready")
        while delivery.deliver_next(store, config, [channel], by="victim", now=now):
            pass
        say("finished")


def solve_for_ever(folder: Path, _: random.Random) -> None:
    """One night after the other with the real solver, from the first one that is not done."""
    now = world.next_night(folder)
    config = world.config_of_nights(folder)
    say("ready")
    while True:
        ended = planned(config, now)
        if ended and ended.plan:
            say("published", ended.plan.id)
            now += timedelta(days=1)
        else:  # a dead process still holds this night: its lease runs out
            now += timedelta(seconds=config.nightly.lease_seconds)


def planned(config: Config, now: datetime) -> night.Night | None:
    return night.run_if_due(config, clock=lambda: now)


WORK = {"publish": publish_for_ever, "send": send_for_ever, "solve": solve_for_ever}

if __name__ == "__main__":
    WORK[sys.argv[1]](Path(sys.argv[2]), random.Random(sys.argv[3]))
