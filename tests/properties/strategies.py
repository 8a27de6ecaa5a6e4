"""Random small problems with everything the format has, in the exchange format; small enough for tests/brute.py."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from solver.model.problem import Problem
from solver.model.problem_json import problem_from_json
from solver.model.solution import Assignment

TAGS = ("courier", "party_member", "female")
PUTUO = (31.24, 121.40)
Json = dict[str, Any]


def _rarely(value: st.SearchStrategy[Any], otherwise: Any = None) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(otherwise), st.just(otherwise), value)


def _seldom(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.none()] * 5, value)


def _without_none(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


@st.composite
def travels(draw: st.DrawFn, places: int) -> tuple[Json, list[Any]]:
    """A travel table and its places: a matrix (triangle inequality not promised), or coordinates and two modes."""
    if draw(st.booleans()):
        row = st.lists(st.integers(0, 20), min_size=places, max_size=places)
        matrix = draw(st.lists(row, min_size=places, max_size=places))
        for place in range(places):
            matrix[place][place] = 0
        return {"matrix": matrix}, list(range(places))
    modes = {"walk": {"metres_per_minute": 70, "overhead": 0}, "ebike": {"metres_per_minute": 250, "overhead": 3.5}}
    steps = st.tuples(st.integers(0, 8), st.integers(0, 8))
    spots = [
        [PUTUO[0] + 0.001 * y, PUTUO[1] + 0.001 * x] for y, x in draw(st.lists(steps, min_size=places, max_size=places))
    ]
    return {"detour": 1.3, "modes": modes}, spots


@st.composite
def windows(draw: st.DrawFn, places: list[Any], days: int) -> list[Json]:
    """One or two free times in any order, most of them in the same hours of a day, so that people compete."""
    found, after = [], 0
    for _ in range(draw(st.integers(1, 2))):
        day = 1440 * draw(st.integers(0, days - 1)) if days > 1 else 0
        start = max(after, day + 15 * draw(st.integers(30, 42)))
        end = start + 15 * draw(st.sampled_from((2, 5, 8, 11, 14, 5, 8, 0)))
        away = {
            "from": draw(_rarely(st.sampled_from(places))),
            "to": draw(st.one_of(st.none(), st.sampled_from(places))),
        }
        found.append(_without_none({"start": start, "end": end, **away}))
        after = end + 15 * draw(st.integers(0, 4))
    return found[:: draw(st.sampled_from((1, -1)))]


@st.composite
def volunteers(draw: st.DrawFn, id: str, places: list[Any], mode: bool, days: int) -> Json:
    fields = {
        "id": id,
        "tags": sorted(draw(st.sampled_from((set(TAGS), {"courier"}, {"party_member", "female"}, set())))),
        "location": draw(st.sampled_from(places)),
        "mode": draw(st.sampled_from(("walk", "ebike"))) if mode else None,
        "windows": draw(windows(places, days)),
        "max_visits_per_day": draw(_seldom(st.integers(1, 2))),
        "max_minutes_per_day": draw(_seldom(st.sampled_from((45, 60, 90)))),
        "max_visits": draw(_seldom(st.integers(1, 3))),
        "max_minutes": draw(_seldom(st.sampled_from((60, 90, 120)))),
        "max_reach": draw(_seldom(st.integers(5, 25))),
        "served": draw(_rarely(st.sampled_from((30, 125)))),
        "target": draw(_rarely(st.sampled_from((0, 40, 90)))),
        "willing": draw(_rarely(st.just(True))),
    }
    return _without_none(fields)


@st.composite
def slots(draw: st.DrawFn, id: str, places: list[Any], people: list[Json]) -> Json:
    ids = [volunteer["id"] for volunteer in people]
    near = draw(st.sampled_from(draw(st.sampled_from(people))["windows"]))
    earliest = max(0, near["start"] + 15 * draw(st.integers(-1, 5)))
    step = draw(st.sampled_from((15, 20, 30)))
    headcount = draw(st.sampled_from((1, 1, 1, 1, 2, 3)))
    fields = {
        "id": id,
        "type": "visit",
        "duration": draw(st.sampled_from((15, 15, 30, 45))),
        "earliest": earliest,
        "latest": earliest + draw(st.sampled_from((0, 15, 30, 50, 60, 90))),
        "step": step,
        "headcount": headcount,
        "min_headcount": draw(_rarely(st.integers(1, headcount))),
        "team": draw(_rarely(st.lists(team_rules(headcount), max_size=2, unique_by=lambda rule: rule["tag"]))),
        "value": draw(st.sampled_from((1, 7, 1000, 1000, 2000, 3000))),
        "requires_all": draw(_seldom(st.lists(st.sampled_from(TAGS), max_size=1))),
        "requires_any": draw(_seldom(st.lists(st.sampled_from(TAGS), min_size=1, max_size=2, unique=True))),
        "forbids": draw(_seldom(st.lists(st.sampled_from(TAGS), max_size=1))),
        "excluded": draw(_seldom(st.lists(st.sampled_from(ids), max_size=1))),
        "affinity": draw(_rarely(st.dictionaries(st.sampled_from(ids), st.sampled_from((-30, 20, 120)), max_size=2))),
        "previous": draw(_rarely(st.lists(promises(ids), max_size=2, unique_by=lambda promise: promise["volunteer"]))),
    }
    if draw(st.integers(0, 9)) == 9:
        fields["pinned"] = [{"volunteer": draw(st.sampled_from(ids)), "start": earliest + 5 * draw(st.integers(-2, 6))}]
        fields["pinned"][0]["start"] = max(0, fields["pinned"][0]["start"])
    by_phone_or_not = st.one_of(st.sampled_from(places), st.sampled_from(places), st.none())
    return {**_without_none(fields), "location": draw(by_phone_or_not)}


def team_rules(headcount: int) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({"tag": st.sampled_from(TAGS), "at_least": st.integers(1, headcount)})


def promises(ids: list[str]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({"volunteer": st.sampled_from(ids), "tax": st.sampled_from((0, 10, 60))})


@st.composite
def problem_jsons(draw: st.DrawFn, max_people: int = 5, max_slots: int = 6, days: int = 1) -> Json:
    """A problem with everything the format has; pins that contradict each other are left out."""
    travel, places = draw(travels(draw(st.integers(2, 5))))
    how_many = draw(st.sampled_from([*range(1, max_people + 1), max_people]))
    people = [draw(volunteers(f"v{n}", places, "modes" in travel, days)) for n in range(how_many)]
    how_many = draw(st.sampled_from([*range(1, max_slots + 1), max_slots, max_slots, max_slots]))
    wanted = [draw(slots(f"s{n}", places, people)) for n in range(how_many)]
    _drop_overlapping_pins(wanted)
    before = draw(_rarely(st.sampled_from((wanted[0]["earliest"] + 1, 600, 1440)), otherwise=0))
    _begin_earlier([*people, *wanted], before)
    names = ("travel", "affinity", "disruption", "overload", "unused")
    return {
        "format": "yidu-problem/1",
        "name": "random",
        "horizon": 1440 * (days + 1),
        "travel": travel,
        "weights": {name: draw(st.sampled_from((1, 1, 0, 3, 25))) for name in names},
        "volunteers": people,
        "slots": wanted,
    }


def _begin_earlier(parts: list[Json], minutes: int) -> None:
    """Everything so much earlier, times before the first midnight and days that begin within a window included."""
    for part in parts:
        for times in (part, *part.get("windows", ()), *part.get("pinned", ())):
            for name in {"start", "end", "earliest", "latest"} & set(times):
                times[name] -= minutes


def _drop_overlapping_pins(wanted: list[Json]) -> None:
    busy: list[tuple[str, int, int]] = []
    for slot in wanted:
        for pin in slot.get("pinned", ()):
            start, end = pin["start"], pin["start"] + slot["duration"]
            if any(who == pin["volunteer"] and start < until and since < end for who, since, until in busy):
                del slot["pinned"]
            else:
                busy.append((pin["volunteer"], start, end))


def problems(max_people: int = 5, max_slots: int = 6, days: int = 1) -> st.SearchStrategy[Problem]:
    """The same as Problem objects."""
    return problem_jsons(max_people, max_slots, days).map(problem_from_json)


@st.composite
def rough_plans(draw: st.DrawFn, problem: Problem) -> list[Assignment]:
    """Assignments with no thought for any rule, often near what is allowed, sometimes of unknown or repeated ids."""
    people = [volunteer.id for volunteer in problem.volunteers] + draw(st.sampled_from(([], ["stranger"])))
    plan = []
    for _ in range(draw(st.integers(0, 8))):
        slot = draw(st.sampled_from(problem.slots))
        grid = draw(st.sampled_from((1, 5, slot.step)))
        start = slot.earliest + grid * draw(st.integers(-1, 4))
        plan.append(
            Assignment(
                draw(st.sampled_from((slot.id, slot.id, slot.id, slot.id, "nowhere"))),
                draw(st.sampled_from(people)),
                start,
            )
        )
    for slot in problem.slots:
        if draw(st.booleans()):
            plan.extend(Assignment(slot.id, pin.volunteer, pin.start) for pin in slot.pinned)
    return plan
