"""Forwards as people write them, each with dropouts to be put there, and what must come of them: the text, or a reason.

Every file defines `Net`, which is built without arguments and runs on `Net.example_inputs`.
"""

from __future__ import annotations

from netadvise.edit import Edit, Insert, Part, Place
from tests.rewrite.corpus import Case

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
NN_ONLY = "import torch\nfrom torch import nn\n"
LAYERS = ("self.fc1, self.fc2 = nn.Linear(8, 8), nn.Linear(8, 8)", "self.act = nn.ReLU()")
BLOCK = """

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        return F.relu(self.fc(x)) + x
"""
MASK = ", p=0.3, training=self.training)"


def drop(where: str, module: str = "", function: str = "", index: int = 0, kind: str = "Dropout") -> Insert:
    """One dropout of rate 0.3."""
    more = {"mode": "row"} if kind == "StochasticDepth" else {}
    place = Place(where, module, function, index)  # type: ignore[arg-type]
    return Insert(place, (Part(kind, {"p": 0.3, **more}),))


def behind(function: str, index: int = 0, module: str = "", kind: str = "Dropout") -> tuple[Edit, ...]:
    return (drop("after-call", module, function, index, kind),)


def net(*lines: str, layers: tuple[str, ...] = LAYERS, head: str = HEAD, shape: str = "2, 8", tail: str = "") -> str:
    """A file with a `Net` whose forward holds these lines."""
    built, run = (("".join(f"        {line}\n" for line in each)) for each in (layers, lines))
    return (
        f"{head}\n\nclass Net(nn.Module):\n    example_inputs = torch.zeros({shape})\n\n"
        f"    def __init__(self):\n        super().__init__()\n{built}\n    def forward(self, x):\n{run}{tail}"
    )


FC = net("return self.fc2(F.relu(self.fc1(x)))")
CHAIN = net("x = (self.fc1(x).relu()", "     .tanh()  # (", "     .relu())", "return self.fc2(x)")
LSTM = net("y, _ = self.lstm(x)  # all steps", "return y", layers=("self.lstm = nn.LSTM(8, 8)",), shape="3, 2, 8")
TWO = net("return self.b(self.a(x))", layers=("self.a, self.b = Block(), Block()",), head=HEAD + BLOCK)
SEQUENTIAL = ("self.body = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))",)
IMAGE = ("self.conv = nn.Conv2d(3, 8, 3)",)

WRITTEN = (
    Case("function", FC, behind("relu"), (("F.relu(self.fc1(x))", f"F.dropout(F.relu(self.fc1(x)){MASK}"),)),
    Case(
        "torch-function",
        net("return torch.relu(x)"),
        behind("relu"),
        (("torch.relu(x)", f"F.dropout(torch.relu(x){MASK}"),),
    ),
    Case(
        "inplace-value",
        net("return F.relu(x + 1, inplace=True)"),
        behind("relu_"),
        (("F.relu(x + 1, inplace=True)", f"F.dropout(F.relu(x + 1, inplace=True){MASK}"),),
    ),
    Case("method", net("return x.relu()"), behind("relu"), (("x.relu()", f"F.dropout(x.relu(){MASK}"),)),
    Case(
        "flatten",
        net("return x.flatten(1)", shape="2, 2, 4"),
        behind("view"),
        (("x.flatten(1)", f"F.dropout(x.flatten(1){MASK}"),),
    ),
    Case(
        "operator",
        net("return (x + self.fc1(x))"),
        behind("add"),
        (("x + self.fc1(x)", f"F.dropout(x + self.fc1(x){MASK}"),),
    ),
    Case("operators", net("return x + x + 2"), behind("add"), (("x + x + 2", f"F.dropout(x + x{MASK} + 2"),)),
    Case("outer-operator", net("return x + x + 2"), behind("add", 1), (("x + x + 2", f"F.dropout(x + x + 2{MASK}"),)),
    Case(
        "both-operators",
        net("return x + x + 2"),
        (*behind("add"), *behind("add", 1)),
        (("x + x + 2", f"F.dropout(F.dropout(x + x{MASK} + 2{MASK}"),),
    ),
    Case(
        "ends-together",
        net("return x * x.relu()"),
        (*behind("relu"), *behind("mul")),
        (("x * x.relu()", f"F.dropout(x * F.dropout(x.relu(){MASK}{MASK}"),),
    ),
    Case("chain-first", CHAIN, behind("relu"), (("self.fc1(x).relu()", f"F.dropout(self.fc1(x).relu(){MASK}"),)),
    Case(
        "chain-last",
        CHAIN,
        behind("relu", 1),
        (("(self.fc1", "(F.dropout(self.fc1"), (".relu())\n", f".relu(){MASK})\n")),
    ),
    Case(
        "walrus",
        net("if (y := F.relu(x)) is not None:", "    x = y", "return x"),
        behind("relu"),
        (("F.relu(x)", f"F.dropout(F.relu(x){MASK}"),),
    ),
    Case(
        "helper-method",
        net("return self._go(x)", tail="\n    def _go(me, x):\n        return F.relu(x)\n"),
        behind("relu"),
        (("F.relu(x)", "F.dropout(F.relu(x), p=0.3, training=me.training)"),),
    ),
    Case(
        "two-dimensional",
        net("return F.relu(self.conv(x))", layers=IMAGE, shape="1, 3, 8, 8"),
        behind("relu", kind="Dropout2d"),
        (("F.relu(self.conv(x))", f"F.dropout2d(F.relu(self.conv(x)){MASK}"),),
    ),
    Case(
        "alpha",
        FC,
        behind("relu", kind="AlphaDropout"),
        (("F.relu(self.fc1(x))", f"F.alpha_dropout(F.relu(self.fc1(x)){MASK}"),),
    ),
    Case(
        "feature-alpha",
        FC,
        behind("relu", kind="FeatureAlphaDropout"),
        (("F.relu(self.fc1(x))", f"F.feature_alpha_dropout(F.relu(self.fc1(x)){MASK}"),),
    ),
    Case(
        "by-nn",
        net("return x.relu()", head=NN_ONLY),
        behind("relu"),
        (("x.relu()", f"nn.functional.dropout(x.relu(){MASK}"),),
    ),
    Case(
        "by-torch",
        net("return x.relu()", head="import torch\n").replace("nn.", "torch.nn."),
        behind("relu"),
        (("x.relu()", f"torch.nn.functional.dropout(x.relu(){MASK}"),),
    ),
    Case("after-weights", FC, (drop("after", "fc1"),), (("self.fc1(x)", f"F.dropout(self.fc1(x){MASK}"),)),
    Case(
        "before-weights",
        FC,
        (drop("before", "fc2"),),
        (("F.relu(self.fc1(x))", f"F.dropout(F.relu(self.fc1(x)){MASK}"),),
    ),
    Case(
        "before-by-name",
        net("return self.fc1(input=x)"),
        (drop("before", "fc1"),),
        (("input=x", f"input=F.dropout(x{MASK}"),),
    ),
    Case(
        "after-plain",
        net("return self.act(self.fc1(x))"),
        (drop("after", "act"),),
        (("nn.ReLU()", "nn.Sequential(nn.ReLU(), nn.Dropout(p=0.3))"),),
    ),
    Case(
        "in-a-list",
        net("return self.all[0](x)", layers=("self.all = nn.ModuleList([nn.Linear(8, 8)])",)),
        (drop("after", "all.0"),),
        (("self.all[0](x)", f"F.dropout(self.all[0](x){MASK}"),),
    ),
    Case(
        "both-blocks",
        TWO,
        (drop("after", "a.fc"), drop("after", "b.fc")),
        (("self.fc(x)", f"F.dropout(self.fc(x){MASK}"),),
    ),
    Case(
        "both-branches",
        TWO,
        (*behind("relu", module="a"), *behind("relu", module="b")),
        (("F.relu(self.fc(x))", f"F.dropout(F.relu(self.fc(x)){MASK}"),),
    ),
    Case(
        "before-the-next",
        net("return self.body(x)", layers=SEQUENTIAL),
        (drop("after", "body.0"),),
        (("nn.ReLU()", "nn.Sequential(nn.Dropout(p=0.3), nn.ReLU())"),),
    ),
    Case(
        "behind-the-whole",
        net("return self.body(x)", layers=SEQUENTIAL),
        (drop("after", "body.2"),),
        (("self.body(x)", f"F.dropout(self.body(x){MASK}"),),
    ),
    Case(
        "behind-the-one-before",
        net("return self.body(x)", layers=SEQUENTIAL),
        (drop("before", "body.2"),),
        (("nn.ReLU()", "nn.Sequential(nn.ReLU(), nn.Dropout(p=0.3))"),),
    ),
    Case("unpacked", LSTM, (drop("after", "lstm"),), (("all steps\n", f"all steps\n        y = F.dropout(y{MASK}\n"),)),
    Case(
        "first-of-several",
        LSTM.replace("y, _ = self.lstm(x)", "y = self.lstm(x)[0]"),
        (drop("after", "lstm"),),
        (("self.lstm(x)[0]", f"F.dropout(self.lstm(x)[0]{MASK}"),),
    ),
    Case(
        "crlf",
        FC.replace("\n", "\r\n"),
        behind("relu"),
        (("F.relu(self.fc1(x))", f"F.dropout(F.relu(self.fc1(x)){MASK}"),),
    ),
)
