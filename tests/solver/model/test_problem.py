import copy
import gzip

import pytest

from solver.model.problem import ProblemError
from solver.model.problem_json import load_problem, problem_from_json, save_problem
from tests.builders import a_problem, a_problem_json, a_slot, a_volunteer


def refusal(document) -> str:
    with pytest.raises(ProblemError) as caught:
        problem_from_json(document)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def changed(part: str, **fields):
    document = a_problem_json(a_volunteer("ann"), a_slot("tea"))
    (document[part][0] if part in ("volunteers", "slots") else document).update(copy.deepcopy(fields))
    return document


def test_a_problem_written_to_a_file_and_read_again_is_the_same(tmp_path):
    problem = a_problem(
        a_volunteer("ann", [{"start": 0, "end": 90, "from": 1, "to": 2}], tags={"courier"}, max_visits=2, willing=True),
        a_slot("tea", people=2, min_headcount=1, team=[{"tag": "courier", "at_least": 1}], affinity={"ann": 3}),
        a_slot("call", at=None, pinned=[{"volunteer": "ann", "start": 75}]),
    )
    for name in ("week.json", "week.json.gz"):
        save_problem(problem, tmp_path / name)
        assert load_problem(tmp_path / name) == problem


def test_equal_problems_make_equal_zipped_files(tmp_path):
    problem = a_problem(a_volunteer(), a_slot())
    for name in ("one.json.gz", "two.json.gz"):
        save_problem(problem, tmp_path / name)
    assert (tmp_path / "one.json.gz").read_bytes() == (tmp_path / "two.json.gz").read_bytes()


def modes(**fields):
    return {"travel": {"detour": 1, "modes": {"on foot": fields}}}


@pytest.mark.parametrize(
    ("part", "fields", "words"),
    [
        ("slots", {"colour": "red"}, ["slot tea", "colour"]),
        ("slots", {"duration": 0}, ["slot tea", "duration", "0"]),
        ("slots", {"duration": "60"}, ["slot tea", "duration", "'60'", "whole number"]),
        ("slots", {"duration": True}, ["slot tea", "duration", "True"]),
        ("slots", {"earliest": 61}, ["slot tea", "latest", "60", "61"]),
        ("slots", {"min_headcount": 2}, ["slot tea", "min_headcount", "2"]),
        ("slots", {"value": 10**12}, ["slot tea", "value"]),
        ("slots", {"location": 6}, ["slot tea", "location", "6", "row of the matrix"]),
        ("slots", {"location": [31.2, 121.4]}, ["slot tea", "location"]),
        ("slots", {"pinned": [{"volunteer": "bob", "start": 60}]}, ["slot tea", "pinned.volunteer", "'bob'"]),
        ("slots", {"previous": [{"volunteer": "bob", "tax": 1}]}, ["slot tea", "previous.volunteer", "'bob'"]),
        ("volunteers", {"max_visits": -1}, ["volunteer ann", "max_visits", "-1"]),
        ("volunteers", {"windows": [{"start": 9, "end": 3}]}, ["volunteer ann", "windows.end", "3"]),
        ("volunteers", {"windows": [{"start": 0, "end": 9}, {"start": 8, "end": 20}]}, ["volunteer ann", "windows"]),
        ("weights", {"format": "yidu-problem/2"}, ["format", "yidu-problem/2"]),
        ("weights", {"horizon": 10**9}, ["horizon"]),
        ("weights", {"travel": {"matrix": [[0, 1]]}}, ["matrix"]),
        ("weights", {"travel": {"detour": 1, "modes": 5}}, ["travel", "modes", "5", "an object"]),
        ("weights", {"travel": {"detour": 10**400, "modes": {}}}, ["travel", "detour", "a number"]),
        ("weights", modes(metres_per_minute=5e-324, overhead=0), ["metres_per_minute", "5e-324", "at least 1"]),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line_that_names_it(part, fields, words):
    message = refusal(changed(part, **fields))
    assert all(word in message for word in words), message


def test_ids_stand_once():
    assert "'ann'" in refusal(a_problem_json(a_volunteer("ann"), a_volunteer("ann"), a_slot()))
    assert "'tea'" in refusal(a_problem_json(a_volunteer("ann"), a_slot("tea"), a_slot("tea")))


def test_pins_of_one_person_may_touch_but_not_overlap():
    def document(second: int):
        pins = [{"volunteer": "ann", "start": 60}], [{"volunteer": "ann", "start": second}]
        return a_problem_json(a_volunteer("ann"), a_slot("tea", pinned=pins[0]), a_slot("walk", pinned=pins[1]))

    problem_from_json(document(120))
    assert "walk" in refusal(document(119))


def test_unknown_ids_in_affinity_and_exclusions_are_ignored():
    problem = a_problem(a_volunteer("ann"), a_slot("tea", affinity={"gone": 5}, excluded=["gone"]))
    assert problem.slots[0].affinity == {"gone": 5}


def test_a_file_that_is_not_json_is_refused(tmp_path):
    (tmp_path / "cut.json").write_text("{")
    (tmp_path / "digits.json").write_text("9" * 5000)
    (tmp_path / "half-a-character.json").write_text('["\\ud800"]')
    (tmp_path / "damaged.json.gz").write_bytes(gzip.compress(b"{}" * 99)[:12] + bytes(40))
    for name in ("cut.json", "digits.json", "half-a-character.json", "damaged.json.gz"):
        with pytest.raises(ProblemError, match="not a JSON file"):
            load_problem(tmp_path / name)
