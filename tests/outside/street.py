"""A street as its people meet it: workbooks in, pages on loopback, a clock, a phone that keeps what was sent to it.

Nothing is put into the database by hand. What a test needs to be so comes in through a workbook, a page, a command or
the use case behind a button, in the order in which people would do it.
"""

import http.cookiejar
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook
from waitress import create_server, wasyncore

from scheduler.access.accounts import create_account
from scheduler.config import Config, load_config
from scheduler.exchange import importing
from scheduler.model.accounts import Role
from scheduler.model.people import Recipient, Volunteer
from scheduler.model.plan import Assignment, Plan
from scheduler.model.services import Slot
from scheduler.needs.catalogue import load_catalogue
from scheduler.needs.renew import expand_all
from scheduler.operations import delivery
from scheduler.planning import placing
from scheduler.planning.publish import publish
from scheduler.planning.replan import plan_now
from scheduler.promises import replies, swaps
from scheduler.store import open_store
from scheduler.store.people import recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.services import needs, slots
from web.app import create_app
from web.serve import WAITRESS, served

MONDAY = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)  # Monday 30 November 2026, 10:00 in Shanghai
PASSWORD = "four-plain-words-here"
SHANGHAI = timedelta(hours=8)
Row = dict[str, Any]
Sheets = dict[str, list[Row]]

ONE_VISIT: Row = {"服务类型": "E01", "服务对象编号": "E1", "方式": "一次", "最早开始": "14:00", "最晚结束": "15:00"}


def moment(text: str) -> datetime:
    """ "2026-12-01 14:30" on the clock of Shanghai."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC) - SHANGHAI


class Clock:
    """The moment at which everybody believes to be."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def at(self, text: str) -> None:
        self.now = moment(text)


class Phone:
    """A personal channel that keeps what was sent, to whom, and when."""

    name = "phone"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sent: list[tuple[datetime, str, str]] = []

    def address_of(self, addressee: Any) -> str:
        return str(addressee.id)

    def send(self, message: Any) -> str:
        self.sent.append((self.clock(), message.addressee, message.text))
        return ""


class Held(NamedTuple):
    """A live assignment in people's words."""

    who: str
    at: datetime  # on the clock of Shanghai
    state: str
    need: str
    minutes: int

    @property
    def until(self) -> datetime:
        return self.at + timedelta(minutes=self.minutes)


class Street:
    """An empty district with the delivered catalogue and an administrator "boss"."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config: Config = load_config().model_copy(update={"database": folder / "district.db"})
        self.clock = Clock()
        self.phone = Phone(self.clock)
        self.store = open_store(self.config.database)
        load_catalogue(self.store)
        create_account(self.store, login="boss", password=PASSWORD, role=Role.ADMIN, by="test", now=self.clock())
        self.address = ""
        self._server: Any = None

    def close(self) -> None:
        if self._server:
            self._server.task_dispatcher.shutdown()  # an answer that is still being sent would find its pipe closed
            # Sockets may be closed only by the thread that waits on them.
            self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._server._map))
            self._thread.join(10)
        self.store.close()

    # Bringing things in ------------------------------------------------------------------------------------------

    def book(self, sheets: Sheets, name: str = "in.xlsx") -> Path:
        """A workbook with these rows, its columns in the order of their first appearance."""
        book = Workbook()
        del book["Sheet"]
        for title, rows in sheets.items():
            work, head = book.create_sheet(title), list(dict.fromkeys(column for row in rows for column in row))
            work.append(head)
            for row in rows:
                work.append([row.get(column) for column in head])
        book.save(self.folder / name)
        return self.folder / name

    def preview(self, path: Path) -> Any:
        return importing.preview(path, self.store, self.config, now=self.clock(), by="boss")

    def bring(self, sheets: Sheets) -> Any:
        """Imports the rows; fails where the preview finds a mistake."""
        found = self.preview(self.book(sheets))
        assert not found.errors, "\n".join(found.shown_errors("zh"))
        importing.confirm(self.store, found, by="boss", now=self.clock())
        return found

    @staticmethod
    def people(*codes: str, **extra: Any) -> Sheets:
        """Residents of one street who walk, may do everything simple and are free every day from eight to eight."""
        base = {"类别": "居民", "性别": "女", "所在居委或楼宇": "长征镇", "技能": "陪伴聊天", "已签同意书": "是"}
        base |= {"已投保": "是", "出生年月": "1980-05", "出行方式": "步行"}
        rows = [
            {"编号": c, "姓名": f"志愿者{c}", **base, "电话": f"1380000{n:04d}", **extra}
            for n, c in enumerate(codes, 1)
        ]
        free = [{"志愿者编号": c, "类型": "每周空闲", "星期": "每天", "开始": "08:00", "结束": "20:00"} for c in codes]
        return {"志愿者": rows, "空闲时间": free}

    @staticmethod
    def elders(*codes: str, **extra: Any) -> Sheets:
        base = {"类别": "老人", "所在居委或楼宇": "长征镇"}
        return {"服务对象": [{"编号": c, "姓名": f"老人{c}", **base, **extra} for c in codes]}

    def a_visit(self, day: str = "2026-12-03", people: tuple[str, ...] = ("V1",), **need: Any) -> Slot:
        """People, the elders E1 and E2, and one visit to E1 from 14:00 to 15:00; its need is N1."""
        row = {"编号": "N1", **ONE_VISIT, "开始日期": day, **need}
        self.bring({**self.people(*people), **self.elders("E1", "E2"), "需求": [row]})
        self.expand()
        return self.slots("N1")[0]

    def account(self, login: str, code: str) -> None:
        """An account for the volunteer with this code."""
        whose = self.volunteer(code).id
        create_account(
            self.store, login=login, password=PASSWORD, role=Role.VOLUNTEER, volunteer_id=whose, by="test",
            now=self.clock(),
        )  # fmt: skip

    # Looking -----------------------------------------------------------------------------------------------------

    def volunteer(self, code: str) -> Volunteer:
        return volunteers.by(self.store, code=code)[0]

    def recipient(self, code: str) -> Recipient:
        return recipients.by(self.store, code=code)[0]

    def slots(self, need_code: str = "") -> list[Slot]:
        if not need_code:
            return slots.where(self.store, "1 ORDER BY earliest_at, id")
        need = needs.by(self.store, code=need_code)[0]
        return slots.where(self.store, "need_id = :n ORDER BY earliest_at", {"n": need.id})

    def again(self, assignment: Assignment) -> Assignment:
        """The assignment as it is now."""
        return assignments.get(self.store, assignment.id)

    def held(self) -> list[Held]:
        """Everything live, in the order of time."""
        found = self.store.rows(
            """SELECT v.code AS who, a.starts_at AS at, a.state, n.code AS need, s.minutes
               FROM assignments a JOIN volunteers v ON v.id = a.volunteer_id
                    JOIN slots s ON s.id = a.slot_id JOIN needs n ON n.id = s.need_id
               WHERE a.state IN ('proposed', 'accepted', 'checked_in') ORDER BY a.starts_at, a.rowid"""
        )
        return [
            Held(x["who"], datetime.fromisoformat(x["at"]) + SHANGHAI, x["state"], x["need"], x["minutes"])
            for x in found
        ]

    def double_bookings(self) -> list[tuple[Held, Held]]:
        """Pairs of live visits of one person that overlap."""
        held = self.held()
        return [
            (a, b)
            for n, a in enumerate(held)
            for b in held[n + 1 :]
            if a.who == b.who and a.at < b.until and b.at < a.until
        ]

    def told(self, code: str, words: str = "") -> list[tuple[datetime, str]]:
        """What the volunteer's phone has got that holds these words, with the time in Shanghai."""
        me = f"volunteer:{self.volunteer(code).id}"
        return [(at + SHANGHAI, text) for at, to, text in self.phone.sent if to == me and words in text]

    # Doing -------------------------------------------------------------------------------------------------------

    def expand(self) -> Any:
        return expand_all(self.store, self.config, now=self.clock())

    def plan(self, seconds: float = 2) -> Plan:
        """A plan of now, made and published by hand."""
        made = plan_now(self.store, self.config, by="boss", clock=self.clock, seconds=seconds)
        return publish(self.store, self.config, made.id, by="boss", now=self.clock())

    def place(self, slot: Slot, code: str, start: datetime | None = None, *, accept: bool = True) -> Assignment:
        """Staff ask a person for a visit, who says yes at once."""
        made = placing.place(
            self.store, self.config, slot.id, self.volunteer(code).id, start or slot.earliest_at, by="boss",
            now=self.clock(),
        )  # fmt: skip
        return replies.accept(self.store, self.config, made.id, now=self.clock()) if accept else made

    def live(self, until: str, minutes: int = 5) -> None:
        """The scheduler's small jobs until a moment: expired offers and requests, messages."""
        while self.clock() < moment(until):
            replies.expire_offers(self.store, self.config, now=self.clock())
            swaps.expire(self.store, now=self.clock())
            delivery.deliver_all(self.store, self.config, [self.phone], by="test", clock=self.clock)
            self.clock.now += timedelta(minutes=minutes)

    def serve(self) -> "Street":
        """The pages, served on loopback until the street closes."""
        if not self._server:
            app = create_app(self.config, clock=self.clock)
            self._server = create_server(served(app, self.config), host="127.0.0.1", port=0, **WAITRESS)
            self._thread = threading.Thread(target=self._server.run, daemon=True)
            self._thread.start()
            self.address = f"http://127.0.0.1:{self._server.effective_port}"
        return self

    def browser(self, login: str = "boss") -> "Browser":
        """A logged-in browser; the login form is really sent."""
        browser = Browser(self.serve().address)
        browser.get("/login")
        status, _ = browser.post("/login", {"login": login, "password": PASSWORD})
        assert status == 200, status
        assert "/login" not in browser.url, browser.url
        return browser


class Browser:
    """An HTTP session: cookies, redirects, the csrf token of the last page that had one."""

    def __init__(self, address: str) -> None:
        self.address, self.url, self.csrf = address, "", ""
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def send(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            answer = self._opener.open(request, timeout=60)
            status = answer.status
        except urllib.error.HTTPError as error:
            answer, status = error, error.code
        with answer:
            text = answer.read().decode("utf-8", "replace")
        self.url = answer.geturl()
        if found := re.search(r'name="_csrf" value="([^"]+)"', text):
            self.csrf = found[1]
        return status, text

    def download(self, path: str) -> bytes:
        """A file, as it comes."""
        with self._opener.open(self.address + path, timeout=60) as answer:
            return bytes(answer.read())

    def get(self, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> tuple[int, str]:
        said = {"Accept-Language": "zh", **(headers or {})}
        return self.send(urllib.request.Request(self.address + path, method=method, headers=said))

    def post(self, path: str, fields: Row) -> tuple[int, str]:
        """The page that follows the form; the csrf token rides along."""
        data = urllib.parse.urlencode([("_csrf", self.csrf), *fields.items()], doseq=True).encode()
        return self.send(urllib.request.Request(self.address + path, data=data, headers={"Accept-Language": "zh"}))
