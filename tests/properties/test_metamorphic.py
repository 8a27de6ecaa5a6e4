from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solver.model.problem import Pin, PriorAssignment, Problem, Slot, Weights
from solver.solve import Limits, solve
from tests.properties.strategies import problems

QUICK = Limits(seconds=20, workers=1)
calm = settings(
    deadline=None,
    max_examples=10,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SMALL = problems(max_people=4, max_slots=6)


def worth(problem: Problem) -> tuple[int, int]:
    solution = solve(problem, QUICK)
    return solution.coverage, solution.cost


def renamed(problem: Problem, name) -> Problem:
    def slot(old: Slot) -> Slot:
        return replace(
            old,
            id=name(old.id),
            excluded=frozenset(map(name, old.excluded)),
            affinity={name(who): points for who, points in old.affinity.items()},
            pinned=tuple(Pin(name(pin.volunteer), pin.start) for pin in old.pinned),
            previous=tuple(PriorAssignment(name(promise.volunteer), promise.tax) for promise in old.previous),
        )

    people = tuple(replace(volunteer, id=name(volunteer.id)) for volunteer in problem.volunteers)
    return replace(problem, volunteers=people, slots=tuple(map(slot, problem.slots)))


@given(SMALL)
@calm
def test_new_names_change_nothing(problem):
    assert worth(renamed(problem, lambda name: f"zz-{name[::-1]}")) == worth(problem)


@given(SMALL, st.integers(0, 2**16))
@calm
def test_another_order_changes_nothing(problem, seed):
    random = Random(seed)
    people, slots = list(problem.volunteers), list(problem.slots)
    random.shuffle(people), random.shuffle(slots)
    assert worth(replace(problem, volunteers=tuple(people), slots=tuple(slots))) == worth(problem)


@given(SMALL)
@calm
def test_one_more_volunteer_never_worsens_the_coverage(problem):
    fewer = replace(problem, volunteers=problem.volunteers[:-1], slots=tuple(map(without_last(problem), problem.slots)))
    if any(len(old.pinned) != len(new.pinned) for old, new in zip(problem.slots, fewer.slots, strict=True)):
        return  # a pin went with the volunteer: not the same problem
    assert worth(problem)[0] >= worth(fewer)[0]


def without_last(problem: Problem):
    last = problem.volunteers[-1].id

    def slot(old: Slot) -> Slot:
        return replace(
            old,
            pinned=tuple(pin for pin in old.pinned if pin.volunteer != last),
            previous=tuple(promise for promise in old.previous if promise.volunteer != last),
        )

    return slot


@given(SMALL)
@calm
def test_weights_twice_as_large_make_the_same_plan_twice_as_dear(problem):
    old = problem.weights
    twice = Weights(2 * old.travel, 2 * old.affinity, 2 * old.disruption, 2 * old.overload, 2 * old.unused)
    coverage, cost = worth(problem)
    assert worth(replace(problem, weights=twice)) == (coverage, 2 * cost)


@given(SMALL, st.sampled_from(("travel", "affinity", "disruption", "overload", "unused")), st.sampled_from((0, 1000)))
@calm
def test_no_weight_changes_the_coverage(problem, name, weight):
    assert worth(replace(problem, weights=replace(problem.weights, **{name: weight})))[0] == worth(problem)[0]


@given(SMALL)
@calm
def test_a_later_end_of_every_start_window_never_worsens_the_coverage(problem):
    wider = tuple(replace(slot, latest=slot.latest + slot.step) for slot in problem.slots)
    assert worth(replace(problem, slots=wider))[0] >= worth(problem)[0]
