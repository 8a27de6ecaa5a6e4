"""`yidu solve`, `yidu check`, `yidu prove`: the exchange format on the command line, without any database."""

import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from scheduler.cli.output import bar, result_of, say, terminal_language
from scheduler.localized import LocalizedText

if TYPE_CHECKING:
    from solver.model.problem import Problem
    from solver.model.solution import Solution

BROKEN, NOT_IN_FORMAT, LOOSER = 1, 2, 3
Content = TypeVar("Content")
File = click.Path(exists=True, dir_okay=False, path_type=Path)


def _a_number(context: click.Context, option: click.Parameter, seconds: float) -> float:
    if math.isnan(seconds):
        raise click.BadParameter(LocalizedText("nan is not a number of seconds").to(terminal_language()))
    return seconds


@click.command()
@click.argument("problem", type=File)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Where to write the solution (default: PROBLEM.solution.json).",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, max=1e6),
    callback=_a_number,
    default=60.0,
    show_default=True,
    help="How long to search at most.",
)
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processor cores to use.")
@click.option("--seed", default=0, show_default=True, help="Where chance begins.")
@click.option("--deterministic", is_flag=True, help="Same seed and limits: same plan. Slower, on one core.")
def solve(problem: Path, output: Path | None, seconds: float, workers: int, seed: int, deterministic: bool) -> None:
    """Find the best plan for PROBLEM, a file in the format yidu-problem/1 (.json or .json.gz).

    The search first fills as many seats as it can, then makes the plan as cheap as it can, and says how good any plan
    could be. Ctrl-C ends it early with the best plan found. Exit status 2: the file is not in the format.
    """
    import os
    import threading

    from solver.model.problem_json import load_problem
    from solver.solve import Limits
    from solver.solve import solve as search

    target = output or problem.with_name(problem.name.removesuffix(".gz").removesuffix(".json") + ".solution.json")
    if not os.access(target.parent, os.W_OK):
        raise click.BadParameter(
            LocalizedText("nothing can be written into the folder %(folder)s", folder=target.parent).to(
                terminal_language()
            ),
            param_hint="--output",
        )
    stop = threading.Event()
    found: list[Any] = []
    weeks = _read(load_problem, problem)
    with bar(seconds) as shown:

        def work() -> None:
            limits = Limits(seconds, workers, seed, deterministic)
            try:
                found.append(
                    search(
                        weeks,
                        limits,
                        on_progress=lambda report: shown.search(
                            {name: getattr(report, name) for name in ("stage", "seconds", "coverage", "coverage_bound")}
                        ),
                        should_stop=stop.is_set,
                    )
                )
            except Exception as error:
                found.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        while thread.is_alive():
            try:
                thread.join(0.1)
            except KeyboardInterrupt:
                stop.set()
    solution = found[0]
    if isinstance(solution, Exception):
        raise solution
    kept = _kept(solution, target)
    say(LocalizedText("%(found)s, written to %(path)s", found=result_of(solution), path=kept))


@click.command()
@click.argument("problem", type=File)
@click.argument("solution", type=File)
def check(problem: Path, solution: Path) -> None:
    """Check the plan in SOLUTION against every rule of PROBLEM, without the solver.

    Exit status 0: no rule is broken. 1: broken rules are printed. 2: a file is not in the format.
    """
    from solver.model.check import measure, violations
    from solver.model.problem_json import load_problem
    from solver.model.solution import load_solution

    weeks, plan = _read(load_problem, problem), _read(load_solution, solution)
    found = violations(weeks, plan.assignments)
    if found:
        _say_if_strangers(weeks, plan)
    for violation in found:
        click.echo(f"{violation.rule}: {violation.message}")
    if found:
        sys.exit(BROKEN)
    coverage, cost, terms = measure(weeks, plan.assignments)
    say(
        LocalizedText(
            "no rule is broken; coverage %(coverage)s, cost %(cost)s %(terms)s",
            coverage=coverage,
            cost=cost,
            terms=terms,
        )
    )
    if (coverage, cost) != (plan.coverage, plan.cost):
        claim = LocalizedText(
            "but the file says coverage %(coverage)s, cost %(cost)s", coverage=plan.coverage, cost=plan.cost
        )
        say(claim)
        sys.exit(BROKEN)


@click.command()
@click.argument("problem", type=File)
@click.argument("solution", type=File)
def prove(problem: Path, solution: Path) -> None:
    """Derive the coverage bound of SOLUTION again from its stored prices, by code that is not the solver's.

    Exit status 0: the plan keeps all rules, and its coverage and bound are what the file claims. 1: a rule is broken,
    or the file claims another coverage than its plan has. 2: a file is not in the format. 3: the plan is right, but the
    prices alone prove a looser bound than the file claims (the solver may have tried all that was left to try).
    """
    from solver.model.problem_json import load_problem
    from solver.model.solution import load_solution
    from solver.proof.prove import ProofError
    from solver.proof.prove import prove as derive

    weeks, plan = _read(load_problem, problem), _read(load_solution, solution)
    try:
        proof = derive(weeks, plan)
    except ProofError as error:
        _say_if_strangers(weeks, plan)
        _not_in_format(solution, error)
    say(
        LocalizedText(
            "coverage %(coverage)s; proven here: at most %(bound)s (gap %(gap)s); the file claims at most %(claimed)s",
            coverage=proof.coverage,
            bound=proof.coverage_bound,
            gap=f"{100 * proof.gap:.2f} %",
            claimed=proof.claimed_bound,
        )
    )
    if proof.broken:
        _say_if_strangers(weeks, plan)
    for violation in proof.broken:
        say(LocalizedText("but %(rule)s: %(detail)s", rule=violation.rule, detail=violation.message))
    if proof.coverage != proof.claimed_coverage:
        say(LocalizedText("but the file says coverage %(coverage)s", coverage=proof.claimed_coverage))
    if proof.coverage > proof.claimed_bound:
        say(LocalizedText("but the plan covers more than the file says is possible"))
    if not proof.plan_is_right:
        sys.exit(BROKEN)
    if not proof.confirms_the_claim:
        say(LocalizedText("the prices alone do not prove the bound that the file claims"))
        sys.exit(LOOSER)


def _read(load: Callable[[Path], Content], path: Path) -> Content:
    from solver.model.problem import ProblemError
    from solver.model.solution import SolutionError

    try:
        return load(path)
    except (ProblemError, SolutionError) as error:
        _not_in_format(path, error)


def _kept(solution: "Solution", target: Path) -> Path:
    """Where the solution was written: the target, or a new file if that cannot take it, so that no search is lost."""
    from solver.model.solution import save_solution

    try:
        save_solution(solution, target)
    except OSError as error:
        other = Path(tempfile.mkdtemp()) / "solution.json"
        save_solution(solution, other)
        sentence = LocalizedText(
            "%(path)s: cannot be written (%(strerror)s); the solution is kept elsewhere",
            path=target,
            strerror=error.strerror,
        )
        say(sentence, err=True)
        return other
    return target


def _say_if_strangers(problem: "Problem", solution: "Solution") -> None:
    if solution.problem and solution.problem != problem.name:
        say(
            LocalizedText(
                "the solution is for the problem '%(other)s', this problem is '%(name)s'",
                other=solution.problem,
                name=problem.name,
            )
        )


def _not_in_format(path: Path, error: Exception) -> NoReturn:
    click.echo(str(error) if str(error).startswith(str(path)) else f"{path}: {error}", err=True)
    sys.exit(NOT_IN_FORMAT)
