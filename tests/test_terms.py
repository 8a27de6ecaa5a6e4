"""Every cost term is known wherever terms are named one by one."""

import dataclasses

from scheduler.config import CostWeights
from scheduler.words import vocabulary
from solver.explain.moves import Moves
from solver.model.objective import TERMS
from solver.model.problem import Weights
from solver.repair.incumbent_state import IncumbentState
from solver.repair.recommend import people_for
from tests.builders import a_problem, a_slot, a_volunteer

NAMES = {term.__name__ for term in TERMS}


def test_every_term_has_a_weight_in_problems_and_settings():
    assert {weight.name for weight in dataclasses.fields(Weights)} == NAMES
    assert set(CostWeights.model_fields) == NAMES


def test_every_term_has_words_on_the_command_line_and_on_pages():
    assert vocabulary("term").words.keys() == NAMES


def test_every_term_is_told_of_a_seat_and_of_a_recommendation():
    problem = a_problem(a_volunteer("ann"), a_slot("tea"))
    (ann,), (tea,) = problem.volunteers, problem.slots
    assert set(Moves(problem, []).opening(ann, tea, tea.earliest).terms) == NAMES
    assert set(people_for(IncumbentState(problem), "tea")[0].terms) == NAMES
