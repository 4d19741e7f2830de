"""Source lines of constructors, calls and errors."""

from __future__ import annotations

import linecache

import pytest
from torch import nn

from netadvise.capture import locate


def text_at(location) -> str:
    return linecache.getline(locate.os.path.abspath(location.file), location.line)[location.column - 1 :].strip()


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3)


class WiderBlock(Block):
    def __init__(self) -> None:
        super().__init__(8)


def test_a_module_built_before_has_no_constructor() -> None:
    assert locate.constructor_of(nn.ReLU()) is None


def test_layers_point_at_the_line_that_constructs_them() -> None:
    with locate.constructors():
        model = nn.Sequential(nn.Conv2d(3, 4, 1), WiderBlock())
    assert text_at(locate.constructor_of(model[0])).startswith("nn.Conv2d(3, 4, 1)")
    assert text_at(locate.constructor_of(model[1])).startswith("WiderBlock()")
    assert text_at(locate.constructor_of(model[1].conv)).startswith("nn.Conv2d(width")


def test_the_original_constructor_comes_back_after_an_error() -> None:
    original = nn.Module.__init__
    with pytest.raises(ZeroDivisionError), locate.constructors():
        raise ZeroDivisionError
    assert nn.Module.__init__ is original


def test_blame_finds_the_innermost_user_line() -> None:
    def inner() -> None:
        nn.functional.relu("text")

    with pytest.raises(TypeError) as caught:
        inner()
    assert 'relu("text")' in linecache.getline(__file__, locate.blame(caught.value).line)


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        (nn.__file__, False),
        (locate.__file__, False),
        (linecache.__file__, False),
        ("<frozen importlib._bootstrap>", False),
        (__file__, True),
        (pytest.__file__, True),
    ],
)
def test_user_files(filename: str, expected: bool) -> None:
    assert locate.is_user_file(filename) is expected
