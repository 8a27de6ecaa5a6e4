"""A new street office: one command, then pages only, until the first need of a town that nobody delivered."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.config import load_config
from scheduler.store import open_store
from scheduler.store.people import grids, organisations, recipients
from scheduler.store.services import needs, service_types
from tests.outside.street import Browser, Clock, Street


class Empty(Street):
    """What `yidu init` leaves: no area, no people, the delivered services and one administrator."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = load_config().model_copy(update={"database": folder / "district.db"})
        self.clock, self.address, self._server = Clock(), "", None
        command = [sys.executable, "-m", "web.cli", "--database", str(self.config.database), "init"]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env={"LANG": "C"})
        self.password = said.stdout.split("password ")[1].strip()
        self.store = open_store(self.config.database)

    def boss(self) -> Browser:
        browser = Browser(self.serve().address)
        browser.get("/login")
        browser.post("/login", {"login": "admin", "password": self.password})
        return browser


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Empty]:
    opened = Empty(tmp_path)
    yield opened
    opened.close()


def entered(staff: Browser, address: str, **fields: object) -> None:
    """Opens a form and sends it; fails where it is shown again."""
    assert staff.get(address)[0] == 200
    status, page = staff.post(address, fields)
    assert status == 200, page


def test_every_list_of_an_empty_system_says_what_to_do(empty):
    staff = empty.boss()
    for address, words in (
        ("/areas", "录入第一个区域"), ("/organisations", "还没有组织"), ("/volunteers", "还没有志愿者"),
        ("/recipients", "还没有服务对象"), ("/needs", "还没有待安排的需求"), ("/pairs", "还没有结对"),
    ):  # fmt: skip
        status, page = staff.get(address)
        assert status == 200
        assert words in page, address


def test_a_town_is_set_up_through_the_pages(empty):
    staff = empty.boss()
    page = staff.get("/today")[1]
    assert "开始使用" in page
    assert "还缺：区域、志愿者、服务对象、已发布的需求、已发布的计划。" in page
    assert not grids.where(empty.store)

    entered(staff, "/areas/new", name="佘山镇", kind="town", lat="31.1002", lon="121.2003")
    town = grids.by(empty.store, name="佘山镇")[0].id
    for name, lat, lon in (("江秋居委会", "31.105", "121.21"), ("佘山居委会", "31.099", "121.195")):
        entered(staff, "/areas/new", name=name, kind="committee", parent_id=town, lat=lat, lon=lon)
    committee = grids.by(empty.store, name="江秋居委会")[0].id
    entered(staff, "/areas/new", name="近铁城市广场", kind="building", parent_id=committee)
    house = grids.by(empty.store, name="近铁城市广场")[0].id
    for name, kind, place in (("近铁楼委会", "building", house), ("佘山骑手站", "courier_station", town),
            ("江秋党支部", "community", committee)):  # fmt: skip
        entered(staff, "/organisations/new", name=name, kind=kind, grid_id=place)
    assert "还缺：志愿者、服务对象" in staff.get("/today")[1]

    entered(staff, "/services/new", name_zh="茶艺小课", name_en="Tea lesson", minutes="60", heads="1", min_heads="1",
        priority="2", continuity="none", place="at_recipient", recipient_kinds=["elder"], needs_insurance="no",
        windows="周一至周日 14:00-16:30", standbys="0", active="yes")  # fmt: skip
    team = organisations.by(empty.store, name="佘山骑手站")[0]
    entered(staff, "/volunteers/new", name="周强", kinds=["courier"], grid_id=committee, organisation_id=team.name,
        active="yes", auto_plan="yes", consented="yes")  # fmt: skip
    assert "志愿者的空闲时间" in staff.get("/today")[1]
    volunteer = empty.volunteer("V00001").id
    entered(staff, f"/volunteers/{volunteer}/free-times", kind="weekly", weekdays="每天", start="14:00", end="17:00",
        from_date="", until_date="")  # fmt: skip
    entered(staff, "/recipients/new", name="沈阿婆", kind="elder", grid_id=committee, active="yes")
    elder = recipients.where(empty.store)[0]
    assert (elder.lat, elder.lon) == (31.105, 121.21)

    tea = service_types.by(empty.store, name_zh="茶艺小课")[0]
    assert "茶艺小课" in staff.get("/needs/new")[1]
    wish = {"service_type": tea.code, "recipient_id": elder.id, "kind": "once", "from_date": "2026-12-03"}
    assert staff.post("/needs", wish)[0] == 200
    (need,) = needs.where(empty.store)
    assert (need.service_type, need.recipient_id) == (tea.code, elder.id)
    assert "还缺：已发布的计划。" in staff.get("/today")[1]
    status, page = staff.get("/board?week=2026-11-30")
    assert status == 200
    assert "江秋居委会" in page or "佘山镇" in page
    assert staff.get("/board/map?week=2026-11-30")[0] == 200


def test_the_delivered_map_comes_when_it_is_asked_for(tmp_path):
    database = tmp_path / "d.db"
    command = [sys.executable, "-m", "web.cli", "--database", str(database), "init"]
    subprocess.run([*command, "--putuo"], check=True, capture_output=True, timeout=60)
    with open_store(database) as store:
        assert len(grids.where(store)) == 296
