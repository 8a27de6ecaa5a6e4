"""Serves the wishes to plan that pages and replies have filed: a repair of one slot at once, or a new draft."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from scheduler.config import Config
from scheduler.errors import YiduError
from scheduler.planning import scenarios
from scheduler.planning.repair import repair_slot
from scheduler.planning.replan import plan_now, start_run
from scheduler.store import Store, ledger


def take_request(store: Store, config: Config, *, clock: Callable[[], datetime], **solving: Any) -> bool:
    """Serves the oldest waiting request, else scenario; False if none waits. A failure is recorded, not raised."""
    request = ledger.take_request(store)
    if request is None:
        return scenarios.serve(store, config, clock=clock, **solving)
    by = request["requested_by"]
    try:
        run = start_run(store, config, request["job"], by=by, now=clock())
        ledger.start_request(store, request["id"], run.id)
        if request["slot_id"]:
            repair_slot(store, config, request["slot_id"], reason=request["reason"], clock=clock, run=run)
        else:
            plan_now(store, config, by=by, clock=clock, run=run, **solving)
    except YiduError:
        ledger.end_request(store, request["id"], state="failed")
    else:
        ledger.end_request(store, request["id"], state="done")
    return True
