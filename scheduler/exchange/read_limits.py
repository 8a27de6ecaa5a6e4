"""How large a file may be that we read, and how it is refused; imports nothing of ours (see read_child.py)."""

ROWS, COLUMNS = 20_000, 60
CELLS = 500_000  # rows × columns of all sheets: empty ones cost as much as full ones
FIELD = 10_000  # characters in one cell


class Refused(Exception):
    """The file is not one that we read; zh and en say why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.said = [zh, en]


def check_size(rows: int, columns: int, sheet: str) -> None:
    if rows > ROWS:
        raise Refused(f"“{sheet}”超过{ROWS}行，请分成几个文件", f"'{sheet}' has more than {ROWS} rows: split the file")
    if columns > COLUMNS:
        raise Refused(f"“{sheet}”超过{COLUMNS}列，请删去多余的列", f"'{sheet}' has more than {COLUMNS} columns")


def check_area(cells: int) -> None:
    if cells > CELLS:
        raise Refused(
            f"各表的行数乘列数合计超过{CELLS}格（空格也算）：请删去远处的空行空列，或分成几个文件",
            f"more than {CELLS} cells in all sheets, empty ones included: delete far-away rows, or split the file",
        )
