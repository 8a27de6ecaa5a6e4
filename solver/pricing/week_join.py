"""The best week of every volunteer at given prices: days from `day_subproblem.py` joined under the caps of the week.

Caps per day hold inside a day's routes, a cap on the minutes or the visits of the week and the load on the volunteer in
the joining, so none of them needs a price. Where both caps of the week can bind, only the tighter one is kept (a bound
stays valid without the other).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from solver.instance.arrays import Network
from solver.instance.dtypes import Ints
from solver.instance.jit import allocating, kernel
from solver.pricing.column_pool import remembered_day
from solver.pricing.day_subproblem import day_routes
from solver.pricing.knapsack_bounds import NOTHING
from solver.pricing.path import END, lay_out
from solver.pricing.tasks import Days

VISITS = -1  # in place of the minutes of a level: every visit is one level
LEVELS_LIMIT = 512
PACK = 1024  # two levels in one number
NEWEST = 40  # routes of one day that a look at some prices brings in, at most: the last found are the best


class Levels(NamedTuple):
    """What is counted per volunteer: `unit` minutes a level (0: nothing, VISITS: visits instead), `top` the cap."""

    unit: Ints
    top: Ints


def levels_of(net: Network, days: Days, with_load: bool) -> Levels:
    """Levels for every volunteer: none where no cap can bind and (unless with_load) nothing depends on minutes."""
    volunteers = len(net.willing)
    unit, top = np.zeros(volunteers, np.int64), np.ones(volunteers, np.int64)
    durations = net.duration[np.unique(net.window_candidates)]
    if not len(durations):
        return Levels(unit, top)
    gcd, shortest, mean = int(np.gcd.reduce(durations)), int(durations.min()), float(durations.mean())
    for v in range(volunteers):
        mine = range(days.of_volunteer_at[v], days.of_volunteer_at[v + 1])
        longest = sum(min(_open_minutes(net, days, d), int(days.max_minutes[d])) for d in mine)
        cap = max(0, int(net.max_minutes[v] - net.volunteer_pin_minutes[v]))
        loads = with_load and net.over_before[v] + net.volunteer_pin_minutes[v] + longest > 0
        visits = max(0, int(net.max_visits[v] - net.volunteer_pin_visits[v]))
        most_visits = sum(min(int(days.max_visits[d]), _open_minutes(net, days, d) // shortest) for d in mine)
        if visits < most_visits and len(mine) > 1 and not loads and visits * mean < cap:
            unit[v], top[v] = VISITS, visits
        elif loads or (longest > cap and len(mine) > 1):
            most = min(cap, longest)
            coarse = max(gcd, -(-most // LEVELS_LIMIT))
            if coarse <= shortest:
                unit[v], top[v] = coarse, most // coarse
    return Levels(unit, top)


def _open_minutes(net: Network, days: Days, day: int) -> int:
    windows = slice(days.at[day], days.at[day + 1])
    return int((net.window_end[windows] - net.window_start[windows]).sum())


@kernel
def option_values(
    net: Any, options: Any, rows: Any, row_price: Any, rule_price: Any, reward: float, share: float, out: Any
) -> None:
    """Worth of every option: reward x value + share x gain - its row's price + what rules pay for its person."""
    for window in range(len(options.at) - 1):
        volunteer = net.window_volunteer[window]
        for i in range(options.at[window], options.at[window + 1]):
            row = options.row[i]
            worth = reward * options.value[i] + share * options.gain[i] - row_price[row]
            for rule in range(rows.rule_at[row], rows.rule_at[row + 1]):
                if net.has_tag[rows.rule_tag[rule], volunteer]:
                    worth += rule_price[rule]
            out[i] = worth


@kernel
def load_points(minutes_over: int) -> int:
    """Convex and piecewise linear in the minutes over the wish: 60 q^2 + (2 q + 1) r for q hours and r minutes."""
    if minutes_over <= 0:
        return 0
    hours, rest = minutes_over // 60, minutes_over % 60
    return 60 * hours * hours + (2 * hours + 1) * rest


@allocating
def end_of_week(net: Any, volunteer: int, unit: int, top: int, share: float) -> Any:
    """What each level of free minutes ends the week with: load added, or a willing person left out."""
    ends = np.zeros(top + 1)
    pinned = net.volunteer_pin_minutes[volunteer]
    before = net.over_before[volunteer]
    for m in range(top + 1):
        points = load_points(before + pinned + m * max(0, unit)) - load_points(before)
        ends[m] = -share * net.overload_weight * points
    if net.willing[volunteer] and net.volunteer_pin_visits[volunteer] == 0:
        ends[0] -= share * net.unused_weight
    return ends


@allocating
def join(sofar: Any, profile: Any, counted: bool, pick: Any) -> Any:
    """sofar with one more day: the best sum at every level, and in pick the two levels that give it."""
    top = len(sofar) - 1
    joined = np.full(top + 1, NOTHING)
    for a in range(top + 1):
        if sofar[a] == NOTHING:
            continue
        for b in range(top + 1):
            level = a + b if counted else min(top, a + b)
            if level > top:
                break
            if profile[b] > NOTHING and sofar[a] + profile[b] > joined[level]:
                joined[level] = sofar[a] + profile[b]
                pick[level] = a * PACK + b
    return joined


@allocating
def week_profiles(
    net: Any, options: Any, days: Any, levels: Any, memory: Any, values: Any, worth: Any, volunteer: int, share: float,
    behind: float, effort: int, most: int, halted: Any,
) -> Any:  # fmt: skip
    """(floor, ends, exact, upper, routes, new): what each day of a volunteer is worth by level, and what ends the week.

    `values` are the worth of the options, `worth` that of the memory's choices. Remembered routes are the bar that
    others must pass or come within `behind` of; `new` lists for each day those that did.
    """
    first, last = days.of_volunteer_at[volunteer], days.of_volunteer_at[volunteer + 1]
    unit, top = levels.unit[volunteer], levels.top[volunteer]
    ends = end_of_week(net, volunteer, unit, top, share)
    floor = 0.0  # options worth no more never help: a visit that spoils the "no visit" of the willing is the exception
    if net.willing[volunteer] and net.volunteer_pin_visits[volunteer] == 0:
        floor = -share * net.unused_weight
    cost = share * net.travel_weight
    exact, upper = np.full((last - first, top + 1), NOTHING), np.full((last - first, top + 1), NOTHING)
    routes, new = [np.full((1, 1), END, np.int64)], [np.full((1, 1), END, np.int64)]
    all_new: Any = np.int64(0)  # a bare 0 would be a type of its own and compile everything once more
    for day in range(first, last):
        known, which = np.full(top + 1, NOTHING), np.full(top + 1, -1, np.int64)
        remembered_day(memory, worth, cost, day, unit, known, which)
        pinned = net.window_pin_at[days.at[day + 1]] > net.window_pin_at[days.at[day]]
        bar = np.full(top + 1, NOTHING if pinned else floor)  # pinned visits cost travel with or without others
        for m in range(top + 1):
            bar[m] = max(bar[m], known[m] - behind, bar[max(0, m - 1)])
        profile, ceiling, route, found, _, _ = day_routes(
            net, options, days, values, day, cost, unit, top, floor, bar, all_new, behind, effort, most, halted
        )
        best = np.full((top + 1, max(route.shape[1], memory.visits.shape[1])), END, np.int64)
        best[:, : route.shape[1]] = route
        for m in range(top + 1):
            if known[m] > profile[m]:
                profile[m], best[m] = known[m], END
                for n in range(memory.visits.shape[1]):
                    if memory.visits[which[m], n] >= 0:
                        best[m, n] = memory.option[memory.visits[which[m], n]]
            ceiling[m] = max(ceiling[m], profile[m])
        exact[day - first], upper[day - first] = profile, ceiling
        routes.append(best)
        new.append(found)
    return floor, ends, exact, upper, routes[1:], new[1:]


@allocating
def best_week(
    net: Any, options: Any, days: Any, levels: Any, memory: Any, values: Any, worth: Any, volunteer: int, share: float,
    behind: float, effort: int, most: int, halted: Any,
) -> Any:  # fmt: skip
    """(found, most, ceiling, routes, new): the worth of a volunteer's best week found and of any; by level; by day.

    `ceiling` leaves out what ends the week; `routes` are those of the week found; otherwise as in `week_profiles`.
    """
    counted, top = levels.unit[volunteer] != 0, levels.top[volunteer]
    _, ends, exact, upper, of_level, new = week_profiles(
        net, options, days, levels, memory, values, worth, volunteer, share, behind, effort, most, halted
    )
    best, ceiling = np.full(top + 1, NOTHING), np.full(top + 1, NOTHING)
    best[0] = ceiling[0] = 0.0
    picks, spare = np.zeros((len(of_level), top + 1), np.int64), np.zeros(top + 1, np.int64)
    for n in range(len(of_level)):
        best = join(best, exact[n], counted, picks[n])
        ceiling = join(ceiling, upper[n], counted, spare)
    level = np.argmax(best + ends)
    found = best[level] + ends[level]
    routes = [np.full(1, END, np.int64)]  # for its type
    for n in range(len(of_level) - 1, -1, -1):
        routes.append(of_level[n][picks[n, level] % PACK])
        level = picks[n, level] // PACK
    return found, np.max(ceiling + ends), ceiling, routes[:0:-1], new


@allocating
def best_weeks(
    net: Any, options: Any, days: Any, levels: Any, memory: Any, values: Any, share: float, behind: float, effort: int,
    only: Any, most: int, halted: Any,
) -> Any:  # fmt: skip
    """(bound, worth, cap_worth, visitor, visit, day_of, paths, legs): the best week of everybody listed in `only`.

    `bound` is at least the sum of what any weeks are worth at these values (endless if a day has more than `most`
    options), `worth` what each week found is and `cap_worth` what one level more would add to it, in the order of
    `only`; visits are options, visitors volunteers. `paths` are routes that pass the best remembered ones or come
    within `behind` of them, `day_of` their days and `legs` their leg minutes.
    """
    worth, cap_worth = np.zeros(len(only)), np.zeros(len(only))
    bound, of_choice = 0.0, values[memory.option]
    visitor, visit, count = np.zeros(1024, np.int64), np.zeros(1024, np.int64), 0
    day_of, paths, legs, found = (
        np.zeros(1024, np.int64),
        np.full((1024, 2), END, np.int64),
        np.zeros(1024, np.int64),
        0,
    )
    for nth in range(len(only)):
        volunteer = only[nth]
        worth[nth], most_worth, ceiling, routes, new = best_week(
            net, options, days, levels, memory, values, of_choice, volunteer, share, behind, effort, most, halted
        )
        bound += most_worth
        if levels.unit[volunteer] != 0:
            cap_worth[nth] = last_slope(ceiling)
        for n in range(len(routes) - 1, -1, -1):
            for option in routes[n]:
                if option < 0:
                    continue
                if count == len(visit):
                    visitor, visit = np.concatenate((visitor, visitor)), np.concatenate((visit, visit))
                visitor[count], visit[count] = volunteer, option
                count += 1
            for path in new[n][-NEWEST:]:
                if found == len(day_of) or len(path) > paths.shape[1]:
                    paths = widened(paths, 2 * found if found == len(day_of) else len(day_of), len(path))
                    more = np.zeros(len(paths) - len(day_of), np.int64)
                    day_of, legs = np.concatenate((day_of, more)), np.concatenate((legs, more))
                day_of[found] = days.of_volunteer_at[volunteer] + n
                paths[found, : len(path)] = path
                legs[found] = lay_out(net, options, days, day_of[found], path)[1]
                found += 1
    return bound, worth, cap_worth, visitor[:count], visit[:count], day_of[:found], paths[:found], legs[:found]


@kernel
def last_slope(week: Any) -> float:
    """The most that may be charged for a level without making any but the last levels of a week the best."""
    top, most = len(week) - 1, 0.0
    for m in range(top):
        most = max(most, week[m])
    full, reached, slope = max(most, week[top]), NOTHING, -NOTHING
    for m in range(top):
        reached = max(reached, week[m])
        slope = min(slope, (full - reached) / (top - m))
    return slope if top > 0 else 0.0


@allocating
def widened(paths: Any, rows: int, columns: int) -> Any:
    """The paths in a larger array."""
    wider = np.full((rows, max(columns, paths.shape[1])), END, np.int64)
    wider[: len(paths), : paths.shape[1]] = paths
    return wider
