"""How templates are written: addresses from routes, forms and fields from the macros of parts.html, short lines."""

import ast
import re
from pathlib import Path

import pytest

from tests.web.site import Site

WEB = Path(__file__).parents[2] / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
SCRIPTS = sorted((WEB / "static").glob("*.js"))
WIDTH = 120
MODULES = sorted(WEB.rglob("*.py"))
PARTS = WEB / "templates" / "parts.html"
FORM_THAT_CHANGES = re.compile(r'<form\b[^>]*method="post"', re.I)
IMPORTED = re.compile(r'\{% from "parts.html" import ([^%]*?) %\}')
LABELLED_INPUT = re.compile(r"<label\b[^>]*\bfor=")
WRITTEN_ADDRESS = re.compile(r"""["'`]/[\w{"'`?#]""")


def name_of(path: Path) -> str:
    return str(path.relative_to(WEB))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_is_at_most_120_columns_wide(path: Path):
    assert [line for line in path.read_text("utf-8").splitlines() if len(line) > WIDTH] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_the_label_of_a_cell_is_followed_by_no_space(path: Path):
    """On a phone the label of a cell is put before its text, and a line's end there would be a space."""
    spaced = re.compile(r"<td\b[^<>\n]*\bdata-label=[^<>\n]*>\n[ \t]*(?![ \t]|\{[{%]-)")
    assert spaced.findall(path.read_text("utf-8")) == []


def test_what_indents_a_template_is_not_sent(tmp_path: Path):
    page = Site(tmp_path).get("ann", "/my/data").text
    assert re.findall(r"(?m)^[ \t]+", page) == []


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS], ids=name_of)
def test_a_template_asks_url_for_its_addresses(path: Path):
    assert [line for line in path.read_text("utf-8").splitlines() if WRITTEN_ADDRESS.search(line)] == []


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path != PARTS], ids=name_of)
def test_a_form_and_its_labelled_fields_come_from_the_macros(path: Path):
    text = path.read_text("utf-8")
    assert [found for part in (FORM_THAT_CHANGES, LABELLED_INPUT) for found in part.findall(text)] == []


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path != PARTS], ids=name_of)
def test_a_template_imports_the_macros_that_it_uses_and_no_others(path: Path):
    text = path.read_text("utf-8")
    macros = set(re.findall(r"\{% macro (\w+)\(", PARTS.read_text("utf-8")))
    imported = {name for names in IMPORTED.findall(text) for name in names.split(", ")}
    called = {name for name in macros if re.search(rf"(?<![\w.|]){name}\(", text)}
    assert imported == called


def declares_or_tests_a_path(node: ast.AST) -> bool:
    """A route's own path, the prefix of a blueprint, a cookie's path, or a question about a path."""
    if isinstance(node, ast.keyword):
        return node.arg in ("path", "url_prefix")
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("get", "post", "startswith", "rstrip")


def written_addresses(node: ast.AST) -> list[str]:
    if declares_or_tests_a_path(node):
        return []
    if isinstance(node, ast.Constant):
        is_address = isinstance(node.value, str) and re.match(r"/(\w|$)", node.value)
        return [f"line {node.lineno}: {node.value}"] if is_address else []
    if isinstance(node, ast.JoinedStr):  # only the beginning of a text makes it an address
        return written_addresses(node.values[0]) if node.values else []
    return [found for child in ast.iter_child_nodes(node) for found in written_addresses(child)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_view_asks_url_for_its_addresses(path: Path):
    assert written_addresses(ast.parse(path.read_text("utf-8"))) == []


def test_a_written_address_would_be_found():
    assert written_addresses(ast.parse('redirect("/today")')) != []
    assert written_addresses(ast.parse('redirect(f"/{kind}s/{id}")')) != []
    assert WRITTEN_ADDRESS.search('<a href="/today">')
    assert WRITTEN_ADDRESS.search("{{ known or '/' }}")
