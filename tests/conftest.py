"""Fixtures for every test: compiled kernels, a fresh district database in a temporary folder."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.store import Store, open_store
from solver import KERNELS


def pytest_sessionstart(session: pytest.Session) -> None:
    """After a change in solver/ compile first: a time limit in a test is for solving, not for compiling."""
    if not hasattr(session.config, "workerinput") and not KERNELS.is_dir():
        print("compiling the solver first: a few minutes")
        subprocess.run([sys.executable, "-m", "solver.compile_kernels"], check=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "district.db") as opened:
        yield opened
