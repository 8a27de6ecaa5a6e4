"""Which looks and rehearsals bring a descent down, by the size of the week."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from solver.column_generation.dual_ascent import Descent
from solver.column_generation.restricted_master import WeekProgramme
from solver.pricing.task_filter import LEG

EFFORT = 2000  # branches of pricing a day
PROOF_EFFORT = 20_000  # at the end of a descent without programme
FIRST_LOOKS = 20  # at everything, before prices are rehearsed
PROGRAMME_DAYS = 300  # more days than this: no linear programme
TURNS = 20  # of rehearsals before a programme: it knows at once where they crawl (measured: streets need six)
WEEKS_OF_EACH = 10  # to begin the programme with
SKETCH_DAYS = 1_000  # more days than this: first only their shortlists
SKETCH_EFFORT = 300
MINUTE_LOOKS = 7  # for the price of a minute
SKETCHES = 8  # looks at shortlists, before prices are rehearsed: near the price of a minute, but apart for every row
GLANCE_EFFORT = 100  # for a bound on the way
LAST_LOOK = 0.07  # of the time: with less left, the proof of a large week begins no look
HURRY = 0.01  # of the time: then days are only glanced at, so that a look ends


class Lists(NamedTuple):
    """What turns of looks and rehearsals are made of while only shortlists are looked at."""

    most: int  # options a day
    behind: float  # mean visits: routes so near the best of their day are remembered too
    far: float  # the first step of rehearsals, to that of a descent
    little: float  # of the height: turns that gain less are not worth while
    share: float  # of the time: with less left the next lists follow


SHORT = Lists(48, 0.16, 0.1, 4e-3, 0.5)
LONG = Lists(144, 0.16, 0.04, 1e-3, 0.45)
NEARLY_WHOLE = Lists(300, 0.0, 0.02, 1e-3, 0.35)


def lower(
    descent: Descent, stop: Callable[[], bool], seconds_left: Callable[[], float], settled: Callable[[], None]
) -> None:
    """Bring the bound down as far as prices can, or until `stop()`.

    `settled` is called at prices good enough to make a plan of, where weeks are so large that it is worth while.
    """
    days, whole = len(descent.master.days.at), seconds_left()
    looks, far = (FIRST_LOOKS, 0.5) if descent.share == 0 else (FIRST_LOOKS // 2, 0.1)
    if days > SKETCH_DAYS:
        descent.master.hurry = lambda: seconds_left() < HURRY * whole
        sketch(descent, stop, lambda: seconds_left() / whole, far, settled)
        descent.look_again(EFFORT)
        descent.rehearsed(lambda: stop() or seconds_left() < LAST_LOOK * whole, EFFORT, far / 50)
    else:
        descent.run(stop, EFFORT, looks, far, far / 10)
        descent.rehearsed(stop, EFFORT, 0.2, turns=TURNS if days <= PROGRAMME_DAYS else math.inf)
    if days <= PROGRAMME_DAYS and not stop():
        programme = WeekProgramme(descent)
        descent.run(stop, EFFORT, WEEKS_OF_EACH, 0.02, 0.002, seen=programme.take)
        programme.run(lambda: -math.inf, stop, EFFORT)
    elif not stop() and seconds_left() >= LAST_LOOK * whole:
        settled()
        descent.look_again(PROOF_EFFORT)


def sketch(
    descent: Descent,
    stop: Callable[[], bool],
    share_left: Callable[[], float],
    far: float,
    settled: Callable[[], None],
) -> None:
    """Bring many days' prices near the best by looks at shortlists; `share_left` says how much of the time is left."""

    def in_turns(lists: Lists) -> None:
        def over() -> bool:
            return stop() or share_left() < lists.share

        if not over():
            descent.look_again(SKETCH_EFFORT, lists.most, lists.behind)
            descent.rehearsed(over, SKETCH_EFFORT, lists.far * far, lists.most, lists.behind, lists.little)

    def glance() -> None:
        if not stop():
            descent.look_again(GLANCE_EFFORT)  # a bound for those who watch

    if descent.share == 0:
        price_minutes(descent, stop)
    glance()
    descent.best_height = math.inf  # for shortlists find less
    descent.run(stop, SKETCH_EFFORT, SKETCHES, 0.1, 0.02, most=SHORT.most)
    in_turns(SHORT)
    settled()
    glance()
    in_turns(LONG)
    in_turns(NEARLY_WHOLE)
    settled()


def price_minutes(descent: Descent, stop: Callable[[], bool]) -> None:
    """Begin where every minute of anybody's costs the same: a seat is worth what it leaves of its value.

    The bound is convex in that cost, so halving the interval finds the best, or nearly: looks see shortlists only.
    """
    master = descent.master
    net, slot = master.net, master.rows.slot
    value = net.value[slot].astype(np.float64)
    minutes = np.maximum(1, net.duration[slot] + np.where(net.place[slot] < 0, 0, LEG))
    low, high = 0.0, float((value / minutes).max(initial=0.0))
    for _ in range(MINUTE_LOOKS):
        if stop():
            return
        cost = (low + high) / 2
        descent.prices = master.no_prices()
        descent.prices.row[:] = np.maximum(0.0, value - cost * minutes)
        now = descent.look(SKETCH_EFFORT, SHORT.most)
        falling = float((minutes * (descent.prices.row > 0) * now.row_slack).sum()) > 0
        low, high = (cost, high) if falling else (low, cost)
