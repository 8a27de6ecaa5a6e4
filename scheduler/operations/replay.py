"""Runs the search of an earlier run again, from the problem, seed and settings that were kept with it."""

from dataclasses import dataclass

from scheduler.config import Config
from scheduler.errors import NotFound
from scheduler.localized import LocalizedText
from scheduler.planning.replan import Progress, versions
from scheduler.planning.solver_process import solve_apart
from scheduler.store import Store, ledger
from solver.model.problem_json import problem_from_json
from solver.model.solution import Solution, solution_from_json


@dataclass(frozen=True, slots=True)
class Replay:
    """The search of then and of now; `other_versions` names what is not the same any more, with both versions."""

    then: Solution | None
    now: Solution
    other_versions: dict[str, tuple[str, str]]

    @property
    def same_plan(self) -> bool:
        return self.then is not None and set(self.then.assignments) == set(self.now.assignments)


def replay(
    store: Store, config: Config, run_id: str, *, seconds: float | None = None, on_progress: Progress | None = None
) -> Replay:
    """The run's problem solved again, checked, nothing stored. Raises NotFound if the run kept no files.

    A search that ends because its time is over may find another plan of another quality: the two can be compared.
    """
    kept = ledger.files_of(store, run_id)
    if kept is None:
        raise NotFound(
            LocalizedText(
                "run '%(run_id)s' kept no problem: it is unknown, made none, or its files were too old to keep",
                run_id=run_id,
            )
        )
    problem, solution, seed, then_versions = kept
    limits = config.solver.model_copy(update={"seed": seed})
    found = solve_apart(problem_from_json(problem), limits, seconds=seconds, on_progress=on_progress)
    now_versions = versions()
    other = {
        name: (then_versions.get(name, ""), now_versions.get(name, ""))
        for name in sorted({*then_versions, *now_versions})
        if then_versions.get(name, "") != now_versions.get(name, "")
    }
    return Replay(solution_from_json(solution) if solution else None, found, other)
