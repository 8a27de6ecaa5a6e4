"""Pairs as rows: who keeps company with whom."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scheduler.forms.fields import OneOf, YesNo
from scheduler.forms.form import Form
from scheduler.forms.references import Directory
from scheduler.forms.time_fields import Day
from scheduler.localized import Localized, LocalizedText
from scheduler.model.ids import stable_id
from scheduler.model.people import Pair, PairState, RecipientKind
from scheduler.words import vocabulary

BOUND = frozenset({PairState.TRIAL, PairState.ACTIVE, PairState.PAUSED})  # at most one first and one second companion


def pair_form(directory: Directory) -> Form[Pair]:
    """The fields of a pair."""

    def make(values: dict[str, Any], existing: Pair | None) -> Pair:
        if existing:
            return replace(existing, **values)
        return Pair(stable_id("pair", values["recipient_id"], values["volunteer_id"]), **values)

    def problems(pair: Pair) -> Iterator[tuple[str, Localized]]:
        if directory.recipient_kinds.get(pair.recipient_id, RecipientKind.ELDER) != RecipientKind.ELDER:
            yield "recipient_id", LocalizedText("an elder: only elders have pairs")

    return Form(
        fields={
            "recipient_id": directory.recipient_field(),
            "volunteer_id": directory.volunteer_field(),
            "rank": OneOf(vocabulary("pair_ranks"), int),
            "state": OneOf(vocabulary("pair_states"), PairState),
            "pinned": YesNo(),
            "since": Day(),
        },
        required=frozenset({"recipient_id", "volunteer_id", "rank"}),
        empty={"state": PairState.ACTIVE, "pinned": False},
        make=make,
        problems=problems,
    )
