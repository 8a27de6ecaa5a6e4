"""Cells that a spreadsheet would run as a formula are made harmless, and read back as they were (CWE-1236)."""

import unicodedata

STARTERS = frozenset("=+-@\t\r\n\0|%")


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet might calculate, also after blanks or quotes.

    A text that begins with such an apostrophe already gets one more, so that reading restores it exactly.
    """
    return f"'{text}" if _is_dangerous(text.removeprefix("'") if text.startswith("'") else text) else text


def unguarded(text: str) -> str:
    """The text as it was before it was guarded."""
    return text[1:] if text.startswith("'") and _is_dangerous(text[1:]) else text


def _is_dangerous(text: str) -> bool:
    bare = text
    while bare and (bare[0] in " '\"\u3000\u00a0\ufeff"):
        bare = bare[1:]
    return bool(bare) and (text[0] in STARTERS or unicodedata.normalize("NFKC", bare[0]) in STARTERS)
