"""What of a project is sent to a cluster, and what its paths are called there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from netadvise.errors import UsageError
from netadvise.probe import ray_project
from netadvise.probe.ray_project import Project, check_size, outside, translated
from netadvise.study import RecipeRequest, StudyRequest

REQUEST = StudyRequest(target="net.py:Net", recipe=RecipeRequest(data="digits.npz"), arms=())


def test_a_project_without_caches_is_sent_whole(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_bytes(b"x" * 10)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "digits.npz").write_bytes(b"x" * 100)
    project = Project.of(tmp_path, tmp_path.parent / "studies")
    assert (project.left_out, project.size, project.fits) == ((), 110, True)
    assert project.environment == {"working_dir": str(tmp_path), "excludes": []}


def test_what_no_run_reads_is_left_out(tmp_path: Path) -> None:
    for folder in (".git", "src/__pycache__", ".ruff_cache", "studies/runs", "env", "data", "[odd] name/.git"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "file").write_bytes(b"x" * 1000)
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "data" / "kept.csv").write_bytes(b"x")
    project = Project.of(tmp_path, tmp_path / "studies")
    assert set(project.left_out) == {".git", "src/__pycache__", ".ruff_cache", "studies", "env", "[odd] name/.git"}
    assert project.size == 1001
    excludes = project.environment["excludes"]
    assert isinstance(excludes, list) and "/\\[odd]\\ name/.git" in excludes and "/.git" in excludes


def test_a_large_project_is_counted_no_further_than_the_limit(tmp_path: Path) -> None:
    for number in range(3):
        folder = tmp_path / f"part{number}"
        folder.mkdir()
        with (folder / "large.bin").open("wb") as stream:
            stream.truncate(ray_project.LIMIT)
    project = Project.of(tmp_path, tmp_path / "studies")
    assert not project.fits and project.size <= 2 * ray_project.LIMIT
    check_size(project, [])
    with pytest.raises(UsageError, match=r"more than the 512 MB that Ray sends") as caught:
        check_size(project, ["worker-1"])
    assert caught.value.notes == ("and there is no such folder on worker-1",)
    assert "storage that all nodes share" in caught.value.hint


def test_a_small_project_need_not_be_on_the_nodes(tmp_path: Path) -> None:
    check_size(Project.of(tmp_path, tmp_path / "studies"), ["worker-1"])


def test_relative_paths_and_names_stay() -> None:
    assert translated(REQUEST, "/projects/mine") == REQUEST
    assert outside(REQUEST, "/projects/mine") == []


def test_paths_below_the_project_become_relative_to_it() -> None:
    asked = replace(
        REQUEST,
        target="/projects/mine/net.py:Net",
        arguments=("weights=/projects/mine/w.pt", "depth=18"),
        recipe=replace(REQUEST.recipe, data="/projects/mine/d/digits.npz", train_step="steps:step"),
    )
    moved = translated(asked, "/projects/mine")
    assert moved.target == "net.py:Net"
    assert moved.arguments == ("weights=w.pt", "depth=18")
    assert (moved.recipe.data, moved.recipe.train_step) == ("d/digits.npz", "steps:step")
    assert outside(asked, "/projects/mine") == []


@pytest.mark.parametrize("data", ["/data/digits.npz", "../digits.npz", "/projects/mine2/digits.npz"])
def test_paths_outside_of_the_project_are_told(data: str) -> None:
    asked = replace(REQUEST, recipe=replace(REQUEST.recipe, data=data))
    assert translated(asked, "/projects/mine") == asked
    assert outside(asked, "/projects/mine") == [data]
