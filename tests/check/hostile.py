"""Rule files that are broken, or built to harm: each with the place and the words that its error must have."""

from __future__ import annotations

from dataclasses import dataclass

USUAL = """\
version: 1
set: pack
prefix: MY
rules:
  - id: MY001
    name: the-rule
    title: A rule
    severity: warning
    confidence: A
    match: {op: conv}
    where: "params > 3"
    message: "found {name}"
    why: Because.
    refs: [algebra]
    tests: {input: [3, 8, 8], fires: ["ReLU()"], silent: ["Tanh()"]}
"""
_KEYS = [line.split(":")[0].strip(" -") for line in USUAL.splitlines()]


@dataclass(frozen=True)
class Hostile:
    """One file, with where its error stands and what it says."""

    name: str
    content: bytes
    place: str
    """line:column; empty where the file as a whole is refused."""
    said: str


def _file(name: str, text: str | bytes, place: str, said: str) -> Hostile:
    return Hostile(name, text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"), place, said)


def _line(name: str, key: str, line: str, column: int, said: str) -> Hostile:
    """The usual file with the line of one key replaced, or left out."""
    number = _KEYS.index(key)
    lines = USUAL.splitlines()
    lines[number : number + 1] = [f"    {line}"] if line else []
    return _file(name, "\n".join(lines) + "\n", f"{number + 1 if line else 5}:{column}", said)


def _where(name: str, expression: str, offset: int, said: str) -> Hostile:
    """The usual file with another condition; `offset` is where in it the problem stands."""
    return _line(name, "where", f"where: '{expression}'", 13 + offset, said)


def _match(name: str, pattern: str, column: int, said: str) -> Hostile:
    return _line(name, "match", f"match: {pattern}", column, said)


def _laughs() -> str:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [f"{each}: &{each} [{', '.join(['*' + before] * 9)}]" for before, each in zip("abcdefgh", "bcdefghi")]  # noqa: B905
    return "\n".join(rows) + "\n"


_TESTS = 'tests: {input: [3], fires: ["ReLU()"], silent: ["Tanh()"]'

FILES = [
    _file("empty", "", "1:1", "the file is empty"),
    _file("only a comment", "# nothing\n", "1:1", "the file is empty"),
    _file("a list", "- 1\n- 2\n", "1:1", "the file is a mapping, not a list"),
    _file("a text", "hello\n", "1:1", "the file is a mapping, not 'hello'"),
    _file("billion laughs", _laughs(), "1:4", "anchors are not allowed"),
    _file("alias", "version: *x\n", "1:10", "aliases are not allowed"),
    _file("merge key", "version: 1\n<<: {set: pack}\n", "2:1", "merge keys are not allowed"),
    _file("python tag", "version: !!python/object/apply:os.system ['true']\n", "1:10", "tags are not allowed"),
    _file("core tag", "version: !!str 1\n", "1:10", "tags are not allowed"),
    _file("local tag", "version: !x 1\n", "1:10", "tags are not allowed"),
    _file("yaml directive", "%YAML 1.1\n---\nversion: 1\n", "1:1", "directives are not allowed"),
    _file("tag directive", "%TAG ! tag:x,2000:\n---\nversion: 1\n", "1:1", "directives are not allowed"),
    _file("second document", USUAL + "---\nversion: 1\n", "16:1", "a second document"),
    _file("duplicate key", USUAL.replace("    title:", "    id: MY002\n    title:"), "7:5", "(first in line 5)"),
    _file("duplicate top key", USUAL + "version: 1\n", "16:1", "duplicate key 'version' (first in line 1)"),
    _file("list as key", "? [a]\n: 1\n", "1:3", "a key must be a text"),
    _file("mapping as key", "{{a: 1}: 2}\n", "1:2", "a key must be a text"),
    _file("deep flow lists", "version: " + "[" * 100_000, "1:41", "nested deeper than 32"),
    _file("deep flow mappings", "{a: " * 100_000, "1:129", "nested deeper than 32"),
    _file("deep block lists", "- " * 50_000, "1:65", "nested deeper than 32"),
    _file("deep block mappings", "".join(" " * n + "a:\n" for n in range(40)), "33:33", "nested deeper than 32"),
    _file("10 MB scalar", "version: " + "x" * 10_000_000, "", "is larger than 1 MiB"),
    _file("many values", "version: [" + "1," * 300_000 + "]", "1:100005", "more than 50,000 values"),
    _file("long scalar", USUAL.replace("A rule", "x" * 900_000), "7:12", "title has 900000 characters"),
    _file("tab", USUAL.replace("    why", "\twhy"), "13:1", "a tab"),
    _file("NUL", USUAL.replace("Because", "Be\0cause"), "13:12", "control character U+0000"),
    _file("escaped NUL", USUAL.replace("Because.", '"Be\\0cause"'), "13:10", "control character U+0000"),
    _file("terminal escape", USUAL.replace("Because", "\x1b[2J"), "13:10", "control character U+001B"),
    _file("text turned round", USUAL.replace("Because", "\u202eBecause"), "13:10", "control character U+202E"),
    _file("line separator", USUAL.replace("Because", "a\u2028b"), "13:11", "control character U+2028"),
    _file("lone surrogate", USUAL.replace("Because", "\ud800"), "13:10", "is not UTF-8: byte 0xed"),
    _file("escaped surrogate", USUAL.replace("Because.", '"\\ud800"'), "13:13", "not YAML"),
    _file("latin 1", USUAL.replace("Because", "caf\u00e9").encode("latin-1"), "13:13", "is not UTF-8: byte 0xe9"),
    _file("utf 16", USUAL.encode("utf-16"), "1:1", "is not UTF-8: byte 0xff"),
    _file("not YAML", "version: [1\nset: pack\n", "2:4", "not YAML"),
    _file("open quote", "version: 'x\n", "2:1", "not YAML"),
    _file("a binary file", bytes(range(256)) * 10, "2:118", "is not UTF-8: byte 0x80"),
    _file("version 2", USUAL.replace("version: 1", "version: 2"), "1:10", "version must be 1, not the number 2"),
    _file("version true", USUAL.replace("version: 1", "version: true"), "1:10", "version must be 1, not true"),
    _file("no version", USUAL.replace("version: 1\n", ""), "1:1", "the file has no 'version'"),
    _file("other set", USUAL.replace("set: pack", "set: other"), "2:6", "the name of the file, 'pack'"),
    _file("our prefix", USUAL.replace("MY", "KER"), "3:9", "prefix KER belongs to netadvise"),
    _file("no prefix", USUAL.replace("prefix: MY\n", ""), "1:1", "the file has no 'prefix'"),
    _file("id of another prefix", USUAL.replace("id: MY", "id: YOU"), "5:9", "begins with 'YOU', not with"),
    _file(
        "rules a mapping", "version: 1\nset: pack\nprefix: MY\nrules: {a: 1}\n", "4:8", "rules is a list, not a mapping"
    ),
    _file("a rule of text", "version: 1\nset: pack\nprefix: MY\nrules: [x]\n", "4:9", "the rule is a mapping, not 'x'"),
]

VALUES = [
    _line("misspelt key", "severity", "sverity: warning", 5, "unknown key 'sverity' in the rule (did you mean 'sev"),
    _line("bad severity", "severity", "severity: fatal", 15, "severity is one of error, warning, advice, not 'fatal'"),
    _line("severity a list", "severity", "severity: [error]", 15, "not a list"),
    _line("no severity", "severity", "", 5, "the rule has no 'severity'"),
    _file("bad id", USUAL.replace("MY001", "my1"), "5:9", "id is capitals and three digits, not 'my1'"),
    _line("bad name", "name", "name: The Rule", 11, "words-in-kebab-case"),
    _line("a flag as name", "name", "name: true", 11, "not true: put it in quotes"),
    _line("null title", "title", "title: ~", 12, "title is a text, not nothing"),
    _line("leading zero", "title", "title: 010", 12, "has a leading zero"),
    _line("huge number", "title", "title: 1" + "0" * 5000, 12, "is too large"),
    _line("infinite number", "title", "title: 1e400", 12, "is too large"),
    _line("not a number", "title", "title: .nan", 12, "is not a finite number"),
    _line("huge option", "why", "options: {limit: 1" + "0" * 5000 + "}", 22, "is too large"),
    _line("huge suffix", "why", "options: {limit: 99999999T}", 22, "is too large"),
    _line("option a list", "why", "options: {limit: [1, 2]}", 22, "not a list"),
    _line("bad option name", "why", "options: {Limit: 1}", 15, "'Limit' is no name"),
    _line("no message", "message", "", 5, "the rule has no 'message'"),
    _line("no references", "refs", "refs: []", 11, "refs has 0 entries, at least 1 needed"),
    _line("long why", "why", "why: " + "x" * 2001, 10, "why has 2001 characters, at most 2000"),
    _line("no tests", "tests", "", 5, "the rule has no 'tests'"),
    _line("no silent test", "tests", 'tests: {input: [3], fires: ["ReLU()"]}', 12, "tests has no 'silent'"),
    _line("no firing test", "tests", _TESTS.replace('["ReLU()"]', "[]") + "}", 32, "fires has 0 entries"),
    _line("test without input", "tests", 'tests: {fires: ["ReLU()"], silent: ["Tanh()"]}', 21, "has no `input`"),
    _line("negative size", "tests", _TESTS.replace("[3]", "[-3]") + "}", 21, "a whole number from 1"),
    _line("unknown context", "tests", _TESTS + ", context: {task.los: x}}", 74, "(did you mean 'task.loss'?)"),
    _line("undeclared option", "tests", _TESTS + ", options: {limit: 1}}", 74, "unknown option 'limit'"),
    _line(
        "file outside", "tests", _TESTS.replace("ReLU()", "../../x.py:Net") + "}", 33, "must stand below the rule file"
    ),
    _line("bad fix", "why", "fix: {text: x, safety: unsafe}", 28, "not 'unsafe'"),
    _line("bad effect", "why", "effect: {params: 'nothing'}", 23, "effect.params: unknown name 'nothing'"),
    _line("effect of text", "why", "effect: {params: 'name'}", 23, "name is a text, not a number"),
    _line("weaker escalation", "why", "escalate: {warning: 'params > 5'}", 25, "warning is not worse than warning"),
    _line("empty escalation", "why", "escalate: {}", 15, "escalate is empty"),
    _line("unknown scope", "why", "scope: net", 12, "scope is one of"),
    _line("unknown mode", "why", "mode: training", 11, "mode is one of"),
    _line(
        "sequence for layers",
        "why",
        "sequence: [{op: conv}, {op: conv}]",
        15,
        "'sequence' is not for rules of scope layer",
    ),
    _line("count for layers", "why", "count: {convs: {op: conv}}", 12, "'count' is not for rules of scope layer"),
    _line("cyclic lets", "why", "let: {a: 'b + 1', b: 'a'}", 15, "'b' is defined further down"),
    _line("let of itself", "why", "let: {a: 'a + 1'}", 15, "'a' is defined further down"),
    _line("let as a field", "why", "let: {params: '1'}", 11, "'params' is a field of the layer"),
    _line("let as a function", "why", "let: {max: '1'}", 11, "'max' is a function"),
    _line("let as a word", "why", "let: {opt: '1'}", 11, "'opt' is a word of the language"),
    _line("unless a mapping", "why", "unless: {a: 1}", 13, "unless is an expression, not a mapping"),
]

PATTERNS = [
    _match(
        "unknown field", "{op: conv, kernal_size: 3}", 23, "unknown key 'kernal_size' in match (did you mean 'kernel"
    ),
    _match("unknown value", "{op: convv}", 17, "op is never 'convv' (did you mean 'conv'?)"),
    _match("text for a flag", "{op: conv, bias: yes}", 29, "bias is true or false, not 'yes'"),
    _match("text for a number", "{groups: many}", 21, "groups is a number, not 'many'"),
    _match("suffix in a pattern", "{params: 25M}", 21, "params is a number, not '25M'"),
    _match("null field", "{op: conv, groups: null}", 31, "groups is a number, not nothing"),
    _match("glob bomb", f"{{type: '{'*a' * 30}'}}", 19, "at most 100 characters and 5 `*`"),
    _match("glob without a value", "{op: 'zzz*'}", 17, "op is never like 'zzz*'"),
    _match("empty pattern", "{}", 12, "match is empty"),
    _match("empty list", "{op: []}", 17, "op is an empty list"),
    _match("until outside", "{op: conv, until: {op: norm}}", 23, "'until' belongs inside `below` or `above`"),
    _match("until in next", "{next: {op: norm, until: {op: conv}}}", 30, "'until' belongs inside `below` or `above`"),
    _match("only in below", "{below: {op: norm, only: true}}", 31, "'only' belongs inside `next` or `prev`"),
    _match("as twice", "{next: {op: norm, as: x}, prev: {op: conv, as: x}}", 59, "'x' is the name of another layer"),
    _match("as a reserved word", "{next: {op: norm, as: model}}", 34, "'model' is a word of the language"),
    _match("as in not", "{op: conv, not: {as: x}}", 29, "nothing is named inside"),
    _match("where in not", "{op: conv, not: {where: 'bias'}}", 29, "'where' is not for `not`"),
    _match("not inside not", "{op: conv, not: {not: {op: norm}}}", 29, "say it without"),
    _match("relation to a text", "{op: conv, next: norm}", 29, "next is a mapping, not 'norm'"),
    _match("through unknown op", "{next: {op: norm, through: [relu]}}", 40, "through is one of"),
    _match("layer field of a block", "{inside: {op: conv}}", 22, "unknown key 'op' in inside"),
    _match("mixed lists", "{kernel_size: [3, [5, 5]]}", 30, "kernel_size is a number, not a list"),
    _match("deep patterns", "{next: " * 30 + "{op: conv}" + "}" * 30, 215, "nested deeper than 32"),
]

EXPRESSIONS = [
    _where("import", '__import__("os").system("true")', 0, "only the functions of the language may be called"),
    _where("bare import", '__import__("os")', 0, "unknown function '__import__'"),
    _where("dunder", "name.__class__ == 1", 0, "'name' has no parts"),
    _where("dunder chain", "name.__class__.__mro__", 0, "a name has at most one dot"),
    _where("dunder of a table", "model.__class__ == 1", 0, "unknown name '__class__' behind 'model.'"),
    _where("unknown name", "params > 3 and parms > 2", 15, "unknown name 'parms' (did you mean 'params'?)"),
    _where("unknown function", "mx(kernel_size) > 3", 0, "unknown function 'mx' (did you mean 'max'?)"),
    _where("unknown value", 'params > 3 and op == "convv"', 15, "op is never 'convv' (did you mean 'conv'?)"),
    _where("unknown option", "params > opt.limit", 9, "unknown option 'limit'"),
    _where("unknown context", "task.los == 3", 0, "unknown name 'task.los' (did you mean 'task.loss'?)"),
    _where("unknown witness", "bn.p > 3", 0, "unknown name 'bn'"),
    _where("number and text", 'params > "a"', 0, "cannot compare number with text"),
    _where("flag and text", 'bias == "yes"', 0, "write True or False without quotes"),
    _where("numbers in order", "kernel_size > 3", 0, "use max(kernel_size) or min(kernel_size)"),
    _where("no condition", "params", 0, "params is a number, not a condition"),
    _where("text added", 'name + "x" == "y"', 0, "cannot calculate with name: it is a text"),
    _where("division by zero", "params / 0 > 1", 9, "division by zero"),
    _where("hidden division by zero", "params % (2 - 2) > 1", 10, "division by zero"),
    _where("infinite literal", "params > 1e400", 9, "the number is too large"),
    _where("huge literal", "params > 1" + "0" * 900, 9, "the number is too large"),
    _where("huge power", "10 ** 10 ** 10 > params", 0, "`**` is not allowed"),
    _where("shift", "1 << 100000 > params", 0, "shifts are not allowed"),
    _where("lambda", "(lambda: 1)() == 1", 0, "only the functions of the language may be called"),
    _where("comprehension", "[x for x in kernel_size] == 1", 0, "comprehensions are not allowed"),
    _where("generator", "max(x for x in kernel_size) > 1", 3, "comprehensions are not allowed"),
    _where("walrus", "(x := 3) > 1", 1, "`:=` is not allowed"),
    _where("f-string", 'f"{name!r:>99999999}" == "x"', 0, "f-strings are not allowed"),
    _where("subscript", "kernel_size[0] > 1", 0, "`[...]` behind a value is not allowed"),
    _where("keyword argument", "max(kernel_size, key=1) > 1", 0, "without names for the arguments"),
    _where("starred argument", "max(*kernel_size) > 1", 4, "`*` before a value is not allowed"),
    _where("no arguments", "max() > 1", 0, "max() does not take nothing"),
    _where("None", "params == None", 10, "None is not allowed: use defined(name)"),
    _where("is", "params is 3", 0, "write `==`"),
    _where("bytes", 'name == b"x"', 8, "this is no number and no text"),
    _where("complex number", "params > 3j", 9, "this is no number and no text"),
    _where("ellipsis", "params > ...", 9, "this is no number and no text"),
    _where("small true", "bias == true", 8, "write True"),
    _where("statement", "import os", 0, "incomplete or misspelt"),
    _where("assignment", "params = 3", 7, "incomplete or misspelt"),
    _where("two lines", "params > 3; bias", 10, "incomplete or misspelt"),
    _where("incomplete", "params >", 8, "incomplete or misspelt"),
    _where("long expression", "params > 3" + " or bias" * 150, 0, "characters, at most 1,000 are allowed"),
    _where("many parts", "params > 1" + " or 1 > 0" * 70, 0, "more than 200 parts"),
    _where("many brackets", "(" * 400 + "1" + ")" * 400, 200, "too many nested parentheses"),
    _where("many signs", "-" * 900 + "1", 0, "nested deeper than 24"),
    _where("backslash", r"name == `\`", 9, "backslashes are not allowed"),
    _where("glob bomb", f'glob(name, "{"*a" * 20}")', 0, "at most 100 characters and 5 `*`"),
    _where("computed glob", "glob(name, type)", 0, "a text in quotes"),
    _where("block of a model", "block.kernel > 1", 0, "unknown name 'kernel' behind 'block.'"),
]

MESSAGES = [
    _line("unknown field", "message", 'message: "a {nam}"', 18, "unknown name 'nam' (did you mean 'name'?)"),
    _line("wide format", "message", 'message: "a {params:>1000000000}"', 18, "unknown format '>1000000000'"),
    _line("nested format", "message", 'message: "a {params:{params}}"', 17, "a lone '{'"),
    _line("conversion", "message", 'message: "a {name!r}"', 18, "is no field"),
    _line("attribute", "message", 'message: "a {name.__class__}"', 18, "'name' has no parts"),
    _line("two attributes", "message", 'message: "a {model.params.real}"', 18, "is no field"),
    _line("index", "message", 'message: "a {kernel_size[0]}"', 18, "is no field"),
    _line("expression", "message", 'message: "a {params + 1}"', 18, "is no field"),
    _line("empty field", "message", 'message: "a {}"', 18, "is no field"),
    _line("lone brace", "message", 'message: "a } b"', 17, "a lone '}': write }} for a brace"),
    _line("format of a text", "message", 'message: "a {name:,}"', 18, "a format is for numbers"),
    _line("long message", "message", "message: " + "x" * 501, 14, "message has 501 characters, at most 500"),
]

HOSTILE = [*FILES, *VALUES, *PATTERNS, *EXPRESSIONS, *MESSAGES]
