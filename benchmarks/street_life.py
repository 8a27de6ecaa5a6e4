"""What people do to a plan: they answer or not, fall ill, stay away in the rain, fail to come; needs turn up."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from scheduler.config import Config
from scheduler.errors import IllegalMove
from scheduler.localtime import at_local, local_date
from scheduler.model.ids import new_id, stable_id
from scheduler.model.people import AvailabilityException, Kind, RecipientKind
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Need, NeedKind, NeedState
from scheduler.needs.renew import expand_all
from scheduler.operations.delivery import deliver_all
from scheduler.operations.requests import take_request
from scheduler.promises import replies, swaps
from scheduler.records import attendance
from scheduler.store import Store, promised
from scheduler.store.people import availability_exceptions, pairs, recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.services import needs, slots

Reply = Callable[..., Assignment]
HOURS = (9, 12, 15, 18, 21)  # when people look at their phones

# Chances. Estimates: no-shows 5 % of members, 12 % of couriers, 25 % of couriers in the rain; the rest by judgement.
SEEN = 0.55  # that a proposal is looked at at one of the hours
YES, YES_STANDBY = 0.90, 0.60  # that who looks at a proposal of a plan, or at a standby's offer, accepts it
YES_PAIR = 0.98  # the elder's own companion
FALLS_ILL, ILL_DAYS = 0.004, (2, 5)  # a person, a day
RAINS = 0.2
CANCELS_IN_RAIN = 0.08  # a courier's visit of the day, some hours before
NO_SHOW = {"member": 0.05, "courier": 0.12, "courier in rain": 0.25}
EXCUSED = 0.4  # share of those who did not come and had a reason
URGENT_A_DAY = 2.0
URGENT_SERVICE = "E06"  # an errand for an elder, tomorrow


@dataclass
class Day:
    """What happened on one simulated day."""

    events: Counter[str] = field(default_factory=Counter)
    offer_seconds: list[float] = field(default_factory=list)  # from a decline to the next offer
    repair_seconds: list[float] = field(default_factory=list)


class Street:
    """The people of a demo street, one random stream for the whole run."""

    def __init__(self, store: Store, config: Config, seed: int) -> None:
        self.store, self.config, self.rng = store, config, random.Random(seed)
        self.couriers = {v.id for v in volunteers.where(store) if Kind.COURIER in v.kinds}
        self.people = sorted(v.id for v in volunteers.where(store))
        self.elders = sorted(r.id for r in recipients.by(store, kind=RecipientKind.ELDER))
        self.pairs_made = {(p.volunteer_id, p.recipient_id) for p in pairs.where(store)}
        self.urgent = 0

    def live_through(self, day: date) -> Day:
        """A day from morning to night, hour by hour."""
        found = Day()
        rain = self.rng.random() < RAINS
        found.events["rain"] = int(rain)
        self._fall_ill(day, found)
        self._urgent_needs(day, found)
        for hour in HOURS:
            now = at_local(day, f"{hour:02d}:00")
            self._attend(now, rain, found)
            deliver_all(self.store, self.config, [], by="simulation", clock=lambda at=now: at)
            if rain and hour == HOURS[0]:
                self._cancel_in_rain(day, now, found)
            self._answer(now, found)
            found.events["expired"] += replies.expire_offers(self.store, self.config, now=now)
            swaps.expire(self.store, now=now)
            self._repair(now, found)
        self._attend(at_local(day + timedelta(days=1), "00:00"), rain, found)
        return found

    def _answer(self, now: datetime, found: Day) -> None:
        for proposal in assignments.by(self.store, state=State.PROPOSED):
            if self.rng.random() > SEEN or proposal.starts_at <= now or (proposal.expires_at or now) <= now:
                continue
            slot = slots.get(self.store, proposal.slot_id)
            paired = (proposal.volunteer_id, slot.recipient_id) in self.pairs_made
            yes = YES_PAIR if paired else YES_STANDBY if proposal.source == "standby" else YES
            if self.rng.random() < yes:
                replies.accept(self.store, self.config, proposal.id, now=now)
                found.events["accepted"] += 1
            else:
                self._timed(found, replies.decline, proposal, "time", now, only_this_time=paired)
                found.events["declined"] += 1

    def _fall_ill(self, day: date, found: Day) -> None:
        now = at_local(day, "07:00")
        for who in self.people:
            if self.rng.random() < FALLS_ILL:
                until = day + timedelta(days=self.rng.randint(*ILL_DAYS) - 1)
                away = AvailabilityException(new_id(), who, "away", day, until)
                with self.store.transaction():
                    availability_exceptions.add(self.store, away)
                    self.store.touch()
                found.events["ill"] += 1
                for visit in promised.binding_in_week(self.store, who, day, until):
                    if visit.state is State.ACCEPTED and visit.starts_at > now:
                        self._timed(found, replies.withdraw, visit, "illness", now)
                        found.events["withdrawn"] += 1

    def _cancel_in_rain(self, day: date, now: datetime, found: Day) -> None:
        for visit in assignments.by(self.store, state=State.ACCEPTED):
            today = local_date(visit.starts_at) == day and visit.starts_at > now
            if today and visit.volunteer_id in self.couriers and self.rng.random() < CANCELS_IN_RAIN:
                self._timed(found, replies.withdraw, visit, "other", now)
                found.events["withdrawn"] += 1

    def _timed(self, found: Day, reply: Reply, visit: Assignment, reason: str, now: datetime, **more: bool) -> None:
        before = {a.id for a in promised.live_on_slot(self.store, visit.slot_id)}
        began = time.perf_counter()
        reply(self.store, self.config, visit.id, reason, now=now, **more)
        seconds = time.perf_counter() - began
        if {a.id for a in promised.live_on_slot(self.store, visit.slot_id)} - before:
            found.offer_seconds.append(seconds)
            found.events["standby asked"] += 1

    def _urgent_needs(self, day: date, found: Day) -> None:
        now = at_local(day, "08:00")
        for _ in range(_poisson(self.rng, URGENT_A_DAY)):
            self.urgent += 1
            need = Need(
                id=stable_id("urgent", self.urgent),
                code=f"U-{self.urgent:04d}",
                service_type=URGENT_SERVICE,
                recipient_id=self.rng.choice(self.elders),
                kind=NeedKind.ONCE,
                from_date=day + timedelta(days=1),
                priority=5,
                title="urgent",
                state=NeedState.PUBLISHED,
                created_by="staff",
                created_at=now,
            )
            with self.store.transaction():
                needs.add(self.store, need)
                self.store.touch()
            found.events["urgent"] += 1
        expand_all(self.store, self.config, now=now)
        for need in needs.by(self.store, title="urgent", from_date=day + timedelta(days=1)):
            for slot in slots.by(self.store, need_id=need.id):
                promised.request_repair(self.store, slot.id, reason="new_need", now=now)

    def _repair(self, now: datetime, found: Day) -> None:
        while True:
            began = time.perf_counter()
            if not take_request(self.store, self.config, clock=lambda: now):
                return
            found.repair_seconds.append(time.perf_counter() - began)

    def _attend(self, now: datetime, rain: bool, found: Day) -> None:
        """Everything accepted that has ended by now either took place or did not."""
        for visit in assignments.by(self.store, state=State.ACCEPTED):
            slot = slots.get(self.store, visit.slot_id)
            ends_at = visit.starts_at + timedelta(minutes=slot.minutes)
            if ends_at > now:
                continue
            kind = "member" if visit.volunteer_id not in self.couriers else "courier in rain" if rain else "courier"
            if self.rng.random() >= NO_SHOW[kind]:
                attendance.check_in(self.store, visit.id, now=visit.starts_at)
                attendance.check_out(self.store, visit.id, now=ends_at)
                found.events["done"] += 1
            else:
                state = State.EXCUSED if self.rng.random() < EXCUSED else State.MISSED
                attendance.mark(self.store, visit.id, state, by="staff", now=now)
                found.events[state.value] += 1


def _poisson(rng: random.Random, mean: float) -> int:
    """A Poisson number (Knuth's product of uniform numbers)."""
    limit, product, count = 2.718281828459045**-mean, rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


__all__ = ["Day", "IllegalMove", "Street"]
