"""`yidu areas`: the tree of areas on the command line, read as the pages read it."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from scheduler.cli.clock import now
from scheduler.cli.output import say, terminal_language
from scheduler.config import Config
from scheduler.errors import NotFound, Unfit
from scheduler.localized import LocalizedText, Word

if TYPE_CHECKING:
    from scheduler.store import Store

BY = "command line"


@click.group()
def areas() -> None:
    """The areas that people and needs lie in: town, street, committees, villages, parks, buildings.

    AREA is a name ("江秋居委会"), the name with the area above ("佘山镇/江秋居委会") or a code. Many at once come with
    a workbook: `yidu template`, `yidu import`.
    """


@areas.command("list")
@click.pass_obj
def list_(config: Config) -> None:
    """Print the tree: name, kind, code, coordinates."""
    from scheduler.places.tree import Branch, tree
    from scheduler.store import open_store

    def show(branches: Iterable[Branch], depth: int) -> None:
        for branch in branches:
            area = branch.area
            kind = Word("area_kinds", area.kind).to(terminal_language())
            click.echo(f"{'  ' * depth}{area.name}  {kind}  {area.code}  {area.lat} {area.lon}")
            show(branch.parts, depth + 1)

    with open_store(config.database) as store:
        show(tree(store), 0)


KIND = click.option("--kind", help="district, town, street, committee, village, park or building.")
ABOVE = click.option("--in", "above", help="The area that it lies in.")
LAT = click.option("--lat", help="Latitude (default: that of the area above).")
LON = click.option("--lon", help="Longitude (default: that of the area above).")


@areas.command()
@click.argument("name")
@KIND
@ABOVE
@LAT
@LON
@click.option("--code", help="Its code (default: the next free number).")
@click.pass_obj
def add(config: Config, /, name: str, **typed: str | None) -> None:
    """Add the area NAME."""
    _save(config, None, {"name": name, "kind": "", **_given(typed)})


@areas.command()
@click.argument("area")
@click.option("--name", help="Its new name.")
@KIND
@ABOVE
@LAT
@LON
@click.pass_obj
def change(config: Config, /, area: str, **typed: str | None) -> None:
    """Rename AREA, move it into another area or correct where it is; what is not given stays."""
    _save(config, area, _given(typed))


@areas.command()
@click.argument("keep")
@click.argument("other")
@click.pass_obj
def merge(config: Config, keep: str, other: str) -> None:
    """Move everything of the area OTHER to the area KEEP, and remove OTHER."""
    from scheduler.places.areas import merge_areas
    from scheduler.store import open_store

    with open_store(config.database) as store:
        kept = merge_areas(store, _find(store, keep), _find(store, other), by=BY, now=now())
    say(LocalizedText("merged into %(name)s", name=kept.name))


@areas.command()
@click.argument("area")
@click.pass_obj
def remove(config: Config, area: str) -> None:
    """Remove AREA, if nothing is entered there."""
    from scheduler.places.areas import remove_area
    from scheduler.store import open_store

    with open_store(config.database) as store:
        remove_area(store, _find(store, area), by=BY, now=now())
    say(LocalizedText("removed"))


def _given(typed: dict[str, str | None]) -> dict[str, str]:
    """The options that were given, by the form's field."""
    fields = {"above": "parent_id"}
    return {fields.get(name, name): text for name, text in typed.items() if text is not None}


def _save(config: Config, area: str | None, texts: dict[str, str]) -> None:
    from scheduler.forms.form import InvalidFields
    from scheduler.forms.sheets import sheets
    from scheduler.places.areas import save_area
    from scheduler.store import open_store

    with open_store(config.database) as store:
        try:
            made = save_area(store, texts, area_id=_find(store, area) if area else None, by=BY, now=now())
        except InvalidFields as wrong:
            for mistake in wrong.mistakes:
                title = sheets()["grids"].title_of(mistake.field)
                say(LocalizedText("%(field)s: %(mistake)s", field=title, mistake=mistake.sentence()), err=True)
            sys.exit(1)
    say(LocalizedText("written: %(name)s, code %(code)s", name=made.name, code=made.code))


def _find(store: "Store", text: str) -> str:
    """The id of the area that a text means. Raises NotFound."""
    from scheduler.forms.references import Directory

    try:
        found = Directory.of(store).find_grid(text)
    except Unfit as several:
        raise NotFound(several.expected) from several
    if found is None:
        raise NotFound(LocalizedText("there is no area '%(text)s': look at `yidu areas list`", text=text))
    return found
