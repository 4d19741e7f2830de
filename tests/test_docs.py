"""What the documents show is what the program does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDED = re.compile(r"`(netadvise|tests)/([\w/]+)\.py`[^`]*?:\n\n```python\n(.*?)```", re.DOTALL)

STENCIL = """
import torch

library = torch.library.Library("stencil", "DEF")
library.define("laplace(Tensor x) -> Tensor")

def laplace(x):
    kernel = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]).expand(x.shape[1], 1, 3, 3)
    return torch.nn.functional.conv2d(x, kernel, padding=1, groups=x.shape[1])

library.impl("laplace", laplace, "CompositeExplicitAutograd")
library.impl("laplace", torch.empty_like, "Meta")

class Edges(torch.nn.Module):
    def forward(self, x):
        return torch.ops.stencil.laplace(torch.nn.functional.max_pool2d(x, 2))
"""
MEASURE = """
import netadvise
row = netadvise.profile(Edges(), torch.zeros(1, 3, 16, 16)).layers[-1]
print(row.macs, row.other_ops, row.receptive_field.size)
"""


def additions() -> list[tuple[str, str]]:
    """The modules and the code of architecture.md's worked example."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    return [(f"{top}.{path}".replace("/", "."), code) for top, path, code in ADDED.findall(text)]


def executed(script: str) -> str:
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_an_operator_without_a_formula_is_unknown() -> None:
    assert executed(STENCIL + MEASURE).count("Unknown") == 3


def test_the_worked_example_of_adding_an_operator_works() -> None:
    steps = [f"import {module}\nexec({code!r}, vars({module}))\n" for module, code in additions()]
    assert len(steps) == 4
    macs = 3 * 8 * 8 * 5
    assert executed(STENCIL + "".join(steps) + MEASURE) == f"{macs} 0 (6, 6)\n"


MYLIB = """
import torch

library = torch.library.Library("mylib", "DEF")
library.define("fused_mlp(Tensor x) -> Tensor")
library.define("window_attention(Tensor query, Tensor key, Tensor value) -> Tensor")
for name, function in (("fused_mlp", lambda x: x * 2), ("window_attention", lambda query, key, value: query * 2)):
    library.impl(name, function, "CompositeExplicitAutograd")
    library.impl(name, lambda x, *others: torch.empty_like(x), "Meta")

class Fused(torch.nn.Module):
    def forward(self, x):
        x = torch.ops.mylib.fused_mlp(x)
        heads = x.view(1, 8, 10, 64)
        return torch.ops.mylib.window_attention(heads, heads, heads)
"""
TOTAL = """
totals = netadvise.profile(Fused(), torch.zeros(10, 512)).totals
print(totals.flops, [gap.op for gap in totals.gaps if gap.quantity == "flops"])
"""


def test_the_formulas_shown_for_own_operators_are_used() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "numbers.md").read_text(), re.DOTALL)
    flops = 2 * 10 * 512 * 512 + 4 * 1 * 8 * 10 * 10 * 64
    assert executed(MYLIB + code + TOTAL) == f"{flops} []\n"
