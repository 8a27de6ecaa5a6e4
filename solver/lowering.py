"""Which looks and rehearsals bring a descent down, by the size of the week."""

from __future__ import annotations

import math
from collections.abc import Callable

from solver.columns import WeekProgramme
from solver.descent import MANY_TURNS, Descent

EFFORT = 2000  # branches of pricing a day
PROOF_EFFORT = 20_000  # at the end of a descent without programme
FIRST_LOOKS = 20  # at everything, before prices are rehearsed
PROGRAMME_DAYS = 300  # more days than this: no linear programme
TURNS = 20  # of rehearsals before a programme: it knows at once where they crawl (measured: streets need six)
WEEKS_OF_EACH = 10  # to begin the programme with
SKETCH_DAYS = 1_000  # more days than this: first only their shortlists
SKETCH_EFFORT = 300
SKETCHES = 15  # looks at shortlists, before prices are rehearsed
SHORT, LONG = 48, 144  # options a day
GLANCE_EFFORT = 100  # for a bound on the way
SHORT_SHARE, LONG_SHARE = 0.6, 0.5  # of the time: left after short and long lists
SHORT_LITTLE, LONG_LITTLE = 4e-3, 1e-3  # of the height: turns that gain less are not worth while
BEHIND = 0.16  # mean visits: routes so near the best of their day are remembered too
LAST_LOOK = 0.07  # of the time: with less left, the proof of a large week begins no look
HURRY = 0.01  # of the time: then days are only glanced at, so that a look ends


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
        descent.rehearsed(stop, EFFORT, 0.2, turns=TURNS if days <= PROGRAMME_DAYS else MANY_TURNS)
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

    def in_turns(share: float, most: int, far: float, little: float) -> None:
        if not stop():
            descent.look_again(SKETCH_EFFORT, most, BEHIND)
            descent.rehearsed(lambda: stop() or share_left() < share, SKETCH_EFFORT, far, most, BEHIND, little)

    if not stop():
        descent.look(GLANCE_EFFORT)
    descent.best_height = math.inf  # for shortlists find less
    descent.run(stop, SKETCH_EFFORT, SKETCHES, far, far / 50, most=SHORT)
    settled()
    if not stop():
        descent.look_again(GLANCE_EFFORT)  # a bound for those who watch
    in_turns(SHORT_SHARE, SHORT, far / 10, SHORT_LITTLE)
    in_turns(LONG_SHARE, LONG, far / 25, LONG_LITTLE)
    settled()
