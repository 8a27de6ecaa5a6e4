"""The last stretch of the bound: a linear programme over whole weeks, grown column by column (Dantzig and Wolfe, 1960).

Subgradients come near the best prices quickly and then crawl; here GLOP finds the prices that are exactly right for the
weeks known so far, pricing at them (smoothed towards the best prices yet; Wentges, 1997) proves a bound and brings new
weeks. In the cost stage a row asks for the coverage, and its price is the reward per unit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from ortools.linear_solver import pywraplp

from solver.column_generation.dual_ascent import MOST_EFFORT, Descent
from solver.column_generation.lagrangian import Evaluation, Prices
from solver.instance.dtypes import Floats
from solver.pricing.column_pool import nothing_met
from solver.pricing.task_filter import ALL
from solver.pricing.week_join import best_weeks

SMOOTHING = 0.5  # share of the best prices so far in the prices that are looked at


class WeekProgramme:
    """The linear programme beside a descent: `take` brings weeks in, `run` lowers the descent's bound."""

    def __init__(self, descent: Descent) -> None:
        self.descent, self.master = descent, descent.master
        self.share = descent.share
        self._idle = self._idle_worth()
        self._value = 0.0
        self._known: set[tuple[int, ...]] = set()
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.solver.SetSolverSpecificParametersAsString("use_preprocessing: false")
        self._build_rows()

    def _idle_worth(self) -> Floats:
        master, levels = self.master, self.master.levels(self.share)
        nothing, unknown = np.full(len(master.options.row), -1e12), nothing_met(master.days)
        everyone = np.arange(len(master.net.willing))
        weeks = best_weeks(
            master.net,
            master.options,
            master.days,
            levels,
            unknown,
            nothing,
            self.share,
            0.0,
            1000,
            everyone,
            ALL,
            master.halted,
        )
        return np.asarray(weeks[1])

    def _build_rows(self) -> None:
        rows, solver = self.master.rows, self.solver
        infinity = solver.infinity()
        self.most = [
            solver.Constraint(-infinity, 0.0 if crew else float(seats))
            for crew, seats in zip(rows.crew, rows.seats, strict=True)
        ]
        self.least: dict[int, pywraplp.Constraint] = {}
        self.rules = [solver.Constraint(0.0, infinity) for _ in rows.rule_tag]
        self.one_week = [solver.Constraint(-infinity, 1.0) for _ in self.master.net.willing]
        self.enough = solver.Constraint(float(self.descent.coverage), infinity) if self.share > 0 else None
        self.objective = solver.Objective()
        self.objective.SetMaximization()
        for slot in np.unique(rows.slot[rows.crew > 0]):
            one_start = solver.Constraint(-infinity, 1.0)
            for row in range(rows.slot_at[slot], rows.slot_at[slot + 1]):
                staffed = solver.NumVar(0.0, 1.0, "")
                one_start.SetCoefficient(staffed, 1.0)
                self.most[row].SetCoefficient(staffed, -float(rows.seats[row]))
                if rows.least[row] > 0:
                    self.least[row] = solver.Constraint(0.0, infinity)
                    self.least[row].SetCoefficient(staffed, -float(rows.least[row]))
                for rule in range(rows.rule_at[row], rows.rule_at[row + 1]):
                    self.rules[rule].SetCoefficient(staffed, -float(rows.rule_least[rule]))
        if self.enough is not None:  # missing coverage at a price that no plan pays, so that there is always a solution
            short = solver.NumVar(0.0, infinity, "")
            self.enough.SetCoefficient(short, 1.0)
            self.objective.SetCoefficient(short, -1000.0)

    def take(self, evaluation: Evaluation) -> int:
        """Bring in the weeks of an evaluation; how many were new."""
        master, rows, options = self.master, self.master.rows, self.master.options
        order = np.argsort(evaluation.visitor, kind="stable")
        visitor, visit = evaluation.visitor[order], evaluation.visit[order]
        new = 0
        for volunteer in np.unique(visitor):
            a, b = np.searchsorted(visitor, volunteer), np.searchsorted(visitor, volunteer, "right")
            mine = visit[a:b]
            key = (int(volunteer), *sorted(mine.tolist()))
            if key in self._known:
                continue
            self._known.add(key)
            new += 1
            week = self.solver.NumVar(0.0, self.solver.infinity(), "")
            self.one_week[volunteer].SetCoefficient(week, 1.0)
            worth = float(evaluation.own_worth[volunteer] - self._idle[volunteer]) if self.share > 0 else 0.0
            covered = float(options.value[mine].sum())
            for row in options.row[mine].tolist():
                self.most[row].SetCoefficient(week, 1.0)
                if row in self.least:
                    self.least[row].SetCoefficient(week, 1.0)
                for rule in range(rows.rule_at[row], rows.rule_at[row + 1]):
                    if master.net.has_tag[rows.rule_tag[rule], volunteer]:
                        self.rules[rule].SetCoefficient(week, 1.0)
            if self.enough is not None:
                self.enough.SetCoefficient(week, covered)
                self.objective.SetCoefficient(week, worth)
            else:
                self.objective.SetCoefficient(week, covered)
        return new

    def prices(self) -> Prices | None:
        """The prices that are right for the weeks known, or None if GLOP did not finish."""
        self.solver.SetTimeLimit(20_000)
        if self.solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        self._value = float(self.solver.Objective().Value())
        row = np.array([c.dual_value() for c in self.most])
        for r, constraint in self.least.items():
            row[r] += constraint.dual_value()
        row = np.where(self.master.rows.crew, row, np.maximum(row, 0.0))
        rule = np.maximum(0.0, -np.array([c.dual_value() for c in self.rules]))
        reward = 1.0 if self.enough is None else max(0.0, -self.enough.dual_value())
        return Prices(row, rule, reward)

    def run(self, target: Callable[[], float], stop: Callable[[], bool], effort: int, rounds: int = 1000) -> bool:
        """Lower the descent's bound; true when the prices are the best there are (for the relaxation).

        Stops early on `stop()` or once the bound is down to `target()`.
        """
        descent = self.descent
        smoothing = SMOOTHING
        if descent.now is None:
            descent.look(effort)
        for _ in range(rounds):
            if stop() or descent.best_height <= target():
                return False
            exact = self.prices()
            if exact is None:
                return False
            gap = descent.best_height - self._height_of_programme()
            if gap <= 1e-7 * abs(descent.best_height) + 1e-3:
                return True
            descent.prices = descent.best.mixed(exact, smoothing)
            before = descent.best_height
            descent.look(effort)
            assert descent.now is not None
            if self.take(descent.now) > 0:
                smoothing = SMOOTHING if descent.best_height < before else smoothing / 2
            elif smoothing > 0.0:
                smoothing = 0.0  # nothing new on the way there: look at the programme's own prices
            elif effort < MOST_EFFORT:
                effort *= 4  # nothing new there either: what remains is the slack of unfinished days
            else:
                return True
        return False

    def _height_of_programme(self) -> float:
        """The least height that more weeks could lead to: the value of the programme in the descent's terms."""
        return self._value + float(self._idle.sum())
