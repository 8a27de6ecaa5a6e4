"""The command line: helpful, honest exit statuses, one sentence instead of a traceback."""

import gzip
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from web.cli import main

CASES = Path(__file__).parents[2] / "cases"


def run(*arguments, database=None, env=None):
    before = ["--database", str(database)] if database else []
    return CliRunner().invoke(main, [*before, *map(str, arguments)], env={"LC_ALL": "C.UTF-8"} | (env or {}))


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_explains_itself(command):
    found = run(command, "--help")
    assert found.exit_code == 0
    assert len(found.output.splitlines()) > 6
    for option in main.commands[command].params:
        assert not isinstance(option, click.Option) or option.help, f"{command} --{option.name} has no help"


def test_all_promised_commands_are_there():
    promised = {"init", "demo", "import", "plan", "publish", "export", "solve", "check", "prove", "serve", "scheduler"}
    assert promised <= set(main.commands)


def test_init_makes_an_administrator_once_and_says_the_password(tmp_path):
    first = run("init", database=tmp_path / "d.db")
    assert first.exit_code == 0
    assert "password" in first.output
    again = run("init", database=tmp_path / "d.db")
    assert "there already" in again.output
    assert "password" not in again.output


def test_publishing_without_a_draft_says_what_to_do(tmp_path):
    found = run("publish", database=tmp_path / "d.db")
    assert found.exit_code == 1
    assert "run `yidu plan` first" in found.output
    assert "Traceback" not in found.output


def test_a_chinese_terminal_is_spoken_to_in_chinese(tmp_path):
    chinese = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8"}
    assert "已就绪" in run("init", database=tmp_path / "d.db", env=chinese).output
    assert run("init", database=tmp_path / "d.db", env=chinese).output.endswith("已有管理员\n")
    assert run("publish", database=tmp_path / "d.db", env=chinese).output == "没有草稿计划：请先运行 `yidu plan`\n"


def test_a_wrong_setting_is_one_sentence(tmp_path):
    found = run("publish", database=tmp_path / "d.db", env={"YIDU_NIGHTLY__AT": "half past one"})
    assert found.exit_code == 1
    assert "nightly.at" in found.output


def solution(tmp_path, **changes):
    placed = [{"slot": "tea", "volunteer": "ann", "start": 840}, {"slot": "walk", "volunteer": "ann", "start": 900}]
    good = {
        "format": "yidu-solution/1", "problem": "back-to-back", "status": "OPTIMAL", "assignments": placed,
        "coverage": 2000, "coverage_bound": 2000, "cost": 0, "cost_bound": 0,
        "terms": {"travel": 0, "affinity": 0, "disruption": 0, "overload": 0, "unused": 0},
        "unfilled": [], "seconds": 0.1, "seed": 0, "version": "by hand",
    }  # fmt: skip
    path = tmp_path / "solution.json"
    path.write_text(json.dumps({**good, **changes}), encoding="utf-8")
    return path


def test_check_is_0_for_a_legal_plan(tmp_path):
    found = run("check", CASES / "back-to-back.json", solution(tmp_path))
    assert (found.exit_code, found.output.startswith("no rule is broken")) == (0, True)


def test_check_is_1_for_a_broken_rule_and_names_it(tmp_path):
    late = [{"slot": "tea", "volunteer": "ann", "start": 845}]
    found = run("check", CASES / "back-to-back.json", solution(tmp_path, assignments=late))
    assert found.exit_code == 1
    assert "allowed_start" in found.output


def test_check_is_1_if_the_file_claims_more_than_its_plan_is_worth(tmp_path):
    assert run("check", CASES / "back-to-back.json", solution(tmp_path, coverage=3000)).exit_code == 1


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other"}', "not json"])
def test_check_is_2_for_what_is_not_in_the_format(tmp_path, text):
    path = tmp_path / "problem.json"
    path.write_text(text, encoding="utf-8")
    found = run("check", path, solution(tmp_path))
    assert found.exit_code == 2
    assert len(found.output.strip().splitlines()) == 1


def test_solve_is_2_for_what_is_not_in_the_format(tmp_path):
    path = tmp_path / "problem.json.gz"
    path.write_bytes(gzip.compress(b'{"format": "yidu-problem/1", "surprise": 1}'))
    found = run("solve", path)
    assert found.exit_code == 2
    assert len(found.output.strip().splitlines()) == 1


def test_solve_says_before_it_searches_that_the_plan_cannot_be_written(tmp_path):
    for where in (tmp_path, tmp_path / "missing" / "out.json"):
        found = run("solve", CASES / "team-rule.json", "-o", where)
        assert found.exit_code == 2
        assert str(where.parent if where.name == "out.json" else where) in found.output.replace("\n", "")


def test_solve_refuses_a_time_that_is_no_number(tmp_path):
    found = run("solve", CASES / "team-rule.json", "-o", tmp_path / "out.json", "--seconds", "nan")
    assert found.exit_code == 2
    assert "nan is not a number of seconds" in found.output


def test_a_deterministic_solve_gives_the_same_plan_again(tmp_path):
    plans = []
    for out in (tmp_path / "one.json", tmp_path / "two.json"):
        assert run("solve", CASES / "xs-1.json", "-o", out, "--seconds", "5", "--deterministic").exit_code == 0
        plans.append(json.loads(out.read_text(encoding="utf-8")))
    assert plans[0]["limits"]["deterministic"]
    assert plans[0]["assignments"] == plans[1]["assignments"]


def test_a_target_that_fails_after_the_search_loses_no_solution(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = run("solve", CASES / "team-rule.json", "-o", "/dev/full", "--seconds", "0.1")
    assert found.exit_code == 0, found.output
    assert "/dev/full: cannot be written" in found.output
    (kept,) = tmp_path.glob("*/solution.json")
    assert str(kept) in found.output
    assert run("check", CASES / "team-rule.json", kept).exit_code == 0


def test_a_gzipped_problem_is_read_whatever_its_name(tmp_path):
    path = tmp_path / "week.json"
    path.write_bytes(gzip.compress((CASES / "back-to-back.json").read_bytes()))
    assert run("check", path, solution(tmp_path)).exit_code == 0


def test_files_given_in_the_wrong_order_are_named(tmp_path):
    found = run("check", solution(tmp_path), CASES / "back-to-back.json")
    assert found.exit_code == 2
    assert "solution.json: problem: format is 'yidu-solution/1', expected \"yidu-problem/1\"" in found.output


def test_a_plan_for_another_problem_is_said_to_be_one(tmp_path):
    found = run("check", CASES / "team-rule.json", solution(tmp_path))
    assert found.exit_code == 1
    assert "the solution is for the problem 'back-to-back', this problem is 'team-rule'" in found.output


def test_prove_is_3_for_a_right_plan_whose_bound_the_prices_do_not_prove(tmp_path):
    one = [{"slot": "tea", "volunteer": "ann", "start": 840}]
    claims = {"assignments": one, "coverage": 1000, "coverage_bound": 1000}
    found = run("prove", CASES / "back-to-back.json", solution(tmp_path, **claims))
    assert found.exit_code == 3
    assert "the prices alone do not prove the bound that the file claims" in found.output


def test_prove_is_1_for_a_plan_that_refutes_the_bound_of_its_file(tmp_path):
    found = run("prove", CASES / "back-to-back.json", solution(tmp_path, coverage_bound=1000))
    assert found.exit_code == 1
    assert "but the plan covers more than the file says is possible" in found.output


@pytest.mark.parametrize("seconds", [0, 0.01])
def test_a_bound_found_in_no_time_is_proven_too(tmp_path, seconds):
    problem, out = CASES / "team-rule.json", tmp_path / "out.json"
    assert run("solve", problem, "-o", out, "--seconds", seconds).exit_code == 0
    assert run("prove", problem, out).exit_code == 0


def test_prove_is_1_for_a_plan_that_breaks_a_rule_and_names_it(tmp_path):
    late = [{"slot": "tea", "volunteer": "ann", "start": 845}]
    found = run("prove", CASES / "back-to-back.json", solution(tmp_path, assignments=late, coverage=1000))
    assert found.exit_code == 1
    assert "allowed_start" in found.output


def test_solve_writes_a_plan_that_check_and_prove_accept(tmp_path):
    problem, out = CASES / "team-rule.json", tmp_path / "out.json"
    solved = run("solve", problem, "-o", out, "--seconds", "20", "--workers", "1")
    assert solved.exit_code == 0, solved.output
    assert "OPTIMAL: coverage 3000" in solved.output
    assert run("check", problem, out).exit_code == 0
    assert run("prove", problem, out).exit_code == 0
