from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netadvise.errors import UsageError
from netadvise.target import DTYPES, InputSpec, Target, make_target, parse_argument, parse_input, parse_target

REJECTED_TARGETS = [
    ("", "empty", "nothing"),
    ("   ", "empty", "blanks"),
    (":Net", "no file or module", "no source"),
    ("m.py:", "no name after the colon", "a colon alone"),
    ("m.py:Net(", "never closed", "unclosed"),
    ("m.py:Net(x+1)", "character 10", "an expression: the position of the argument"),
    ("m.py:Net(é='ä', y=z)", "character 19", "columns count characters, not UTF-8 bytes"),
    ("m.py:Net(**k)", "'**' is not allowed", "double star"),
    ("m.py:Net(*k)", "not a literal", "star"),
    ("m.py:Net()()", "is not a name", "a call of a call"),
    ("m.py:Net[0]", "is not a name", "a subscript"),
    ("m.py:3", "is not a name", "a number"),
    ("m.py:lambda: 3", "is not a name", "a lambda"),
    ("m.py:Net({1: 2})", "not a literal", "keys of dicts are text"),
    ("m.py:Net(b'x')", "not a literal", "bytes"),
    ("m.py:Net(1j)", "not a literal", "a complex number"),
    ("m.py:Net(open('x'))", "not a literal", "a call is never run"),
]


@pytest.mark.parametrize(("text", "fragment", "reason"), REJECTED_TARGETS)
def test_a_target_is_rejected_with_its_place(text: str, fragment: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_target(text)
    assert fragment in caught.value.message, reason


def test_a_bare_name_as_argument_is_suggested_in_quotes() -> None:
    with pytest.raises(UsageError) as caught:
        parse_target("m.py:Net(act=relu)")
    assert "'relu' in quotes" in caught.value.hint


ACCEPTED_TARGETS = [
    ("m.py", Target("m.py")),
    ("m.py:Net", Target("m.py", name="Net")),
    ("m.py:Outer.Inner", Target("m.py", name="Outer.Inner")),
    ("m.py:Net()", Target("m.py", name="Net", called=True)),
    (
        "m.py:Net(18, num_classes=10)",
        Target("m.py", name="Net", args=(18,), kwargs=(("num_classes", 10),), called=True),
    ),
    ("m.py:Net([1, (2, -3.5)], d={'k': None})",
     Target("m.py", name="Net", args=([1, (2, -3.5)],), kwargs=(("d", {"k": None}),), called=True)),
    ("package.module:Name", Target("package.module", name="Name")),
    ("C:\\models\\net.py:Net", Target("C:\\models\\net.py", name="Net")),
    ("C:/models/net.py", Target("C:/models/net.py")),
    ("a copy (2).py:Net", Target("a copy (2).py", name="Net")),
    ("größe.py:Größe", Target("größe.py", name="Größe")),
    ("folder.py/net.py:Net", Target("folder.py/net.py", name="Net")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "target"), ACCEPTED_TARGETS)
def test_a_target_is_parsed(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize("text", ["m.py:Net(18, width='a b')", "m.py", "a.b:C()", "m.py:N(x=[1, (2,)])"])
def test_a_parsed_target_prints_as_it_was_written(text: str) -> None:
    assert str(parse_target(text)) == text


REJECTED_INPUTS = [
    ("", "a size is missing", 1),
    ("x=", "a size is missing", 3),
    ("1,,3", "a size is missing", 3),
    ("1,a,3", "'a' is not a size", 3),
    ("-1,3", "'-1' is not a size", 1),
    ("1,0", "'0' is not a size", 3),
    ("1e3", "'1e3' is not a size", 1),
    ("1.5", "'1.5' is not a size", 1),
    ("a b=1", "not the name of an input", 1),
    ("=1,3", "not the name of an input", 1),
    ("1,3:", "is not a dtype", 5),
    ("m=1,3:flaot", "'flaot' is not a dtype", 7),
    ("9999999999,9999999999", "larger than torch can describe", 1),
]


@pytest.mark.parametrize(("text", "fragment", "position"), REJECTED_INPUTS)
def test_an_input_is_rejected_with_its_place(text: str, fragment: str, position: int) -> None:
    with pytest.raises(UsageError) as caught:
        parse_input(text)
    assert fragment in caught.value.message
    assert f"character {position}:" in caught.value.message


def test_a_misspelt_dtype_is_corrected() -> None:
    with pytest.raises(UsageError) as caught:
        parse_input("1,3:flaot32")
    assert "Did you mean float32?" in caught.value.hint


ACCEPTED_INPUTS = [
    ("1,3,224,224", InputSpec((1, 3, 224, 224))),
    ("1x3x224x224", InputSpec((1, 3, 224, 224))),
    ("(1, 3, 8)", InputSpec((1, 3, 8))),
    ("[1,3]", InputSpec((1, 3))),
    ("7", InputSpec((7,))),
    ("7,", InputSpec((7,))),
    ("scalar", InputSpec(())),
    ("t=scalar:int64", InputSpec((), "int64", "t")),
    ("mask=1,20:bool", InputSpec((1, 20), "bool", "mask")),
    ("ids=1,128:long", InputSpec((1, 128), "int64", "ids")),
    ("x=1,2:torch.float16", InputSpec((1, 2), "float16", "x")),
    ("batch.image=1,3,8,8", InputSpec((1, 3, 8, 8), "", "batch.image")),
    ("frames.0=1,3", InputSpec((1, 3), "", "frames.0")),
]


@pytest.mark.parametrize(("text", "spec"), ACCEPTED_INPUTS)
def test_an_input_is_parsed(text: str, spec: InputSpec) -> None:
    assert parse_input(text) == spec


@given(
    st.lists(st.integers(1, 4096), min_size=1, max_size=5),
    st.sampled_from(["", *DTYPES]),
    st.sampled_from(["", "x", "batch.mask"]),
    st.sampled_from([",", "x"]),
)
def test_every_input_that_can_be_written_is_read_back(shape: list[int], dtype: str, name: str, separator: str) -> None:
    text = (f"{name}=" if name else "") + separator.join(map(str, shape)) + (f":{dtype}" if dtype else "")
    assert parse_input(text) == InputSpec(tuple(shape), dtype, name)


@given(st.text(max_size=20))
def test_no_text_breaks_a_parser(text: str) -> None:
    for parse in (parse_target, parse_input, parse_argument):
        try:
            parse(text)
        except UsageError as error:
            assert error.message


ARGUMENTS = [
    ("depth=18", ("depth", 18)),
    ("act=relu", ("act", "relu")),
    ("act='relu'", ("act", "relu")),
    ("pretrained=false", ("pretrained", False)),
    ("pretrained=True", ("pretrained", True)),
    ("weights=None", ("weights", None)),
    ("weights=none", ("weights", "none")),
    ("widths=[8, 16]", ("widths", [8, 16])),
    ("rate=1e-3", ("rate", 1e-3)),
    ("path=a=b", ("path", "a=b")),
    ("name=", ("name", "")),
]


@pytest.mark.parametrize(("text", "expected"), ARGUMENTS)
def test_an_argument_is_a_literal_or_text(text: str, expected: tuple[str, object]) -> None:
    assert parse_argument(text) == expected


@pytest.mark.parametrize("text", ["depth", "=3", "a b=3", "widths=[8, 16", "name='x", "x={1, 2}"])
def test_an_argument_without_a_name_or_with_an_unfinished_literal_is_rejected(text: str) -> None:
    with pytest.raises(UsageError):
        parse_argument(text)


def test_arguments_join_those_of_the_target() -> None:
    target = make_target("m.py:Net(1, a=2)", ["1,3", "m=1:bool"], ["b=x"], "train")
    assert target.args == (1,)
    assert target.kwargs == (("a", 2), ("b", "x"))
    assert target.inputs == (InputSpec((1, 3)), InputSpec((1,), "bool", "m"))
    assert target.mode == "train"


def test_an_argument_or_input_given_twice_is_rejected() -> None:
    with pytest.raises(UsageError, match="'a' is given twice"):
        make_target("m.py:Net(a=2)", (), ["a=3"])
    with pytest.raises(UsageError, match="'x' is given twice"):
        make_target("m.py", ["x=1", "x=2"])
