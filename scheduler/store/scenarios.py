"""Scenarios: wishes of staff to see what would happen, and what was found."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scheduler.localized import Localized
from scheduler.store.database import Store
from scheduler.store.repository import Repository


@dataclass(frozen=True, slots=True)
class Scenario:
    """`changes`: ill, closed, closed_on, way; `figures` once it is solved."""

    id: str
    changes: dict[str, Any]
    requested_by: str
    requested_at: datetime
    state: str = "waiting"
    figures: dict[str, Any] = field(default_factory=dict)
    message: str = ""
    message_zh: str = ""


_scenarios = Repository("scenarios", Scenario)


def add_scenario(store: Store, scenario: Scenario) -> None:
    _scenarios.add(store, scenario)


def newest_scenarios(store: Store, *, limit: int = 12) -> list[Scenario]:
    return _scenarios.where(store, f"1 ORDER BY requested_at DESC, rowid DESC LIMIT {int(limit)}")


def open_scenarios(store: Store) -> list[Scenario]:
    """Those that wait or are being solved."""
    return _scenarios.where(store, "state IN ('waiting', 'taken')")


def take_scenario(store: Store) -> Scenario | None:
    """The oldest waiting scenario, now ours; two takers never get the same one."""
    taken = store.rows(
        """UPDATE scenarios SET state = 'taken' WHERE state = 'waiting' AND id =
           (SELECT id FROM scenarios WHERE state = 'waiting' ORDER BY requested_at, rowid LIMIT 1) RETURNING *"""
    )
    return _scenarios.from_row(store, taken[0]) if taken else None


def end_scenario(store: Store, scenario_id: str, *, state: str, figures: dict[str, Any], message: Localized) -> None:
    store.execute(
        "UPDATE scenarios SET state = :state, figures = :figures, message = :en, message_zh = :zh WHERE id = :id",
        {
            "state": state,
            "figures": json.dumps(figures, sort_keys=True),
            "en": message.en,
            "zh": message.zh,
            "id": scenario_id,
        },
    )
