"""A name stands for torch's class only where nothing else is possible."""

from __future__ import annotations

import ast

import pytest

from netadvise.rewrite.names import Names
from netadvise.source import Source

UNKNOWN = [
    "from torch import nn\nnn = object()\nnn.ReLU()",
    "from torch import nn\ndef f(nn):\n    return nn.ReLU()",
    "from torch import nn\nfor nn in (): nn.ReLU()",
    "from torch import nn\nclass nn: pass\nnn.ReLU()",
    "try:\n    from torch.nn import ReLU\nexcept ImportError:\n    ReLU = None\nReLU()",
    "try:\n    from torch.nn import ReLU\nexcept ImportError:\n    from mine import ReLU\nReLU()",
    "from .nn import ReLU\nReLU()",
    "from torch.nn import *\nfrom mine import *\nReLU()",
    "from torch import nn\n(nn if 1 else nn).ReLU()",
    "ReLU()",
    "from torch import nn\nmatch 1:\n    case {**nn}: nn.ReLU()",
    "from torch import nn\nwith open('f') as nn: nn.ReLU()",
    "a = b\nb = a\na.ReLU()",
    "import torch.nn.functional as nn\nnn.relu(ReLU())",
]
KNOWN = [
    "from torch import nn\nnn.ReLU()",
    "import torch\ntorch.nn.ReLU()",
    "import torch.nn\ntorch.nn.ReLU()",
    "import torch.nn as other\nother.ReLU()",
    "from torch.nn import ReLU as R\nR()",
    "from torch.nn.modules.activation import ReLU\nReLU()",
    "import torch.nn.modules as m\nm.activation.ReLU()",
    "from torch.nn import *\nReLU()",
    "from torch import nn\nAct = nn.ReLU\nAct()",
    "try:\n    from torch import nn\nexcept ImportError:\n    import torch.nn as nn\nnn.ReLU()",
]


def layer(text: str) -> str:
    """The class that the last call of a file constructs."""
    source = Source.of("net.py", text.encode())
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    return Names(source).layer(max(calls, key=lambda call: (call.lineno, call.col_offset)))


@pytest.mark.parametrize("text", UNKNOWN)
def test_an_uncertain_name_is_nothing(text: str) -> None:
    assert layer(text) == ""


@pytest.mark.parametrize("text", KNOWN)
def test_an_import_is_followed(text: str) -> None:
    assert layer(text) == "ReLU"
