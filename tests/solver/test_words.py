"""The solver's identifiers are the field's words: none that was made at home comes back."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOLVER = Path(__file__).parents[2] / "solver"
MODULES = sorted(SOLVER.rglob("*.py"))

FIELDS_WORD = {
    "look looks": "pricing iteration",
    "sketch glance hurry shortlist": "heuristic or truncated iteration, candidate restriction",
    "rehearse rehearsed rehearsal": "subgradient phase",
    "walk": "iterate, SubgradientState",
    "descent height settled": "dual ascent, dual value, converged",
    "memory remember remembered forget": "column pool, add, prune",
    "price prices": "dual, duals; reduced cost; insertion cost",
    "bond bonds face faces": "pair, companion",
    "way ways": "leg, travel",
    "heads": "people, headcount",
    "far little": "first step, minimum progress",
    "reward effort": "coverage multiplier, node limit",
    "bar bars behind": "pruning threshold, reduced-cost tolerance",
    "level levels": "resource bucket",
    "trail milestone milestones stone stones": "partial path, fixed event, relay visit",
    "option options": "task",
    "staffing mixer mixing seating": "set partitioning, route neighbourhood, sequential pricing",
    "help helped helping promised turn turns": "thread pool, rounds",
    "heed habits taste prospects luck thrift scarcity emphasis heat": "ruin-and-recreate parameters, insertion weights",
    "journal": "undo log: insert, remove, rollback, commit",
    "crew crews hire dissolve": "team, assign, clear",
    "errand errands trip trips": "task, stretch",
    "board rung force forced promise promises exchange": "incumbent state, standby, counterfactual, prior assignment",
}
HOME_MADE = {word: better for words, better in FIELDS_WORD.items() for word in words.split()}
ALLOWED = {
    "prices": "the field of a solution's file that carries the duals",
    "price_in_sequence": "to price is the field's verb",
    "linearization_level": "a parameter of OR-Tools",
    "cp_model_probing_level": "a parameter of OR-Tools",
    "forced": "what `repair` is told to keep, as in any text on fixing variables",
}


def identifiers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg | ast.keyword):
            yield node.arg or ""
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def words(identifier: str) -> list[str]:
    """The parts of a snake_case, CamelCase or dotted name, in small letters."""
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOLVER)))
def test_no_identifier_is_made_of_a_home_made_word(path: Path):
    named = set(identifiers(ast.parse(path.read_text(encoding="utf-8")))) - set(ALLOWED)
    found = {name: HOME_MADE[word] for name in named for word in words(name) if word in HOME_MADE}
    assert found == {}, f"say instead {found}"


def test_names_are_taken_apart():
    assert words("_SeatPrices.best_HTTPLevel2") == ["seat", "prices", "best", "http", "level"]
