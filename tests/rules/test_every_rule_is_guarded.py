import importlib
import inspect
import re
from pathlib import Path
from random import Random

import pytest

from solver.model import check
from tests.builders import rules_broken
from tests.rules.mutants import MUTANTS

RULE_NAMES = [rule.__name__ for rule in check.RULES]
PAGE = Path(__file__).parents[2] / "docs" / "adding-a-rule.md"
MUTANTS_EACH = 20


def test_no_rule_stands_twice_in_the_table_of_contents():
    assert len(set(RULE_NAMES)) == len(RULE_NAMES)


def test_every_function_of_the_checker_that_looks_like_a_rule_is_in_the_table_of_contents():
    takes_a_plan = [
        name
        for name, function in inspect.getmembers(check, inspect.isfunction)
        if function.__module__ == "solver.model.check" and list(inspect.signature(function).parameters) == ["plan"]
    ]
    assert sorted(name for name in takes_a_plan if not name.startswith("_")) == sorted(RULE_NAMES)


@pytest.mark.parametrize("name", RULE_NAMES)
def test_every_plan_broken_in_one_rule_is_caught_under_the_name_of_that_rule(name):
    for seed in range(MUTANTS_EACH):
        problem, plan = MUTANTS[name](Random(seed))
        assert rules_broken(problem, *plan) == [name], f"mutant {seed}: {plan}"


@pytest.mark.parametrize("name", RULE_NAMES)
def test_no_other_rule_would_catch_what_this_rule_catches(name, monkeypatch):
    monkeypatch.setattr(check, "RULES", tuple(rule for rule in check.RULES if rule.__name__ != name))
    for seed in range(MUTANTS_EACH):
        problem, plan = MUTANTS[name](Random(seed))
        assert rules_broken(problem, *plan) == [], f"mutant {seed}: {plan}"


@pytest.mark.parametrize("name", RULE_NAMES)
def test_every_rule_has_its_own_test_file(name):
    assert (Path(__file__).parent / f"test_{name}.py").is_file()


@pytest.mark.parametrize("rule", check.RULES, ids=RULE_NAMES)
def test_every_rule_says_what_it_asks_for(rule):
    assert (rule.__doc__ or "").endswith(".")


def lines_of_the_page() -> dict[str, str]:
    """The last cell of each row of the table of rules (where the solver keeps the rule) by rule name."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rows)


def test_the_page_on_adding_a_rule_lists_every_rule_in_the_order_of_the_checker():
    assert list(lines_of_the_page()) == RULE_NAMES


@pytest.mark.parametrize("name", RULE_NAMES)
def test_the_solver_has_the_twin_that_the_page_names(name):
    twins = re.findall(r"`([\w/]+)\.py: (\w+)`", lines_of_the_page()[name])
    assert twins, f"the page names no place in the solver for {name}"
    for module, function in twins:
        found = importlib.import_module(f"solver.{module.replace('/', '.')}")
        assert hasattr(found, function), f"solver/{module}.py has no {function}"
