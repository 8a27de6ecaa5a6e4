"""What is proven so far: a bound on coverage with its duals, and for every coverage a bound on cost."""

from __future__ import annotations

import numpy as np

from solver.column_generation.incumbent import Incumbent
from solver.column_generation.lagrangian import Duals
from solver.column_generation.trivial_bounds import every_seat, free_of_charge
from solver.instance.arrays import Network
from solver.instance.dtypes import Floats


class Bounds:
    """Bounds that only ever get tighter, until somebody gives them up."""

    def __init__(self, net: Network) -> None:
        self.coverage = every_seat(net)
        self.duals: Duals | None = None  # that prove the bound on coverage, as far as duals do
        self.cap_worth: Floats = np.zeros(0)  # at these, by volunteer
        self.on_cost: dict[int, int] = {}  # by the coverage that a plan must have
        self._net, self._least_cost = net, free_of_charge(net)

    def cost(self, coverage: int) -> int:
        """No plan that covers at least so much costs less."""
        return max([self._least_cost, *(b for c, b in self.on_cost.items() if c <= coverage)])

    def raise_cost(self, coverage: int, bound: int) -> None:
        """No plan that covers at least so much costs less than `bound`."""
        self.on_cost[coverage] = max(self.on_cost.get(coverage, bound), bound)

    def coverage_met(self, best: Incumbent) -> bool:
        """Whether no plan covers more."""
        return best.coverage >= self.coverage

    def all_met(self, best: Incumbent) -> bool:
        """Whether no plan is better."""
        _, coverage, cost, _ = best.snapshot()
        return coverage >= self.coverage and cost <= self.cost(coverage)

    def give_up(self) -> None:
        """From now on claim only what needs no proof."""
        self.coverage, self.on_cost, self.duals = every_seat(self._net), {}, None
