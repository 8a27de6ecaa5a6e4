"""An area as people write it: in the page's form or in a row of a workbook."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scheduler.forms.fields import LATITUDE, LONGITUDE, Name, OneOf, Text
from scheduler.forms.form import Form, InvalidFields, Mistake
from scheduler.forms.references import Directory
from scheduler.localized import Localized, LocalizedText, words_for
from scheduler.model.ids import stable_id
from scheduler.model.people import Grid, GridKind
from scheduler.words import spelling, vocabulary

LARGE_TO_SMALL = tuple(GridKind)
DISTRICT, TOWN, STREET, COMMITTEE, VILLAGE, PARK, BUILDING = LARGE_TO_SMALL
LIES_IN: dict[GridKind, tuple[GridKind, ...]] = {
    DISTRICT: (),
    TOWN: (DISTRICT,),
    STREET: (DISTRICT, TOWN),
    COMMITTEE: (TOWN, STREET),
    VILLAGE: (TOWN, STREET),
    PARK: (TOWN, STREET, COMMITTEE, VILLAGE),
    BUILDING: (TOWN, STREET, COMMITTEE, VILLAGE, PARK),
}
ON_ITS_OWN = (DISTRICT, TOWN, STREET)  # may lie in nothing: whoever runs the system begins with one of these


def area_form(directory: Directory) -> Form[Grid]:
    """The fields of an area; coordinates that were left out are those of the area that it lies in."""

    def make(values: dict[str, Any], existing: Grid | None) -> Grid:
        lat, lon = values.pop("lat", None), values.pop("lon", None)
        parent = directory.grids.get(values.get("parent_id", existing and existing.parent_id) or "")
        if (lat is None) != (lon is None):
            both = LocalizedText("both latitude and longitude, or neither")
            raise InvalidFields([Mistake("lat" if lat is None else "lon", "", both)])
        place = existing or parent
        if lat is None and place is None and values["kind"] in ON_ITS_OWN:
            where = LocalizedText("where it is, such as 31.1002 and 121.2003: what lies in it begins there")
            raise InvalidFields([Mistake("lat", "", where)])
        if lat is None or lon is None:
            lat, lon = (place.lat, place.lon) if place else (0.0, 0.0)
        if existing:
            return replace(existing, **values, lat=lat, lon=lon)
        return Grid(**{"id": stable_id("grid", values["code"]), "parent_id": None, **values, "lat": lat, "lon": lon})

    def problems(area: Grid) -> Iterator[tuple[str, Localized]]:
        parent = directory.grids.get(area.parent_id or "")
        if parent is None and area.kind not in ON_ITS_OWN:
            yield "parent_id", LocalizedText("the area that it lies in: %(kinds)s", kinds=_named(LIES_IN[area.kind]))
        elif parent is not None and parent.kind not in LIES_IN[area.kind]:
            allowed = LIES_IN[area.kind]
            yield (
                "parent_id",
                LocalizedText("an area of the kind %(kinds)s", kinds=_named(allowed))
                if allowed
                else LocalizedText("nothing: a district lies in no other area"),
            )
        if any(area.kind not in LIES_IN[part.kind] for part in directory.grids.values() if part.parent_id == area.id):
            yield "kind", LocalizedText("a kind in which its parts may lie")
        if any(spelling(other.name) == spelling(area.name) for other in _beside(directory, area)):
            yield "name", LocalizedText("a name that no other area beside it has")

    return Form(
        fields={
            "code": Text(20),
            "name": Name(60),
            "kind": OneOf(vocabulary("area_kinds"), GridKind),
            "parent_id": directory.grid_field(),
            "lat": LATITUDE,
            "lon": LONGITUDE,
        },
        required=frozenset({"name", "kind"}),
        make=make,
        problems=problems,
    )


def _beside(directory: Directory, area: Grid) -> Iterator[Grid]:
    return (g for g in directory.grids.values() if g.parent_id == area.parent_id and g.id != area.id)


def _named(kinds: tuple[GridKind, ...]) -> Localized:
    return words_for("area_kinds", kinds)
