"""Uploaded files as sheets of texts, read in a child process with limits.

Limits: 5 MB as a file, 50 MB and 100:1 inflated (counted while reading), 200 parts, 40 sheets, 20,000 rows × 60
columns a sheet, 500,000 cells in all with the empty ones, 512 MB of memory and 20 seconds for the child. A hostile
file can only end the child, and what comes back from it is small.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scheduler.errors import ImportRefused
from scheduler.localized import LocalizedText

FILE_BYTES = 5 * 1024 * 1024
SECONDS = 20
CHILD = "scheduler.exchange.read_child"
PACKAGES = str(Path(__file__).parents[2])  # an isolated Python looks nowhere else for ours
START = f"import runpy, sys; sys.path.insert(0, {PACKAGES!r}); runpy.run_module({CHILD!r}, run_name='__main__')"


@dataclass(frozen=True, slots=True)
class RawSheet:
    """A sheet as texts; `broken` cells, by (row, column) from 1, are "error" or "formula" (without a result)."""

    name: str  # "" for a CSV
    rows: list[list[str]]
    broken: dict[tuple[int, int], str]


class FileRefused(ImportRefused):
    """The file cannot be read."""


def read_sheets(path: Path, headers: Iterable[str] = ()) -> list[RawSheet]:
    """Every sheet of an .xlsx, or the one of a CSV, divided as the line with known `headers` is.

    Raises FileRefused within 20 seconds, whatever the file holds.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FileRefused(
            LocalizedText("%(path)s: cannot be opened (%(strerror)s)", path=path, strerror=error.strerror)
        ) from error
    if size > FILE_BYTES:
        raise FileRefused(LocalizedText("the file is larger than 5 MB: split it"))
    if size == 0:
        raise FileRefused(LocalizedText("the file is empty"))
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", START, str(path)],
            input="\n".join(headers).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FileRefused(
            LocalizedText("not read within %(seconds)s seconds: split the file", seconds=SECONDS)
        ) from error
    if done.returncode != 0:
        raise FileRefused(LocalizedText("too large or damaged: reading it went beyond the limits"))
    answer = json.loads(done.stdout)
    if "refused" in answer:
        sentence, values = answer["refused"]
        raise FileRefused(LocalizedText(sentence, **values))
    return [
        RawSheet(sheet["name"], sheet["rows"], {(row, column): what for row, column, what in sheet["broken"]})
        for sheet in answer["sheets"]
    ]
