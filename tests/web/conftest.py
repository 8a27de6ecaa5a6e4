"""Fixtures for every test of the pages: a site with its tiny district, and its store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.store import Store
from tests.web.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def store(site: Site) -> Iterator[Store]:
    with site.store() as opened:
        yield opened
