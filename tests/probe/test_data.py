"""What `--data` may be, and how bad data is refused."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

from netadvise.errors import TargetError, UsageError
from netadvise.probe.data import Data, duplicates, load_data
from netadvise.probe.data_content import fingerprint
from netadvise.probe.data_examples import TensorExamples
from netadvise.probe.data_parts import Wanted, split_indices

X = np.random.default_rng(0).normal(size=(40, 6))
Y = np.arange(40) % 4


def of(value: Any, **options: Any) -> Data:
    """The data of a Python target that is, or returns, `value`."""
    return load_data("data.py:load", lambda text: lambda: value, **options)


class Items(Dataset[Any]):
    """(x, y) items, made by a function of the index."""

    def __init__(self, make: Callable[[int], Any], length: int = 40) -> None:
        self.make, self.length = make, length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Any:
        return self.make(index)


class Endless(IterableDataset[Any]):
    def __iter__(self) -> Any:
        return iter([])


class Noisy(Items):
    """Augmented by every generator that there is."""

    def __getitem__(self, index: int) -> Any:
        x = torch.tensor(X[index]) + torch.randn(6) + random.random() + np.random.normal()
        return x, int(Y[index])


def own_state() -> Any:
    generator = np.random.default_rng(0)
    return lambda index: (torch.tensor(generator.normal(size=6)), index % 4)


HALVES = ((X[:20], Y[:20]), (X[20:], Y[20:]))
TENSORS = TensorDataset(torch.tensor(X), torch.tensor(Y))

GOOD: dict[str, Any] = {
    "two pairs": HALVES,
    "two pairs in a list": list(map(list, HALVES)),
    "named parts": {"train": HALVES[0], "val": HALVES[1]},
    "three pairs": (*HALVES, HALVES[1]),
    "one pair": (X, Y),
    "a validation part of None": ((X, Y), None),
    "python lists": (X.tolist(), Y.tolist()),
    "items": [(X[at], int(Y[at])) for at in range(40)],
    "two lists of items": tuple([(X[at], int(Y[at])) for at in part] for part in (range(20), range(20, 40))),
    "dicts as items": [{"pixels": X[at], "label": int(Y[at])} for at in range(40)],
    "tensor data set": TENSORS,
    "part of one": (Subset(TENSORS, range(20)), Subset(TENSORS, range(20, 40))),
    "data set": Items(lambda at: (torch.tensor(X[at]), int(Y[at]))),
    "data set of dicts": Items(lambda at: {"pixels": X[at], "label": int(Y[at])}),
    "loader": DataLoader(TENSORS, batch_size=7, shuffle=True),
    "big-endian": (X.astype(">f8"), Y.astype(">i2")),
    "reversed": (X[::-1], Y[::-1]),
}


@pytest.mark.parametrize("value", GOOD.values(), ids=GOOD.keys())
def test_every_form_gives_the_same_kind_of_batch(value: Any) -> None:
    data = of(value)
    batch = data.train.batch(torch.tensor([1, 0, 2]))
    (x,) = batch.inputs
    assert (x.shape, x.dtype) == ((3, 6), torch.float32)
    assert (batch.target.shape, batch.target.dtype) == ((3,), torch.int64)
    assert batch.kwargs == {} and batch.size == 3
    assert len(data.train) + len(data.validation) == 40
    assert data.description.startswith("data.py:load: ") and "6 float32" in data.description


@pytest.mark.parametrize("name", ["two pairs", "part of one", "two lists of items"])
def test_examples_are_those_that_were_given(name: str) -> None:
    data = of(GOOD[name])
    batch = data.validation.batch([0, 19])
    assert torch.equal(batch.inputs[0], torch.tensor(X[[20, 39]]).float())
    assert batch.target.tolist() == Y[[20, 39]].tolist()
    assert data.notes == ()


def test_items_may_be_sequences_as_long_as_their_targets() -> None:
    data = of([(torch.rand(4, 3), torch.arange(4)) for _ in range(8)])
    assert data.train.batch([0]).inputs[0].shape == (1, 4, 3) and len(data.train) == 6


def test_several_inputs_stand_by_position_and_names_by_keyword() -> None:
    mask = X > 0
    several, named = of(((X, mask), Y)), of(({"values": X, "mask": mask}, Y))
    assert [tensor.dtype for tensor in several.train.batch([0]).inputs] == [torch.float32, torch.bool]
    assert set(named.train.batch([0]).kwargs) == {"values", "mask"} and named.train.batch([0]).inputs == ()
    three = of(TensorDataset(torch.tensor(X), torch.tensor(mask), torch.tensor(Y))).train.batch([0])
    assert len(three.inputs) == 2 and three.target.shape == (1,)


def test_embedding_indices_stay_integers_unless_the_model_was_recorded_with_floats() -> None:
    tokens = np.arange(80, dtype=np.int32).reshape(40, 2)
    assert of((tokens, Y)).train.batch([0]).inputs[0].dtype == torch.int64
    assert of((tokens, Y), like_dtype="int64").train.batch([0]).inputs[0].dtype == torch.int64
    made = of((tokens, Y), like_dtype="float32")
    assert made.train.batch([0]).inputs[0].dtype == torch.float32 and "made float32" in made.notes[0]


def test_pictures_of_bytes_become_floats_in_a_batch() -> None:
    pictures = np.full((40, 4, 4), 255, dtype=np.uint8)
    (x,) = of((pictures, Y)).train.batch([0]).inputs
    assert x.dtype == torch.float32 and float(x.max()) == 1.0
    masks = of((X, np.full((40, 4, 4), 3, dtype=np.uint8))).train.batch([0]).target
    assert masks.dtype == torch.int64 and int(masks.max()) == 3


@pytest.mark.parametrize(
    ("shape", "like", "wanted"),
    [
        ((64,), (1, 8, 8), (1, 8, 8)),
        ((8, 8), (1, 8, 8), (1, 8, 8)),
        ((1, 8, 8), (64,), (64,)),
        ((8, 8, 3), (3, 8, 8), (3, 8, 8)),
        ((6, 4), (4, 6), (6, 4)),
        ((63,), (1, 8, 8), (63,)),
        ((3, 9, 9), (3, 8, 8), (3, 9, 9)),
    ],
)
def test_inputs_are_reshaped_only_where_it_is_certain(
    shape: tuple[int, ...], like: tuple[int, ...], wanted: tuple[int, ...]
) -> None:
    x = np.arange(40 * np.prod(shape), dtype=np.float32).reshape(40, *shape)
    data = of(((x[:20], Y[:20]), (x[20:], Y[20:])), like=like)
    (batch,) = data.train.batch([0]).inputs
    assert batch.shape[1:] == wanted and bool(data.notes) == (shape != wanted)
    if shape == (8, 8, 3):
        assert torch.equal(batch[0], torch.tensor(x[0]).permute(2, 0, 1))


def test_a_batch_depends_on_its_seed_alone_and_leaves_random_state_as_it_was() -> None:
    train = of(Noisy(lambda index: index)).train
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    one, again, other = (train.batch([3, 1], seed).inputs[0] for seed in (5, 5, 6))
    assert torch.equal(one, again) and not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), states[0]) and random.getstate() == states[1]
    assert (np.random.get_state()[1] == states[2]).all()


def test_a_generator_of_its_own_is_noticed() -> None:
    assert not of(Noisy(lambda index: index)).notes[1:]
    assert any("generator of its own" in note for note in of(Items(own_state())).notes)


def test_a_loader_keeps_its_collation() -> None:
    def collate(items: list[Any]) -> Any:
        return torch.nn.utils.rnn.pad_sequence([x for x, _ in items], batch_first=True), torch.tensor(
            [y for _, y in items]
        )

    ragged = Items(lambda at: (torch.ones(1 + at % 3), at % 4))
    data = of(DataLoader(ragged, collate_fn=collate))
    assert data.train.batch(range(8)).inputs[0].shape == (8, 3)
    assert "taken for its data set" in data.notes[0]


def test_targets_that_equal_the_tokens_are_doubted() -> None:
    tokens = np.arange(200).reshape(40, 5)
    assert any("shifted by one" in note for note in of((tokens, tokens)).notes)
    assert not any("shifted" in note for note in of((tokens, tokens + 1)).notes)


BAD: dict[str, tuple[Any, str]] = {
    "none": (None, "returned None"),
    "a number": (3, "a int, which is no data"),
    "no train key": ({"x": X, "y": Y}, "'x', 'y', and none is 'train'"),
    "three arrays": ((X, X, Y), "gives 3 values: ndarray (40, 6)"),
    "four arrays": ((X, Y, X, Y), "gives 4 values"),
    "no training part": ((None, HALVES[1]), "None for the training part"),
    "lengths": ((X, Y[:-1]), "x has 40, y has 39"),
    "lengths of one input": (((X, X[:-1]), Y), "x[1] has 39"),
    "an empty part": ((HALVES[0], (X[:0], Y[:0])), "validation part is empty"),
    "an empty set": ((X[:0], Y[:0]), "an empty set cannot be divided"),
    "one example": ((X[:1], Y[:1]), "one example cannot be divided"),
    "object array": ((np.array([None] * 40), Y), "array of object values"),
    "text": ((X, np.array(["a"] * 40)), "holds no numbers"),
    "ragged": (([[1.0], [1.0, 2.0]] * 20, Y), "item 0 has the shape (1,), item 1 has (2,)"),
    "ragged items": ([(np.ones(3), 0), (np.ones(4), 1)], "item 1 has (4,)"),
    "uneven items": ([(X[0], 1), (X[0], X[0], 1)], "item 0 has 2 values, item 1 has 3"),
    "iterable": (Endless(), "iterable data set"),
    "a loader of one": (DataLoader(Endless()), "iterable data set"),
    "strange class": (((X[:20], Y[:20]), (X[20:], Y[20:] + 3)), "3 classes occur in the validation part only: 4, 5, 6"),
    "unlike parts": (((X[:20], Y[:20]), (X[20:, None], Y[20:])), "[6] float32 and [1, 6] float32"),
    "no y": (((X, None), HALVES[1]), "y is None"),
    "no x": (({}, Y), "has no inputs"),
    "a scalar": ((X, 1.0), "is a float, not an array"),
}


@pytest.mark.parametrize(("value", "text"), BAD.values(), ids=BAD.keys())
def test_bad_data_is_refused(value: Any, text: str) -> None:
    with pytest.raises(UsageError) as error:
        of(value)
    assert text in error.value.message


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("as_items", [False, True])
def test_values_that_are_not_finite_are_counted(value: float, as_items: bool) -> None:
    x = X.copy()
    x[3, 2] = x[7] = value
    data = Items(lambda at: (torch.tensor(x[at]), int(Y[at]))) if as_items else (x, Y)
    with pytest.raises(UsageError) as error:
        of((data, HALVES[1]) if as_items else ((x, Y), HALVES[1]))
    assert "inputs hold 7 values that are NaN or infinite" in error.value.message
    assert "at index [3, 2], in 2 of 40 examples" in error.value.message


def test_what_the_users_code_raises_is_told_with_its_line() -> None:
    def load() -> Any:
        raise RuntimeError("no such disk")

    with pytest.raises(TargetError) as error:
        load_data("data.py:load", lambda text: load)
    assert error.value.message == "calling data.py:load: RuntimeError: no such disk"
    assert "test_data.py:" in error.value.where and "raise RuntimeError" in error.value.notes[0]


@pytest.mark.parametrize("leaving", [SystemExit(1), ValueError("torn")])
def test_an_item_that_raises_is_named(leaving: BaseException) -> None:
    def make(index: int) -> Any:
        if index == 39:
            raise leaving
        return torch.tensor(X[index]), int(Y[index])

    with pytest.raises(TargetError) as error:
        of((Items(make), HALVES[1]))
    assert "item 39 of 40" in error.value.message and "test_data.py:" in error.value.where


def test_items_that_cannot_stand_together_are_refused() -> None:
    with pytest.raises(TargetError) as error:
        of((Items(lambda at: (torch.ones(1 + at % 2), at % 4)), HALVES[1]))
    assert "making a batch of 40 items" in error.value.message and "collate_fn" in error.value.hint


def test_a_file_that_is_not_there_is_told_with_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "digits.npz").touch()
    with pytest.raises(UsageError) as error:
        load_data(str(tmp_path / "digit.npz"), {}.__getitem__)
    assert "there is no file or folder" in error.value.message and "digits.npz" in error.value.hint
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match="no kind of data"):
        load_data(str(tmp_path / "notes.txt"), {}.__getitem__)


def test_a_file_alone_means_its_function_load() -> None:
    data = load_data("data.py", {"data.py:load": lambda: HALVES}.__getitem__)
    assert data.notes == ("took data.py:load",)


def test_errors_of_the_resolver_pass() -> None:
    def resolve(text: str) -> Any:
        raise TargetError("no such name")

    with pytest.raises(TargetError, match=r"^no such name$"):
        load_data("data.py:load", resolve)


@given(st.lists(st.integers(0, 5), min_size=2, max_size=80), st.floats(0.01, 0.99), st.integers(0, 9))
def test_a_split_takes_each_class_its_share(labels: list[int], share: float, seed: int) -> None:
    kept, held = split_indices(len(labels), torch.tensor(labels), Wanted(share, seed), "it")
    assert sorted([*kept, *held]) == list(range(len(labels))) and kept and held
    assert (kept, held) == split_indices(len(labels), torch.tensor(labels), Wanted(share, seed), "it")
    if len(held) > 1:
        for label in set(labels):
            taken = sum(labels[index] == label for index in held)
            assert abs(taken - share * labels.count(label)) <= 1


@pytest.mark.parametrize("share", [0, 1, -0.5, 2])
def test_a_share_is_between_0_and_1(share: float) -> None:
    with pytest.raises(UsageError, match="validation share"):
        of((X, Y), validation_share=share)


def test_the_fingerprint_is_of_the_content() -> None:
    assert of(HALVES).fingerprint == of({"train": HALVES[0], "val": HALVES[1]}).fingerprint
    x = X.copy()
    x[39, 5] += 1
    assert of(HALVES).fingerprint != of((HALVES[0], (x[20:], Y[20:]))).fingerprint
    assert of(HALVES).fingerprint != of(HALVES[::-1]).fingerprint
    one, other = (Items(lambda at, shift=shift: (torch.tensor(X[at]) + shift, 0)) for shift in (0, 1))
    assert of(one).fingerprint == of(one).fingerprint != of(other).fingerprint
    assert of(Noisy(lambda at: at)).fingerprint == of(Noisy(lambda at: at)).fingerprint


def test_duplicates_are_counted_by_content() -> None:
    x = torch.arange(60.0).reshape(20, 3)
    train, apart = TensorExamples((x[:10], torch.zeros(10))), TensorExamples((x[10:], torch.zeros(10)))
    assert duplicates(train, apart) == 0
    assert duplicates(train, TensorExamples((x[5:15], torch.ones(10)))) == 0.5
    assert duplicates(of(Items(lambda at: (X[at], 0))).train, of(Items(lambda at: (X[at], 0))).train) == 1


def test_of_a_longer_training_part_a_sample_is_known() -> None:
    x = torch.arange(4000.0).reshape(1000, 4)
    whole = TensorExamples((x, torch.zeros(1000)))
    assert duplicates(whole, whole, limit=100) == 1
    assert duplicates(whole, TensorExamples((x + 1, torch.zeros(1000))), limit=100) == 0


def test_targets_are_padded_with_what_no_loss_counts() -> None:
    def collate(items: list[Any]) -> Any:
        return tuple(
            torch.nn.utils.rnn.pad_sequence(list(column), batch_first=True) for column in zip(*items, strict=True)
        )

    ragged = Items(lambda at: (torch.ones(1 + at // 64), torch.ones(1 + at // 64, dtype=torch.int64)), 128)
    targets = of((DataLoader(ragged, collate_fn=collate), DataLoader(ragged, collate_fn=collate))).train.targets()
    assert targets is not None and targets.shape == (128, 2) and targets[:64, 1].unique().tolist() == [-100]


def test_a_fingerprint_needs_no_random_state() -> None:
    examples = TensorExamples((torch.ones(3, 2), torch.zeros(3)))
    state = torch.get_rng_state()
    assert fingerprint(examples, None) != fingerprint(examples, examples)
    assert torch.equal(state, torch.get_rng_state())
