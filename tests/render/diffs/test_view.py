"""Which layers a reader sees as one line: none, what was built by one line, and whole modules."""

from __future__ import annotations

from dataclasses import replace

from netadvise.profiles import Profile
from netadvise.quantity import Unknown
from netadvise.render.diffs.view import DiffView, counted_by, groups
from tests.compare.made import compare, conv, layer, net, norm, relu, seen


def lines(old: Profile, new: Profile, *, verbose: bool = False) -> list[tuple[str, str, int]]:
    found = groups(compare(old, new), DiffView(verbose=verbose))
    return [(group.status, group.name, len(group.layers)) for group in found]


def test_what_did_not_change_is_no_line() -> None:
    assert lines(net(conv("a")), net(conv("a"))) == []


def test_layers_of_one_line_of_source_changed_alike_are_one_line() -> None:
    old = net(conv("a"), conv("b"), conv("c"))
    assert lines(old, net(conv("a", 5), conv("b", 5), conv("c", 7))) == [("edited", "a", 2), ("edited", "c", 1)]


def test_layers_of_unknown_places_have_a_line_each() -> None:
    new = net(conv("a", 5, location=None), conv("b", 5, location=None))
    assert len(lines(net(conv("a"), conv("b")), new)) == 2


def test_a_module_that_came_is_one_line() -> None:
    old = net(conv("a.x"))
    new = net(conv("a.x"), norm("a.y"), conv("b.0.conv"), relu("b.0.act"), relu("b.1/relu"))
    assert lines(old, new) == [("added", "a.y", 1), ("added", "b", 3)]


def test_a_module_of_one_layer_goes_by_the_name_of_the_module() -> None:
    (group,) = groups(compare(net(conv("a"), norm("b.norm")), net(conv("a"))), DiffView())
    assert (group.status, group.name, group.whole) == ("removed", "b", True)


def test_verbose_is_a_line_for_each_layer_and_those_that_follow() -> None:
    old = net(conv("a"), conv("b"), relu("c"))
    new = net(conv("a", 5), conv("b", 5), relu("c", receptive_field=seen(9)))
    assert lines(old, new, verbose=True) == [("edited", "a", 1), ("edited", "b", 1), ("follows", "c", 1)]


def test_a_line_adds_up_and_unknown_stays_unknown() -> None:
    unknown = layer("b.odd", "Odd", macs=Unknown("no formula"))
    (group,) = groups(compare(net(conv("a")), net(conv("a"), conv("b.x"), unknown)), DiffView())
    assert group.params == 576
    assert isinstance(group.macs, Unknown)


def test_every_status_is_counted() -> None:
    found = compare(net(conv("a"), relu("b")), net(conv("a", 5)))
    assert counted_by(found.layers) == {"edited": 1, "added": 0, "removed": 1, "follows": 0, "same": 0}


def test_a_second_call_is_told_apart() -> None:
    old = net(relu("a"), replace(relu("a"), call=1))
    (group,) = groups(compare(old, net(relu("a"))), DiffView())
    assert group.name == "a (call 1)"
