"""Serves the wishes to plan that pages and replies have filed: a repair of one slot at once, or a new draft."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from scheduler.config import Config
from scheduler.errors import YiduError
from scheduler.operations import scenarios
from scheduler.operations.repair import repair_slot
from scheduler.planning.replan import plan_now, start_run
from scheduler.store import Store, ledger


def take_request(store: Store, config: Config, *, clock: Callable[[], datetime], **solving: Any) -> bool:
    """Serves the oldest waiting request, else scenario; False if none waits. A failure is recorded, not raised."""
    request = ledger.take_request(store)
    if request is None:
        return scenarios.serve(store, config, clock=clock, **solving)
    _serve(store, config, request, clock, solving)
    return True


def take_repair(store: Store, config: Config, *, clock: Callable[[], datetime]) -> bool:
    """The same for repairs alone: somebody who declined a minute ago does not wait until a whole plan is made."""
    request = ledger.take_request(store, job="repair")
    if request is not None:
        _serve(store, config, request, clock, {})
    return request is not None


def _serve(
    store: Store, config: Config, request: dict[str, Any], clock: Callable[[], datetime], solving: dict[str, Any]
) -> None:
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
