"""Whatever a person is promised and due on a day: the visits keep apart if the day has room for them."""

from datetime import date, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from scheduler.model.people import RecipientKind
from scheduler.needs.spacing import kept_apart
from scheduler.store.planning import PromisedVisit
from tests.scheduler.planning.builders import a_slot, on

DAY = date(2026, 12, 3)
KINDS = {"li": RecipientKind.ELDER}
MIDNIGHT = on(DAY, "00:00")


def at(cell):
    return MIDNIGHT + timedelta(minutes=5 * cell)


@st.composite
def due_slots(draw):
    """Up to four visits between eight and eleven, on the grid."""
    found = []
    for n in range(draw(st.integers(1, 4))):
        first, slack = draw(st.integers(96, 120)), draw(st.integers(0, 20))
        minutes = draw(st.sampled_from((10, 12, 25, 45)))
        slot = a_slot(id=f"s{n}", earliest_at=at(first), latest_at=at(first + slack), minutes=minutes, service_date=DAY)
        found.append(slot)
    return found


@st.composite
def promises(draw):
    """Up to two times that are promised, anywhere, also overlapping and off the grid."""
    starts = draw(st.lists(st.integers(480, 640), max_size=2))
    return [
        PromisedVisit(f"p{n}", "li", DAY, MIDNIGHT + timedelta(minutes=m), MIDNIGHT + timedelta(minutes=m + 30))
        for n, m in enumerate(starts)
    ]


def spans(slots):
    return [(s.earliest_at, s.latest_at + timedelta(minutes=s.minutes)) for s in slots]


def meet(a, b):
    return a[0] < b[1] and b[0] < a[1]


def has_room(slots, held):
    """Whether some order of the visits fits, each as soon as it can, past the promised times."""
    return any(fits(order, held) for order in permutations(slots))


def fits(order, held):
    free_at = MIDNIGHT
    for slot in order:
        start = max(slot.earliest_at, free_at)
        start += timedelta(minutes=-(start - MIDNIGHT).total_seconds() // 60 % 5)
        length = timedelta(minutes=slot.minutes)
        while any(meet((start, start + length), span) for span in held):
            start += timedelta(minutes=5)
        if start > slot.latest_at:
            return False
        free_at = start + length
    return True


@given(due_slots(), promises())
def test_visits_that_have_room_one_after_the_other_never_meet(slots, promised):
    cut = kept_apart(slots, promised, KINDS)
    held = [(p.starts_at, p.ends_at) for p in promised]
    assert [slot.id for slot in cut] == [slot.id for slot in slots]
    for before, after in zip(slots, cut, strict=True):
        assert before.earliest_at <= after.earliest_at <= after.latest_at <= before.latest_at
        assert after.earliest_at.minute % 5 == 0
    if has_room(slots, held):
        free = spans(cut)
        assert not any(meet(a, b) for n, a in enumerate(free) for b in [*free[n + 1 :], *held])


@given(due_slots(), promises())
def test_cutting_what_is_cut_changes_nothing_that_is_apart(slots, promised):
    held = [(p.starts_at, p.ends_at) for p in promised]
    cut = kept_apart(slots, promised, KINDS)
    if has_room(slots, held):
        assert kept_apart(cut, promised, KINDS) == cut
