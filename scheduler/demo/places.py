"""How large a demo is, and its places: committees, buildings, stations, parks, enterprises and their bonds."""

import random
from dataclasses import dataclass

from scheduler.model.ids import stable_id
from scheduler.model.people import Grid, GridKind, Organisation, Recipient, RecipientKind
from scheduler.needs.catalogue import delivered_grids, inside_ring

PILOT_STREET = "310107102"  # 长征镇
DEGREES_PER_KM = 0.009  # of latitude; of longitude 1.17 times as many here
ESTATE_KM = 0.25  # spread of an estate's doors around its committee


@dataclass(frozen=True, slots=True)
class StreetSize:
    """How many of each there are in one street."""

    couriers: int
    members: int
    elders: int
    committees: int
    stations: int
    buildings: int
    parks: int
    enterprises: int


STREET = StreetSize(
    couriers=50, members=150, elders=300, committees=28, stations=6, buildings=8, parks=3, enterprises=40
)
BLOCK = StreetSize(couriers=25, members=40, elders=78, committees=1, stations=1, buildings=1, parks=0, enterprises=4)
DISTRICT_TOTAL = {"couriers": 500, "members": 2000, "elders": 8000}
SIZES = ("small", "street", "district")


def sizes_by_street(size: str) -> dict[str, StreetSize]:
    """Street code → its size. A district shares its totals out evenly; "small" is one committee and one building."""
    if size == "small":
        return {PILOT_STREET: BLOCK}
    if size == "street":
        return {PILOT_STREET: STREET}
    streets = [grid.code for grid in delivered_grids() if grid.kind is GridKind.STREET]
    share = {name: total // len(streets) for name, total in DISTRICT_TOTAL.items()}
    return {
        code: StreetSize(**share, committees=99, stations=9, buildings=12, parks=4, enterprises=100) for code in streets
    }


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one street; `bond` says which organisation looks after a committee (街楼居 bonds)."""

    street: Grid
    committees: tuple[Grid, ...]
    buildings: tuple[Grid, ...]
    organisations: tuple[Organisation, ...]
    courier_teams: tuple[Organisation, ...]
    branches: tuple[Organisation, ...]  # one in each building: where members in work set out from
    communities: dict[str, Organisation]  # committee grid id → its own branch, where the retired belong
    bond: dict[str, str]  # committee grid id → organisation id
    recipients: tuple[Recipient, ...]

    def of_kind(self, kind: RecipientKind) -> list[Recipient]:
        return [recipient for recipient in self.recipients if recipient.kind is kind]


def near(rng: random.Random, grid: Grid, km: float = ESTATE_KM) -> tuple[float, float]:
    """A point around a grid's point, inside the district's outline."""
    while True:
        lat = round(rng.gauss(grid.lat, km * DEGREES_PER_KM / 2), 5)
        lon = round(rng.gauss(grid.lon, km * DEGREES_PER_KM * 1.17 / 2), 5)
        if inside_ring(lat, lon):
            return lat, lon


def street_places(code: str, size: StreetSize, rng: random.Random) -> Places:
    """The places of a street; the building committees are bonded with the committees in turn."""
    all_grids = delivered_grids()
    street = next(grid for grid in all_grids if grid.code == code)
    committees = tuple(grid for grid in all_grids if grid.parent_id == street.id)[: size.committees]
    name = street.name.removesuffix("街道").removesuffix("镇")
    buildings = tuple(_building(street, name, n, committees[n % len(committees)], rng) for n in range(size.buildings))
    branches = tuple(
        _organisation(f"{code}-LW{n:02d}", f"{building.name}楼委会", "building", building)
        for n, building in enumerate(buildings, 1)
    )
    teams = tuple(
        _organisation(f"{code}-QS{n:02d}", f"{name}骑手站{n}队", "courier_station", street)
        for n in range(1, 1 + max(1, size.couriers // 20))
    )
    communities = {
        grid.id: _organisation(f"{grid.code}-ZB", f"{grid.name.removesuffix('居委会')}党支部", "community", grid)
        for grid in committees
    }
    bond = {committee.id: branches[n % len(branches)].id for n, committee in enumerate(committees)}
    return Places(
        street,
        committees,
        buildings,
        (*branches, *teams, *communities.values()),
        teams,
        branches,
        communities,
        bond,
        tuple(_sites(name, size, committees, buildings, branches, rng, code)),
    )


def _building(street: Grid, name: str, number: int, around: Grid, rng: random.Random) -> Grid:
    code = f"{street.code}-B{number + 1:02d}"
    lat, lon = near(rng, around, 0.4)
    return Grid(stable_id("grid", code), code, f"{name}商务楼{number + 1}号", GridKind.BUILDING, street.id, lat, lon)


def _organisation(code: str, name: str, kind: str, grid: Grid) -> Organisation:
    return Organisation(stable_id("organisation", code), code, name, kind, grid.id)


def _sites(
    name: str,
    size: StreetSize,
    committees: tuple[Grid, ...],
    buildings: tuple[Grid, ...],
    branches: tuple[Organisation, ...],
    rng: random.Random,
    code: str,
) -> list[Recipient]:
    def site(kind: RecipientKind, label: str, n: int, grid: Grid, organisation_id: str | None = None) -> Recipient:
        lat, lon = near(rng, grid, 0.2)
        key = f"{kind.value[0].upper()}{code[-3:]}-{n + 1:03d}"
        return Recipient(
            stable_id("recipient", key), key, label, kind, grid.id, lat, lon, organisation_id, address=f"{grid.name}旁"
        )

    stations = [
        site(RecipientKind.STATION, f"{name}党群服务站{n + 1}", n, committees[n * 4 % len(committees)])
        for n in range(size.stations)
    ]
    towers = [
        site(RecipientKind.BUILDING, building.name, n, building, branches[n].id) for n, building in enumerate(buildings)
    ]
    parks = [
        site(RecipientKind.PARK, f"{name}党建公园{n + 1}", n, committees[n * 5 % len(committees)])
        for n in range(size.parks)
    ]
    firms = [
        site(RecipientKind.ENTERPRISE, f"{name}示例企业{n + 1}有限公司", n, buildings[n % len(buildings)])
        for n in range(size.enterprises)
    ]
    return [*stations, *towers, *parks, *firms]
