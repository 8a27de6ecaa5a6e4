"""The planner. Compiled code is kept per state of the sources: numba would go on using what a changed kernel called."""

import hashlib
import os
from pathlib import Path


def _kernels() -> Path:
    """The folder of the kernels compiled from the sources as they are now."""
    here = Path(__file__).parent
    sources = hashlib.sha256()
    for source in sorted(here.rglob("*.py")):
        sources.update(source.relative_to(here).as_posix().encode() + source.read_bytes())
    return here / "__pycache__" / f"kernels-{sources.hexdigest()[:12]}"


KERNELS = _kernels()
os.environ.setdefault("NUMBA_CACHE_DIR", str(KERNELS))
