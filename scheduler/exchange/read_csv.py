"""A CSV as rows of texts, whatever its encoding and whatever divides its columns; runs in the child (read_child.py)."""

import csv
import io
import re
import unicodedata

from scheduler.exchange.read_limits import FIELD, Refused, check_area, check_size

DELIMITERS, COMMON = ",;\t，；、|", ",;\t，"  # COMMON: those that a file may use whose headers are not known
HEADER_WITHIN = 10  # lines in which the header is looked for


def read_csv(data: bytes, headers: frozenset[str] = frozenset()) -> list[list[str]]:
    """Rows of a CSV in UTF-8 (with or without BOM), UTF-16 with BOM or GB18030, divided as its header line is."""
    text = _decoded(data)
    if "\0" in text:
        raise Refused("the file holds NUL characters: neither CSV nor .xlsx")
    csv.field_size_limit(FIELD)
    delimiter = _delimiter(text, headers)
    rows: list[list[str]] = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            cells += len(row)
            check_size(len(rows) + 1, len(row), "CSV")
            check_area(cells)
            rows.append(row)
    except csv.Error as error:
        raise Refused(
            "CSV near row %(row)s cannot be read: quotes without their pair, or a cell of more than "
            "%(field)s characters",
            row=len(rows) + 1,
            field=FIELD,
        ) from error
    return rows


def _delimiter(text: str, headers: frozenset[str]) -> str:
    """What divides the line that holds most known headers; without any what divides the first line most often."""
    lines = text[: HEADER_WITHIN * FIELD].splitlines()[:HEADER_WITHIN] or [""]

    def known(delimiter: str) -> int:
        return max(sum(_header(cell) in headers for cell in line.split(delimiter)) for line in lines)

    best = max(DELIMITERS, key=known)
    return best if known(best) > 1 else max(COMMON, key=lines[0].count)


def _header(cell: str) -> str:
    """A cell without stars, blanks, quotes and bracketed remarks, in lower case."""
    bare = "".join(unicodedata.normalize("NFKC", cell).split()).casefold()
    return re.split(r"[(【\[]", re.sub(r"[*\"\u200b-\u200f\ufeff]", "", bare))[0].rstrip(":")


def _decoded(data: bytes) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("unknown text encoding: save as CSV UTF-8 or .xlsx")
