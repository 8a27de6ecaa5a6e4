"""No cell that a person wrote runs as a formula, and every text comes back as it was."""

import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from scheduler.exchange.guard import guarded, unguarded
from scheduler.exchange.reading import read_sheets
from scheduler.exchange.workbook import write_table

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    '"=1',
    "' =1",
]
XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30).filter(
    lambda text: text == "" or text.strip()
)
HEADS = st.sampled_from(["", "=", "+", "-", "@", "＝", "'", "''", " =", "\u3000+", '"', "'="])


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_would_be_calculated_gets_an_apostrophe(text):
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "王志强", "13800138000", "2026-11-23", "'quoted'", "a=b", "1-2", "'", "''"])
def test_a_harmless_text_stays_as_it_is(text):
    assert guarded(text) == text
    assert unguarded(text) == text


@given(HEADS, st.text(max_size=20))
def test_reading_undoes_writing(head, text):
    assert unguarded(guarded(head + text)) == head + text


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.builds(lambda h, t: h + t, HEADS, XML_TEXT), min_size=3, max_size=3), min_size=1, max_size=8)
)
def test_a_written_table_holds_no_formula_and_comes_back_equal(tmp_path, rows):
    header = ["一", "二", "三"]
    for suffix in (".xlsx", ".csv"):
        path = tmp_path / f"t{suffix}"
        write_table(path, "表", header, rows)
        (sheet,) = read_sheets(path)
        read = [[unguarded(cell) for cell in (*row, *[""] * (3 - len(row)))] for row in sheet.rows]
        while read and not any(read[-1]):
            read.pop()
        wanted = [header, *rows]
        while not any(wanted[-1]):
            wanted = wanted[:-1]
        assert read == wanted
    for row in load_workbook(tmp_path / "t.xlsx")["表"].iter_rows():
        assert all(cell.data_type in ("s", "n") and not (cell.data_type == "n" and cell.value) for cell in row)
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        assert all(
            not cell.lstrip(" '\"\u3000").startswith(("=", "+", "@")) or cell.startswith("'")
            for r in csv.reader(file)
            for cell in r
        )
