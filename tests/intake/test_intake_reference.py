"""docs/study-file.md names every key and every rule there is, and no other."""

import ast
import itertools
import re
from pathlib import Path

import pytest

import analysis.intake
from analysis.intake.corrections import Correction
from analysis.intake.drops import Drop
from analysis.intake.problems import SEVERITIES
from analysis.intake.study_file import Source, StudyFile
from faults.fault_corpus import FAULTS

PAGE = (Path(__file__).parents[2] / "docs/study-file.md").read_text(encoding="utf-8")
RULES = [line.split("|")[1] for line in PAGE.split("## What is checked")[1].splitlines() if line.startswith("|")]
LISTED = {rule for cell in RULES for rule in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize("model", [StudyFile, Source, Correction, Drop])
def test_every_key_is_described_as_in_the_model(model):
    for name, field in model.model_fields.items():
        assert f"| `{name}` | {field.description or ''}" in PAGE


def test_every_rule_is_listed():
    """A rule is the word after a severity, wherever one is written in the code."""
    used, words = set(), set()
    for source in Path(analysis.intake.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            if isinstance(node, ast.Call):
                texts = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
                used |= {rule for severity, rule in itertools.pairwise(texts) if severity in SEVERITIES}
    assert used - {None} <= LISTED
    assert words >= LISTED


def test_every_rule_of_the_corpus_is_listed_and_most_rules_are_in_it():
    shown = {problem[1] for _, problems in FAULTS.values() for problem in problems}
    assert shown <= LISTED
    assert len(shown) > 40
