"""The types of the arrays that compiled code reads and writes, and the start that is not chosen yet."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Records = Any  # arrays of records: compiled code reads fields as attributes, which numpy's types do not know
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Small = NDArray[np.int32]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Whole = Any  # a whole number: compiled code has one width, the type checker sees int, np.int64 and np.int32


def record(whole: str, real: str = "") -> np.dtype[np.void]:
    """A record of whole numbers, then real ones; all whole numbers alike: every other mix of integer types would be
    compiled again, for seconds each.
    """
    fields = [(name, np.int64) for name in whole.split()] + [(name, np.float64) for name in real.split()]
    return np.dtype(fields, align=True)


SPAN = record("start end")
NEVER: Whole = np.int64(1 << 40)  # later than any time, longer than any leg
NO_START: Whole = np.int64(-(1 << 40))  # earlier than any time: the start is still free to move
