"""The last stretch of the bound: a linear programme over whole weeks, grown column by column (Dantzig and Wolfe, 1960).

Subgradients come near the best duals quickly and then crawl; here GLOP finds the duals that are exactly right for the
weeks known so far, pricing at them (smoothed towards the best duals yet; Wentges, 1997) proves a bound and brings new
weeks. In the cost stage a row asks for the coverage, and its dual is the multiplier per unit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from ortools.linear_solver import pywraplp

from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.lagrangian import Duals, Evaluation
from solver.instance.dtypes import Floats
from solver.pricing.column_pool import empty_pool
from solver.pricing.week_join import best_weeks


class RestrictedMaster:
    """The linear programme beside a dual ascent: `add_columns` brings weeks in, `run` lowers the ascent's bound."""

    def __init__(self, ascent: DualAscent) -> None:
        self.ascent, self.lagrangian = ascent, ascent.lagrangian
        self.params = self.lagrangian.params.restricted_master
        self.cost_weight = ascent.cost_weight
        self._idle = self._idle_worth()
        self._value = 0.0
        self._known: set[tuple[int, ...]] = set()
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.solver.SetSolverSpecificParametersAsString("use_preprocessing: false")
        self._build_rows()

    def _idle_worth(self) -> Floats:
        lagrangian, limits = self.lagrangian, self.lagrangian.limits(self.params.idle_nodes)
        nothing, unknown = np.full(len(lagrangian.tasks.row), -1e12), empty_pool(lagrangian.days)
        everyone = np.arange(len(lagrangian.net.willing))
        instance = lagrangian.instance(self.cost_weight)
        weeks = best_weeks(instance, unknown, nothing, self.cost_weight, everyone, limits, lagrangian.halted)
        return np.asarray(weeks[1])

    def _build_rows(self) -> None:
        rows, solver = self.lagrangian.rows, self.solver
        infinity = solver.infinity()
        self.most = [
            solver.Constraint(-infinity, 0.0 if is_team else float(seats))
            for is_team, seats in zip(rows.is_team, rows.seats, strict=True)
        ]
        self.least: dict[int, pywraplp.Constraint] = {}
        self.rules = [solver.Constraint(0.0, infinity) for _ in rows.rule_tag]
        self.one_week = [solver.Constraint(-infinity, 1.0) for _ in self.lagrangian.net.willing]
        self.enough = solver.Constraint(float(self.ascent.coverage), infinity) if self.cost_weight > 0 else None
        self.objective = solver.Objective()
        self.objective.SetMaximization()
        for slot in np.unique(rows.slot[rows.is_team > 0]):
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
        if self.enough is not None:  # missing coverage at a dual that no plan pays, so that there is always a solution
            short = solver.NumVar(0.0, infinity, "")
            self.enough.SetCoefficient(short, 1.0)
            self.objective.SetCoefficient(short, -1000.0)

    def add_columns(self, evaluation: Evaluation) -> int:
        """Bring in the weeks of an evaluation; how many were new."""
        lagrangian, rows, tasks = self.lagrangian, self.lagrangian.rows, self.lagrangian.tasks
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
            worth = float(evaluation.own_worth[volunteer] - self._idle[volunteer]) if self.cost_weight > 0 else 0.0
            covered = float(tasks.value[mine].sum())
            for row in tasks.row[mine].tolist():
                self.most[row].SetCoefficient(week, 1.0)
                if row in self.least:
                    self.least[row].SetCoefficient(week, 1.0)
                for rule in range(rows.rule_at[row], rows.rule_at[row + 1]):
                    if lagrangian.net.has_tag[rows.rule_tag[rule], volunteer]:
                        self.rules[rule].SetCoefficient(week, 1.0)
            if self.enough is not None:
                self.enough.SetCoefficient(week, covered)
                self.objective.SetCoefficient(week, worth)
            else:
                self.objective.SetCoefficient(week, covered)
        return new

    def duals(self) -> Duals | None:
        """The duals that are right for the weeks known, or None if GLOP did not finish."""
        self.solver.SetTimeLimit(self.params.time_limit_ms)
        if self.solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        self._value = float(self.solver.Objective().Value())
        row = np.array([c.dual_value() for c in self.most])
        for r, constraint in self.least.items():
            row[r] += constraint.dual_value()
        row = np.where(self.lagrangian.rows.is_team, row, np.maximum(row, 0.0))
        rule = np.maximum(0.0, -np.array([c.dual_value() for c in self.rules]))
        multiplier = 1.0 if self.enough is None else max(0.0, -self.enough.dual_value())
        return Duals(row, rule, multiplier)

    def run(self, target: Callable[[], float], stop: Callable[[], bool], max_nodes: int, rounds: int = 1000) -> bool:
        """Lower the ascent's bound; true when the duals are the best there are (for the relaxation).

        Stops early on `stop()` or once the bound is down to `target()`.
        """
        ascent, smoothing = self.ascent, self.params.smoothing
        if ascent.now is None:
            ascent.pricing_iteration(max_nodes)
        for _ in range(rounds):
            if stop() or ascent.best_dual_value <= target():
                return False
            exact = self.duals()
            if exact is None:
                return False
            gap = ascent.best_dual_value - self._restricted_value()
            if gap <= 1e-7 * abs(ascent.best_dual_value) + 1e-3:
                return True
            ascent.duals = ascent.best.mixed(exact, smoothing)
            before = ascent.best_dual_value
            ascent.pricing_iteration(max_nodes)
            assert ascent.now is not None
            if self.add_columns(ascent.now) > 0:
                smoothing = self.params.smoothing if ascent.best_dual_value < before else smoothing / 2
            elif smoothing > 0.0:
                smoothing = 0.0  # nothing new on the way there: price at the restricted master's own duals
            elif max_nodes < ascent.params.node_limit:
                max_nodes *= 4  # nothing new there either: what remains is the slack of unfinished days
            else:
                return True
        return False

    def _restricted_value(self) -> float:
        """The least dual value that more weeks could lead to: the restricted master's value in the ascent's terms."""
        return self._value + float(self._idle.sum())
