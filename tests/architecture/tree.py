"""The project's files as the architecture tests see them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("intake", "severity", "router", "escalation", "feedback")
PACKAGES = (*SERVICES, "schemas", "services")

_PURE = {"decider.py", "state.py", "policy.py", "reactions.py", "dispatches.py"}
_NOT_OURS = re.compile(r"\.(?!ci$)|data(-cluster)?$|build$|dist$|.*\b(__pycache__|vendor)$")
"""Folders: hidden ones but `.ci`, what is made, what was published by others."""


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the project: no caches, builds, vendored files, or data of a running installation."""
    for path in sorted(folder.iterdir()):
        if path.is_file():
            if path.name != ".git":  # a worktree's is a file that says where its repository is
                yield path
        elif not _NOT_OURS.match(place(path)):
            yield from files(path)


def texts() -> Iterator[tuple[str, str]]:
    """Place and content of every text file."""
    for path in files():
        content = path.read_bytes()
        if b"\0" not in content:
            yield place(path), content.decode()


def python(folder: Path = ROOT) -> list[Path]:
    """Every module, tests and benches included."""
    return [path for path in files(folder) if path.suffix == ".py"]


def shipped() -> list[Path]:
    """Every module of the wheel."""
    return [path for package in PACKAGES for path in python(ROOT / package)]


def pure() -> list[Path]:
    """The modules that decide: deciders, states, policies, reactions, news for receivers, and the words of schemas."""
    return [path for path in shipped() if path.name in _PURE or path.is_relative_to(ROOT / "schemas")]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """`router/decider.py:12`, as a failing test names it."""
    line = f":{node.lineno}" if node is not None and hasattr(node, "lineno") else ""
    return f"{path.relative_to(ROOT).as_posix()}{line}"
