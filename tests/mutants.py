"""Change one operator or number of the core at a time and see whether a test notices; outside `make test`.

`make mutants ARGS="answers/rates.py --sample 30"` tries 30 changes of one file. What survives is printed: either a test
is missing, or the change makes no difference that anyone could see. mutmut was tried: it records each call of each
function before it begins, and the rules are called for hundreds of thousands of combinations.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas  # noqa: F401 so that forks find it loaded, and the next two
import pytest
import scipy.special  # noqa: F401

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "analysis"
CORE = ("hips", "answers/rates.py", "answers/sides.py", "answers/one_comparison.py", "disclosure")
# A file is tried with the tests of its name, with these where it has none, and with --wide by those of its folder too.
OWN = {
    "one_comparison": ["tests/answers/test_sides.py", "tests/answers/test_sides_between_groups.py"],
    "sides": ["tests/answers/test_sides.py", "tests/answers/test_sides_between_groups.py"],
    "by_chance": ["tests/hips/test_by_chance.py", "tests/hips/test_usual.py", "tests/hips/test_relative_rules.py"],
    "decide_many": ["tests/hips/test_cells.py"],
    "judge": ["tests/hips/test_response.py", "tests/hips/test_relative_rules.py"],
    "decide": ["tests/hips/test_classify.py", "tests/show/test_summary.py", "tests/hips/test_decide.py"],
    **{name: ["tests/disclosure/test_ranges.py"] for name in ("ranges", "bounds")},
    "attack": ["tests/factory/test_report_audit.py"],
    "rows": ["tests/report/test_report.py"],
    **{
        name: ["tests/disclosure", "tests/test_release.py"]
        for name in ("release", "plan", "sums", "counted", "numbered", "printed")
    },
}
FOLDER = {
    "hips": ["tests/hips", "tests/answers"],
    "answers": ["tests/answers"],
    "disclosure": [
        "tests/test_disclosure.py",
        "tests/test_release.py",
        "tests/report/test_ledger.py",
        "tests/factory/test_report_audit.py",
    ],
}
SECONDS = 300  # a mutant that takes longer runs in circles, which a person would notice

OTHER_WAY = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not",
    ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in", ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*",
    ast.FloorDiv: "/", ast.Mod: "//", ast.BitAnd: "|", ast.BitOr: "&", ast.And: "or", ast.Or: "and",
}  # fmt: skip
OTHER_NAME = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum"}


class Mutant(NamedTuple):
    """One change of a file: the line, what stood there, and what stands there now."""

    file: Path
    line: int
    before: str
    after: str
    source: str


def mutants(file: Path) -> Iterator[Mutant]:
    """Yield every change of a file: an operator turned, a number one larger, a name of two swapped."""
    source = file.read_text(encoding="utf-8")
    starts = [0]
    for line in source.encode().split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    for node in _code(ast.parse(source)):
        for first, last, after in _changes(node):
            begin, end = starts[first[0] - 1] + first[1], starts[last[0] - 1] + last[1]
            text = source.encode()
            new = (text[:begin] + after(text[begin:end].decode()).encode() + text[end:]).decode()
            if new != source:
                yield Mutant(file, first[0], *_lines(source, new, first[0]), new)


def _lines(source: str, new: str, line: int) -> tuple[str, str]:
    return source.split("\n")[line - 1].strip(), new.split("\n")[line - 1].strip()


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """Walk through what runs: no annotations, no words of errors, no `strict=True`."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "exc") or getattr(node, "arg", "") == "strict":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                yield from _code(child)


def _changes(node: ast.AST) -> Iterator[tuple]:
    """Yield where a node is changed, from and to (line, column), and how its text becomes another."""

    def between(left: ast.AST, right: ast.AST, operator: ast.AST) -> Iterator[tuple]:
        if new := OTHER_WAY.get(type(operator)):
            written = {ast.And: "and", ast.Or: "or"}.get(type(operator)) or _SIGNS[type(operator)]
            place = (left.end_lineno, left.end_col_offset), (right.lineno, right.col_offset)
            yield *place, lambda text: text.replace(written, new, 1)

    match node:
        case ast.Compare():
            for left, operator, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
                yield from between(left, right, operator)
        case ast.BinOp():
            yield from between(node.left, node.right, node.op)
        case ast.BoolOp():
            yield from between(node.values[0], node.values[1], node.op)
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub()):
            yield _start(node), _start(node.operand), lambda text: text.lstrip("not~- ")
        case ast.Constant(value=bool()):
            yield _start(node), _end(node), lambda text: str(text != "True")
        case ast.Constant(value=int() | float()):
            yield _start(node), _end(node), lambda text: f"({text} + 1)"
        case ast.Name(id=name) if name in OTHER_NAME:
            yield _start(node), _end(node), lambda text: OTHER_NAME[text]
        case ast.Attribute(attr=name) if name in OTHER_NAME:
            yield _end(node.value), _end(node), lambda text: text.removesuffix(name) + OTHER_NAME[name]


_SIGNS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.FloorDiv: "//", ast.Mod: "%", ast.BitAnd: "&", ast.BitOr: "|",
}  # fmt: skip


def _start(node: ast.AST) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.AST) -> tuple[int, int]:
    return node.end_lineno, node.end_col_offset


def survives(mutant: Mutant, tree: Path, wide: bool) -> bool:
    """Whether every test passes with a change; the package is imported from a copy, `tree`."""
    place = tree / mutant.file.relative_to(PACKAGE.parent)
    place.write_text(mutant.source, encoding="utf-8")
    try:
        return all(_pass(tests, tree) for tests in _tests_of(mutant.file, wide))
    finally:
        shutil.copyfile(mutant.file, place)


def _tests_of(file: Path, wide: bool) -> list[list[str]]:
    mirror = f"tests/{file.parent.name}/test_{file.stem}.py"
    own = OWN.get(file.stem) or ([mirror] if (ROOT / mirror).exists() else [])
    return [*([own] if own else []), *([FOLDER[file.parent.name]] if wide or not own else [])]


def _pass(tests: Sequence[str], tree: Path) -> bool:
    """Run tests in a fork, which finds the libraries loaded and the package not."""
    if child := os.fork():
        return os.waitpid(child, 0)[1] == 0
    failed = 1
    try:
        signal.alarm(SECONDS)
        sys.path.insert(0, str(tree))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        failed = pytest.main(["-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests])
    finally:
        os._exit(int(failed))


def main() -> int:
    """Try changes and print which survive."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("parts", nargs="*", default=CORE, help="Files or folders of src/analysis.")
    given.add_argument("--sample", type=int, help="How many changes to try, drawn at random; left out: all.")
    given.add_argument("--wide", action="store_true", help="Try all tests of the folder where a file's own pass.")
    given.add_argument("--seed", type=int, default=1)
    options = given.parse_args()
    files = [file for part in options.parts for file in sorted([PACKAGE / part, *(PACKAGE / part).rglob("*.py")])]
    every = [mutant for file in files if file.suffix == ".py" for mutant in mutants(file)]
    tried = every
    if options.sample and options.sample < len(every):
        tried = random.Random(options.seed).sample(every, options.sample)
    alive = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        shutil.copytree(PACKAGE, tree / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
        os.environ["PYTHONPATH"], os.environ["PYTHONDONTWRITEBYTECODE"] = str(tree), "1"
        for tests in {tuple(tests) for mutant in tried for tests in _tests_of(mutant.file, options.wide)}:
            if not _pass(tests, tree):
                sys.exit(f"{' '.join(tests)}: these fail without any change, so they tell nothing")
        for number, mutant in enumerate(tried, 1):
            if survives(mutant, tree, options.wide):
                alive += 1
                place = f"{mutant.file.relative_to(PACKAGE)}:{mutant.line}"
                print(f"[{number}/{len(tried)}] {place}\n    - {mutant.before}\n    + {mutant.after}", flush=True)
    print(f"{alive} of {len(tried)} changes survived ({len(every)} there are)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
