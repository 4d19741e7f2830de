"""Files into which the edits cannot be written, for a reason that names the place; and near misses that can."""

from __future__ import annotations

from tests.rewrite.corpus import AFTER, DROPPED, TO_3X3, TWO_3X3, Case, net, set_args

OWN_CLASS = """\
from torch import nn


class Conv(nn.Conv2d):
    def __init__(self, i, o):
        super().__init__(i, o, 3)
"""
TYPE_CHECKING = """\
from typing import TYPE_CHECKING
from torch.nn import Conv2d, Module
if TYPE_CHECKING:
    from torch import nn
"""
REFUSED = (
    Case(
        "expression",
        net("bias = True", "self.conv = nn.Conv2d(3, 8, 3, bias=bias)"),
        refused="bias is given by the name bias at line 8",
    ),
    Case(
        "constant",
        net("self.conv = nn.Conv2d(3, 8, K)", head="from torch import nn\n\nK = 5\n"),
        TO_3X3,
        refused="kernel_size is given by the name K at line 9",
    ),
    Case(
        "arithmetic",
        net("self.conv = nn.Conv2d(3, 8, 2 + 3, padding=5 // 2)"),
        TO_3X3,
        refused="kernel_size is given by the expression 2 + 3 at line 7",
    ),
    Case(
        "conditional-value",
        net("self.conv = nn.Conv2d(3, 8, 3, bias=True if 1 else False)"),
        refused="bias is given by the expression True if 1 else False",
    ),
    Case(
        "star",
        net("sizes = (3, 8, 5)", "self.conv = nn.Conv2d(*sizes)"),
        TO_3X3,
        refused="kernel_size may be given by *sizes",
    ),
    Case(
        "star-inside", net("self.conv = nn.Conv2d(3, *(8, 5))"), TO_3X3, refused="kernel_size may be given by *(8, 5)"
    ),
    Case(
        "double-star",
        net("more = {'padding': 1}", "self.conv = nn.Conv2d(3, 8, 3, **more)"),
        refused="bias may be given by **more",
    ),
    Case(
        "loop",
        net("for i in range(3):", "    setattr(self, f'conv{i}', nn.Conv2d(8, 8, 3))"),
        set_args("conv1", bias=False),
        refused="the same call builds conv0, conv2",
    ),
    Case(
        "comprehension",
        net("self.convs = nn.ModuleList([nn.Conv2d(8, 8, 3) for _ in range(6)])"),
        set_args("convs.2", bias=False),
        refused="builds convs.0, convs.1, convs.3 and 2 more, which stay",
    ),
    Case(
        "factory",
        net(
            "self.conv, self.other = conv(3), conv(8)",
            head="from torch import nn\n\n\ndef conv(n):\n    return nn.Conv2d(n, 8, 3)\n",
        ),
        refused="the same call builds other",
    ),
    Case(
        "partial-inline",
        net("self.conv = partial(nn.Conv2d, 3, 8)(3)", head="from functools import partial\nfrom torch import nn\n"),
        refused="partial is no layer of torch.nn here",
    ),
    Case(
        "map",
        net("self.conv, self.b = map(nn.Flatten, (1, 1))"),
        set_args(start_dim=2),
        refused="no call begins at this place",
    ),
    Case(
        "map-starred",
        net("self.conv = nn.Sequential(*map(nn.Softmax, (0, 1)))"),
        set_args("conv.0", dim=2),
        refused="the constructor of Softmax",
    ),
    Case(
        "own-class",
        net(
            "self.conv = Conv(3, 8)",
            head=OWN_CLASS,
        ),
        refused="Conv is no layer of torch.nn here, so it may not take bias",
    ),
    Case(
        "shadowed",
        net("self.conv = Conv2d(3, 8, 3)", head="from torch import nn\n\n\nclass Conv2d(nn.Conv2d):\n    pass\n"),
        refused="Conv2d is no layer of torch.nn here",
    ),
    Case("no-such-argument", net("self.conv = nn.Flatten()"), refused="nn.Flatten takes no bias"),
    Case(
        "name-missing",
        net("self.conv = Conv2d(16, 16, 5, padding=2)", head="from torch.nn import Conv2d, Module\n", base="Module"),
        TWO_3X3,
        refused="does not import BatchNorm2d: add `from torch.nn import BatchNorm2d`",
    ),
    Case(
        "identity-missing",
        net("self.conv = Conv2d(16, 16, 5)", head="from torch.nn import Conv2d, Module\n", base="Module"),
        DROPPED,
        refused="does not import Identity",
    ),
    Case(
        "import-elsewhere",
        net(
            "self.conv = Conv2d(16, 16, 5)",
            head="from torch.nn import Conv2d, Module\n\n\ndef other():\n    from torch import nn\n    return nn\n",
            base="Module",
        ),
        DROPPED,
        refused="does not import Identity",
    ),
    Case(
        "type-checking-import",
        net(
            "self.conv = Conv2d(16, 16, 5)",
            head=TYPE_CHECKING,
            base="Module",
        ),
        DROPPED,
        refused="does not import Identity",
    ),
    Case(
        "comment-inside",
        net("self.conv = nn.Conv2d(", "    16, 16, 5,  # wide", ")"),
        TWO_3X3,
        refused="a comment inside the call would be lost: # wide",
    ),
    Case(
        "attribute-read",
        net("self.conv = nn.Conv2d(16, 16, 5)", "nn.init.zeros_(self.conv.weight)"),
        TWO_3X3,
        refused="line 8 uses self.conv.weight",
    ),
    Case(
        "handed-on",
        net(
            "self.conv = spectral_norm(nn.Conv2d(16, 16, 5))",
            head="from torch import nn\nfrom torch.nn.utils import spectral_norm\n",
        ),
        DROPPED,
        refused="it is handed to spectral_norm",
    ),
    Case(
        "read-after-insert",
        net("self.conv = nn.Conv2d(3, 8, 3)", "self.width = self.conv.out_channels"),
        AFTER,
        refused="line 8 uses self.conv.out_channels",
    ),
    Case(
        "conflict",
        net("self.conv = nn.Conv2d(3, 8, 3)"),
        (*set_args(padding=1), *set_args(padding=2)),
        refused="two edits set padding: to 1 and to 2",
    ),
    Case(
        "replaced-and-set",
        net("self.conv = nn.Conv2d(16, 16, 5)"),
        (*TWO_3X3, *set_args(bias=False)),
        refused="one edit replaces it and another changes it",
    ),
    Case(
        "computed-once",
        net("widths = [16, 16]", "self.conv = nn.Conv2d(widths.pop(), 16, 5)"),
        DROPPED,
        refused="its in_channels is computed by widths.pop()",
    ),
    Case(
        "f-string",
        net("self.conv = nn.Conv2d(3, 8, 3)", "print(f'{nn.Conv2d(3, 8, 3)}' * 0, end='')"),
        changes=(("= nn.Conv2d(3, 8, 3)", "= nn.Conv2d(3, 8, 3, bias=False)"),),
    ),
)
