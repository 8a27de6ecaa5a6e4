"""What the pages say, they say in the reader's language; only people's own words and the names of settings stay."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scheduler.pairs import lifecycle
from scheduler.pairs.proposals import why
from solver.pairing import ProposedPair
from tests.journeys.test_every_page import SCOPES, fill, pages_of
from tests.web.site import Site
from tests.world import NOW, add_elder
from web.policy import URL_IDS

NOT_TEXT = re.compile(r"(?s)<script.*?</script>|<!--.*?-->|<code.*?</code>|<[^>]*hreflang.*?</a>")
NAMES_AND_NOTES = ("accounts.name", "grids.name", "volunteers.name", "recipients.name", "organisations.name")
ALLOWED = ("中文", "陈志强 asks", "yidu scheduler", "yidu check", "yidu prove")  # a language, a name, commands
OWN_PAGES = ("/exchange/upload/", "/services/E01/edit")  # show a file's rows as they stand, a name in each language
HAN, LATIN = re.compile(r"[\u4e00-\u9fff]+[^<>\n]*"), re.compile(r"[a-z]{3,} [a-z]{2,}[^<>\n]*")


def addresses(site: Site, folder: Path, login: str) -> list[str]:
    """Every page of a login, with a pair on it that the optimiser suggested and that both sides agreed to."""
    journey: Any = SimpleNamespace(site=site)
    values = fill(journey, folder)
    with site.store() as store:
        add_elder(store, "old", name="吴阿婆")
        reason = why(ProposedPair("old", "ann", rank=1, points=9, leg_min=12, shared_cells=7, visits=4))
        suggested = lifecycle.propose(store, site.config, "old", "ann", rank=1, by="admin", reason=reason, now=NOW)
        for side in ("recipient", "volunteer"):
            lifecycle.answer(store, suggested.id, side=side, yes=True, by="admin", now=NOW)
    values[""] |= {argument: suggested.id for argument, kind in URL_IDS.items() if kind == "pair"}
    return [address for address in pages_of(journey, login, values) if not address.startswith(OWN_PAGES)]


def said(site: Site, folder: Path, login: str, language: str, pattern: re.Pattern[str]) -> list[str]:
    pages, client = addresses(site, folder, login), site.client(login)
    client.set_cookie("lang", language)
    if language == "en":
        with site.store() as store, store.transaction():
            for table, column in (name.split(".") for name in NAMES_AND_NOTES):
                store.execute(f"UPDATE {table} SET {column} = 'Name ' || rowid")
            store.execute("UPDATE recipients SET address = ''")
    answers = {page: client.get(page) for page in pages}
    texts = {page: NOT_TEXT.sub("", answer.text) for page, answer in answers.items() if answer.status_code == 200}
    if pattern is LATIN:  # tags and attributes are English
        texts = {page: re.sub(r"<[^>]*>", "\n", text) for page, text in texts.items()}
    found = [(page, line) for page, text in texts.items() for line in pattern.findall(text)]
    return [f"{page}: {line}" for page, line in found if not any(word in line for word in ALLOWED)]


@pytest.mark.parametrize("login", list(SCOPES))
def test_an_english_page_says_nothing_in_chinese(site: Site, tmp_path: Path, login: str) -> None:
    assert said(site, tmp_path, login, "en", HAN) == []


@pytest.mark.parametrize("login", list(SCOPES))
def test_a_chinese_page_says_nothing_in_english(site: Site, tmp_path: Path, login: str) -> None:
    assert said(site, tmp_path, login, "zh", LATIN) == []
