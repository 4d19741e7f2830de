"""Every way in which a call is laid out: lines, commas, comments, encodings, ends of line."""

from __future__ import annotations

from tests.rewrite.corpus import ADD, TO_3X3, Case, net, set_args

LAYOUT = (
    Case("one-line", net("self.conv = nn.Conv2d(3, 8, 3)"), changes=(ADD,)),
    Case("keyword", net("self.conv = nn.Conv2d(3, 8, 3, bias=True)"), changes=(("bias=True", "bias=False"),)),
    Case("positional", net("self.conv = nn.Conv2d(3, 8, 3, 1, 0, 1, 1, True)"), changes=(("1, True", "1, False"),)),
    Case(
        "spaces", net("self.conv = nn.Conv2d ( 3 , 8 , 3 , bias = True )"), changes=(("bias = True", "bias = False"),)
    ),
    Case("trailing-comma", net("self.conv = nn.Conv2d(3, 8, 3,)"), changes=(("3, 8, 3,)", "3, 8, 3, bias=False,)"),)),
    Case(
        "hanging", net("self.conv = nn.Conv2d(", "    3, 8, 3", ")"), changes=(("3, 8, 3\n", "3, 8, 3, bias=False\n"),)
    ),
    Case(
        "one-a-line",
        net("self.conv = nn.Conv2d(", "    3,", "    8,", "    3,", ")"),
        changes=(("    8,\n            3,\n", "    8,\n            3,\n            bias=False,\n"),),
    ),
    Case(
        "one-a-line-no-comma",
        net("self.conv = nn.Conv2d(", "    3,", "    8,", "    kernel_size=3  # small", ")"),
        changes=(("kernel_size=3  # small\n", "kernel_size=3,  # small\n            bias=False\n"),),
    ),
    Case(
        "aligned",
        net("self.conv = nn.Conv2d(3,", "                      8,", "                      3)"),
        changes=(("                      3)", "                      3,\n                              bias=False)"),),
    ),
    Case(
        "comments-inside",
        net("self.conv = nn.Conv2d(  # stem", "    3,  # rgb", "    8,", "    3,", "    # the end", ")"),
        changes=(("    3,\n            # the end", "    3,\n            bias=False,\n            # the end"),),
    ),
    Case(
        "backslash",
        net("self.conv = \\", "    nn.Conv2d(3, 8, \\", "              3)"),
        changes=(("              3)", "              3, bias=False)"),),
    ),
    Case("parenthesised-argument", net("self.conv = nn.Conv2d(3, 8, (3))"), changes=(("(3))", "(3), bias=False)"),)),
    Case(
        "parenthesised-value",
        net("self.conv = nn.Conv2d(3, 8, kernel_size=(5), padding=(2))"),
        TO_3X3,
        changes=(("(5)", "(3)"), ("(2)", "(1)")),
    ),
    Case("parenthesised-callee", net("self.conv = (nn.Conv2d)(3, 8, 3)"), changes=(ADD,)),
    Case("dotted-over-lines", net("self.conv = (", "    nn", "    .Conv2d(3, 8, 3)", ")"), changes=(ADD,)),
    Case(
        "tuple-value",
        net("self.conv = nn.Conv2d(3, 8, (5, 5), padding=(2, 2))"),
        TO_3X3,
        changes=(("(5, 5)", "3"), ("(2, 2)", "1")),
    ),
    Case(
        "uneven-value",
        net("self.conv = nn.Conv2d(3, 8, 5, padding=2)"),
        set_args(kernel_size=(1, 5), padding=(0, 2)),
        changes=(("8, 5", "8, (1, 5)"), ("g=2", "g=(0, 2)")),
    ),
    Case(
        "text-value",
        net("self.conv = nn.Conv2d(3, 8, 5)"),
        set_args(padding="same"),
        changes=(("8, 5", '8, 5, padding="same"'),),
    ),
    Case("negative-value", net("self.conv = nn.Softmax(dim=-1)"), set_args(dim=1), changes=(("-1", "1"),)),
    Case(
        "no-arguments",
        net("self.conv = nn.ReLU()"),
        set_args(inplace=True),
        changes=(("ReLU()", "ReLU(inplace=True)"),),
    ),
    Case(
        "no-arguments-comment",
        net("self.conv = nn.ReLU(  # fast", ")"),
        set_args(inplace=True),
        changes=(("ReLU(", "ReLU(inplace=True"),),
    ),
    Case(
        "several-arguments",
        net("self.conv = nn.Conv2d(3, 8, 5)"),
        set_args(kernel_size=3, padding=1, bias=False),
        changes=(("8, 5", "8, 3, padding=1, bias=False"),),
    ),
    Case(
        "already-so",
        net("self.conv = nn.Conv2d(3, 8, kernel_size=3, padding=(1, 1), bias=False)"),
        (*TO_3X3, *set_args(bias=False)),
        changes=(),
    ),
    Case("tabs", net("self.conv = nn.Conv2d(3, 8, 3)").replace("    ", "\t"), changes=(ADD,)),
    Case(
        "tabs-one-a-line",
        net("self.conv = nn.Conv2d(", "    3,", "    8,", "    3,", ")").replace("    ", "\t"),
        changes=(("8,\n\t\t\t3,\n", "8,\n\t\t\t3,\n\t\t\tbias=False,\n"),),
    ),
    Case(
        "crlf",
        net("self.conv = nn.Conv2d(", "    3,", "    8,", "    3,", ")").replace("\n", "\r\n"),
        changes=(("8,\r\n            3,\r\n", "8,\r\n            3,\r\n            bias=False,\r\n"),),
    ),
    Case("old-mac", net("self.conv = nn.Conv2d(3, 8, 3)").replace("\n", "\r"), changes=(ADD,)),
    Case("mixed-ends", net("self.conv = nn.Conv2d(3, 8, 3)").replace("__()\n", "__()\r\n"), changes=(ADD,)),
    Case("no-end-of-line", net("self.conv = nn.Conv2d(3, 8, 3)").rstrip("\n"), changes=(ADD,)),
    Case(
        "form-feed", "\x0c" + net("self.conv = nn.Conv2d(3, 8, 3)", head="from torch import nn\n\x0c\n"), changes=(ADD,)
    ),
    Case("bom", net("self.conv = nn.Conv2d(3, 8, 3)"), changes=(ADD,), encoding="utf-8-sig"),
    Case(
        "latin-1",
        net("é = 'ü'; self.conv = nn.Conv2d(3, 8, 3)  # ß", head="# -*- coding: latin-1 -*-\nfrom torch import nn\n"),
        changes=(ADD,),
        encoding="latin-1",
    ),
    Case(
        "shift-jis",
        net("x = '畳み込み'; self.conv = nn.Conv2d(3, 8, 3)  # 表", head="# coding: shift_jis\nfrom torch import nn\n"),
        changes=(ADD,),
        encoding="shift_jis",
    ),
    Case("accents", net("größe = 'é' + 'ñ'; self.conv = nn.Conv2d(3, 8, 3)  # naïve"), changes=(ADD,)),
    Case("emoji", net("x = '🔥👩‍🔬'; self.conv = nn.Conv2d(3, 8, 3); y = '🔥'"), changes=(ADD,)),
    Case("line-separator", net("x = 'a\u2028b\x85c'; self.conv = nn.Conv2d(3, 8, 3)"), changes=(ADD,)),
    Case("semicolons", net("self.a = nn.ReLU(); self.conv = nn.Conv2d(3, 8, 3); self.b = nn.ReLU()"), changes=(ADD,)),
    Case(
        "long-text-above",
        net('"""', "nn.Conv2d(3, 8, 3)", '"""', "self.conv = nn.Conv2d(3, 8, 3)"),
        changes=(("v = nn.Conv2d(3, 8, 3)", "v = nn.Conv2d(3, 8, 3, bias=False)"),),
    ),
)
