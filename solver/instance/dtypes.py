"""The types of the arrays that compiled code reads and writes, and the start that is not chosen yet."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Records = NDArray[Any]
Bytes = NDArray[np.uint8]
Small = NDArray[np.int32]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Whole = Any  # a whole number: compiled code has one width, the type checker sees int, np.int64 and np.int32

NO_START: Whole = np.int64(-(1 << 40))  # earlier than any time: the start is still free to move
