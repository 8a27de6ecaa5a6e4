"""Staff write the same words to everybody of a visit, a day, a service or an organisation: a preview, then one act."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from scheduler.errors import InputError
from scheduler.localized import LocalizedText
from scheduler.localtime import at_local
from scheduler.messages import outbox
from scheduler.model.ids import new_id, stable_id
from scheduler.model.people import Volunteer
from scheduler.store import Store, audit, contact_points
from scheduler.store.queries import letter_lists

GROUPS = ("slot", "day", "service", "organisation")
AHEAD = timedelta(days=14)  # so far ahead the people of a service are those who have a visit
LONGEST = 500


def people_of(store: Store, group: str, value: str, grids: set[str], *, now: datetime) -> list[Volunteer]:
    """Who belongs to the group, in the order of their codes: `value` is an id, a service's code or an ISO day.

    Raises InputError for another group or no day.
    """
    if group == "slot":
        return letter_lists.on_slot(store, value, grids)
    if group == "service":
        return letter_lists.between(store, now, now + AHEAD, grids, service=value)
    if group == "organisation":
        return letter_lists.of_organisation(store, value, grids)
    try:
        day = date.fromisoformat(value) if group == "day" else None
    except ValueError:
        day = None
    if day is None:
        raise InputError(LocalizedText("choose a visit, a day, a service or an organisation to write to"))
    since_at = at_local(day, "00:00")
    return letter_lists.between(store, since_at, since_at + timedelta(days=1), grids)


def ways(store: Store, people: Sequence[Volunteer], usable: Sequence[str]) -> list[tuple[Volunteer, str]]:
    """Each person with the channel that is tried first, "" for whoever has to be phoned."""
    found = []
    for person in people:
        points = (point.channel for point in contact_points.of(store, person.id) if point.channel in usable)
        found.append((person, next(points, "")))
    return found


def seal_of(people: Sequence[Volunteer]) -> str:
    """A short text that is another one as soon as somebody else gets the words."""
    return stable_id(*sorted(person.id for person in people))


def write(
    store: Store, people: Sequence[Volunteer], words: str, *, about: str, sender: str, by: str, now: datetime
) -> None:
    """Files the words for each of the people. Raises InputError for no words, too many, or nobody to get them."""
    words = "\n".join(line.strip() for line in words.strip().splitlines())
    if not words or len(words) > LONGEST:
        raise InputError(LocalizedText("write something, of at most %(n)s characters", n=LONGEST))
    if not people:
        raise InputError(LocalizedText("nobody would get this: choose other people"))
    letter = new_id()
    with store.transaction():
        for person in people:
            outbox.enqueue(
                store,
                key=f"letter:{letter}:{person.id}",
                addressee=outbox.to_volunteer(person.id),
                template="letter",
                payload={"words": words, "sender": sender},
                now=now,
            )
        audit.record(
            store, at=now, actor=by, action="letter.write", object_kind="letter", object_id=letter, reason=about
        )
