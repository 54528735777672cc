"""The order in which documents are taken: nothing lost, long ones neither in the way nor last, a bounded look-ahead."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from bulk.queue import LOOK_AHEAD, Queue

MIB = 1 << 20


def _queue(sizes: list[int]) -> Queue[tuple[int, int]]:
    return Queue(iter(list(enumerate(sizes))), lambda item: item[1])


def _fill(queue: Queue[tuple[int, int]]) -> None:
    for _ in range(50):
        queue.fill()


def test_one_worker_takes_short_ones_and_others_long_ones() -> None:
    queue = _queue([MIB // 2, 40 * MIB, 3 * MIB, 1, 90 * MIB])
    _fill(queue)
    assert queue.take(longest=True) == (4, 90 * MIB)
    assert queue.take(longest=False) == (0, MIB // 2)
    assert queue.take(longest=False) == (3, 1)
    assert queue.take(longest=False) == (2, 3 * MIB)
    assert queue.take(longest=False) == (1, 40 * MIB)
    assert queue.take(longest=False) is None
    assert queue.take(longest=True) is None


def test_documents_of_about_the_same_length_keep_their_order() -> None:
    queue = _queue([900, 5, 700, MIB - 1])
    _fill(queue)
    assert [queue.take(longest=n % 2 == 0) for n in range(4)] == [(0, 900), (1, 5), (2, 700), (3, MIB - 1)]


def test_the_first_is_taken_without_looking_ahead() -> None:
    seen = []

    def items() -> Iterator[int]:
        for n in range(10):
            seen.append(n)
            yield n

    queue = Queue(items(), lambda _: 0)
    assert queue.take(longest=True) == 0
    assert seen == [0]


def test_the_look_ahead_is_bounded() -> None:
    seen = []

    def items() -> Iterator[int]:
        for n in range(10 * LOOK_AHEAD):
            seen.append(n)
            yield n

    queue = Queue(items(), lambda _: 0)
    for _ in range(50):
        queue.fill()
    assert len(seen) == LOOK_AHEAD
    for _ in range(10):
        queue.take(longest=False)
    for _ in range(50):
        queue.fill()
    assert len(seen) == LOOK_AHEAD + 10


@given(st.lists(st.integers(0, 1 << 40)), st.lists(st.sampled_from(["long", "short", "fill"]), max_size=300))
def test_each_document_is_taken_once(sizes: list[int], deeds: list[str]) -> None:
    queue = _queue(sizes)
    taken = []
    for deed in [*deeds, *["short"] * len(sizes)]:
        if deed == "fill":
            queue.fill()
        elif (item := queue.take(longest=deed == "long")) is not None:
            taken.append(item)
    assert sorted(taken) == list(enumerate(sizes))


def test_what_has_yet_to_come_is_waited_for_only_if_nothing_else_is_at_work() -> None:
    ready = [True, True, False]
    queue = Queue(iter(range(9)), lambda _: 0, lambda: ready.pop(0) if ready else False)
    queue.fill()
    assert [queue.take(longest=True, wait=False) for _ in range(3)] == [0, 1, None]
    assert queue.take(longest=True) == 2
