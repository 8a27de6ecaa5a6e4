from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.config import Config
from scheduler.store import Store
from tests.scheduler.promises.world import a_config, a_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with a_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def config() -> Config:
    return a_config()
