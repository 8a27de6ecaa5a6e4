"""Random numbers for the kernels: xorshift64* with its state in an array, so that a seed fixes every run."""

import numpy as np
from numpy.typing import NDArray

from solver.instance.dtypes import Whole
from solver.instance.jit import inner

Random = NDArray[np.uint64]


def new_random(seed: Whole) -> Random:
    """The state of a generator; equal seeds give equal sequences on every machine."""
    mixed = (seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) & 0xFFFFFFFFFFFFFFFF
    return np.array([mixed or 1], np.uint64)


@inner
def draw(random: Random) -> float:
    """The next number in [0, 1)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return np.float64((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inner
def draw_below(random: Random, bound: Whole) -> Whole:
    """The next whole number in 0..bound-1."""
    return np.int64(draw(random) * bound)
