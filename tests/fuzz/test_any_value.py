"""Whatever is sent to any field of any page: a page or a refusal that says what is wrong, and nothing half-written."""

import random
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule

from tests.fuzz.pages import ARGUMENT, ROLES, Answer, Pages, open_pages

SECONDS = 10  # of one request, on a machine that is busy with other tests
LONG_TEXT = "长" * 130_000  # 390,000 bytes, below the limit of a form
VALUES: tuple[str | bytes, ...] = (
    "", " ", "0", "1", "-1", "²", "٣", "１２", "00000000000000000001", "99999999999999999999", "NaN", "-Infinity",
    "1e309", "1.5", "true", "null", "[]", "{}", "[" * 5000, "yes", "accept", "decline",
    "20261201", "2026-12-01", "2026-02-30", "0001-01-01", "9999-12-31", "2026-W49-1", "0001-01-01T00:00",
    "9999-12-31T23:59", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-14:00", "2026-12-01T14:03:27.5+08:00",
    "2026-12-01T14:00", "14:05", "１４:０５", "24:00", "25:61", "99999999999:00", "-1:00", ":::::", "::", "1-999",
    "9-0", "3-28", "１-２", "²-²", "\0", "a\0b", "a\nb", "a\r\nSet-Cookie: a=b", b"\xed\xa0\x80", b"\xff\xfe", "\u202e",
    "🜁", "a" * 5000, LONG_TEXT, " " * 100_000, "0" * 5000, "：" * 5000, "https://evil.example/", "//evil.example",
    "/\\evil.example", "/today\n//evil", "%", "%s%n", "{0}", "{{ 7*7 }}", "' OR 1=1 --", "<script>", "../../etc/passwd",
    "__class__", "name", "王建国", "elder", "once", "cadence", "published", "E01", "d", "s1", "xc", "ann",
    "xia", "li", "xan",
)  # fmt: skip
STRANGE_NAMES = ("endpoint", "_method", "_external", "_anchor", "_scheme", "self", "values", "slot_id", "filename")
HEADERS = (
    {"HX-Request": "true"}, {"Accept-Language": "\x7f;;q=²"}, {"Idempotency-Key": "²"},
    {"Idempotency-Key": "k" * 5000}, {"If-None-Match": "²"},
    {"X-CSRF-Token": "²"}, {"Range": "bytes=²-"}, {"X-Forwarded-For": "²"}, {"Authorization": "Bearer ²"},
)  # fmt: skip
NEED: dict[str, Any] = {
    "service_type": "E01", "recipient_code": "li", "kind": "once", "from_date": "2026-12-01", "start": "10:00",
    "end": "11:00",
}  # fmt: skip
JSON_VALUES: tuple[Any, ...] = (
    None, [], {}, "", 0, [[[]]], True, -1, 2**63, 10**400, 1.5, 1e308, "²", "\0", "a\nb", "\ud800", "长" * 5000, [None],
    ["1"], [1, 1, 9], {"a": {"b": []}}, "0001-01-01", "9999-12-31", "2026-12-01T00:00", "24:00", "elder", "xan",
    [0] * 5000,
)  # fmt: skip
NO_JSON = (b"", b"{", b"\xed\xa0\x80", b"[" * 100_000, b'{"a": NaN}', b'{"a": 1, "a": 2}', b"1" * 5000, b"null", b"\0")
THREE_LATIN_WORDS = re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,;:']+){4,}")
REFUSAL = re.compile(r'<h1>(.*?)</main>|class="error"[^>]*>(.*?)<|class="note bad"[^>]*>(.*?)</div>', re.S)
CHINESE_SENTENCE = re.compile(r"[一-鿿][^<>]*[。：；，]")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    yield from open_pages(tmp_path_factory.mktemp("fuzz"))


def wrong_with(answer: Answer, language: str) -> str:
    """What must never be, in a few words; empty if all is well."""
    response = answer.response
    if answer.status >= 500:
        return f"{answer.status}\n{answer.traceback}"
    if answer.seconds > SECONDS:
        return f"took {answer.seconds:.1f} s"
    if answer.status >= 400 and answer.changed:
        return f"{answer.status}, but wrote {answer.changed}"
    where = response.headers.get("Location", "/").removeprefix("http://localhost")
    if not where.startswith("/") or where.startswith(("//", "/\\")):
        return f"sends the reader away to {where}"
    if answer.status >= 400 and not response.mimetype.endswith("calendar"):
        text = response.get_data(as_text=True)
        if "Traceback" in text:
            return "shows a traceback"
        return "" if response.is_json else foreign_words(text, language)  # pydantic speaks English to clients
    return ""


def foreign_words(text: str, language: str) -> str:
    """A sentence of the other language in what a refusal tells its reader; what was typed is shown as it was."""
    only_refuses = 'class="narrow"' in text and "<form" not in text.partition("<main")[2]
    whole = 0 if only_refuses else 1
    told = " ".join(part for found in REFUSAL.findall(text) for part in found[whole:]) if "<html" in text else text
    told = re.sub(r"[“'].*?[”']|<[^>]*>", " ", told, flags=re.S)
    found = (THREE_LATIN_WORDS if language == "zh" else CHINESE_SENTENCE).search(told)
    return f"refuses in the other language: {found[0][:200]}" if found else ""


class Chooser:
    """Requests of every kind, drawn from a seed."""

    def __init__(self, pages: Pages, seed: int) -> None:
        self.pages, self.random = pages, random.Random(seed)
        self.rules = [(rule, method) for rule, method in pages.rules() if not rule.rule.startswith("/api/")]

    def fields_for(self, rule: Rule, name: str, value: Any) -> list[tuple[str, Any]]:
        """One field with the value, the others with what may well be right, sometimes missing or doubled."""
        found = [(name, value)]
        for other in sorted(self.pages.fields[rule.endpoint] - {name}):
            if self.random.random() < 0.7:
                found.append((other, self.random.choice(self.pages.plausible(other))))
        if self.random.random() < 0.1:
            found.append((name, self.random.choice(VALUES)))
        return found

    def one(self) -> tuple[str, str, str, dict[str, Any]]:
        rule, method = self.random.choice(self.rules)
        names = sorted(self.pages.fields[rule.endpoint]) or ["x"]
        name = self.random.choice([*names, *names, *names, self.random.choice(STRANGE_NAMES)])
        return self.about(rule, method, name, self.random.choice(VALUES))

    def about(self, rule: Rule, method: str, name: str, value: Any) -> tuple[str, str, str, dict[str, Any]]:
        fields = self.fields_for(rule, name, value)
        address = self.pages.address_of(rule, self.random.randrange(3))
        if rule.arguments and self.random.random() < 0.1:
            strange = quote(self.random.choice(VALUES)[:300])
            address = ARGUMENT.sub(lambda _found: strange, rule.rule)
        more: dict[str, Any] = {"query" if method == "GET" else "form": fields}
        more["language"] = self.random.choice(["zh", "zh", "en"])
        if self.random.random() < 0.1:
            more["headers"] = dict(self.random.choice(HEADERS))
        login = self.role_for(rule)
        return login, method, address, more

    def role_for(self, rule: Rule) -> str:
        """Mostly somebody who may do it, else anybody."""
        if self.random.random() < 0.7:
            return self.random.choice(["ann", "bob"] if rule.rule.startswith("/my") else ["admin", "admin", "street"])
        return self.random.choice(ROLES)


def complaints(pages: Pages, requests: list[tuple[str, str, str, dict[str, Any]]]) -> list[str]:
    found: dict[str, str] = {}
    for login, method, address, more in requests:
        answer = pages.send(login, method, address, **more)
        wrong = wrong_with(answer, more["language"])
        if wrong:
            found.setdefault(
                wrong[-300:], f"{login or 'anonymous'}: {method} {address} {str(more)[:400]}: {wrong[-900:]}"
            )
    return list(found.values())


class Client(Chooser):
    """Requests to the API: every field that its document names, with values of every JSON kind."""

    def __init__(self, pages: Pages, seed: int) -> None:
        super().__init__(pages, seed)
        self.rules = [(rule, method) for rule, method in pages.rules() if rule.rule.startswith("/api/")]
        schemas = pages.app.api_doc["components"]["schemas"]  # type: ignore[attr-defined]
        self.names = sorted({name for schema in schemas.values() for name in schema.get("properties", {})})

    def one(self) -> tuple[str, str, str, dict[str, Any]]:
        rule, method = self.random.choice(self.rules)
        login, method, address, more = self.about(rule, method, "offset", self.random.choice(VALUES))
        if method == "POST":
            body = dict(NEED)
            for _ in range(self.random.randrange(1, 4)):
                body[self.random.choice([*NEED, *self.names])] = self.random.choice(JSON_VALUES)
            more = {"language": more["language"], "json": self.random.choice([body, body, body, *JSON_VALUES[:6]])}
            if self.random.random() < 0.1:
                more["json"], more["data"] = None, self.random.choice(NO_JSON)
        return login, method, address, more


def requests_of(chooser: Chooser, number: int) -> list[tuple[str, str, str, dict[str, Any]]]:
    return [chooser.one() for _ in range(number)]


def test_the_fields_of_the_pages_are_found_by_themselves(pages: Pages):
    """Else the walks would try nothing: views that read fields are known with them."""
    assert {"start", "volunteer", "old"} <= pages.fields["timeline.move"]
    assert {"service_type", "weekdays", "from_date"} <= pages.fields["needs.publish"]
    assert {"slot", "starts_at", "until"} <= pages.fields["free.take_visit"]
    assert sum(map(len, pages.fields.values())) > 250


def test_a_short_walk_through_every_page(pages: Pages):
    assert not complaints(pages, requests_of(Chooser(pages, seed=1), 1200))


def test_a_short_walk_through_the_api(pages: Pages):
    assert not complaints(pages, requests_of(Client(pages, seed=1), 400))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_a_long_walk(pages: Pages, seed: int):
    assert not complaints(pages, requests_of(Chooser(pages, seed), 5000))
    assert not complaints(pages, requests_of(Client(pages, seed), 1000))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_field_of_every_page_takes_every_value(pages: Pages):
    chooser = Chooser(pages, seed=6)
    tried = [
        chooser.about(rule, method, name, value)
        for rule, method in chooser.rules
        for name in sorted(pages.fields[rule.endpoint])
        for value in VALUES
    ]
    assert len(tried) > 15_000
    assert not complaints(pages, tried)
