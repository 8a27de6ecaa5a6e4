"""An auditor takes a night's problem and plan home: no name or place of the town in them, and both commands confirm."""

import gzip
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.access.accounts import create_account
from scheduler.model.accounts import Role
from scheduler.store import audit
from scheduler.store.plans import latest_plan
from tests.outside.street import PASSWORD, Street


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A visit for two people, planned and published; nothing here changes it."""
    street = Street(tmp_path_factory.mktemp("street"))
    street.a_visit("2026-12-03", ("V1", "V2"), 人数="2")
    street.plan()
    yield street
    street.close()


def address(street: Street) -> str:
    return f"/plans/runs/{latest_plan(street.store, 'published').run_id}/proof.zip"


def unpacked(content: bytes, folder: Path) -> Path:
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
    return folder


def yidu(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "web.cli", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_the_files_pass_the_check_and_the_proof_on_a_computer_without_a_database(planned, tmp_path):
    home = unpacked(planned.browser().download(address(planned)), tmp_path / "home")
    for command in ("check", "prove"):
        done = yidu(command, "problem.json.gz", "solution.json", cwd=home)
        assert done.returncode == 0, done.stdout + done.stderr
    assert len(json.loads((home / "solution.json").read_text())["assignments"]) == 2


def test_no_name_no_id_and_no_place_of_the_town_is_in_them(planned, tmp_path):
    home = unpacked(planned.browser().download(address(planned)), tmp_path / "home")
    problem = gzip.decompress((home / "problem.json.gz").read_bytes()).decode()
    said = problem + (home / "solution.json").read_text()
    rows = planned.store.rows("SELECT id, name FROM volunteers UNION SELECT id, name FROM recipients")
    slots = planned.store.rows("SELECT id FROM slots")
    secrets = {row["id"] for row in (*rows, *slots)} | {row["name"] for row in rows}
    assert not [secret for secret in secrets if secret in said]
    places = [slot["location"] for slot in json.loads(problem)["slots"]]
    assert not [place for place in places if abs(place[0] - 31.2) < 0.5 and abs(place[1] - 121.4) < 0.5]


def test_two_downloads_have_different_names_and_places(planned):
    browser, path = planned.browser(), address(planned)
    one, other = (zipfile.ZipFile(io.BytesIO(browser.download(path))) for _ in range(2))
    assert one.read("problem.json.gz") != other.read("problem.json.gz")


def test_auditors_may_staff_may_not_and_each_download_is_logged(planned):
    for role in (Role.AUDITOR, Role.STAFF):
        create_account(planned.store, login=role.value, password=PASSWORD, role=role, by="boss", now=planned.clock())
    before = downloads(planned)
    assert planned.browser("auditor").download(address(planned))
    status, page = planned.browser("staff").get(address(planned))
    assert (status, "PK" in page[:2]) == (403, False)
    assert downloads(planned) == before + 1


def downloads(street: Street) -> int:
    run = latest_plan(street.store, "published").run_id
    return [row.action for row in audit.history(street.store, "run", run)].count("export")


def test_the_plans_page_says_what_the_proof_says_without_a_word_of_mathematics(planned):
    plan = latest_plan(planned.store, "published")
    _, page = planned.browser().get(f"/plans/{plan.id}")
    assert "已证明" in page
    assert re.search(r"人手齐全的服务.*?1 <small>/ 1", page, re.DOTALL)
