"""`explain` and `rules ...`: what they print, how they end, and that none of them imports torch."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from netadvise.cli import rules
from netadvise.cli.rules_test import run_tests
from netadvise.errors import ExitCode, UsageError
from netadvise.rulepath import rules_directory
from tests.cli.command import ROOT, netadvise

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def pack(tmp_path: Path, capsys: Capture) -> Path:
    """A rule file of a user's own."""
    file = tmp_path / "my-rules.yaml"
    assert rules.new("dropout-after-dropout", str(file)) == ExitCode.OK
    capsys.readouterr()
    return file


def explained(capsys: Capture, word: str, *paths: str, kind: str = "text") -> str:
    assert rules.explain(word, paths, kind) == ExitCode.OK
    return capsys.readouterr().out


def ids(capsys: Capture, sets: tuple[str, ...] = (), select: tuple[str, ...] = ()) -> list[str]:
    assert rules.list_rules(sets, select, (), "json") == ExitCode.OK
    return [rule["id"] for rule in json.loads(capsys.readouterr().out)["rules"]]


def test_explain_takes_an_id_or_a_name(capsys: Capture) -> None:
    text = explained(capsys, "DRP004")
    assert text.startswith("DRP004 functional-dropout-always-on\n")
    assert text == explained(capsys, "functional-dropout-always-on")


def test_explain_knows_the_rules_of_the_tool_itself(capsys: Capture) -> None:
    assert "unused-suppression" in explained(capsys, "NA001")


def test_explain_in_json_is_json(capsys: Capture) -> None:
    assert json.loads(explained(capsys, "DRP004", kind="json"))["id"] == "DRP004"


def test_explain_suggests_what_was_meant() -> None:
    result = netadvise("explain", "functional-dropout-always")
    assert result.returncode == 2
    assert result.stdout == ""
    assert "did you mean 'functional-dropout-always-on'" in result.stderr


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        rules.explain("DRP004", (), "pdf")
    assert "text, markdown, json" in refused.value.hint


def test_a_rule_of_a_users_own_is_explained_and_listed(pack: Path, capsys: Capture) -> None:
    assert "dropout-after-dropout" in explained(capsys, "MY001", str(pack))
    assert rules.list_rules(("my-rules",), (), (str(pack.parent),), "text") == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("MY001")
    assert lines[-1] == "1 rule, 0 on by default"


def test_list_selects_by_set_prefix_and_id(capsys: Capture) -> None:
    everything, budget = ids(capsys), ids(capsys, sets=("budget",))
    assert everything == sorted(everything)
    assert set(budget) < set(everything)
    assert ids(capsys, select=("DRP004,KER007",)) == ["DRP004", "KER007"]
    assert {rule[:3] for rule in ids(capsys, select=("NRM",))} == {"NRM"}


def test_a_set_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no set 'budgets'"):
        rules.list_rules(("budgets",), (), (), "text")


def test_the_shipped_rules_are_well_formed(capsys: Capture) -> None:
    code = rules.check(())
    out = capsys.readouterr().out
    assert code == ExitCode.OK, out
    files = [file for file in rules_directory().glob("*.yaml") if file.name != "sets.yaml"]
    assert out.endswith(f" rules in {len(files)} files, no errors\n")


def test_a_new_rule_file_is_well_formed(pack: Path, capsys: Capture) -> None:
    assert rules.check((str(pack),)) == ExitCode.OK
    assert capsys.readouterr().out == "1 rule in 1 file, no errors\n"


def test_a_new_rule_file_replaces_nothing(pack: Path) -> None:
    before = pack.read_text()
    with pytest.raises(UsageError, match="exists already"):
        rules.new("another", str(pack))
    assert pack.read_text() == before


@pytest.mark.parametrize("name", ["Dropout", "a b", "x: y", "-a", "a" * 100, "../a", "a\nb", ""])
def test_a_name_that_no_rule_can_have_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no name for a rule"):
        rules.new(name, None)


@pytest.mark.parametrize("file", ["rules.yml", "My Rules.yaml"])
def test_a_file_that_no_set_can_have_is_refused(file: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        rules.new("a-rule", str(tmp_path / file))
    assert list(tmp_path.iterdir()) == []


def test_errors_of_a_rule_file_are_located(pack: Path, capsys: Capture) -> None:
    pack.write_text(pack.read_text().replace("severity:", "sverity:").replace("op: dropout", "opp: dropout"))
    assert rules.check((str(pack),)) == ExitCode.USAGE
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 2
    assert all(re.match(rf"{re.escape(str(pack))}:\d+:\d+: ", line) for line in lines)
    assert "did you mean 'severity'" in "".join(lines)


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.yaml"):
        with pytest.raises(UsageError, match="there is no rule file"):
            rules.check((str(path),))


def test_the_schema_is_a_json_schema(capsys: Capture) -> None:
    assert rules.schema() == ExitCode.OK
    assert "json-schema.org" in json.loads(capsys.readouterr().out)["$schema"]


def test_docs_are_the_same_each_time(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        assert rules.docs(str(tmp_path / folder), ()) == ExitCode.OK
    first = {file.name: file.read_text() for file in (tmp_path / "one").iterdir()}
    assert first == {file.name: file.read_text() for file in (tmp_path / "two").iterdir()}
    assert {"README.md", "DRP004.md", "NA001.md"} <= set(first)


def test_links_of_the_docs_lead_somewhere(tmp_path: Path) -> None:
    rules.docs(str(tmp_path), ())
    for page in tmp_path.iterdir():
        for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
            assert (tmp_path / target).exists()


def test_the_examples_of_a_new_rule_come_out_as_it_says(pack: Path, capsys: Capture) -> None:
    code = run_tests((str(pack),), "", verbose=True, quiet=True)
    out = capsys.readouterr().out
    assert code == ExitCode.OK, out
    assert out.count("  ok     ") == 3
    assert out.endswith("1 rule, 3 examples (1 fires, 2 silent, 0 unknown): all as expected\n")


def test_an_example_that_comes_out_otherwise_fails(pack: Path, capsys: Capture) -> None:
    pack.write_text(pack.read_text().replace('silent: ["Dropout(0.2) | Linear', 'silent: ["Dropout(0.3) | Dropout'))
    pack.write_text(pack.read_text().replace("Dropout(8, 8) | ", ""))
    assert run_tests((str(pack),), "0.3", verbose=False, quiet=True) == ExitCode.FINDINGS
    out = capsys.readouterr().out
    assert "expected silent, was fires" in out
    assert "1 failed" in out


def test_no_command_about_rules_imports_torch(tmp_path: Path) -> None:
    commands = [["explain", "DRP004"], ["rules", "list"], ["rules", "check"], ["rules", "docs", str(tmp_path)]]
    script = f"""
import sys
from netadvise.cli import main
for arguments in {commands!r}:
    sys.argv = ["netadvise", *arguments]
    try:
        main()
    except SystemExit as ending:
        assert not ending.code, ending.code
assert "torch" not in sys.modules and "numpy" not in sys.modules
"""
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
