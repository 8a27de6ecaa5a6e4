"""A store with the delivered catalogue and map, and nobody in it."""

import pytest

from scheduler.needs.catalogue import load_catalogue
from scheduler.store import open_store


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "yidu.db") as store:
        load_catalogue(store)
        yield store
