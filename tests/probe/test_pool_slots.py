"""How many processes there may be on each device."""

from __future__ import annotations

from netadvise.probe.pool_slots import Device, Slots


def test_none_is_free_where_all_are_there() -> None:
    assert Slots(["cpu"]).free(["cpu"]) == []
    assert Slots(["cpu"]).free(["cpu", "cpu"]) == []


def test_the_device_that_has_least_to_do_comes_first() -> None:
    slots = Slots(["cuda:0", "cuda:1", "cuda:0", "cuda:1"])
    busy: list[Device] = []
    while free := slots.free(busy):
        busy.append(free[0])
    assert busy == ["cuda:0", "cuda:1", "cuda:0", "cuda:1"]
    assert slots.free(["cuda:0", "cuda:0"]) == ["cuda:1", "cuda:1"]


def test_the_last_one_of_all_is_not_dropped() -> None:
    slots = Slots([None, None])
    slots.drop(None)
    slots.drop(None)
    slots.drop("cuda:7")
    assert len(slots) == slots.planned(None) == 1


def test_a_limit_is_for_one_device_and_says_whether_it_changed_anything() -> None:
    slots = Slots(["cuda:0", "cuda:1"] * 4)
    assert slots.limit("cuda:0", 2)
    assert (slots.planned("cuda:0"), slots.planned("cuda:1"), len(slots)) == (2, 4, 6)
    assert not slots.limit("cuda:0", 2)
    assert not slots.limit("cuda:0", 3)
    assert not slots.limit("cuda:9", 1)
