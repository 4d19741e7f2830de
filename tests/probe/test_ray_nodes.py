"""Versions on the nodes of a cluster: equal ones are silent, others are one table."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netadvise.errors import UsageError
from netadvise.probe.ray_nodes import DRIVER, check_versions, question, versions_here

HERE = {"python": "3.11", "ray": "2.60.0", "torch": "2.13.0", "numpy": "2.4.6", "netadvise": "0.1.0"}


def test_equal_versions_are_silent() -> None:
    check_versions(HERE, {})
    check_versions(HERE, {"one": dict(HERE), "two": dict(HERE)})


def test_another_version_is_one_error_with_a_table() -> None:
    nodes = {"one": HERE, "worker-2": {**HERE, "torch": "2.12.1+cu130"}, "worker-3": {**HERE, "netadvise": "-"}}
    with pytest.raises(UsageError, match=r"^2 nodes of the cluster have other versions") as caught:
        check_versions(HERE, nodes)
    assert caught.value.notes == (
        "          python  ray     torch         numpy  netadvise",
        "here      3.11    2.60.0  2.13.0        2.4.6  0.1.0",
        "worker-2  3.11    2.60.0  2.12.1+cu130  2.4.6  0.1.0",
        "worker-3  3.11    2.60.0  2.13.0        2.4.6  -",
    )
    assert "Install the same everywhere" in caught.value.hint


def test_a_large_cluster_is_told_in_a_few_lines() -> None:
    nodes = {f"worker-{number}": {**HERE, "numpy": "1.26.4"} for number in range(1000)}
    with pytest.raises(UsageError, match="1000 nodes of the cluster have") as caught:
        check_versions(HERE, nodes)
    assert len(caught.value.notes) == 11 and caught.value.notes[-1] == "and 992 more"


def test_what_a_process_tells_of_itself(tmp_path: Path) -> None:
    import netadvise

    found = versions_here()
    assert tuple(found) == tuple(HERE)
    assert found["netadvise"] == netadvise.__version__ and found["python"].count(".") == 1
    asked = question()
    (tmp_path / DRIVER).write_text("word")
    given = str(tmp_path / DRIVER)
    assert asked(given, "word", str(tmp_path)) == {"versions": found, "shares": True, "has_project": True}
    assert asked(given, "other", str(tmp_path / "no")) == {"versions": found, "shares": False, "has_project": False}
    (tmp_path / DRIVER).write_text("")
    assert not asked(given, "", os.devnull)["shares"]
