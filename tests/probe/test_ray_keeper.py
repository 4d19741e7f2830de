"""The mailbox between tasks and driver."""

from __future__ import annotations

from netadvise.probe.ray_keeper import Keeper, News


def test_nothing_was_said() -> None:
    keeper = Keeper()
    assert keeper.take() == {}


def test_news_are_taken_once_and_by_attempt() -> None:
    keeper = Keeper()
    keeper.begun(1, "node")
    keeper.further(1, 5, 0, [b"a", b"b"], None)
    keeper.further(2, 7, 1, [], b"old")
    keeper.further(1, 6, 0, [b"c"], None)
    keeper.further(2, 9, 1, [b"d"], b"new")
    keeper.silent(2, "hung")
    assert keeper.take() == {
        1: News("node", 6, {0: [b"a", b"b", b"c"]}, {}),
        2: News("", 9, {1: [b"d"]}, {1: b"new"}, "hung"),
    }
    assert keeper.take() == {}


def test_of_many_states_of_a_run_one_is_held() -> None:
    keeper = Keeper()
    for number in range(100):
        keeper.further(1, number, 0, [], bytes([number]) * 1000)
    (news,) = keeper.take().values()
    assert news.states == {0: bytes([99]) * 1000}
