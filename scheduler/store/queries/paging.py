"""What all page lists share: a page of rows, the limit to an area, search for people as far as the reader may look."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Any, Generic, TypeVar

from scheduler.model.phone_numbers import first_number
from scheduler.model.reading_rights import Reader, Search, shows_tail, surname
from scheduler.store import audit
from scheduler.store.database import Store
from scheduler.words import plain, spelling

BY_PHONE = "phone.search"  # the audit log's word for people who were found by their whole phone number
Row = TypeVar("Row")
PAGE = 50

# `:area` is a grid id or NULL for everything; {column} the grid column of the list.
IN_AREA = """(:area IS NULL OR {column} IN (WITH RECURSIVE below(id) AS (SELECT :area UNION ALL
    SELECT g.id FROM grids g JOIN below ON g.parent_id = below.id) SELECT id FROM below))"""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a longer list."""

    rows: list[Row]
    total: int
    offset: int = 0
    size: int = PAGE


def in_area(column: str) -> str:
    """The condition that a grid column lies in the area bound as `:area`."""
    return IN_AREA.format(column=column)


def page_of(
    store: Store,
    select: str,
    params: dict[str, Any],
    make: Callable[[dict[str, Any]], Row],
    *,
    order: str,
    offset: int = 0,
    size: int = PAGE,
    also: str = "",
    joined: str = "",
) -> Page[Row]:
    """One page of a SELECT, with the number of all its rows; `order` names columns of its result with their table.

    `also` names further columns of the rows `p`, and `joined` the joins they need: what only the page's rows ask for.
    """
    total = int(store.value(f"SELECT count(*) FROM ({select})", params) or 0)
    start = max(0, min(offset, max(0, total - 1) // size * size))
    shown = f"{select} ORDER BY {order} LIMIT {int(size)} OFFSET {int(start)}"
    again = re.sub(r"\b\w+\.", "p.", order)
    rows = store.rows(f"SELECT p.*, {also} FROM ({shown}) p {joined} ORDER BY {again}" if also else shown, params)
    return Page([make(row) for row in rows], total, start, size)


OTHER_READINGS = {"黑": "he", "谌": "shen", "贠": "yun", "费": "bi"}  # of surnames, where pypinyin has none
SPELLINGS = 256  # of one name at most
PERSON = 6  # letters up to which a name is read in every way; longer ones are names of places


@lru_cache(maxsize=200_000)
def spelled(name: str) -> str:
    """A name, its pinyin in every reading of its characters, and its initials, in small letters: what is searched."""
    from pypinyin import lazy_pinyin  # half a second: only for who searches

    name = letters(name)
    usual = lazy_pinyin(name)
    readings: list[tuple[str, ...]] = [(part,) for part in usual]
    if len(usual) == len(name) <= PERSON:
        readings = [tuple(dict.fromkeys((part, *_sounds(letter)))) for part, letter in zip(usual, name, strict=True)]
    ways = list(islice(product(*readings), SPELLINGS))
    initials = ("".join(part[0] for part in way if part) for way in ways)
    return "|".join(dict.fromkeys((name, *map("".join, ways), *initials))).lower()


@lru_cache(maxsize=10_000)
def _sounds(letter: str) -> tuple[str, ...]:
    """Every reading of a character; "lü" is typed as lv, lu or lyu."""
    from pypinyin import Style, pinyin

    sounds = [*pinyin(letter, style=Style.NORMAL, heteronym=True)[0]]
    sounds += [OTHER_READINGS[letter]] if letter in OTHER_READINGS else []
    return tuple(sound.replace("v", u) for sound in sounds for u in ("v", "u", "yu")[: 3 if "v" in sound else 1])


def letters(text: str) -> str:
    """The letters and digits of a text, however it is written; only for comparing."""
    return re.sub(r"[\W_]+", "", spelling(text)).replace("ü", "v")


@dataclass(frozen=True, slots=True)
class PeopleSearch:
    """A search among a table's people as far as its reader may look: the condition, its values, how the list is sorted.

    `phone` is the whole number that is looked for, empty if none: who is found by it goes into the log.
    """

    condition: str
    values: dict[str, str]
    order: str
    phone: str = ""


def search_people(store: Store, table: str, alias: str, text: str, reader: Reader) -> PeopleSearch:
    """People whose name, pinyin, initials or code contain a text, or whose phone is meant by it."""
    wanted = reader.wanted(text)
    phone_field = f"{table}.phone"
    opened = lru_cache(maxsize=100_000)(lambda sealed: store.seal.open(sealed, phone_field))
    name, order = f"{alias}.name", f"{alias}.name"
    if table == "recipients" and reader.search("elder_name") is not Search.ANY_PART:
        name, order = f"CASE {alias}.kind WHEN 'elder' THEN surname({name}) ELSE {name} END", f"{alias}.code"
    connection = store.db.conn
    connection.create_function("spelled", 1, spelled, deterministic=True)
    connection.create_function("surname", 1, surname, deterministic=True)
    connection.create_function("shows_tail", 2, lambda sealed, digits: int(shows_tail(opened(sealed), digits)))
    connection.create_function("letters", 1, letters, deterministic=True)
    cleaned = clean(text)
    conditions = (
        [f"instr(spelled({name}), :text) > 0", f"instr(letters({alias}.code), :text) > 0"] if cleaned else ["1"]
    )
    conditions += [f"shows_tail({alias}.phone, :tail)"] if wanted.tail else []
    conditions += [f"{alias}.phone_index = :phone"] if wanted.whole else []
    values = {"text": cleaned, "tail": wanted.tail, "phone": store.seal.blind(wanted.whole)}
    return PeopleSearch(f"({' OR '.join(conditions)})", values, order, wanted.whole)


def record_search(store: Store, search: PeopleSearch, kind: str, ids: list[str], reader: Reader) -> None:
    """Finding people by a whole phone number tells whose it is: one line in the log for each of them."""
    if search.phone and ids and reader.at:
        with store.transaction():
            for object_id in ids:
                audit.record(
                    store, at=reader.at, actor=reader.login, action=BY_PHONE, object_kind=kind, object_id=object_id
                )


def clean(text: str) -> str:
    """A search text as it is looked for: a phone as its digits, else letters and digits only."""
    return (first_number(text)[0] or letters(text) or plain(text))[:40]
