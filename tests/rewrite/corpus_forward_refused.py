"""Forwards into which a dropout cannot be written, for a reason that names the place."""

from __future__ import annotations

from tests.rewrite.corpus import Case
from tests.rewrite.corpus_forward import FC, HEAD, LSTM, TWO, behind, drop, net

REFUSED = (
    Case(
        "no-import",
        net("return torch.relu(x)", head="import torch\nfrom torch.nn import Linear, Module, ReLU\n")
        .replace("nn.", "")
        .replace("import torch\n", "from torch import relu, zeros\n")
        .replace("torch.relu", "relu")
        .replace("torch.zeros", "zeros"),
        behind("relu"),
        refused="add `import torch.nn.functional as F` and write `F.dropout(relu(x), p=0.3, training=self.training)`",
    ),
    Case(
        "loop",
        net("for _ in range(1):", "    x = F.relu(x)", "return x"),
        behind("relu"),
        refused="it stands in a loop",
    ),
    Case("while", net("while x is not None:", "    return F.relu(x)"), behind("relu"), refused="it stands in a loop"),
    Case(
        "comprehension",
        net("return [F.relu(y) for y in (x,)][0]"),
        behind("relu"),
        refused="it stands in a comprehension",
    ),
    Case("lambda", net("return (lambda y: F.relu(y))(x)"), behind("relu"), refused="it stands in a lambda"),
    Case(
        "nested",
        net("def go(y):", "    return F.relu(y)", "return go(x)"),
        behind("relu"),
        refused="it stands in the function go, which is no method",
    ),
    Case(
        "function-outside",
        net("return go(x)", head=HEAD + "\n\ndef go(x):\n    return F.relu(x)\n"),
        behind("relu"),
        refused="it stands in the function go, which is no method",
    ),
    Case(
        "static",
        net("return self.go(x)", tail="\n    @staticmethod\n    def go(x):\n        return F.relu(x)\n"),
        behind("relu"),
        refused="which is not given the module",
    ),
    Case(
        "no-module",
        net("return Helper().go(x)", head=HEAD + "\n\nclass Helper:\n    def go(self, x):\n        return F.relu(x)\n"),
        behind("relu"),
        refused="not certain that self of Helper.go is a Net",
    ),
    Case("rebound", net("self = self", "return F.relu(x)"), behind("relu"), refused="gives self another meaning"),
    Case(
        "in-place",
        net("x = x * 1", "x += x", "return x"),
        behind("add_"),
        refused="changes x in place: write `x = x ...` there first",
    ),
    Case(
        "unused",
        net("x = x * 1", "F.relu_(x)", "return x"),
        behind("relu_"),
        refused="the result of F.relu_(x) is not used",
    ),
    Case(
        "twice-by-helper",
        net("return self.go(self.go(x))", tail="\n    def go(self, x):\n        return F.relu(x)\n"),
        behind("relu"),
        refused="relu() ran 2 times here, where the source has one call",
    ),
    Case(
        "of-a-composite", net("return F.normalize(x)"), behind("div"), refused="no call of div() begins at this place"
    ),
    Case(
        "other-instances",
        TWO,
        behind("relu", module="a"),
        refused="the same code runs b/relu[0], which stay as they are",
    ),
    Case("other-modules", TWO, (drop("after", "a.fc"),), refused="the same code runs b.fc, which stay as they are"),
    Case(
        "twice-the-same",
        FC,
        (drop("after", "fc1"), drop("after", "fc1", kind="AlphaDropout")),
        refused="another edit puts another dropout around it",
    ),
    Case(
        "several-kept",
        LSTM.replace("y, _ = self.lstm(x)", "y = self.lstm(x)").replace("return y", "return y[0]"),
        (drop("after", "lstm"),),
        refused="self.lstm(x) returns several values",
    ),
    Case(
        "torchvision",
        FC,
        (drop("after", "fc1", kind="StochasticDepth"),),
        refused="add `from torchvision import ops` and write `ops.stochastic_depth(self.fc1(x), p=0.3, mode="
        '"row", training=self.training)`',
    ),
    Case("not-there", FC, behind("tanh"), refused="it is not known where call 0 of tanh() stands"),
)
