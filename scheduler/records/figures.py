"""How the street is doing: what was wanted, filled, answered and kept, week by week and group by group.

A share without a denominator is None, never 0 or 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from scheduler.config import Config
from scheduler.localtime import at_local, local_date
from scheduler.model.people import RecipientKind
from scheduler.records.measures import FOUR_WEEKS, HAPPENED, CadenceReport, Continuity, cadence, continuity, share
from scheduler.store import Store, records
from scheduler.store.queries.figures_lists import Answers, Seats, answers_by, measures_since, names_of, seats_by

WEEK = timedelta(days=7)
NIGHTS = timedelta(days=60)
GROUPS = ("service", "place", "organisation")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one group or one week; `seats` and `answers` are None where there was nothing."""

    key: str
    names: dict[str, str]
    seats: Seats | None
    answers: Answers | None

    @property
    def fill(self) -> float | None:
        """People asked or promised, of the people wanted."""
        return share(self.seats.planned, self.seats.wanted) if self.seats else None

    @property
    def attended(self) -> float | None:
        """People who came, of the people wanted."""
        return share(self.seats.came, self.seats.wanted) if self.seats else None

    @property
    def no_shows(self) -> float | None:
        """Missed without excuse, of what was kept or missed."""
        return share(self.answers.missed, self.answers.done + self.answers.missed) if self.answers else None

    @property
    def answered(self) -> float | None:
        """Answers, yes or no, of the questions whose time is over or that were answered."""
        if not self.answers:
            return None
        heard = self.answers.yes + self.answers.no
        return share(heard, heard + self.answers.silent)

    @property
    def changes(self) -> float | None:
        """Visits taken back or moved, per person who was asked."""
        return share(self.answers.taken_back, self.answers.people) if self.answers else None


@dataclass(frozen=True, slots=True)
class Week:
    """A week's figures, with how elders were seen in the four weeks up to its end."""

    monday: date
    figures: Figures
    elders: CadenceReport
    faces: Continuity


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table: a word of the vocabulary `figures`, its unit, and how it is read off a week or a group."""

    name: str
    unit: str  # share, index, minutes or count
    of: Callable[[Any], float | None]


def _count(name: str) -> Callable[[Figures], float | None]:
    return lambda group: getattr(group.seats, name) if group.seats else None


def _answer(name: str) -> Callable[[Figures], float | None]:
    return lambda group: getattr(group.answers, name) if group.answers else None


def _of_week(figure: Figure) -> Callable[[Week], float | None]:
    return lambda week: figure.of(week.figures)


OF_GROUPS = (
    Figure("visits", "count", _count("visits")),
    Figure("fill", "share", lambda group: group.fill),
    Figure("empty", "count", _count("empty")),
    Figure("attended", "share", lambda group: group.attended),
    Figure("no_shows", "share", lambda group: group.no_shows),
    Figure("answered", "share", lambda group: group.answered),
    Figure("minutes_to_answer", "minutes", _answer("minutes_to_answer")),
    Figure("changes", "index", lambda group: group.changes),
    Figure("minutes_over", "minutes", _answer("minutes_over")),
    Figure("people", "count", _answer("people")),
    Figure("credited_min", "minutes", _answer("credited_min")),
)
OF_WEEKS = (
    *(Figure(figure.name, figure.unit, _of_week(figure)) for figure in OF_GROUPS),
    Figure("cadence", "share", lambda week: week.elders.share if week.figures.seats else None),
    Figure("monthly_visits", "share", lambda week: week.elders.visited_this_month if week.figures.seats else None),
    Figure("upc", "share", lambda week: week.faces.upc),
    Figure("coc", "index", lambda week: week.faces.coc),
)
OF_SEATS = {"visits", "fill", "empty", "attended"}  # an organisation has people, no visits of its own


@dataclass(frozen=True, slots=True)
class Overview:
    """Weeks oldest first, the last one running; groups over all these weeks; what the nights measured."""

    weeks: tuple[Week, ...]
    groups: dict[str, tuple[Figures, ...]]
    nights: dict[str, list[tuple[date, float | None]]]


def overview(store: Store, config: Config, *, area: str | None, weeks: int, now: datetime) -> Overview:
    """What the page of figures shows, for an area (None: everything), over so many weeks up to the present one."""
    today = local_date(now)
    monday = today - timedelta(days=today.weekday())
    first = monday - (weeks - 1) * WEEK
    by_week = {found.key: found for found in figures_by(store, "week", first, monday + WEEK - timedelta(days=1), area)}
    mondays = [first + n * WEEK for n in range(weeks)]
    return Overview(
        weeks=tuple(_week(store, config, day, by_week.get(day.isoformat()), area=area, now=now) for day in mondays),
        groups={by: figures_by(store, by, first, today, area) for by in GROUPS},
        nights=measures_since(store, today - NIGHTS) if area is None else {},
    )


def figures_by(store: Store, by: str, first: date, last: date, area: str | None) -> tuple[Figures, ...]:
    """Figures of every group with anything in it on local days (both included), those with most visits first."""
    seats = seats_by(store, by, first, last, area=area) if by != "organisation" else {}
    answers, names = answers_by(store, by, first, last, area=area), names_of(store, by)
    found = (Figures(key, names.get(key, {}), seats.get(key), answers.get(key)) for key in {*seats, *answers})
    return tuple(sorted(found, key=lambda f: (-_size(f), f.key)))


def _size(figures: Figures) -> int:
    return figures.seats.visits if figures.seats else figures.answers.people if figures.answers else 0


def _week(
    store: Store, config: Config, monday: date, figures: Figures | None, *, area: str | None, now: datetime
) -> Week:
    until_at = min(now, at_local(monday + WEEK, "00:00"))
    kind = RecipientKind.ELDER.value
    visits = records.visits_to(store, kind, until_at - FOUR_WEEKS, until_at, states=HAPPENED, area=area)
    return Week(
        monday,
        figures or Figures(monday.isoformat(), {}, None, None),
        cadence(store, config, now=until_at, area=area),
        continuity(visits),
    )
