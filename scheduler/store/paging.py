"""What all page lists share: a page of rows, the limit to an area, search by name, pinyin or the phone's tail."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Any, Generic, TypeVar

from scheduler.fields import Phone
from scheduler.store.database import Store
from scheduler.words import plain, spelling

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


def offer_search(store: Store, sealed_phone: str) -> None:
    """Gives SQL spelled(name), letters(code) and phone_ends(phone, digits) for a table's sealed phone column."""
    opened = lru_cache(maxsize=100_000)(lambda sealed: store.seal.open(sealed, sealed_phone))
    connection = store.db.conn
    connection.create_function("spelled", 1, spelled, deterministic=True)
    connection.create_function("letters", 1, letters, deterministic=True)
    connection.create_function("phone_ends", 2, lambda phone, digits: int(opened(phone).endswith(digits)))


def match(alias: str, text: str) -> str:
    """The condition that a person's name, pinyin, initials, code or last phone digits contain `:text`."""
    if not text:
        return "1"
    if text.isdigit() and len(text) >= 3:
        return f"(phone_ends({alias}.phone, :text) OR instr(letters({alias}.code), :text) > 0)"
    return f"(instr(spelled({alias}.name), :text) > 0 OR instr(letters({alias}.code), :text) > 0)"


def clean(text: str) -> str:
    """A search text as `match` expects it: a phone as its digits, else letters and digits only."""
    return (Phone.parted(text)[0] or letters(text) or plain(text))[:40]
