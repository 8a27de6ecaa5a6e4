import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from solver.model.check import measure, violations
from solver.model.problem_json import problem_from_json
from tests.properties.strategies import problem_jsons, rough_plans
from tests.shared import evaluate, needs_contract

# How the evaluator words each rule.
WORDS = {
    "known_ids": r"^unknown slot",
    "no_duplicates": r"is twice on",
    "pins_stand": r"^pinned .* is not kept$",
    "at_most_headcount": r"people, headcount is",
    "enough_or_nobody": r"fewer than its minimum$",
    "team_rules": r" has \d+ of \d+ ",
    "common_start": r"starts at several times",
    "allowed_start": r"starts at .*, outside",
    "on_grid": r"off its grid$",
    "eligible": r"is not eligible for",
    "inside_window": r"is not available for",
    "reached_in_time": r"cannot reach",
    "within_reach": r"min from where",
    "back_in_time": r"is back \d+ min late$",
    "one_place_at_a_time": r" at once$",
    "day_caps": r" on day -?\d+$",
    "horizon_caps": r"^\w+ (has \d+ visits|serves \d+ minutes)$",
}


def rule_of(words: str) -> str:
    (rule,) = [rule for rule, pattern in WORDS.items() if re.search(pattern, words)]
    return rule


@needs_contract
@given(st.data())
@settings(max_examples=200, deadline=None)
def test_the_checker_finds_what_the_evaluator_finds_rule_by_rule(data):
    raw = data.draw(problem_jsons())
    problem = problem_from_json(raw)
    plan = data.draw(rough_plans(problem))
    as_json = [{"slot": a.slot, "volunteer": a.volunteer, "start": a.start} for a in plan]
    bad, coverage, cost, terms = evaluate(raw, as_json)
    assert Counter(v.rule for v in violations(problem, plan)) == Counter(map(rule_of, bad))
    assert measure(problem, plan) == (coverage, cost, terms)
