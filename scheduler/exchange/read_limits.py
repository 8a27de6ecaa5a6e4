"""How large a file may be that we read, and how it is refused; imports nothing of ours (see read_child.py)."""

ROWS, COLUMNS = 20_000, 60
CELLS = 500_000  # rows × columns of all sheets: empty ones cost as much as full ones
FIELD = 10_000  # characters in one cell


class Refused(Exception):
    """The file is not one that we read; a sentence for LocalizedText says why and what to do."""

    def __init__(self, msgid: str, /, **params: object) -> None:
        super().__init__(msgid)
        self.said = [msgid, params]


def check_size(rows: int, columns: int, sheet: str) -> None:
    if rows > ROWS:
        raise Refused("'%(sheet)s' has more than %(rows)s rows: split the file", sheet=sheet, rows=ROWS)
    if columns > COLUMNS:
        raise Refused("'%(sheet)s' has more than %(columns)s columns", sheet=sheet, columns=COLUMNS)


def check_area(cells: int) -> None:
    if cells > CELLS:
        raise Refused(
            "more than %(cells)s cells in all sheets, empty ones included: delete far-away rows, or split the file",
            cells=CELLS,
        )
