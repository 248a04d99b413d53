"""The project's Markdown pages and what is quoted in them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, files, parsed

NAMED = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.\w+)(?:::([\w.]+))?`")
"""`path` or `path::name` of something in the repository."""
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_QUOTED = re.compile(r"^`([\w./-]+)::([\w.]+)`\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Every page of the project, those of its folders included."""
    return [path for path in files() if path.suffix == ".md"]


def links(page: Path) -> Iterator[str]:
    """Where a page points to inside the repository, with the anchor."""
    for target in _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))):
        if "://" not in target:
            yield target


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.*)$", _FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def quotations(page: Path) -> list[tuple[str, str, list[str]]]:
    """Path, name and the lines of code quoted from it."""
    text = page.read_text(encoding="utf-8")
    return [(path, name, code.splitlines()) for path, name, code in _QUOTED.findall(text)]


def lines_of(path: str, name: str) -> list[str]:
    """The lines of a function, a class or a method; empty when the file has none of that name."""
    node = _node(ROOT / path, name)
    text = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [] if node is None else text[node.lineno - 1 : node.end_lineno]


def exists(path: str, name: str) -> bool:
    """Whether the repository has this file and, when a name is given, this name in it."""
    where = ROOT / path
    return where.exists() and (not name or _node(where, name) is not None)


def _node(path: Path, name: str) -> ast.stmt | None:
    body: list[ast.stmt] = parsed(path).body
    found: ast.stmt | None = None
    for step in name.split("."):
        found = next((node for node in body if step in _names(node)), None)
        if found is None:
            return None
        body = getattr(found, "body", [])
    return found


def _names(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case _:
            return set()
