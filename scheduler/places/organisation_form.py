"""An organisation as people write it: in the page's form or in a row of a workbook."""

from dataclasses import replace
from typing import Any

from scheduler.forms.fields import Name, OneOf, Text
from scheduler.forms.form import Form
from scheduler.forms.references import Directory
from scheduler.model.ids import stable_id
from scheduler.model.people import Organisation
from scheduler.words import vocabulary


def organisation_form(directory: Directory) -> Form[Organisation]:
    """The fields of an organisation; where its people set out from is its building or area."""

    def make(values: dict[str, Any], existing: Organisation | None) -> Organisation:
        if existing:
            return replace(existing, **values)
        return Organisation(**{"id": stable_id("organisation", values["code"]), **values})

    return Form(
        fields={
            "code": Text(20),
            "name": Name(60),
            "kind": OneOf(vocabulary("organisation_kind")),
            "grid_id": directory.grid_field(),
        },
        required=frozenset({"name", "kind", "grid_id"}),
        make=make,
    )
