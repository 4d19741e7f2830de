"""Every kind of code around a call: classes, functions, loops, containers, imports."""

from __future__ import annotations

from tests.rewrite.corpus import ADD, TO_3X3, Case, net, set_args

INHERITED = """\
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)


class Net(Base):
    pass
"""
DATACLASS = """\
from dataclasses import dataclass
from torch import nn


@dataclass(eq=False)
class Net(nn.Module):
    width: int = 8

    def __post_init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, self.width, 3)
"""
STRUCTURE = (
    Case(
        "decorated",
        net(
            "self.conv = nn.Conv2d(3, 8, 3)",
            head="import dataclasses\nfrom torch import nn\n\n\ndef kept(cls):\n    return cls\n",
        ).replace("class Net", "@kept\nclass Net"),
        changes=(ADD,),
    ),
    Case(
        "inherited",
        INHERITED,
        changes=(ADD,),
    ),
    Case(
        "class-constant",
        net("self.conv = nn.Conv2d(self.WIDTH, 8, 3)").replace("    def", "    WIDTH = 3\n\n    def"),
        changes=(("8, 3)", "8, 3, bias=False)"),),
    ),
    Case(
        "same-line",
        net("self.conv, self.other = nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 3)"),
        set_args("other", bias=False),
        changes=((", nn.Conv2d(3, 8, 3)", ", nn.Conv2d(3, 8, 3, bias=False)"),),
    ),
    Case(
        "both-on-a-line",
        net("self.conv, self.other = nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 5)"),
        (*set_args(bias=False), *set_args("other", padding=2)),
        changes=(("3, 8, 3)", "3, 8, 3, bias=False)"), ("3, 8, 5)", "3, 8, 5, padding=2)")),
    ),
    Case(
        "nested",
        net("self.conv = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())"),
        set_args("conv.0", bias=False),
        changes=(ADD,),
    ),
    Case(
        "nested-fluent",
        net("self.conv = nn.Sequential(nn.ReLU(), nn.Conv2d(3, 8, 3).eval()).train()"),
        set_args("conv.1", bias=False),
        changes=(ADD,),
    ),
    Case(
        "called-at-once",
        net("self.conv = nn.Conv2d(3, 8, 3); nn.ReLU()(torch.zeros(1))", head="import torch\nfrom torch import nn\n"),
        changes=(ADD,),
    ),
    Case("walrus", net("print(end='') if (conv := nn.Conv2d(3, 8, 3)) else None", "self.conv = conv"), changes=(ADD,)),
    Case("conditional", net("self.conv = nn.Conv2d(3, 8, 3) if 1 else nn.Conv2d(3, 8, 1)"), changes=(ADD,)),
    Case("lambda", net("make = lambda: nn.Conv2d(3, 8, 3)", "self.conv = make()"), changes=(ADD,)),
    Case(
        "default-class",
        net(
            "self.conv = self.make()",
            tail="\n    def make(self, conv=nn.Conv2d):\n        return conv(3, 8, 3, bias=True)\n",
        ),
        changes=(("bias=True", "bias=False"),),
    ),
    Case(
        "partial",
        net(
            "conv = partial(nn.Conv2d, bias=True)",
            "self.conv = conv(3, 8, kernel_size=5, padding=2)",
            head="from functools import partial\nfrom torch import nn\n",
        ),
        TO_3X3,
        changes=(("=5", "=3"), ("g=2", "g=1")),
    ),
    Case(
        "factory-all",
        net(
            "self.conv, self.other = conv(3), conv(8)",
            head="from torch import nn\n\n\ndef conv(n):\n    return nn.Conv2d(n, 8, 3)\n",
        ),
        (*set_args(bias=False), *set_args("other", bias=False)),
        changes=(("n, 8, 3)", "n, 8, 3, bias=False)"),),
    ),
    Case(
        "comprehension-all",
        net("self.convs = nn.ModuleList(nn.Conv2d(8, 8, 3) for _ in range(2))"),
        (*set_args("convs.0", bias=False), *set_args("convs.1", bias=False)),
        changes=(("8, 8, 3)", "8, 8, 3, bias=False)"),),
    ),
    Case(
        "double-star-given",
        net("more = {'padding': 1}", "self.conv = nn.Conv2d(3, 8, kernel_size=3, bias=True, **more)"),
        changes=(("bias=True", "bias=False"),),
    ),
    Case(
        "star-behind",
        net("rest = (3, 1)", "self.conv = nn.Conv2d(3, 8, *rest)"),
        set_args(out_channels=16),
        changes=(("3, 8,", "3, 16,"),),
    ),
    Case(
        "appended",
        net("layers = []", "layers.append(nn.Conv2d(3, 8, 3))", "self.conv = nn.Sequential(*layers)"),
        set_args("conv.0", bias=False),
        changes=(ADD,),
    ),
    Case(
        "ordered-dict",
        net(
            "self.conv = nn.Sequential(OrderedDict([('a', nn.Conv2d(3, 8, 3))]))",
            head="from collections import OrderedDict\nfrom torch import nn\n",
        ),
        set_args("conv.a", bias=False),
        changes=(ADD,),
    ),
    Case(
        "module-dict",
        net("self.conv = nn.ModuleDict({'a': nn.Conv2d(3, 8, 3)})"),
        set_args("conv.a", bias=False),
        changes=(ADD,),
    ),
    Case("add-module", net("self.add_module('conv', nn.Conv2d(3, 8, 3))"), changes=(ADD,)),
    Case("try", net("try:", "    self.conv = nn.Conv2d(3, 8, 3)", "finally:", "    pass"), changes=(ADD,)),
    Case("match", net("match 3:", "    case 3:", "        self.conv = nn.Conv2d(3, 8, 3)"), changes=(ADD,)),
    Case("annotated", net("self.conv: nn.Conv2d = nn.Conv2d(3, 8, 3)"), changes=(ADD,)),
    Case(
        "full-name",
        net("self.conv = torch.nn.Conv2d(3, 8, 3)", head="import torch\n", base="torch.nn.Module"),
        changes=(ADD,),
    ),
    Case(
        "other-alias",
        net("self.conv = L.Conv2d(3, 8, 3)", head="import torch.nn as L\n", base="L.Module"),
        changes=(ADD,),
    ),
    Case(
        "from-import",
        net("self.conv = C(3, 8, 3)", head="from torch.nn import Conv2d as C, Module\n", base="Module"),
        changes=(ADD,),
    ),
    Case(
        "private-import",
        net("self.conv = Conv2d(3, 8, 3)", head="from torch import nn\nfrom torch.nn.modules.conv import Conv2d\n"),
        changes=(ADD,),
    ),
    Case(
        "star-import",
        net("self.conv = Conv2d(3, 8, 3)", head="from torch.nn import *\n", base="Module"),
        changes=(ADD,),
    ),
    Case(
        "assigned-alias",
        net("self.conv = Conv(3, 8, 3)", head="from torch import nn\n\nConv = nn.Conv2d\n"),
        changes=(ADD,),
    ),
    Case(
        "own-class-named",
        net(
            "self.conv = Conv(3, 8, 3, bias=True)", head="from torch import nn\n\n\nclass Conv(nn.Conv2d):\n    pass\n"
        ),
        changes=(("bias=True", "bias=False"),),
    ),
    Case(
        "dataclass",
        DATACLASS,
        changes=(("width, 3)", "width, 3, bias=False)"),),
    ),
)
