"""Pairs of elders and companions, against enumeration on small cases."""

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


def companions(pairing: Pairing) -> dict[tuple[str, int], str]:
    return {(pair.elder, pair.rank): pair.helper for pair in pairing.pairs}


def test_an_elder_gets_two_different_companions():
    found = companions(pair_up([an_elder()], [a_helper("a"), a_helper("b")]))
    assert set(found) == {("e1", 1), ("e1", 2)}
    assert found["e1", 1] != found["e1", 2]


def test_the_nearer_helper_becomes_the_first_companion():
    found = companions(pair_up([an_elder()], [a_helper("far", place=NEXT_STREET), a_helper("near")]))
    assert found == {("e1", 1): "near", ("e1", 2): "far"}


def test_an_earlier_bond_outweighs_a_street():
    elder = an_elder(visits={"far": 6})
    found = companions(pair_up([elder], [a_helper("far", place=NEXT_STREET), a_helper("near")]))
    assert found["e1", 1] == "far"


def test_more_pairs_come_before_better_ones():
    both = [an_elder("e1"), an_elder("e2", place=NEXT_STREET, free=frozenset({28, 29}))]
    only_first = a_helper("a", room=1, free=frozenset(range(28, 34)))
    only_e1 = a_helper("b", room=1, place=NEXT_STREET, free=frozenset(range(30, 34)))
    found = companions(pair_up(both, [only_first, only_e1]))
    assert found == {("e1", 1): "b", ("e2", 1): "a"}


def test_a_helper_takes_no_more_elders_than_there_is_room():
    elders = [an_elder(f"e{n}") for n in range(4)]
    pairing = pair_up(elders, [a_helper("a", room=2)])
    assert len(pairing.pairs) == 2
    assert len(pairing.alone) == 2


def test_the_more_urgent_elder_gets_the_last_companion():
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
def test_who_is_far_busy_unwished_avoided_or_full_is_no_companion(helper):
    elder = an_elder(gender_wish="female", language_wish="沪语", avoided=frozenset({"avoided"}))
    assert pair_up([elder], [helper]) == Pairing((), ("e1",))


def test_who_meets_every_wish_is_a_companion():
    elder = an_elder(gender_wish="female", language_wish="沪语")
    assert pair_up([elder], [a_helper("a", gender="female", languages=frozenset({"沪语"}))]).alone == ()


def test_the_way_limit_itself_is_allowed():
    leg = pair_up([an_elder()], [a_helper("a", place=NEXT_STREET)]).pairs[0].leg_min
    assert pair_up([an_elder()], [a_helper("a", place=NEXT_STREET, max_leg_min=leg)]).pairs
    assert not pair_up([an_elder()], [a_helper("a", place=NEXT_STREET, max_leg_min=leg - 1)]).pairs


def test_the_two_companions_do_not_leave_together():
    helpers = [
        a_helper("a", group="station", restless=True),
        a_helper("b", group="station", restless=True, place=(31.2351, 121.3840)),
        a_helper("c", group="branch", place=(31.2370, 121.3840)),
    ]
    pairing = pair_up([an_elder()], helpers)
    assert companions(pairing) == {("e1", 1): "a", ("e1", 2): "c"}
    alone = pair_up([an_elder()], helpers[:2])
    assert companions(alone) == {("e1", 1): "a", ("e1", 2): "b"}  # of one organisation, where nobody else is there
    assert alone.pairs[1].points == pair_up([an_elder(first="a")], [helpers[1]]).pairs[0].points - (
        SAME_GROUP + BOTH_RESTLESS
    )


def test_a_standing_first_companion_only_gains_a_second():
    found = companions(pair_up([an_elder(first="a")], [a_helper("a"), a_helper("b")]))
    assert found == {("e1", 2): "b"}


def test_an_elder_with_both_companions_needs_nobody():
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
        a_helper(f"h{n}", place=somewhere(), free=cells(), room=draw(st.integers(0, 2)), max_leg_min=15)
        for n in range(draw(st.integers(1, 3)))
    ]
    return elders, helpers


@settings(max_examples=60, deadline=None)
@given(small_worlds())
def test_first_companions_are_as_good_as_enumeration_finds(world):
    elders, helpers = world
    pairing = pair_up(elders, helpers)
    single = {(e.id, h.id): b.pairs for e in elders for h in helpers if (b := pair_up([e], [replace(h, room=1)]))}
    points = {key: pairs[0].points for key, pairs in single.items() if pairs}
    best = (0, 0)
    for choice in product([None, *helpers], repeat=len(elders)):
        chosen = [(e.id, h.id) for e, h in zip(elders, choice, strict=True) if h is not None]
        counts = {h.id: sum(c is h for c in choice) for h in helpers}
        if all(key in points for key in chosen) and all(counts[h.id] <= h.room for h in helpers):
            best = max(best, (len(chosen), sum(points[key] for key in chosen)))
    firsts = [pair for pair in pairing.pairs if pair.rank == 1]
    assert (len(firsts), sum(pair.points for pair in firsts)) == best
    for helper in helpers:
        assert sum(pair.helper == helper.id for pair in pairing.pairs) <= helper.room
