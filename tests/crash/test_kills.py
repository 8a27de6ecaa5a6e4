"""A few of the kills that `python -m tests.crash` does by the hundred."""

from pathlib import Path

import pytest

from tests.crash.harness import attack


@pytest.mark.parametrize(("kind", "kills"), [("solve", 1), ("publish", 2), ("reply", 2), ("send", 2)])
def test_a_kill_loses_nothing_that_was_promised(tmp_path: Path, kind, kills):
    tally = attack(kind, tmp_path, kills, seed=1)
    assert tally.clean, tally
    assert tally.kills == kills
