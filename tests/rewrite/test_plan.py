"""Groups of edits over several files: whole or not at all, the earlier ones first."""

from __future__ import annotations

from netadvise.edit import Insert, Part, Place, Replace, SetArgs
from netadvise.graph import Location
from netadvise.rewrite import CannotWrite, Plan, Site, Source, plan

FILES = {
    "a.py": b"from torch import nn\nx = nn.Conv2d(3, 8, 3)\ny = nn.Conv2d(8, 8, kernel_size=K)\n",
    "b.py": b"from torch import nn\nz = nn.ReLU()\n",
    "broken.py": b"def\n",
    "bytes.py": b"x = '\xff'\n",
}
SITES = {
    "x": Site("x", Location("a.py", 2, 5), "Conv2d"),
    "y": Site("y", Location("a.py", 3, 5), "Conv2d"),
    "z": Site("z", Location("b.py", 2, 5), "ReLU"),
    "broken": Site("broken", Location("broken.py", 1, 1)),
    "bytes": Site("bytes", Location("bytes.py", 1, 1)),
    "lib.conv": Site("lib.conv", Location("/v/lib/python3.11/site-packages/timm/net.py", 9, 5), "Conv2d"),
    "led.conv": Site("led.conv", Location("/v/site-packages/net.py", 9, 5), led_by=Location("a.py", 1, 3)),
    "nowhere": Site("nowhere", None),
    "wrong": Site("wrong", Location("b.py", 2, 5), "Conv2d"),
    "stale": Site("stale", Location("a.py", 2, 5), "Conv2d", known={"kernel_size": (5, 5)}),
}
NO_BIAS = {"bias": False}


def read(file: str) -> Source:
    return Source.of(file, FILES[file])


def refusal(*edits: SetArgs | Replace | Insert) -> CannotWrite:
    """Why a group cannot be written."""
    found = plan([edits], SITES, read)
    assert (found.changes, found.written) == ((), ())
    return found.refused[0]


def test_what_cannot_be_written_says_why_and_where() -> None:
    reasons = {
        "broken": "broken.py cannot be read as Python",
        "bytes": "bytes.py cannot be read as Python",
        "lib.conv": "it is built by a library, at /v/lib/python3.11/site-packages/timm/net.py:9",
        "led.conv": "the call of the project that leads there is the one to change",
        "nowhere": "it is not known where it was built",
        "unheard.of": "it is not known where it was built",
        "wrong": "it is built by nn.ReLU(...), which is not the constructor of Conv2d",
        "stale": "the source says kernel_size=3, but (5, 5) was recorded: the file has changed since",
    }
    for module, reason in reasons.items():
        found = refusal(SetArgs(module, NO_BIAS))
        assert reason in found.reason
        assert found.module == module
    assert refusal(SetArgs("led.conv", NO_BIAS)).location == Location("a.py", 1, 3)
    assert str(refusal(SetArgs("wrong", NO_BIAS))).startswith("b.py:2: wrong it is built by")


def test_a_group_is_written_whole_or_not_at_all() -> None:
    found = refusal(SetArgs("x", NO_BIAS), SetArgs("y", {"kernel_size": 1}))
    assert found.reason == "kernel_size is given by the name K at line 3"
    assert found.location == Location("a.py", 3, 5)
    assert found.module == "y"


def test_a_functional_call_needs_its_module_first() -> None:
    edit = Insert(Place("after-call", "x", "relu"), (Part("Tanh"),))
    assert refusal(edit).reason.startswith("a layer behind relu() has to be made in the constructor first")


def test_a_layer_like_one_that_is_not_torch_s() -> None:
    assert "it is no layer of torch.nn" in refusal(Replace("z", (Part("like:lib"),))).reason


def test_the_earlier_of_two_groups_wins() -> None:
    found = plan([[SetArgs("x", {"padding": 1})], [SetArgs("x", {"padding": 2})], [Replace("z", ())]], SITES, read)
    assert found.written == (0, 2)
    assert found.refused[1].reason == "two edits set padding: to 1 and to 2"
    assert [change.file for change in found.changes] == ["a.py", "b.py"]
    assert b"nn.Conv2d(3, 8, 3, padding=1)" in found.changes[0].after
    assert b"z = nn.Identity()" in found.changes[1].after


def test_groups_that_agree_merge_into_one_call() -> None:
    found = plan([[SetArgs("x", {"padding": 1})], [SetArgs("x", {"padding": 1, "bias": False})]], SITES, read)
    assert found.written == (0, 1)
    assert b"nn.Conv2d(3, 8, 3, padding=1, bias=False)" in found.changes[0].after
    assert found.changes[0].before == FILES["a.py"]


def test_no_group_is_no_change() -> None:
    assert plan([], SITES, read) == Plan()
