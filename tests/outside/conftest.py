"""Every test from outside begins with an empty street."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outside.street import Street


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    opened = Street(tmp_path)
    yield opened
    opened.close()
