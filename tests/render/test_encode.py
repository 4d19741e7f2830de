"""JSON that any reader takes: strict, in ASCII, and with every character that it can hold."""

from __future__ import annotations

import json

import pytest

from netadvise.render.encode import json_text


@pytest.mark.parametrize("indent", [None, 1])
def test_text_comes_back_as_it_was(indent: int | None) -> None:
    document = {"a": ["größe", "\x00\x1b\n", "😀", 1, 1.5, None, True], "😀": {"b": []}}
    text = json_text(document, indent=indent)
    assert text.isascii()
    assert json.loads(text) == document


def test_what_json_cannot_hold_is_spelled_out() -> None:
    document = {"\ud800": ("\udfff", "😀"), "numbers": [float("nan"), float("inf"), 1.0]}
    text = json_text(document)
    text.encode("ascii")
    assert json.loads(text) == {"\\ud800": ["\\udfff", "😀"], "numbers": [None, None, 1.0]}
