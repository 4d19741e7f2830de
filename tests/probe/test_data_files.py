"""Arrays, pictures and tables in files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from netadvise.errors import UsageError
from netadvise.probe.data import Data, load_data

X = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
Y = np.arange(40) % 4


def read(path: Path, **options: Any) -> Data:
    return load_data(str(path), {}.__getitem__, **options)


def npz(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "data.npz", **arrays)
    return folder / "data.npz"


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train", "x_val", "y_val"),
        ("X_train", "y_train", "X_valid", "y_valid"),
        ("train_x", "train_y", "dev_x", "dev_y"),
        ("train_images", "train_labels", "val_images", "val_labels"),
        ("xtrain", "ytrain", "xvalidation", "yvalidation"),
    ],
)
def test_the_names_that_people_give_arrays(tmp_path: Path, names: tuple[str, ...]) -> None:
    data = read(npz(tmp_path, **dict(zip(names, (X[:30], Y[:30], X[30:], Y[30:]), strict=True))))
    assert (len(data.train), len(data.validation), data.test, data.notes) == (30, 10, None, ())
    assert torch.equal(data.validation.batch([0]).inputs[0], torch.tensor(X[30:31]))


@pytest.mark.parametrize("names", [("x", "y"), ("X", "y"), ("images", "labels"), ("data", "target")])
def test_a_pair_is_divided(tmp_path: Path, names: tuple[str, str]) -> None:
    data = read(npz(tmp_path, **{names[0]: X, names[1]: Y}), validation_share=0.5)
    assert len(data.train) == len(data.validation) == 20 and "class by class" in data.notes[0]


def test_a_test_part_is_no_validation_part(tmp_path: Path) -> None:
    data = read(npz(tmp_path, x_train=X[:30], y_train=Y[:30], x_test=X[30:], y_test=Y[30:], extra=Y))
    assert data.test is not None and len(data.test) == 10 and len(data.train) + len(data.validation) == 30
    assert any("extra" in note for note in data.notes)


BAD_ARRAYS: dict[str, tuple[dict[str, Any], str]] = {
    "names": ({"a": X, "b": Y}, "holds the arrays a, b"),
    "no y": ({"x": X}, "no y to go with it"),
    "no x": ({"x_train": X, "y_train": Y, "y_val": Y}, "holds y_val, and no x"),
    "objects": ({"x": np.array([{}] * 40), "y": Y}, "the array x cannot be read"),
    "lengths": ({"x": X, "y": Y[:3]}, "x has 40, y has 3"),
    "nothing": ({}, "holds the arrays nothing"),
}


@pytest.mark.parametrize(("arrays", "text"), BAD_ARRAYS.values(), ids=BAD_ARRAYS.keys())
def test_bad_arrays_are_refused(tmp_path: Path, arrays: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError) as error:
        read(npz(tmp_path, **arrays))
    assert text in error.value.message


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 torn"])
def test_a_damaged_npz_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.npz").write_bytes(content)
    with pytest.raises(UsageError, match=r"data\.npz"):
        read(tmp_path / "data.npz")


def pictures(folder: Path, *, count: int = 4, size: tuple[int, int] = (6, 4), mode: str = "RGB") -> Path:
    for label, name in enumerate(("cat", "dog")):
        (folder / name).mkdir(parents=True)
        for at in range(count):
            colour = 255 * label if mode == "L" else (255 * label, 0, at)
            Image.new(mode, size, colour).save(folder / name / f"{at}.png")
    return folder


def test_pictures_are_read_with_their_classes(tmp_path: Path) -> None:
    data = read(pictures(tmp_path))
    batch = data.train.batch(range(6))
    assert batch.inputs[0].shape == (6, 3, 4, 6) and batch.target.tolist() == [0, 0, 0, 1, 1, 1]
    assert batch.inputs[0][:, 0, 0, 0].tolist() == [0, 0, 0, 1, 1, 1]
    assert data.notes[0] == "2 classes: cat, dog"


def test_parts_of_a_picture_folder(tmp_path: Path) -> None:
    pictures(tmp_path / "train")
    pictures(tmp_path / "val", count=2)
    data = read(tmp_path)
    assert (len(data.train), len(data.validation)) == (8, 4) and data.validation.targets().tolist() == [0, 0, 1, 1]


def test_sizes_and_channels(tmp_path: Path) -> None:
    pictures(tmp_path, mode="L")
    Image.new("RGB", (9, 9)).save(tmp_path / "cat" / "odd.png")
    data = read(tmp_path, like=(1, 4, 6))
    assert data.train.batch([0]).inputs[0].shape == (1, 1, 4, 6)
    assert any("1 of 9 pictures were resized to 4x6" in note for note in data.notes)
    assert read(tmp_path, image_size=5).train.batch([0]).inputs[0].shape == (1, 3, 5, 5)
    assert read(tmp_path, image_size=(5, 7), like=(4, 1, 1)).train.batch([0]).inputs[0].shape == (1, 4, 5, 7)


def test_pictures_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    pictures(tmp_path)
    whole = (tmp_path / "dog" / "1.png").read_bytes()
    (tmp_path / "cat" / "0.png").write_bytes(b"nothing")
    (tmp_path / "cat" / "1.jpg").write_bytes(b"")
    with pytest.raises(UsageError) as error:
        read(tmp_path)
    assert "2 pictures cannot be read" in error.value.message and "cat/0.png" in error.value.message
    assert "cat/1.jpg" in error.value.notes[0]
    (tmp_path / "cat" / "0.png").unlink()
    (tmp_path / "cat" / "1.jpg").unlink()
    (tmp_path / "dog" / "1.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UsageError, match=r"dog/1\.png"):
        read(tmp_path)


def test_folders_without_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder for each class"):
        read(tmp_path)
    (tmp_path / "cat").mkdir()
    with pytest.raises(UsageError, match="hold no pictures"):
        read(tmp_path)


def test_deep_pictures_are_not_cut_to_bytes(tmp_path: Path) -> None:
    pictures(tmp_path)
    Image.fromarray(np.full((4, 6), 1000, dtype=np.uint16)).save(tmp_path / "cat" / "deep.png")
    with pytest.raises(UsageError, match="more than 8 bits"):
        read(tmp_path)


def test_a_class_of_the_validation_folder_alone_is_refused(tmp_path: Path) -> None:
    pictures(tmp_path / "train")
    pictures(tmp_path / "val")
    (tmp_path / "val" / "cow").mkdir()
    Image.new("RGB", (6, 4)).save(tmp_path / "val" / "cow" / "0.png")
    with pytest.raises(UsageError, match="validation part only"):
        read(tmp_path)


def test_without_pillow_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures(tmp_path)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(UsageError, match="needs Pillow") as error:
        read(tmp_path)
    assert error.value.hint == "pip install pillow"


def table(folder: Path, text: str, name: str = "data.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def rows(count: int, last: str = "{c}") -> str:
    return "".join(f"{at},{at % 7}.5,{last.format(c=at % 3, n='abc'[at % 3], f=at / 2)}\n" for at in range(count))


def test_a_table_is_standardised_by_its_training_part(tmp_path: Path) -> None:
    data = read(table(tmp_path, "a,b,label\n" + rows(40)))
    (x,) = data.train.batch(range(len(data.train))).inputs
    assert torch.allclose(x.mean(0), torch.zeros(2), atol=1e-6) and torch.allclose(x.std(0, False), torch.ones(2))
    assert data.train.targets().unique().tolist() == [0, 1, 2]
    assert any("standardised" in note for note in data.notes)


@pytest.mark.parametrize(
    ("text", "dtype", "note"),
    [
        ("a,b,class\n" + rows(40, "{n}"), torch.int64, "3 classes in the order a, b, c"),
        ("a,b,c\n" + rows(40, "{f}"), torch.float32, "amounts from 0 to 19.5"),
        (rows(40), torch.int64, "no header"),
        (("a,b,y\n" + rows(40)).replace(",", ";"), torch.int64, "target: y"),
        ("﻿a,b,y\r\n" + rows(40), torch.int64, "target: y"),
    ],
)
def test_targets_of_a_table(tmp_path: Path, text: str, dtype: torch.dtype, note: str) -> None:
    data = read(table(tmp_path, text))
    assert data.train.batch([0]).target.dtype == dtype and any(note in each for each in data.notes)


def test_a_named_target_need_not_stand_last(tmp_path: Path) -> None:
    data = read(table(tmp_path, "Target,a\n" + "".join(f"{at % 2},{at}\n" for at in range(20))))
    assert data.train.targets().unique().tolist() == [0, 1]


BAD_TABLES: dict[str, tuple[str, str]] = {
    "empty": ("", "is empty"),
    "header alone": ("a,b,y\n", "a header and no rows"),
    "one column": ("y\n1\n2\n", "one column (y)"),
    "short row": ("a,b,y\n1,2,0\n1,2\n", "data.csv:3: 2 values in a row, where the table has 3 columns"),
    "text": ("a,b,c,y\n1,red,x,0\n2,blue,z,1\n", "2 columns hold text: b, c"),
    "missing": ("a,b,y\n1,2,0\n1,NA,1\n3,,1\n", "data.csv:3: the column b lacks 2 of 3 values"),
    "infinite": ("a,b,y\n1,2,0\n1,inf,1\n", "data.csv:3: the column b has 1 infinite values"),
    "missing class": ("a,b,y\n1,2,yes\n1,2,\n", "data.csv:3: the target y is missing"),
    "one row": ("a,b,y\n1,2,0\n", "one example cannot be divided"),
}


@pytest.mark.parametrize(("text", "message"), BAD_TABLES.values(), ids=BAD_TABLES.keys())
def test_bad_tables_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        read(table(tmp_path, text))
    assert message in error.value.message


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes("a,größe,y\n".encode("latin-1"))
    with pytest.raises(UsageError, match="cannot be read as a table"):
        read(tmp_path / "data.csv")
