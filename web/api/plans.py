"""Plans and their figures."""

from typing import Any

from flask import jsonify
from werkzeug.wrappers import Response

from scheduler.model.plan import Plan
from scheduler.store.plans import plans
from scheduler.store.queries.runs_lists import newest_plans
from web.api.schema import API, PlanId, PlanList, PlanOut
from web.context import get_store
from web.security import action


@API.get("/plans", responses={"200": PlanList}, summary="The newest plans")
@action("plan.read")
def list_plans() -> Response:
    return jsonify(items=[as_json(plan) for plan in newest_plans(get_store())])


@API.get("/plans/<plan_id>", responses={"200": PlanOut}, summary="One plan with its figures")
@action("plan.read")
def read_plan(path: PlanId) -> Response:
    return jsonify(as_json(plans.get(get_store(), path.plan_id)))


def as_json(plan: Plan) -> dict[str, Any]:
    return PlanOut(
        id=plan.id,
        run_id=plan.run_id,
        state=plan.state.value,
        from_date=plan.from_date,
        until_date=plan.until_date,
        created_at=plan.created_at,
        published_at=plan.published_at,
        figures=plan.figures,
    ).model_dump(mode="json")
