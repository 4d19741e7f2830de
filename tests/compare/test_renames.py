"""Names that changed, folded, and the names of OLD in NEW."""

from __future__ import annotations

from netadvise.compare.renames import beginnings, renames, translated
from netadvise.comparison import Deltas, LayerChange, Rename
from tests.compare.made import relu


def moved(*pairs: tuple[str, str]) -> list[LayerChange]:
    return [LayerChange("same", relu(old), relu(new), Deltas()) for old, new in pairs]


def test_names_that_stayed_are_no_rename() -> None:
    assert renames(moved(("a", "a"), ("b.c", "b.c"))) == ()


def test_what_came_or_went_is_no_rename() -> None:
    assert renames([LayerChange("added", None, relu("a"), Deltas())]) == ()


def test_a_block_is_one_rename() -> None:
    found = renames(moved(("layer1.0.conv", "stage1.0.conv"), ("layer1/add", "stage1/add"), ("a.x", "a.y")))
    assert found == (Rename("layer1", "stage1", 2), Rename("a.x", "a.y", 1))


def test_numbers_that_moved_on_are_one_rename() -> None:
    found = renames(moved(("s.1.a", "s.2.a"), ("s.1.b", "s.2.b"), ("s.2.a", "s.3.a"), ("s.5.a", "s.9.a")))
    assert found == (Rename("s.1-2", "s.2-3", 3), Rename("s.5", "s.9", 1))


def test_a_wrapper_is_one_rename() -> None:
    found = renames(moved(("stem.0", "net.stem.0"), ("head", "net.head"), ("add", "net/add")))
    assert Rename("", "net", 2) in found


def test_a_layer_goes_by_the_name_of_its_partner() -> None:
    assert translated("a", {"a": "b"}, ()) == "b"


def test_a_module_goes_by_the_longest_beginning() -> None:
    changes = moved(("a.x.conv", "b.x.conv"), ("a.y.conv", "b.z.conv"))
    found = beginnings(changes)
    assert translated("a.x", {}, found) == "b.x"
    assert translated("a.y", {}, found) == "b.z"
    assert translated("a.y/add", {}, found) == "b.z/add"
    assert translated("ab", {}, found) == "ab"
    assert translated("", {}, found) == ""
