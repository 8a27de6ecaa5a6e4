"""`python -m scheduler.translations` adds new sentences to zh.po, removes those that no code says any more, and prints
what is left to translate."""

from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from scheduler.translations import CATALOGUE

ROOT = CATALOGUE.parents[2]
KEYWORDS = {"LocalizedText": None, "msgid": None, "Refused": None}


def said_in(folder: Path) -> set[str]:
    """Every sentence that the code of a folder says."""
    found = extract_from_dir(folder, [("**.py", "python")], keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _name, _line, message, _comments, _context in found}


def sentences() -> set[str]:
    """Every sentence that the code says in both languages."""
    return said_in(ROOT / "scheduler") | said_in(ROOT / "web")


def update() -> list[str]:
    """Brings the catalogue up to date; returns the sentences without Chinese."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh")
    known, said = {str(message.id) for message in catalogue if message.id}, sentences()
    for sentence in known - said:
        catalogue.delete(sentence)
    for sentence in said - known:
        catalogue.add(sentence)
    write(catalogue)
    return sorted(str(message.id) for message in catalogue if message.id and not message.string)


def write(catalogue: Catalog) -> None:
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=0, sort_output=True, no_location=True, omit_header=True)


if __name__ == "__main__":
    for sentence in update():
        print(sentence)
