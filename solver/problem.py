"""The planning problem and its file format, as one import: `from solver.problem import Problem, load_problem`.

The parts live in `entities.py` (immutable, validated dataclasses) and `exchange.py` (JSON in and out).
"""

from solver.entities import (
    Mode,
    Pin,
    Place,
    Problem,
    ProblemError,
    Promise,
    Slot,
    TeamRule,
    Travel,
    Volunteer,
    Weights,
    Window,
)
from solver.exchange import load_problem, problem_from_json, problem_to_json, save_problem

__all__ = [
    "Mode",
    "Pin",
    "Place",
    "Problem",
    "ProblemError",
    "Promise",
    "Slot",
    "TeamRule",
    "Travel",
    "Volunteer",
    "Weights",
    "Window",
    "load_problem",
    "problem_from_json",
    "problem_to_json",
    "save_problem",
]
