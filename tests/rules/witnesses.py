"""For every hard rule: a problem whose best plan is smaller because of it, and the same problem without the rule.

Where a rule is not a number that can be left out it is circumvented: `ann~` in the problem without the rule is ann
again. So `tea` and `tea~` are one slot with two starts, and `ann` and `ann~` one person in two places.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.builders import STREET, a_problem_json, a_slot, a_volunteer

Json = dict[str, Any]


class Witness(NamedTuple):
    """A problem in which one rule matters, and the same without it, both in the exchange format."""

    rule: str
    with_rule: Json
    without_rule: Json


def _ann_between_two_visits(**cap: int) -> Json:
    return a_problem_json(a_volunteer("ann", **cap), a_slot("tea", 60, 60), a_slot("walk", 150, 60))


def _ann_on_two_days(**cap: int) -> Json:
    days = [{"start": 0, "end": 300}, {"start": 1440, "end": 1740}]
    return a_problem_json(a_volunteer("ann", days, **cap), a_slot("tea", 60, 60), a_slot("walk", 1500, 60))


def _a_nurse(**wish: list[str]) -> Json:
    return a_problem_json(a_volunteer("ann", tags=["nurse"]), a_slot("tea", **wish))


def _ann_alone(**crew: Any) -> Json:
    return a_problem_json(a_volunteer("ann"), a_slot("tea", people=2, **crew))


def _people(*ids: str) -> Json:
    return a_problem_json(*map(a_volunteer, ids), a_slot("tea", people=2, min_headcount=1))


def _three_for(headcount: int) -> Json:
    people = map(a_volunteer, ("ann", "bob", "cy"))
    return a_problem_json(*people, a_slot("tea", people=headcount, min_headcount=1))


def _bob_is_wanted_elsewhere(minimum: int) -> Json:
    slots = a_slot("tea", people=2, min_headcount=minimum), a_slot("walk", value=3000, excluded=["ann"])
    return a_problem_json(a_volunteer("ann"), a_volunteer("bob"), *slots)


def _free_together_only_late(**people_on: int) -> Json:
    """Ann could come to tea at 60 or, instead of a walk, at 120; bob at 120 only."""
    both = a_volunteer("ann", (60, 180)), a_volunteer("bob", (120, 180))
    tea = [a_slot(id, latest=120, step=60, people=n) for id, n in people_on.items()]
    return a_problem_json(*both, *tea, a_slot("walk", 120, excluded=["bob"]))


def _never_free_together(**people_on: int) -> Json:
    both = a_volunteer("ann", (60, 120)), a_volunteer("bob", (120, 180))
    tea = [a_slot(id, latest=120, step=60, people=n, min_headcount=1) for id, n in people_on.items()]
    return a_problem_json(*both, *tea)


def _free(start: int, end: int, **slot: int) -> Json:
    return a_problem_json(a_volunteer("ann", (start, end)), a_slot("tea", **slot))


def _free_from_65_and_busy_at_130(step: int) -> Json:
    return a_problem_json(a_volunteer("ann", (65, 300)), a_slot("tea", 60, latest=90, step=step), a_slot("walk", 130))


def _two_hours_of_visits_until(end: int) -> Json:
    return a_problem_json(a_volunteer("ann", (0, end)), a_slot("tea", 0), a_slot("walk", 0, latest=90))


def _five_minutes_between(matrix: list[list[int]]) -> Json:
    slots = a_slot("tea", 60, 60), a_slot("walk", 125, 60, at=1)
    return a_problem_json(a_volunteer("ann"), *slots, travel={"matrix": matrix})


def _ten_minutes_away(window: Json, **limit: int) -> Json:
    return a_problem_json(a_volunteer("ann", [window], **limit), a_slot("tea", at=1))


def _a_call_after_tea(window: Json) -> Json:
    """Ten minutes away from home until 120, then half an hour on the phone wherever one is."""
    return a_problem_json(a_volunteer("ann", [window]), a_slot("tea", 60, 60, at=1), a_slot("call", 120, 30, at=None))


def _fixed_until_150_and_wanted_from_120(who: str) -> Json:
    people = {"ann": a_volunteer("ann", (120, 300)), "ann~": a_volunteer("ann~", [])}
    tea = a_slot("tea", 60, 90, pinned=[{"volunteer": who, "start": 60}])
    return a_problem_json(*people.values(), tea, a_slot("walk", 120))


def _wanted_more_elsewhere(*pins: Json) -> Json:
    return a_problem_json(a_volunteer("ann"), a_slot("tea", 60, pinned=[*pins]), a_slot("walk", 90, value=3000))


DAY, EVENING = {"start": 0, "end": 125}, {"start": 0, "end": 155}
NURSE = {"tag": "nurse", "at_least": 1}
NO_WAY = [[0] * len(STREET)] * len(STREET)

WITNESSES = (
    Witness("known_ids", _people("ann"), _people("ann", "stranger")),
    Witness("no_duplicates", _people("ann"), _people("ann", "ann~")),
    Witness("pins_stand", _wanted_more_elsewhere({"volunteer": "ann", "start": 60}), _wanted_more_elsewhere()),
    Witness("at_most_headcount", _three_for(1), _three_for(2)),
    Witness("at_most_headcount", _three_for(2), _three_for(3)),
    Witness("enough_or_nobody", _ann_alone(min_headcount=2), _ann_alone(min_headcount=1)),
    Witness("enough_or_nobody", _bob_is_wanted_elsewhere(2), _bob_is_wanted_elsewhere(1)),
    Witness("team_rules", _ann_alone(min_headcount=1, team=[NURSE]), _ann_alone(min_headcount=1)),
    Witness("common_start", _never_free_together(tea=2), _never_free_together(**{"tea": 1, "tea~": 1})),
    Witness("common_start", _free_together_only_late(tea=2), _free_together_only_late(**{"tea": 1, "tea~": 1})),
    Witness("allowed_start", _free(90, 300, latest=85), _free(90, 300, latest=90)),
    Witness("on_grid", _free(65, 130, latest=120, step=30), _free(65, 130, latest=120, step=5)),
    Witness("on_grid", _free_from_65_and_busy_at_130(step=30), _free_from_65_and_busy_at_130(step=5)),
    Witness("eligible", _a_nurse(requires_all=["nurse", "insured"]), _a_nurse()),
    Witness("eligible", _a_nurse(requires_any=["doctor", "insured"]), _a_nurse()),
    Witness("eligible", _a_nurse(forbids=["nurse"]), _a_nurse()),
    Witness("eligible", _a_nurse(excluded=["ann"]), _a_nurse()),
    Witness("inside_window", _free(0, 119), _free(0, 120)),
    Witness("inside_window", _free(61, 300), _free(60, 300)),
    Witness("inside_window", _two_hours_of_visits_until(119), _two_hours_of_visits_until(120)),
    Witness("reached_in_time", _five_minutes_between(STREET), _five_minutes_between(NO_WAY)),
    Witness("within_reach", _ten_minutes_away(DAY, max_reach=9), _ten_minutes_away(DAY)),
    Witness("back_in_time", _ten_minutes_away(DAY | {"to": 0}), _ten_minutes_away(DAY)),
    Witness("back_in_time", _a_call_after_tea(EVENING | {"to": 0}), _a_call_after_tea(EVENING)),
    Witness(
        "one_place_at_a_time",
        _fixed_until_150_and_wanted_from_120("ann"),
        _fixed_until_150_and_wanted_from_120("ann~"),
    ),
    Witness("day_caps", _ann_between_two_visits(max_visits_per_day=1), _ann_between_two_visits()),
    Witness("day_caps", _ann_between_two_visits(max_minutes_per_day=119), _ann_between_two_visits()),
    Witness("horizon_caps", _ann_on_two_days(max_visits=1), _ann_on_two_days()),
    Witness("horizon_caps", _ann_on_two_days(max_minutes=119), _ann_on_two_days()),
)
