"""The Chinese of every sentence in the code (zh.po); the English sentence is the key, so English needs no catalogue."""

from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("zh.po")


@cache
def chinese() -> dict[str, str]:
    """English sentence → Chinese; read when the first reader of Chinese comes."""
    from babel.messages.pofile import read_po

    with CATALOGUE.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale="zh") if m.id and m.string}
