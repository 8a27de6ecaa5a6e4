"""What the documents show works as they show it."""

import dataclasses
import doctest
import json
import re
from pathlib import Path

from solver.model.objective import TERMS
from solver.model.problem import Slot, Volunteer
from solver.model.problem_json import problem_from_json
from solver.solve import Limits, solve

DOCS = Path(__file__).parents[1] / "docs"


def test_the_questions_to_the_solver_get_the_answers_shown(monkeypatch):
    monkeypatch.chdir(DOCS.parent)
    assert doctest.testfile(str(DOCS / "asking-the-solver.md"), module_relative=False).failed == 0


def test_the_problem_shown_can_be_solved():
    text = (DOCS / "problem-format.md").read_text(encoding="utf-8")
    problem = problem_from_json(json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1]))
    assert {a.slot for a in solve(problem, Limits(seconds=5, workers=1)).assignments} == {"tea", "stall"}


def test_every_field_and_term_of_the_problem_is_explained():
    text = (DOCS / "problem-format.md").read_text(encoding="utf-8")
    first_cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    fields = {field for cell in first_cells for field in re.findall(r"`(\w+)`", cell)}
    assert {term.__name__ for term in TERMS} <= fields
    for entity in (Volunteer, Slot):
        assert {field.name for field in dataclasses.fields(entity)} <= fields
