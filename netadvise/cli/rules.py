"""What the commands about rules do: none of it needs torch, but running the examples."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from netadvise.check import RuleBook, load_rules
from netadvise.check.book import rule_files
from netadvise.check.select import Selectors
from netadvise.check.sets import dated_sets
from netadvise.check.tool_rules import TOOL_RULES
from netadvise.cli.output import stdout_width, write_file, write_stdout
from netadvise.errors import ExitCode, RuleFileError, UsageError
from netadvise.render.encode import json_text
from netadvise.render.explain import EXPLAIN_FORMATS
from netadvise.render.rule_pages import rule_pages
from netadvise.render.rule_template import template
from netadvise.render.rules import RULE_LISTS
from netadvise.render.text import counted
from netadvise.rule import Rule
from netadvise.rulepath import rules_directory
from netadvise.table import F, Table


@dataclass(frozen=True)
class Known:
    """The rules that come with netadvise, and those of further files and folders."""

    paths: tuple[str, ...] = ()

    @cached_property
    def files(self) -> tuple[Path, ...]:
        return (*rule_files(rules_directory()), *expanded(self.paths))

    @cached_property
    def book(self) -> RuleBook:
        return load_rules(self.files)

    def at_once(self, word: str) -> Rule | None:
        """The rule of an id or a name, found without reading the files that do not have the word."""
        likely = [file for file in self.files if _mentions(file, word)]
        rules = (*load_rules(likely).rules, *TOOL_RULES)
        return next((rule for rule in rules if word in (rule.id, rule.name, *rule.aliases)), None)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(sorted((*self.book.rules, *TOOL_RULES), key=lambda rule: rule.id))

    @cached_property
    def default(self) -> frozenset[str]:
        """Ids of the rules that are on by default; the tool's own always are."""
        sets = dated_sets()
        return frozenset(sets.of(sets.newest).get("default", ())) | {rule.id for rule in TOOL_RULES}

    @cached_property
    def selectors(self) -> Selectors:
        sets = dated_sets()
        return Selectors(self.rules, sets.of(sets.newest))


def explain(word: str, paths: tuple[str, ...], kind: str) -> ExitCode:
    """Everything about one rule."""
    render = _format(EXPLAIN_FORMATS, kind)
    known = Known(paths)
    rule = known.at_once(word) or known.selectors.rule(word, "")
    write_stdout(render(rule, rule.id in known.default, stdout_width()))
    return ExitCode.OK


def list_rules(sets: tuple[str, ...], select: tuple[str, ...], paths: tuple[str, ...], kind: str) -> ExitCode:
    """The rules of the sets, or those that the selectors fit; without either, all."""
    render = _format(RULE_LISTS, kind)
    known = Known(paths)
    wanted = _selected(known, _words(sets), known.selectors.sets) & _selected(known, _words(select), None)
    write_stdout(render([rule for rule in known.rules if rule.id in wanted], known.default, stdout_width()))
    return ExitCode.OK


def check(paths: tuple[str, ...]) -> ExitCode:
    """Read rule files and report everything that is wrong with them; without paths, those of netadvise."""
    files = expanded(paths) if paths else rule_files(rules_directory())
    try:
        book = load_rules(files)
    except RuleFileError as error:
        write_stdout(f"{error.message}\n")
        return ExitCode.USAGE
    write_stdout(f"{counted(len(book.rules), 'rule')} in {counted(len(files), 'file')}, no errors\n")
    return ExitCode.OK


def schema() -> ExitCode:
    """The JSON Schema of rule files."""
    from netadvise.check.schema import rule_schema

    write_stdout(json_text(rule_schema(), indent=2) + "\n")
    return ExitCode.OK


def new(name: str, file: str | None) -> ExitCode:
    """A rule file to start from, on stdout or in a file that does not exist yet."""
    if file is None:
        write_stdout(template(name, "my"))
        return ExitCode.OK
    path = Path(file)
    if path.exists():
        raise UsageError(f"{file} exists already", hint="Give the name of a new file.")
    if path.suffix != ".yaml":
        raise UsageError(f"{file}: a rule file ends in .yaml")
    write_file(path, template(name, path.stem))
    write_stdout(f"{file} written: netadvise rules check {file}, netadvise rules test {file}\n")
    return ExitCode.OK


def docs(folder: str, paths: tuple[str, ...]) -> ExitCode:
    """A page for each rule, an index and the table of facts."""
    known = Known(paths)
    pages = rule_pages(known.rules, known.default)
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {folder}: {error.strerror or error}") from error
    for name, text in pages.items():
        write_file(place / name, text)
    write_stdout(f"{counted(len(pages), 'page')} in {folder}\n")
    return ExitCode.OK


def _mentions(file: Path, word: str) -> bool:
    """Whether the file may have a rule of that id or name; one that cannot be read is the loader's affair."""
    try:
        return word.encode() in file.read_bytes()
    except (OSError, UnicodeEncodeError):
        return True


def _format(formats: Table[F], kind: str) -> F:
    render = formats.get(kind)
    if render is None:
        raise UsageError(f"there is no format {kind!r}", hint=f"One of {', '.join(formats)}.")
    return render


def _selected(known: Known, words: Sequence[str], sets: Collection[str] | None) -> frozenset[str]:
    """Ids that any of the words fits; all of them for no words."""
    for word in words:
        if sets is not None and word not in sets:
            raise UsageError(f"there is no set {word!r}", hint=f"One of {', '.join(sorted(sets))}.")
    found = [known.selectors.members(word) for word in words]
    return frozenset().union(*found) if found else frozenset(rule.id for rule in known.rules)


def _words(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for text in texts for word in text.split(",") if word.strip())


def expanded(paths: tuple[str, ...]) -> tuple[Path, ...]:
    """The rule files that paths mean; raises `UsageError` for one that leads to none."""
    found: list[Path] = []
    for path in map(Path, paths):
        files = rule_files(path)
        if not files or not path.exists():
            raise UsageError(f"{path}: there is no rule file", hint="A file, or a folder with *.yaml files.")
        found.extend(files)
    return tuple(dict.fromkeys(found))
