"""Expressions: what they compute, and what is refused when they are read. The refusals are in hostile.py."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.check.expr import compile_expression
from netadvise.check.names import Names
from netadvise.check.types import ExprError, Frame, View
from netadvise.facts import Fact, Subject
from netadvise.quantity import Unknown
from netadvise.vocabulary import BLOCK, LAYER

WHY = Unknown("why")
FACTS: dict[str, Fact] = {
    "name": "stem.conv",
    "op": "conv",
    "bias": True,
    "params": 100,
    "macs": WHY,
    "kernel_size": (3, 5),
    "stride": (2, 2),
    "dilation": (1, 1),
    "params_share": 0.25,
    "groups": 4,
}
CONTEXT: dict[str, Fact] = {"task.loss": WHY, "train.pretrained": False}


def value(text: str, **facts: Fact) -> Fact:
    names = Names(LAYER, "layer", {"limit": 10, "kind": "conv"}, {"bn": LAYER}, {"twice": "number"})
    piece = compile_expression(text, names)
    layer = Subject("layer", 0, "stem.conv", None, None, {**FACTS, **facts}, block=0)
    other = Subject("layer", 1, "bn", None, None, {"p": 0.5})
    model = Subject(
        "model", 0, "", None, None, {"params": 400, "stage_widths": (64, 128, 64), "norm_types": ("batch",)}
    )
    block = Subject("block", 0, "layer1", None, None, {"type": "residual"})
    view = View(model, (block,), CONTEXT, {"limit": 10, "kind": "conv"})
    return piece.run(Frame(layer, view, {"bn": other}, {"twice": 200}))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("params > 50", True),
        ("params > opt.limit and bias", True),
        ("10 < params <= 100", True),
        ("10 < params < 100", False),
        ("not bias", False),
        ("op == opt.kind", True),
        ("op in ['conv', 'linear']", True),
        ("op not in ['conv', 'linear']", False),
        ("params in [100, 200]", True),
        ("kernel_size == [3, 5]", True),
        ("kernel_size == 3", False),
        ("stride == 2", True),
        ("kernel_size in [[3, 3], [3, 5]]", True),
        ("kernel_size not in [[3, 3], [3, 5]]", False),
        ("max(kernel_size) == 5 and min(kernel_size) == 3", True),
        ("min(kernel_size % stride) == 1", True),
        ("max(params, 2 * twice)", 400),
        ("params / model.params", 0.25),
        ("7 // 2 + 7 % 2", 4),
        ("-params + 1", -99),
        ("params if bias else 0", 100),
        ("sum(kernel_size) * product(stride) + len(kernel_size)", 34),
        ("abs(-3) + ceil(0.2) + floor(1.8) + round(2.4)", 7),
        ("sqrt(16) + log(1)", 4),
        ("sqrt(-1)", None),
        ("log(0)", None),
        ("gcd(12, 18)", 6),
        ("gcd([2, 4])", 2),
        ("gcd(0.5, 2)", None),
        ("diff(model.stage_widths)", (64, -64)),
        ("ratios(model.stage_widths)", (2, 0.5)),
        ("min(ratios(model.stage_widths)) < 1", True),
        ("'batch' in model.norm_types", True),
        ("glob(name, 'stem.*')", True),
        ("startswith(name, 'stem') and endswith(name, 'conv') and contains(name, '.')", True),
        ("bn.p", 0.5),
        ("block.type == 'residual'", True),
        ("train.pretrained", False),
        ("1e6", 1e6),
        ("[params, 2]", (100, 2)),
    ],
)
def test_value(text: str, wanted: Fact) -> None:
    assert value(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("padding == 1", False),
        ("padding != 1", False),
        ("max(padding) > 1", False),
        ("defined(padding)", False),
        ("defined(kernel_size)", True),
        ("padding + 1", None),
        ("not transposed", True),
        ("transposed", None),
        ("transposed or bias", True),
        ("glob(type, 'Conv*')", False),
        ("type in ['Conv2d']", False),
        ("[p, 2]", None),
    ],
)
def test_what_does_not_apply(text: str, wanted: Fact) -> None:
    assert value(text) is wanted


@pytest.mark.parametrize(
    "text",
    ["macs > 3", "macs + 1", "max(macs, 1)", "bias and macs > 3", "not macs > 3", "defined(macs)", "[macs, 1]"]
    + ["1 if macs > 3 else 2", "task.loss == 'MSELoss'", "abs(macs)", "macs in [1, 2]", "kernel_size * macs"],
)
def test_what_is_unknown(text: str) -> None:
    assert value(text) is WHY


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("macs > 3 and not bias", False), ("not bias and macs > 3", False), ("macs > 3 or bias", True)]
    + [
        ("bias or macs > 3", True),
        ("known(macs)", False),
        ("known(params)", True),
        ("known(macs) and macs > 3", False),
    ],
)
def test_what_is_known_all_the_same(text: str, wanted: Fact) -> None:
    assert value(text) is wanted


def test_a_field_that_does_not_apply_wins_over_an_unknown_one() -> None:
    assert value("padding + macs") is None
    assert value("max(padding) > macs") is False


def test_a_layer_outside_of_every_block() -> None:
    names = Names(LAYER, "layer")
    piece = compile_expression("block.type == 'residual'", names)
    view = View(Subject("model", 0, "", None, None, {}), (), {}, {})
    assert piece.run(Frame(Subject("layer", 0, "a", None, None, {}), view)) is False


def test_a_witness_that_is_not_known() -> None:
    piece = compile_expression("bn.p > 0", Names(LAYER, "layer", witnesses={"bn": LAYER}))
    view = View(Subject("model", 0, "", None, None, {}), (), {}, {})
    found = piece.run(Frame(Subject("layer", 0, "a", None, None, {}), view))
    assert isinstance(found, Unknown)
    assert "'bn'" in found.reason


def test_where_the_facts_come_from_is_kept() -> None:
    names = Names(LAYER, "layer")
    compile_expression("max(receptive_field) > 3 and task.loss == 'x'", names)
    assert names.sources == {"receptive_field", "context"}


def test_the_place_counts_characters_not_bytes() -> None:
    with pytest.raises(ExprError) as raised:
        compile_expression("name == 'caféé' and foo == 1", Names(LAYER, "layer"))
    assert raised.value.offset == 20


def test_block_is_for_layers() -> None:
    with pytest.raises(ExprError, match="exists in rules about layers only"):
        compile_expression("block.type == 'residual'", Names(BLOCK, "block"))


def test_a_type_that_was_not_asked_for() -> None:
    with pytest.raises(ExprError, match="bias is a condition, not a number"):
        compile_expression("bias", Names(LAYER, "layer"), ("number",))


_WORDS = [
    "params",
    "bias",
    "kernel_size",
    "macs",
    "op",
    "'conv'",
    "3",
    "0",
    "1e9",
    "[1, 2]",
    "opt.limit",
    "bn.p",
    "model.params",
]
_WORDS += [
    "max",
    "min",
    "glob",
    "defined",
    "(",
    ")",
    ",",
    "+",
    "-",
    "/",
    "%",
    "//",
    "*",
    "<",
    "==",
    "!=",
    "in",
    "not",
    "and",
]
_WORDS += [
    "or",
    "if",
    "else",
    "padding",
    "True",
    "task.loss",
    "[",
    "]",
    "block.type",
    "stride",
    "is",
    "lambda",
    ":",
    "**",
]


@given(st.lists(st.sampled_from(_WORDS), max_size=14).map(" ".join))
def test_any_row_of_words_is_refused_or_has_a_value(text: str) -> None:
    _refused_or_evaluated(text)


@given(st.text(st.sampled_from(string.printable + "é\u202e\0\ud800"), max_size=60))
def test_any_text_is_refused_or_has_a_value(text: str) -> None:
    _refused_or_evaluated(text)


def _refused_or_evaluated(text: str) -> None:
    try:
        found = value(text)
    except ExprError as error:
        assert error.text
        assert 0 <= error.offset <= len(text)
    else:
        assert found is None or isinstance(found, bool | int | float | str | tuple | Unknown)


_NUMBERS = st.sampled_from(["params", "groups", "macs", "opt.limit", "max(kernel_size)", "max(padding)", "7", "0.5"])
_SUMS = st.recursive(
    _NUMBERS,
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    max_leaves=5,
)
_TESTS = st.tuples(_SUMS, st.sampled_from(["<", "<=", "==", "!=", ">"]), _SUMS).map(" ".join) | st.sampled_from(
    ["bias", "frozen"]
)
_CONDITIONS = st.recursive(
    _TESTS,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        | inner.map(lambda text: f"(not {text})")
    ),
    max_leaves=5,
)


@given(_CONDITIONS, st.integers(0, 10**9))
def test_what_is_said_under_doubt_stays_true_when_the_doubt_is_gone(text: str, macs: int) -> None:
    """An answer given although `macs` is unknown does not depend on it."""
    under_doubt = value(text)
    if not isinstance(under_doubt, Unknown):
        assert bool(value(text, macs=macs)) is bool(under_doubt)
    assert not isinstance(value(text, macs=macs), Unknown)
