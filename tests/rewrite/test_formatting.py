"""Whatever the formatting: the arguments are as asked for, and nothing outside the call has changed."""

from __future__ import annotations

import ast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netadvise.edit import SetArgs, Value
from netadvise.graph import Location
from netadvise.rewrite import Rewritten, Site, Source, Wanted, rewrite

ORDER = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias")
VALUES = {"stride": ("1", "(2, 2)", "[2, 1]"), "padding": ("0", "(2)", "'same'"), "dilation": ("1", "+1")}
GAPS = ("", " ", "\n", "\n        ", "\t", "  # a, (comment)\n", " \\\n ", "\n\n#,)\n", "\r\n  ")
OUTSIDE = ("", "x = 'ä🔥'; ", "y = (1,\n 2); ", "if 1: ", "import torch.nn.functional as F; ", '""" nn.Conv2d( """; ')


@st.composite
def calls(draw: st.DrawFn) -> str:
    """`nn.Conv2d(...)`, with comments, line ends and parentheses wherever they may stand."""
    more = draw(st.lists(st.sampled_from(ORDER[3:]), unique=True))
    given_arguments = (*ORDER[:3], *more)
    position = draw(st.integers(0, 3))
    texts = []
    for number, name in enumerate(given_arguments):
        value = draw(st.sampled_from(VALUES.get(name, ("True",) if name == "bias" else ("4", "(4)"))))
        texts.append(value if number < position else f"{name}{draw(_blank)}={draw(_blank)}{value}")
    gap = st.sampled_from(GAPS)
    inside = ",".join(f"{draw(gap)}{text}{draw(gap)}" for text in texts)
    trailing = draw(st.booleans())
    comma = f",{draw(gap)}" if texts and trailing else ""
    return f"nn.Conv2d{draw(_blank)}({inside}{comma})"


_blank = st.sampled_from(("", " ", "  "))
_edits = st.dictionaries(
    st.sampled_from(ORDER[2:]),
    st.sampled_from((1, 2, (1, 1), (1, 2), True, False, "same", 0.5)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(calls(), _edits, st.sampled_from(OUTSIDE), st.sampled_from(("", "  # end", "; z = 1", "\n", "\r\nz = 2\r\n")))
def test_the_arguments_are_as_asked_for(call: str, wanted: dict[str, Value], before: str, after: str) -> None:
    head = f"from torch import nn\n{before}m = "
    text = f"{head}{call}{after}"
    source = Source.of("net.py", text.encode())
    line = head.count("\n") + 1
    place = Location("net.py", line, len(head) - (head.rfind("\n") + 1) + 1)
    outcome = rewrite(source, [Wanted(SetArgs("m", wanted), Site("m", place, "Conv2d"))])
    assert isinstance(outcome, Rewritten), outcome
    changed = outcome.content.decode()
    assert changed.startswith(head)
    assert changed.endswith(after)
    old, new = (_conv(content) for content in (text, changed))
    assert _others(ast.parse(text), old) == _others(ast.parse(changed), new)
    expected = {**_arguments(old), **{name: _plain(name, value) for name, value in wanted.items()}}
    assert _arguments(new) == expected
    assert [word for word in text.split() if word.startswith("#")] == [
        word for word in changed.split() if word.startswith("#")
    ]


def test_crossing_edits_are_written_right_to_left() -> None:
    text = "from torch import nn\nm = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3), nn.Conv2d(8, 16, 3)\n"
    source = Source.of("net.py", text.encode())
    columns = [index + 1 for index in range(len(text)) if text.startswith("nn.Conv", index)]
    wanted = [
        Wanted(SetArgs(str(column), {"bias": False}), Site(str(column), Location("net.py", 2, column - 21), "Conv2d"))
        for column in columns
    ]
    outcome = rewrite(source, [wanted[1], wanted[2], wanted[0]])
    assert isinstance(outcome, Rewritten)
    assert outcome.content.decode() == text.replace(", 3)", ", 3, bias=False)")
    assert [splice.start for splice in outcome.splices] == sorted(splice.start for splice in outcome.splices)


def _conv(text: str) -> ast.Call:
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return next(node for node in nodes if isinstance(node.func, ast.Attribute) and node.func.attr == "Conv2d")


def _others(tree: ast.Module, call: ast.Call) -> str:
    """The tree without the arguments of the call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.dump(node) == ast.dump(call):
            node.args, node.keywords = [], []
    return ast.dump(tree)


def _arguments(call: ast.Call) -> dict[str, object]:
    given_arguments = {name: ast.literal_eval(node) for name, node in zip(ORDER, call.args, strict=False)}
    given_arguments |= {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
    return {name: _plain(name, value) for name, value in given_arguments.items()}


def _plain(name: str, value: object) -> object:
    """One number for the same on every axis."""
    axes = tuple(value) if isinstance(value, tuple | list) else (value,)
    return axes[0] if len(set(axes)) == 1 and name in ORDER[2:6] else axes
