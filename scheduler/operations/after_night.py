"""What follows a published night: standbys, pairs, forgotten check-outs, measures. None of it can harm the plan."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.operations import standby_lists
from scheduler.pairs import lifecycle
from scheduler.promises import reminders, swaps
from scheduler.records import attendance, measures
from scheduler.store import Store, invitations, ledger, links, once, standbys, uploads
from scheduler.store.backup import back_up

KEPT_FILES = timedelta(days=90)  # problem and solution of a run, for replay
KEPT_TRIES = timedelta(days=7)  # those of a plan that staff asked for and never published
KEPT_LINKS = timedelta(days=30)

log = logging.getLogger(__name__)


def follow_up(store: Store, config: Config, *, clock: Callable[[], datetime]) -> list[str]:
    """Runs every step, each on its own; the sentences of those that failed."""
    steps: dict[str, Callable[[], object]] = {
        "reminders": lambda: reminders.remind(store, now=clock()),
        "standbys": lambda: standby_lists.build_standby_lists(store, config, now=clock()),
        "check-outs": lambda: attendance.close_forgotten(store, now=clock()),
        "trials": lambda: lifecycle.advance_trials(store, now=clock()),
        "swaps": lambda: swaps.expire(store, now=clock()),
        "backup": lambda: back_up(store, config.backup_folder, now=clock(), keep=config.nightly.backups_kept),
        "measures": lambda: measures.measure(store, config, now=clock()),
        "old standby lists": lambda: standbys.forget_past(store, now=clock()),
        "old links": lambda: links.forget_before(store, clock() - KEPT_LINKS),
        "old invitations": lambda: invitations.forget_ended(store, now=clock()),
        "old uploads": lambda: uploads.forget_old(store, now=clock()),
        "old answers": lambda: once.forget_answers(store, now=clock()),
        "old files": lambda: ledger.forget_files(store, before=clock() - KEPT_FILES, tries_before=clock() - KEPT_TRIES),
    }
    failed = []
    for name, step in steps.items():
        try:
            step()
        except Exception as error:  # whatever it is: the other steps and the published plan stand
            log.exception("after the night: %s failed", name)
            failed.append(f"{name}: {error}")
    return failed
