"""Texts of options and of the context, and version specifiers: what is refused first."""

from __future__ import annotations

import pytest

from netadvise.config import declarations, declared, number, option_settings
from netadvise.config.version import satisfies
from netadvise.errors import UsageError


@pytest.mark.parametrize("text", ["", "M", "25 MB", "ten", "1e", "0x10", "nan", "--1"])
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("25M", 25_000_000), ("1.5G", 1_500_000_000), ("1e6", 1_000_000), ("-0.5", -0.5), ("10 K", 10_000)],
)
def test_numbers(text: str, expected: float) -> None:
    assert number(text) == expected


@pytest.mark.parametrize("text", ["NRM001", "NRM001.x", "NRM001=3", ".x=3", "NRM001.=3"])
def test_an_option_without_its_parts(text: str) -> None:
    with pytest.raises(UsageError, match=r"RULE\.key=value"):
        option_settings([text])


def test_options_of_several_rules() -> None:
    found = option_settings(["A1.x=25M", "A1.y=true", "wide-kernel.z= a=b "])
    assert found == {"A1": {"x": "25M", "y": True}, "wide-kernel": {"z": "a=b"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("task.loss", "name=value"),
        ("task.los=MSELoss", "did you mean 'task.loss'"),
        ("train.batch_size=all", "must be a number"),
        ("train.pretrained=yes", "must be true or false"),
        ("task.type=", "one of"),
        ("task.loss=", "must be a text"),
        ("task.target_shape=1,b", "must be a list of numbers"),
    ],
)
def test_a_wrong_declaration(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        declarations([text])


def test_declarations() -> None:
    texts = ["task.loss=MSELoss", "train.batch_size=1K", "train.pretrained=True", "task.target_shape=1x2"]
    assert declarations(texts) == {
        "task.loss": "MSELoss",
        "train.batch_size": 1000,
        "train.pretrained": True,
        "task.target_shape": (1, 2),
    }
    assert declared("task.target_shape", []) == ()


@pytest.mark.parametrize("specifiers", ["", "1.0 or so", ">>1", ">=1,", "latest"])
def test_what_is_no_specifier(specifiers: str) -> None:
    with pytest.raises(ValueError, match="not a version specifier"):
        satisfies("0.3.1", specifiers)


@pytest.mark.parametrize(
    ("version", "specifiers", "fits"),
    [
        ("0.3.1", ">=0.3,<0.4", True),
        ("0.4.0", ">=0.3,<0.4", False),
        ("0.3", "==0.3.0", True),
        ("0.3.1", "0.3.1", True),
        ("0.3.1", "!=0.3.1", False),
        ("0.3.9", "==0.3.*", True),
        ("0.30", "==0.3.*", False),
        ("0.3.9", "!=0.3.*", False),
        ("0.3.9", "~=0.3.1", True),
        ("0.4.0", "~=0.3.1", False),
        ("0.3.0", "~=0.3.1", False),
        ("0.10", ">0.9", True),
        ("0.4.0.dev1", ">=0.4", False),
        ("0.4rc1", ">0.4a2", True),
        ("0.4", "<=0.4", True),
        ("0.4.dev1", "<0.4", True),
    ],
)
def test_versions(version: str, specifiers: str, fits: bool) -> None:
    assert satisfies(version, specifiers) is fits
