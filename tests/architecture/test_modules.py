"""House rules for modules that no linter keeps."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, parsed, place, pure, python, shipped

LONGEST = 350
DRAWERS = {"utils", "helpers", "common", "models"}
OUTSIDE = {"now", "utcnow", "today", "monotonic", "uuid1", "uuid4", "uuid7", "open", "print", "input"}
LEFT_FOR_LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
REPLACED = re.compile(r"mock\." r"patch|import " r"patch\b")


def _undocumented(path: Path) -> Iterator[str]:
    tree = parsed(path)
    if tree.body and ast.get_docstring(tree) is None:
        yield place(path)
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            says_itself = node.name.startswith(("_", "on_"))  # a reaction's name is its sentence
            if not says_itself and ast.get_docstring(node) is None:
                yield f"{place(path, node)} {node.name}"


def _steps_outside(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        match node:
            case ast.AsyncFunctionDef() | ast.Await():
                yield place(path, node)
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in OUTSIDE:
                yield f"{place(path, node)} {name}()"


def test_a_module_reads_in_one_sitting():
    long = {place(path): lines for path in python() if (lines := path.read_text().count("\n")) > LONGEST}
    assert not long, f"more than {LONGEST} lines usually means two ideas"


def test_no_module_is_a_drawer():
    assert not [place(path) for path in python() if path.stem in DRAWERS or path.parent.name in DRAWERS]


def test_nothing_is_left_for_later():
    assert not [place(path) for path in python() if LEFT_FOR_LATER.search(path.read_text())]


def test_every_module_and_public_thing_says_what_it_means():
    assert not [missing for path in shipped() for missing in _undocumented(path)]


def test_what_decides_asks_no_clock_and_waits_for_nothing():
    assert not [step for path in pure() for step in _steps_outside(path)]


def test_no_test_replaces_what_it_tests():
    assert not [place(path) for path in python(ROOT / "tests") if REPLACED.search(path.read_text())]
