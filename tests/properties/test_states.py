"""Two staff, the solver, the scheduler and volunteers act in any order on real SQLite; none of it breaks a promise."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.watched import WatchedDistrict


def run(sequences: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    wanted = settings(max_examples=sequences, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(WatchedDistrict, settings=wanted)


def test_no_sequence_of_acts_breaks_a_promise():
    run(60)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_sequence_of_acts_breaks_a_promise_in_a_thousand_runs():
    run(1000)
