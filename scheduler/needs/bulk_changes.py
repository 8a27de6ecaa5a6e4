"""One change to many objects of a list, all or nothing; each leaves its own line in the history."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from scheduler.config import Config
from scheduler.errors import IllegalMove
from scheduler.localized import LocalizedText
from scheduler.model.services import Need, NeedState
from scheduler.needs.need_form import never_takes_place
from scheduler.needs.renew import renew_one
from scheduler.promises.settle import settled
from scheduler.store import Store, audit
from scheduler.store.people import recipients, volunteers
from scheduler.store.services import needs, service_types


def set_needs_state(
    store: Store, config: Config, need_ids: Iterable[str], state: NeedState, *, by: str, now: datetime
) -> int:
    """How many of the needs were changed to a state; their visits ahead follow.

    Raises NotFound, IllegalMove for a need that would be published and never take place.
    """
    need_ids, changed = list(need_ids), 0
    with settled(store, needs=need_ids, by=by, now=now):
        for need_id in need_ids:
            need = needs.get(store, need_id)
            if need.state is not state:
                need = needs.save(store, replace(need, state=state))
                _refuse_never(store, config, need, now=now)
                audit.record(store, at=now, actor=by, action="need.change", object_kind="need", object_id=need.id)
                renew_one(store, config, need, now=now)
                changed += 1
        store.touch()
    return changed


def set_volunteers_active(store: Store, volunteer_ids: Iterable[str], active: bool, *, by: str, now: datetime) -> int:
    """How many of the volunteers were changed to active or not; promises of those who leave end. Raises NotFound."""
    volunteer_ids, changed = list(volunteer_ids), 0
    with settled(store, volunteers=volunteer_ids, by=by, now=now):
        for volunteer_id in volunteer_ids:
            person = volunteers.get(store, volunteer_id)
            if person.active is not active:
                volunteers.save(store, replace(person, active=active))
                audit.record(
                    store, at=now, actor=by, action="volunteer.change", object_kind="volunteer", object_id=person.id
                )
                changed += 1
        store.touch()
    return changed


def _refuse_never(store: Store, config: Config, need: Need, *, now: datetime) -> None:
    service, recipient = service_types.get(store, need.service_type), recipients.get(store, need.recipient_id)
    if never := never_takes_place(need, service, recipient, config, now=now):
        raise IllegalMove(LocalizedText("need %(code)s: %(never)s", code=need.code, never=never))
