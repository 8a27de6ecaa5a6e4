"""Who and what may be referred to in a field: grids, organisations, services, volunteers, recipients."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from scheduler.errors import Unfit
from scheduler.localized import Localized, LocalizedText
from scheduler.model.ids import stable_id
from scheduler.model.people import Grid, GridKind, Organisation
from scheduler.model.services import ServiceType
from scheduler.store import Store
from scheduler.store.directory import names_in, recipient_kinds, tags_in_use
from scheduler.store.people import grids
from scheduler.store.services import service_types
from scheduler.words import SEPARATORS, Vocabulary, code_spelling, plain, spelling, vocabulary

SPELT: dict[str, Callable[[str], str]] = {"code": code_spelling, "name": spelling}
SUFFIXES = ("居委会", "村委会", "街道")


class Index:
    """Things with an id, a code and a name; found by any of them in any spelling, by name only if it is unique."""

    def __init__(self, rows: Iterable[tuple[str, str, str]] = ()) -> None:
        self.code_of: dict[str, str] = {}
        self.name_of: dict[str, str] = {}
        self.id_of_code: dict[str, str] = {}
        self._spelt: dict[str, dict[str, set[str]]] = {}  # "code", "name" → spelling → ids; made when first asked for
        for row in rows:
            self.add(*row)

    def add(self, id: str, code: str, name: str) -> None:
        self.code_of[id], self.name_of[id], self.id_of_code[code] = code, name, id
        for what, word in (("code", code), ("name", name)):
            if what in self._spelt:
                self._spelt[what][SPELT[what](word)].add(id)

    def _ids(self, what: str, text: str) -> set[str]:
        """Who has a code ("code") or a name ("name") that is spelt like the text."""
        if what not in self._spelt:
            found: dict[str, set[str]] = defaultdict(set)
            for id, word in (self.code_of if what == "code" else self.name_of).items():
                found[SPELT[what](word)].add(id)
            self._spelt[what] = found
        return self._spelt[what].get(SPELT[what](text), set())

    def find(self, text: str) -> str | None:
        """The id, None if nothing fits. Raises Unfit if several have this name."""
        if text in self.code_of:
            return text
        if text in self.id_of_code:
            return self.id_of_code[text]
        coded = self._ids("code", text)
        named = coded if len(coded) == 1 else self._ids("name", text)
        if len(named) > 1:
            codes = sorted(self.code_of[id] for id in named)[:5]
            raise Unfit(LocalizedText("a code (several have this name: %(codes)s)", codes=codes))
        return next(iter(named), None)

    def show(self, id: str) -> str:
        return self.code_of.get(id, id)

    def name(self, id: str) -> str:
        """The name if nobody else has it, else the code: what a person reads most easily and `find` finds."""
        name = self.name_of.get(id, id)
        return name if len(self._ids("name", name)) == 1 else self.show(id)


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that names another object by code, unique name or id."""

    find: Callable[[str], str | None]
    show: Callable[[str], str]
    expected: Localized
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> str:
        found = self.find(plain(text))
        if found is None:
            raise Unfit(self.expected)
        return found

    def write(self, value: str) -> str:
        return self.show(value)


@dataclass(frozen=True, slots=True)
class References:
    """A field that names several other objects."""

    one: Reference
    collect: Callable[..., Any] = frozenset
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> Any:
        return self.collect(self.one.read(part) for part in SEPARATORS.split(plain(text)) if part.strip())

    def write(self, value: Any) -> str:
        words = [self.one.write(item) for item in value]
        return "、".join(words if self.collect is tuple else sorted(words))


@dataclass(slots=True)
class Directory:
    """Everything that may be referred to. `new_organisations` were named but do not exist yet."""

    grids: dict[str, Grid] = field(default_factory=dict)
    services: dict[str, ServiceType] = field(default_factory=dict)
    volunteers: Index = field(default_factory=Index)
    recipients: Index = field(default_factory=Index)
    recipient_kinds: dict[str, str] = field(default_factory=dict)
    organisations: Index = field(default_factory=Index)
    skills: Vocabulary = field(default_factory=lambda: vocabulary("skills"))
    tags: Vocabulary = field(default_factory=lambda: vocabulary("tags"))  # skills, kinds, genders, transport
    new_organisations: dict[str, Organisation] = field(default_factory=dict)
    _unplaced: dict[str, str] = field(default_factory=dict)
    _grid_ids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, store: Store, *, within: set[str] | None = None) -> "Directory":
        """Everything that a store holds; people outside the grids `within`, if given, go by their code alone."""
        further = tags_in_use(store) - vocabulary("tags").words.keys()
        found = cls(
            grids={grid.id: grid for grid in grids.where(store)},
            services={kind.code: kind for kind in service_types.where(store)},
            volunteers=Index(names_in(store, "volunteers", grids=within)),
            recipients=Index(names_in(store, "recipients", grids=within)),
            recipient_kinds=recipient_kinds(store),
            organisations=Index(names_in(store, "organisations")),
            skills=vocabulary("skills").extended(further),
            tags=vocabulary("tags").extended(further),
        )
        for grid in found.grids.values():
            found.add_grid(grid)
        return found

    def add_grid(self, grid: Grid) -> None:
        """Makes an area known, one that is to be written too; what lies in it is added after it."""
        self.grids[grid.id] = grid
        for name in self._spellings(grid):
            self._grid_ids[spelling(name)].add(grid.id)

    def _spellings(self, grid: Grid) -> set[str]:
        short = grid.name
        for suffix in SUFFIXES:
            short = short.removesuffix(suffix)
        parent = self.grids.get(grid.parent_id or "")
        names = {grid.id, grid.code, grid.name, short, self.grid_name(grid.id)}
        return names | ({f"{parent.name}{grid.name}", f"{parent.name}/{short}"} if parent else set())

    def grid_name(self, id: str) -> str:
        """ "长征镇/新长征居委会": unique, read back to the same grid."""
        grid = self.grids[id]
        parent = self.grids.get(grid.parent_id or "")
        return f"{parent.name}/{grid.name}" if parent and parent.kind is not GridKind.DISTRICT else grid.name

    def find_grid(self, text: str) -> str | None:
        """The id of a grid by name, code or id. Raises Unfit if several have this name."""
        found = self._grid_ids.get(spelling(text), set())
        if len(found) > 1:
            names = sorted(self.grid_name(id) for id in found)[:5]
            raise Unfit(LocalizedText("one of %(words)s", words=names))
        return next(iter(found), None)

    def find_organisation(self, text: str) -> str:
        """The id of an organisation; a name that is not known yet gets the id that it will be stored under.

        Raises Unfit if several have this name.
        """
        found = self.organisations.find(text)
        if found is None:
            found = stable_id("organisation", text)
            self.organisations.add(found, text, text)
            self._unplaced[found] = text
        return found

    def place_organisation(self, id: str | None, grid_id: str) -> None:
        """A newly named organisation is where the first one is who names it."""
        if id in self._unplaced:
            name = self._unplaced.pop(id)
            self.new_organisations[id] = Organisation(id, name, name, "other", grid_id)

    def find_service(self, text: str) -> str | None:
        """The code of a service type by its code or name."""
        if text in self.services:
            return text
        named = [
            kind.code
            for kind in self.services.values()
            if spelling(text) in map(spelling, (kind.code, kind.name_zh, f"{kind.code} {kind.name_zh}", kind.name_en))
        ]
        return named[0] if named else None

    def service_name(self, code: str) -> str:
        return f"{code} {self.services[code].name_zh}" if code in self.services else code

    # fields that refer to something

    def grid_field(self) -> Reference:
        return Reference(
            self.find_grid,
            self.grid_name,
            LocalizedText("a known committee, building or street"),
        )

    def organisation_field(self) -> Reference:
        return Reference(self.find_organisation, self.organisations.name, LocalizedText("an organisation"))

    def service_field(self) -> Reference:
        choices = tuple(self.service_name(code) for code, kind in self.services.items() if kind.active)
        return Reference(self.find_service, self.service_name, LocalizedText("a code like E01"), choices)

    def volunteer_field(self) -> Reference:
        return Reference(
            self.volunteers.find,
            self.volunteers.show,
            LocalizedText("the code of a volunteer who is stored or in this file"),
        )

    def recipient_field(self) -> Reference:
        return Reference(
            self.recipients.find,
            self.recipients.show,
            LocalizedText("the code of a recipient who is stored or in this file"),
        )
