"""Field tests, `not`, `any`, `where` and `count` in patterns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.rulesheet import check, fired, unknown
from tests.check.sketch import draw, with_modules

NET = draw(
    """
    a conv type=Conv2d kernel_size=3x3 groups=1 bias=true params=100 function=conv2d
    b conv type=Conv1d kernel_size=3 groups=2 bias=false params=200
    c conv type=Conv2d kernel_size=1x7 groups=4 params=300
    d linear type=Linear bias=true params=400
    e opaque type=foo params=?no_formula
    """,
    norm_types=("batch", "layer"),
    params=1000,
)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("{op: norm}", []),
        ("{op: conv}", ["a", "b", "c"]),
        ("{op: [conv, linear]}", ["a", "b", "c", "d"]),
        ("{op: 'c*'}", ["a", "b", "c"]),
        ("{type: Conv*}", ["a", "b", "c"]),
        ("{type: [Linear, Conv1d]}", ["b", "d"]),
        ("{type: [Linear, '*1d']}", ["b", "d"]),
        ("{bias: true}", ["a", "d"]),
        ("{bias: false}", ["b"]),
        ("{op: conv, groups: 2}", ["b"]),
        ("{op: conv, groups: [1, 4]}", ["a", "c"]),
        ("{kernel_size: 3}", ["a", "b"]),
        ("{kernel_size: [1, 3]}", ["a", "b"]),
        ("{kernel_size: [[1, 7], [7, 1]]}", ["c"]),
        ("{kernel_size: [[3]]}", []),
        ("{kernel_size: 1}", []),
        ("{function: conv2d}", ["a"]),
        ("{op: conv, not: {groups: 2}}", ["a", "c"]),
        ("{op: conv, not: {groups: 2, type: Conv2d}}", []),
        ("{op: conv, any: [{groups: 2}, {bias: true}]}", ["a", "b"]),
        ("{op: conv, any: [{groups: 2, bias: true}]}", []),
        ("{op: conv, any: [{groups: 2}, {bias: true}], not: {kernel_size: 3, groups: 2}}", []),
        ("{op: conv, where: 'params > 150'}", ["b", "c"]),
        ("{op: conv, any: [{where: 'params > 250'}, {groups: 1}]}", ["a", "c"]),
    ],
)
def test_layers_that_fit(pattern: str, wanted: list[str], tmp_path: Path) -> None:
    assert fired(tmp_path, f"match: {pattern}", NET) == wanted


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("{op: opaque, params: 3}", {"no formula": ("e",)}),
        ("{op: opaque, not: {params: 3}}", {"no formula": ("e",)}),
        ("{op: opaque, any: [{params: 3}, {type: bar}]}", {"no formula": ("e",)}),
        ("{params: 3, type: foo}", {"no formula": ("e",)}),
        ("{params: 3, type: bar}", {}),
        ("{op: opaque, params: 3, any: [{type: bar}]}", {}),
    ],
)
def test_layers_that_might_fit(pattern: str, wanted: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    assert unknown(tmp_path, f"match: {pattern}", NET) == wanted


def test_what_is_true_anyway_fires(tmp_path: Path) -> None:
    assert fired(tmp_path, "match: {op: opaque, any: [{params: 3}, {type: foo}]}", NET) == ["e"]


def test_patterns_of_the_model(tmp_path: Path) -> None:
    assert fired(tmp_path, "scope: model\nmatch: {norm_types: batch}", NET) == [""]
    assert fired(tmp_path, "scope: model\nmatch: {norm_types: [group, 'l*']}", NET) == [""]
    assert fired(tmp_path, "scope: model\nmatch: {norm_types: group}", NET) == []
    assert fired(tmp_path, "scope: model\nwhere: params > 999", NET) == [""]


def test_patterns_of_modules(tmp_path: Path) -> None:
    modules = ({"name": "head", "called": False, "params": 10}, {"name": "body", "called": True})
    facts = with_modules(NET, *modules)
    found = check(tmp_path, "scope: module\nmatch: {called: false}", facts)
    assert [(hit.layer, hit.location.line if hit.location else None) for hit in found.hits] == [("head", 100)]


def test_a_count_over_the_model(tmp_path: Path) -> None:
    rule = "scope: model\ncount: {convs: {op: conv}}\nwhere: convs == 3"
    assert fired(tmp_path, rule, NET) == [""]
    assert fired(tmp_path, rule.replace("3", "2"), NET) == []


def test_a_count_of_what_is_not_known(tmp_path: Path) -> None:
    rule = "scope: model\ncount: {large: {where: 'params > 250'}}\nwhere: large > 1"
    assert unknown(tmp_path, rule, NET) == {"no formula": ()}


def test_findings_at_the_layers_of_a_count(tmp_path: Path) -> None:
    rule = "scope: model\ncount: {small: {op: conv, kernel_size: 3}}\nat: small\nwhere: small >= 2"
    rule += '\nmessage: "{small} of them"'
    found = check(tmp_path, rule + "\neffect: {params: '-1'}", NET)
    assert [(hit.layer, hit.message) for hit in found.hits] == [("a", "2 of them"), ("b", "2 of them")]
    assert [dict(hit.effect) for hit in found.hits] == [{"params": -1}, {}]


def test_a_finding_at_the_layers_of_an_empty_count_is_placed_at_the_model(tmp_path: Path) -> None:
    rule = "scope: model\ncount: {norms: {op: norm}}\nat: norms\nwhere: params > 3"
    assert fired(tmp_path, rule, NET) == [""]


def test_a_count_inside_of_blocks(tmp_path: Path) -> None:
    net = draw("a conv\nb conv\nc conv\n@one plain: a b\n@two plain: c")
    assert fired(
        tmp_path, "scope: block\ncount: {convs: {op: conv}}\nmatch: {type: plain}\nwhere: convs == 2", net
    ) == ["one"]
