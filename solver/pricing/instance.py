"""What pricing reads and how hard it tries."""

from __future__ import annotations

from typing import NamedTuple

from solver.params import PricingParams
from solver.pricing.buckets import Buckets
from solver.pricing.tasks import Days, PricingNetwork, Tasks

ALL = 1 << 40  # tasks a day


class Instance(NamedTuple):
    """A problem as pricing sees it, for one stage."""

    net: PricingNetwork
    tasks: Tasks
    days: Days
    buckets: Buckets


class PricingLimits(NamedTuple):
    """How far pricing goes. Made in Python: numba would compile everything once more for every literal."""

    max_nodes: int  # branches of a day; the rest are only bounded
    max_tasks: int  # of a day; of more only a restriction is tried, and nothing is proven
    tolerance: float  # worth: routes no further behind the best of their day are kept too
    params: PricingParams
