"""Doubtful numbers read in the one way in which their identities hold; two ways change nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from hypothesis import given
from hypothesis import strategies as st
from recognised import reading

from normalize.reading_solver import MOST_TAKEN, Answer, Doubt, Identity, Key, Texts, solve
from normalize.readings import Alternative, Edit


def key(name: str) -> Key:
    return "funds", 1, name


def number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def total(printed: Mapping[str, str], parts: Sequence[str], whole: str, *, exact: bool = True) -> Identity:
    """The parts add up to the whole, or are no more than it."""

    def holds(texts: Texts) -> bool:
        values = {name: number(texts.get(key(name), printed[name])) for name in (*parts, whole)}
        if any(value is None for value in values.values()):
            return False
        added = sum((values[name] or Decimal(0) for name in parts), Decimal(0))
        return added == values[whole] if exact else added <= (values[whole] or Decimal(0))

    return Identity("the parts add up", frozenset(map(key, (*parts, whole))), holds, exact)


def doubt(text: str, place: int, *others: str) -> Doubt:
    """A text with one doubtful character and what it may be instead."""
    found = tuple(
        Alternative(text[:place] + other + text[place + 1 :], (Edit(place, place + 1, other, 0.2),), 0.4, 1, False)
        for other in others
    )
    return Doubt(text, reading(text, {place: (0.5, [(other, 0.2) for other in others])}), found)


def taken(answer: Answer) -> dict[str, str]:
    return {name[2]: one.text for name, (one, _) in answer.taken.items()}


def backed(answer: Answer) -> set[str]:
    return {name[2] for name in answer.backed}


def test_the_one_way_is_taken() -> None:
    printed = {"a": "13", "b": "20", "sum": "38"}
    answer = solve([total(printed, "ab", "sum")], {key("a"): doubt("13", 1, "8", "5")})
    assert (taken(answer), backed(answer)) == ({"a": "18"}, {"a"})
    assert answer.taken[key("a")][1] == "the parts add up"


def test_what_holds_as_read_is_backed() -> None:
    printed = {"a": "18", "b": "20", "sum": "38"}
    answer = solve([total(printed, "ab", "sum")], {key("a"): doubt("18", 1, "3")})
    assert (taken(answer), backed(answer)) == ({}, {"a"})


def test_two_ways_change_nothing_and_back_nothing() -> None:
    printed = {"a": "13", "b": "13", "sum": "31"}
    doubts = {key("a"): doubt("13", 1, "8"), key("b"): doubt("13", 1, "8")}
    answer = solve([total(printed, "ab", "sum")], doubts)
    assert (taken(answer), backed(answer)) == ({}, set())


def test_two_ways_of_what_holds_as_read_back_nothing() -> None:
    printed = {"a": "18", "b": "13", "sum": "31"}
    doubts = {key("a"): doubt("18", 1, "3"), key("b"): doubt("13", 1, "8")}
    answer = solve([total(printed, "ab", "sum")], doubts)
    assert (taken(answer), backed(answer)) == ({}, set())


def test_no_way_changes_nothing() -> None:
    printed = {"a": "13", "b": "20", "sum": "99"}
    answer = solve([total(printed, "ab", "sum")], {key("a"): doubt("13", 1, "8")})
    assert (taken(answer), backed(answer)) == ({}, set())


def test_a_second_identity_tells_two_ways_apart() -> None:
    printed = {"a": "13", "b": "13", "sum": "31", "c": "1", "more": "14"}
    doubts = {key("a"): doubt("13", 1, "8"), key("b"): doubt("13", 1, "8")}
    answer = solve([total(printed, "ab", "sum"), total(printed, "bc", "more")], doubts)
    assert (taken(answer), backed(answer)) == ({"a": "18"}, {"a", "b"})


def test_identities_that_contradict_each_other_change_nothing() -> None:
    printed = {"a": "13", "b": "20", "sum": "38", "c": "1", "more": "16"}
    answer = solve([total(printed, "ab", "sum"), total(printed, "ac", "more")], {key("a"): doubt("13", 1, "8", "5")})
    assert (taken(answer), backed(answer)) == ({}, set())


def test_a_bound_rules_out_but_backs_nothing() -> None:
    printed = {"score": "70", "weight": "10"}
    answer = solve([total(printed, ["score"], "weight", exact=False)], {key("score"): doubt("70", 0, "1")})
    assert (taken(answer), backed(answer)) == ({"score": "10"}, set())
    printed = {"score": "7", "weight": "10"}
    answer = solve([total(printed, ["score"], "weight", exact=False)], {key("score"): doubt("7", 0, "1")})
    assert (taken(answer), backed(answer)) == ({}, set())


def test_what_an_identity_hardly_depends_on_is_not_backed() -> None:
    def rounded(texts: Texts) -> bool:
        value = number(texts.get(key("a"), "1234.56"))
        return value is not None and round(value, -2) == 1200

    identity = Identity("rounded", frozenset({key("a")}), rounded)
    assert backed(solve([identity], {key("a"): doubt("1234.56", 6, "8")})) == set()
    assert backed(solve([identity], {key("a"): doubt("1234.56", 0)})) == {"a"}


def test_a_text_that_is_no_number_is_read_by_its_sum() -> None:
    printed = {"a": "S0", "b": "20", "sum": "70"}
    answer = solve([total(printed, "ab", "sum")], {key("a"): doubt("S0", 0, "5", "8")})
    assert taken(answer) == {"a": "50"}


def test_numbers_that_nothing_binds_are_left_alone() -> None:
    printed = {"a": "13", "b": "20", "sum": "33"}
    assert solve([total(printed, "ab", "sum")], {key("z"): doubt("13", 1, "8")}) == Answer({}, frozenset())


def test_many_doubts_are_tried_a_few_at_a_time() -> None:
    names = [f"n{n}" for n in range(40)]
    printed = dict.fromkeys(names, "13") | {"sum": str(13 * 40)}
    doubts = {key(name): doubt("13", 1, "8", "5", "6", "9") for name in names}
    answer = solve([total(printed, names, "sum")], doubts)
    assert (taken(answer), backed(answer)) == ({}, set(map(str, names)))


@given(
    values=st.lists(st.integers(10, 99), min_size=2, max_size=4),
    wrong=st.data(),
    added=st.sampled_from([0, 0, 0, 5]),
)
def test_a_number_changes_only_where_all_other_ways_fail(values: list[int], wrong: st.DataObject, added: int) -> None:
    names = "abcd"[: len(values)]
    printed = {name: str(value) for name, value in zip(names, values, strict=True)} | {"sum": str(sum(values) + added)}
    doubts = {}
    for name in names:
        if wrong.draw(st.booleans()):
            text = printed[name]
            other = wrong.draw(st.sampled_from([digit for digit in "123456789" if digit != text[1]]))
            if wrong.draw(st.booleans()):
                text, other = text[0] + other, text[1]
            printed[name] = text
            doubts[key(name)] = doubt(text, 1, other)
    identity = total(printed, names, "sum")
    answer = solve([identity], doubts)
    ways = []
    for choice in range(2 ** len(doubts)):
        picked = [name for n, name in enumerate(doubts) if choice >> n & 1]
        texts = {name: doubts[name].others[0].text for name in picked}
        if identity.holds(texts):
            ways.append(texts)
    if answer.taken:
        assert not identity.holds({})
        assert ways == [{name: one.text for name, (one, _) in answer.taken.items()}]
    elif not identity.holds({}):
        assert len(ways) != 1 or len(ways[0]) > MOST_TAKEN
    if answer.backed:
        assert all(way.get(one) == ways[0].get(one) for way in ways for one in answer.backed)
