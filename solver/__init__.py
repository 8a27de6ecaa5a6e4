"""The planner. Compiled code is kept per state of the sources: numba would go on using what a changed kernel called."""

import hashlib
import os
from pathlib import Path

HERE = Path(__file__).parent
KERNELS = (
    HERE
    / "__pycache__"
    / ("kernels-" + hashlib.sha256(b"".join(map(Path.read_bytes, sorted(HERE.glob("*.py"))))).hexdigest()[:12])
)
os.environ.setdefault("NUMBA_CACHE_DIR", str(KERNELS))
