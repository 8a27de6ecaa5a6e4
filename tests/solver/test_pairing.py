"""Pairs of elders and familiar faces, against enumeration on small cases."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.pairing import BOTH_RESTLESS, SAME_GROUP, Elder, Helper, Pairing, pair_up

HERE = (31.2350, 121.3840)
NEXT_STREET = (31.2380, 121.3840)
FAR = (31.3350, 121.3840)
MONDAY_AFTERNOON = frozenset(range(28, 34))


def an_elder(id: str = "e1", **changes) -> Elder:
    return replace(Elder(id, HERE, MONDAY_AFTERNOON), **changes)


def a_helper(id: str, **changes) -> Helper:
    return replace(Helper(id, HERE, MONDAY_AFTERNOON, 66.7, 2, 30, 2), **changes)


def faces(pairing: Pairing) -> dict[tuple[str, int], str]:
    return {(bond.elder, bond.rank): bond.helper for bond in pairing.bonds}


def test_an_elder_gets_two_different_faces():
    found = faces(pair_up([an_elder()], [a_helper("a"), a_helper("b")]))
    assert set(found) == {("e1", 1), ("e1", 2)}
    assert found["e1", 1] != found["e1", 2]


def test_the_nearer_helper_becomes_the_first_face():
    found = faces(pair_up([an_elder()], [a_helper("far", place=NEXT_STREET), a_helper("near")]))
    assert found == {("e1", 1): "near", ("e1", 2): "far"}


def test_an_earlier_bond_outweighs_a_street():
    elder = an_elder(visits={"far": 6})
    found = faces(pair_up([elder], [a_helper("far", place=NEXT_STREET), a_helper("near")]))
    assert found["e1", 1] == "far"


def test_more_pairs_come_before_better_ones():
    both = [an_elder("e1"), an_elder("e2", place=NEXT_STREET, free=frozenset({28, 29}))]
    only_first = a_helper("a", room=1, free=frozenset(range(28, 34)))
    only_e1 = a_helper("b", room=1, place=NEXT_STREET, free=frozenset(range(30, 34)))
    found = faces(pair_up(both, [only_first, only_e1]))
    assert found == {("e1", 1): "b", ("e2", 1): "a"}


def test_a_helper_takes_no_more_elders_than_there_is_room():
    elders = [an_elder(f"e{n}") for n in range(4)]
    pairing = pair_up(elders, [a_helper("a", room=2)])
    assert len(pairing.bonds) == 2
    assert len(pairing.alone) == 2


def test_the_more_urgent_elder_gets_the_last_face():
    elders = [an_elder("calm"), an_elder("urgent", urgency=3, place=NEXT_STREET)]
    assert pair_up(elders, [a_helper("a", room=1)]).alone == ("calm",)


@pytest.mark.parametrize(
    "helper",
    [
        a_helper("a", place=FAR),
        a_helper("a", free=frozenset({0, 1, 28})),
        a_helper("a", gender="male"),
        a_helper("a", languages=frozenset({"普通话"}), gender="female"),
        a_helper("avoided", gender="female", languages=frozenset({"沪语"})),
        a_helper("a", room=0, gender="female", languages=frozenset({"沪语"})),
    ],
)
def test_who_is_far_busy_unwished_avoided_or_full_is_no_face(helper):
    elder = an_elder(gender_wish="female", language_wish="沪语", avoided=frozenset({"avoided"}))
    assert pair_up([elder], [helper]) == Pairing((), ("e1",))


def test_who_meets_every_wish_is_a_face():
    elder = an_elder(gender_wish="female", language_wish="沪语")
    assert pair_up([elder], [a_helper("a", gender="female", languages=frozenset({"沪语"}))]).alone == ()


def test_the_way_limit_itself_is_allowed():
    way = pair_up([an_elder()], [a_helper("a", place=NEXT_STREET)]).bonds[0].way_min
    assert pair_up([an_elder()], [a_helper("a", place=NEXT_STREET, longest_way_min=way)]).bonds
    assert not pair_up([an_elder()], [a_helper("a", place=NEXT_STREET, longest_way_min=way - 1)]).bonds


def test_the_two_faces_do_not_leave_together():
    helpers = [
        a_helper("a", group="station", restless=True),
        a_helper("b", group="station", restless=True, place=(31.2351, 121.3840)),
        a_helper("c", group="branch", place=(31.2370, 121.3840)),
    ]
    pairing = pair_up([an_elder()], helpers)
    assert faces(pairing) == {("e1", 1): "a", ("e1", 2): "c"}
    alone = pair_up([an_elder()], helpers[:2])
    assert faces(alone) == {("e1", 1): "a", ("e1", 2): "b"}  # of one organisation, where nobody else is there
    assert alone.bonds[1].points == pair_up([an_elder(first="a")], [helpers[1]]).bonds[0].points - (
        SAME_GROUP + BOTH_RESTLESS
    )


def test_a_standing_first_face_only_gains_a_second():
    found = faces(pair_up([an_elder(first="a")], [a_helper("a"), a_helper("b")]))
    assert found == {("e1", 2): "b"}


def test_an_elder_with_both_faces_needs_nobody():
    pairing = pair_up([an_elder(first="a", second="b")], [a_helper("c")])
    assert pairing == Pairing((), ())


def test_nobody_at_all_leaves_everybody_alone():
    assert pair_up([an_elder()], []) == Pairing((), ("e1",))
    assert pair_up([], [a_helper("a")]) == Pairing((), ())


@st.composite
def small_worlds(draw):
    def somewhere():
        return (31.235 + draw(st.integers(0, 12)) / 1000, 121.384)

    def cells():
        return frozenset(draw(st.sets(st.integers(28, 33), min_size=1)))

    elders = [an_elder(f"e{n}", place=somewhere(), free=cells()) for n in range(draw(st.integers(1, 4)))]
    helpers = [
        a_helper(f"h{n}", place=somewhere(), free=cells(), room=draw(st.integers(0, 2)), longest_way_min=15)
        for n in range(draw(st.integers(1, 3)))
    ]
    return elders, helpers


@settings(max_examples=60, deadline=None)
@given(small_worlds())
def test_first_faces_are_as_good_as_enumeration_finds(world):
    elders, helpers = world
    pairing = pair_up(elders, helpers)
    single = {(e.id, h.id): b.bonds for e in elders for h in helpers if (b := pair_up([e], [replace(h, room=1)]))}
    points = {key: bonds[0].points for key, bonds in single.items() if bonds}
    best = (0, 0)
    for choice in product([None, *helpers], repeat=len(elders)):
        chosen = [(e.id, h.id) for e, h in zip(elders, choice, strict=True) if h is not None]
        counts = {h.id: sum(c is h for c in choice) for h in helpers}
        if all(key in points for key in chosen) and all(counts[h.id] <= h.room for h in helpers):
            best = max(best, (len(chosen), sum(points[key] for key in chosen)))
    firsts = [bond for bond in pairing.bonds if bond.rank == 1]
    assert (len(firsts), sum(bond.points for bond in firsts)) == best
    for helper in helpers:
        assert sum(bond.helper == helper.id for bond in pairing.bonds) <= helper.room
