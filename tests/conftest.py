"""Fixtures for every test: a fresh district database in a temporary folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "district.db") as opened:
        yield opened
