"""What a refusal covers: the whole need, for as long as nobody takes it back.

Who says "only this time" to a need that comes again and again is not asked for this occasion, but for the next ones.
The pages suggest that to an elder's own companion, whose pair is a yes that lasts; to everybody else they suggest
that a refusal is for good. A refusal of the person covers every need of that person. Either may be taken back: by the
volunteer, or by staff whom the volunteer has told.
"""

from datetime import datetime

from scheduler.errors import NotFound
from scheduler.localized import LocalizedText
from scheduler.model.plan import Assignment
from scheduler.model.services import NeedKind
from scheduler.rules.facts import STANDING
from scheduler.store import Store, audit, promised, refusals
from scheduler.store.services import needs, slots

FOR_GOOD = frozenset({"not_this_service", "not_this_person"})  # reasons that will be the same next time


def comes_again(store: Store, assignment: Assignment) -> bool:
    """Whether the need brings further occasions, so that "only this time" means something. Raises NotFound."""
    return needs.get(store, slots.get(store, assignment.slot_id).need_id).kind is not NeedKind.ONCE


def is_companion(store: Store, assignment: Assignment) -> bool:
    """Whether the person is bound to the recipient. Raises NotFound."""
    recipient_id = slots.get(store, assignment.slot_id).recipient_id
    return any(p.state in STANDING for p in promised.pairs_between(store, assignment.volunteer_id, recipient_id))


def only_this_time(store: Store, declined: Assignment, *, now: datetime) -> None:
    """The refusal covers this occasion only. Call inside the transaction of the reply."""
    refusals.allow_again(store, slots.get(store, declined.slot_id).need_id, declined.volunteer_id, since_at=now)


def take_back(store: Store, need_id: str, volunteer_id: str, *, by: str, now: datetime) -> None:
    """From now on the person may be asked for the need again. Raises NotFound if no refusal of theirs stands."""
    with store.transaction():
        if volunteer_id not in promised.who_refused(store, need_id):
            raise NotFound(LocalizedText("no such refusal is in force"))
        refusals.allow_again(store, need_id, volunteer_id, since_at=now)
        audit.record(
            store, at=now, actor=by, action="volunteer.ask_again", object_kind="volunteer", object_id=volunteer_id
        )
        store.touch()
