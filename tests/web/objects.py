"""One object of each kind in each place of the city, so that every address of the site has something to show."""

import gzip
from datetime import date, timedelta

from scheduler.model.people import Grid, GridKind, Organisation, Pair
from scheduler.model.plan import Plan, PlanState, Run, RunState, State
from scheduler.store import Store, ledger
from scheduler.store.people import grids, organisations, pairs
from scheduler.store.plans import plans, runs
from scheduler.store.repository import utc_text
from solver.model.problem import Problem, Travel, Weights
from solver.model.problem_json import problem_to_json
from solver.model.solution import Solution, Status, solution_to_json
from tests.world import NOW, add_elder, add_visit, add_volunteer

PLACES = {"own": "c1", "same": "c2", "other": "xc"}  # own: ann's; same: the same district; other: another district
OWNERS = {"own": "ann", "same": "bob", "other": "xia"}
KINDS = ("slot", "need", "assignment", "recipient", "volunteer", "organisation", "pair", "grid")


def add_objects(store: Store) -> dict[str, dict[str, str]]:
    """A second district, and one object of each kind in each place."""
    grids.add_all(
        store,
        [
            Grid("x", "x", "外区", GridKind.DISTRICT, None, 31.1, 121.2),
            Grid("xs", "xs", "外街道", GridKind.STREET, "x", 31.1, 121.2),
            Grid("xc", "xc", "外居委会", GridKind.COMMITTEE, "xs", 31.1, 121.2),
        ],
    )
    add_volunteer(store, "xia", name="夏雨", grid_id="xc", lat=31.1, lon=121.2)
    add_elder(store, "xan", name="许安", grid_id="xc", lat=31.1, lon=121.2)
    recipients_of = {"own": "li", "same": "far", "other": "xan"}
    ids: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for number, (variant, place) in enumerate(PLACES.items()):
        recipient, owner = recipients_of[variant], OWNERS[variant]
        starts_at = NOW + timedelta(days=3, hours=number)
        visit = add_visit(store, starts_at, recipient_id=recipient, volunteer_id=owner, state=State.PROPOSED)
        slot = store.rows("SELECT need_id FROM slots WHERE id = :id", {"id": visit.slot_id})[0]
        organisations.add(store, Organisation(f"o-{place}", f"o-{place}", "支部", "enterprise", place))
        pairs.add(store, Pair(f"p-{place}", recipient, owner))
        made = {
            "slot": visit.slot_id,
            "need": slot["need_id"],
            "assignment": visit.id,
            "recipient": recipient,
            "volunteer": owner,
            "organisation": f"o-{place}",
            "pair": f"p-{place}",
            "grid": place,
        }
        for kind, object_id in made.items():
            ids[kind][variant] = object_id
    run = runs.add(store, Run("run", "plan", date(2026, 11, 23), "run", RunState.DONE, NOW))
    nothing = Problem("run", 1440, Travel(), Weights(), (), ())
    ledger.keep_files(store, run.id, problem_to_json(nothing), seed=0, versions={})
    ledger.keep_solution(store, run.id, solution_to_json(Solution("run", Status.OPTIMAL, (), 0, 0, 0, 0, {})))
    counts = dict.fromkeys(("slots", "heads", "filled", "cost", "coverage", "coverage_bound"), 1)
    figures = {**counts, "terms": {}, "publish_before": utc_text(NOW + timedelta(days=7))}
    first, last = date(2026, 11, 23), date(2026, 11, 29)
    plans.add(store, Plan("plan", run.id, first, last, PlanState.DRAFT, store.revision(), NOW, figures=figures))
    row = "INSERT INTO imports VALUES ('import', 'a.xlsx', 'admin', :at, 'done', '{}', :undo)"
    store.execute(row, {"at": utc_text(NOW), "undo": gzip.compress(b"[]")})
    ids |= {"run": {"own": "run"}, "plan": {"own": "plan"}, "import": {"own": "import"}}
    ids["service_type"] = {"own": "E01"}
    ids["account"] = {"own": "acc-street", "other": "acc-foreign"}
    return ids
