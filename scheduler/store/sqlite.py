"""sqlite_utils without pandas.

It loads pandas at once where it is installed (OR-Tools brings it) for a feature that is not used here; that would cost
every process more than a second at its start, and 60 MB.
"""

import sys

_known = sys.modules.get("pandas")
sys.modules["pandas"] = _known  # type: ignore[assignment]  # None: an import says that it is not installed
try:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations
    from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # pysqlite3, a fixed SQLite, when installed
finally:
    if _known is None:
        del sys.modules["pandas"]

__all__ = ["Database", "Migrations", "sqlite3"]
