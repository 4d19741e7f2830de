"""Dropouts around calls of a forward: the text is as people would write it, and nothing else changes."""

from __future__ import annotations

import ast
import linecache
from itertools import count
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.overrides import TorchFunctionMode

from netadvise.api.fixing import planned
from netadvise.capture.locate import constructors
from netadvise.edit import Edit
from netadvise.rewrite import Plan
from netadvise.worker.facts import facts_of_module
from tests.rewrite.corpus import Case
from tests.rewrite.corpus_forward import HEAD, WRITTEN, behind
from tests.rewrite.corpus_forward_refused import REFUSED

NUMBER = count()


def network(path: Path) -> nn.Module:
    """`Net()` of a file."""
    scope: dict[str, object] = {"__name__": "corpus"}
    with constructors():
        exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), scope)
        build = scope["Net"]
        assert callable(build)
        torch.manual_seed(0)
        found: nn.Module = build()
    return found


def planned_for(content: bytes, edits: tuple[Edit, ...], folder: Path) -> tuple[Path, Plan]:
    """A new file in the working folder, and what writing the edits into it comes to."""
    path = folder / f"net{next(NUMBER)}.py"
    path.write_bytes(content)
    linecache.clearcache()
    return path, planned([edits], *facts_of_module(network(path), ()))


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case.name)
def test_the_expression_is_wrapped_and_nothing_else(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path, found = planned_for(case.content, case.edits, tmp_path)
    assert found.refused == {}
    assert found.renaming == ()
    assert found.changes[0].after == case.expected
    before, inputs = network(path).eval(), network(path).example_inputs
    path.write_bytes(case.expected)
    after = network(path).eval()
    after.load_state_dict(before.state_dict(), strict=True)
    assert isinstance(inputs, torch.Tensor)
    x = torch.randn_like(inputs)
    torch.testing.assert_close(_first(after(x.clone())), _first(before(x.clone())), rtol=0, atol=0)
    assert not torch.equal(_first(after.train()(x.clone() + 1)), _first(before(x.clone() + 1)))


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_is_not_certain_is_refused_with_its_place(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path, found = planned_for(case.content, case.edits, tmp_path)
    assert found.changes == ()
    assert case.refused in found.refused[0].reason
    location = found.refused[0].location
    assert case.name == "not-there" or (location is not None and location.file == path.name)


GAPS = ("", " ", "\n", "\n\t", "  # ä, (comment\n", " \\\n ", "\n\n#,)\n", "\r\n  ")
SHAPES = (
    ("F.relu(~x~)~", "relu", 0),
    ("F~.relu(~input~=~x~,~)", "relu", 0),
    ("torch.relu(~F.relu(~x~)~)", "relu", 0),
    ("torch.relu(~F.relu(~x~)~)", "relu", 1),
    ("x~.tanh()~.relu(~)", "tanh", 0),
    ("x~.tanh()~.relu(~)", "relu", 0),
    ("x~.relu()~.relu()~.relu()", "relu", 1),
    ("x.relu().relu()~.relu()", "relu", 2),
    ("self.fc(~x~)~.relu()", "relu", 0),
    ("x ~+ ~x ~+ ~2", "add", 0),
    ("x ~+ ~x ~+ ~2", "add", 1),
    ("(x)~ * (~(x)~)~", "mul", 0),
    ("y ~:=~ F.relu(x)", "relu", 0),
    ("['ä🔥',~ x.relu()][1]", "relu", 0),
    ("F.relu(x)~ +~ F.relu(x)", "relu", 1),
    ("F.relu(x) @~ x.t()", "matmul", 0),
    ("F.softmax(~x, ~dim=1~)", "softmax", 0),
    ("torch.cat(~[x, x], ~dim=1)", "cat", 0),
)
FILE = """\
class Net(nn.Module):
@def __init__(self):
@@super().__init__()
@@self.fc = nn.Linear(4, 4)
@@self.example_inputs = torch.zeros(4, 4)

@def forward(self, x):
@@"""


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str, int]:
    """A file, and which call of which function is to be dropped."""
    shape, function, index = draw(st.sampled_from(SHAPES))
    first, *rest = shape.split("~")
    expression = first + "".join(draw(st.sampled_from(GAPS)) + part for part in rest)
    before = draw(st.sampled_from(("", "z = 'ä🔥'; ", "if 1: ", "F.tanh(x); ")))
    behind_it = draw(st.sampled_from(("", "  # end", "; z = 1")))
    indent = draw(st.sampled_from(("\t", "    ", "  ")))
    text = FILE.replace("@", indent) + f"{before}return ({expression}){behind_it}\n"
    ending = draw(st.sampled_from(("\n", "\r\n")))
    # what stands before it calls a function, too
    earlier = before.count(f".{function}(")
    return (HEAD + text).replace("\r\n", "\n").replace("\n", ending), function, index + earlier


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(files())
def test_whatever_the_formatting(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, drawn: tuple[str, str, int]
) -> None:
    text, function, index = drawn
    folder = tmp_path_factory.mktemp("files")
    monkeypatch.chdir(folder)
    path, found = planned_for(text.encode(), behind(function, index), folder)
    assert found.refused == {}
    change = found.changes[0]
    kept = change.after.decode()
    for splice in change.splices:
        assert splice.start == splice.end
        kept = kept.replace(splice.text, "", 1)
    assert kept == text
    new = ast.parse(change.after)
    assert ast.dump(_Unwrapped().visit(new)) == ast.dump(ast.parse(change.before))
    old_calls = _calls(network(path), function)
    path.write_bytes(change.after)
    linecache.clearcache()
    assert _calls(network(path), function) == [*old_calls[: index + 1], "dropout", *old_calls[index + 1 :]]


class _Unwrapped(ast.NodeTransformer):
    """A tree with every dropout's operand in its place."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return node.args[0] if isinstance(node.func, ast.Attribute) and node.func.attr == "dropout" else node


class _Calls(TorchFunctionMode):
    """Notes the calls of one function, and of dropout."""

    def __init__(self, function: str) -> None:
        super().__init__()
        self.function = function
        self.seen: list[str] = []

    def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        name = getattr(func, "__name__", "")
        if name in ("dropout", self.function):
            self.seen.append(name)
        return func(*args, **(kwargs or {}))


def _calls(net: nn.Module, function: str) -> list[str]:
    calls = _Calls(function)
    with calls:
        net(torch.ones(4, 4))
    return calls.seen


def _first(result: object) -> torch.Tensor:
    found = result[0] if isinstance(result, tuple) else result
    assert isinstance(found, torch.Tensor)
    return found
