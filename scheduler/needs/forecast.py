"""Before a need is published: how many people could serve it, and the smallest change that would bring more."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.forms.references import Directory
from scheduler.localtime import clock_of, local_date, minutes_of
from scheduler.model.services import Need, NeedKind, Slot
from scheduler.needs.need_form import need_form
from scheduler.needs.renew import occasions_of
from scheduler.rules.eligibility import reasons_against
from scheduler.rules.facts import Facts
from scheduler.rules.nearby import facts_to_forecast
from scheduler.store import Store
from scheduler.store.queries.board_lists import filled_share
from scheduler.store.services import service_types

LOOKED_AT = 2  # occasions: the next ones say enough, and the line must be there while one types
FOUR_WEEKS = timedelta(days=28)
WIDER_MIN = (30, 60, 120)
CODE = "PREVIEW"


@dataclass(frozen=True, slots=True)
class Change:
    """A change to the need: `kind` "wider" (`amount` minutes either side), "any_gender", "any_language", "fewer"."""

    kind: str
    amount: int
    people: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What publishing would meet. Of those around `people` could serve one of the next occasions; `heads` are wanted.

    `fill`: share of people found for this service in the last four weeks, None if there was none.
    `stopped`: reason → people, each under their first reason; `change` is the smallest one that helps, if any.
    """

    occasions: int
    first: Slot | None
    people: int
    heads: int
    fill: float | None
    stopped: tuple[tuple[str, int], ...] = ()
    change: Change | None = None

    @property
    def enough(self) -> bool:
        return self.people >= self.heads


def forecast(store: Store, config: Config, texts: Mapping[str, str], *, by: str, now: datetime) -> Forecast:
    """What would happen to a need written so; nothing is stored. Raises InvalidFields."""
    need = need_form(Directory.of(store), by, now).read({**texts, "code": CODE})
    service = service_types.get(store, need.service_type)
    slots = occasions_of(store, config, need, now=now)
    changes = [
        (kind, amount, wish, occasions_of(store, config, wish, now=now)) for kind, amount, wish in _changes(need)
    ]
    looked_at = [slot for found in (slots, *(found for *_, found in changes)) for slot in found[:LOOKED_AT]]
    facts = facts_to_forecast(store, config, looked_at, now=now)
    today = local_date(now)
    heads = need.heads or service.heads
    people, stopped = _able(need, slots, facts)
    more = ((kind, amount, _able(wish, found, facts)[0]) for kind, amount, wish, found in changes)
    return Forecast(
        occasions=len(slots),
        first=slots[0] if slots else None,
        people=people,
        heads=heads,
        fill=filled_share(store, need.service_type, today - FOUR_WEEKS, today - timedelta(days=1)),
        stopped=tuple(stopped.most_common(4)),
        change=None if people >= heads else next((Change(*found) for found in more if found[2] > people), None),
    )


def _able(need: Need, slots: list[Slot], facts: Facts) -> tuple[int, Counter[str]]:
    """How many people could serve one of the next occasions, and how many each reason stops."""
    known = replace(facts, needs={**facts.needs, need.id: need})
    able, stopped = 0, Counter[str]()
    for person in facts.volunteers.values():
        reasons = [reasons_against(person, slot, known) for slot in slots[:LOOKED_AT]]
        if reasons and not all(reasons):
            able += 1
        elif reasons:
            stopped[reasons[0][0].value] += 1
    return able, stopped


def _changes(need: Need) -> Iterator[tuple[str, int, Need]]:
    """Changes to a need, the easiest to grant first."""
    if need.start and need.end:
        for wider in WIDER_MIN:
            start, end = max(0, minutes_of(need.start) - wider), min(24 * 60, minutes_of(need.end) + wider)
            yield "wider", wider, replace(need, start=clock_of(start), end=clock_of(end))
    if need.gender_wish:
        yield "any_gender", 0, replace(need, gender_wish="")
    if need.language_wish:
        yield "any_language", 0, replace(need, language_wish="")
    if need.start and need.end:
        yield "any_time", 0, replace(need, start=None, end=None)
    if need.kind is NeedKind.RECURRING and need.weekdays:
        yield "any_day", 0, replace(need, kind=NeedKind.CADENCE, weekdays=(), per_week=len(need.weekdays) or 1)
