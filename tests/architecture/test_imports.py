"""Imports go down the table of docs/architecture.md only, also inside functions."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "kullback"
LAYERS = {
    "errors": 0,
    "version": 0,
    "folds": 1,
    "kinds": 1,
    "units": 1,
    "estimate": 2,
    "kernels": 2,
    "distributions": 3,
    "estimators": 4,
    "inputs": 4,
    "measures": 5,
    "losses": 6,
    "training": 7,
    "report": 8,
    "account": 9,
    "datasets": 9,
    "tables": 9,
    "runs": 10,
    "cli": 11,
}
FILES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def runtime_nodes(tree: ast.AST) -> list[ast.AST]:
    """All nodes but those that only a type checker runs."""
    found: list[ast.AST] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        found.append(node)
        children = node.orelse if is_type_checking(node) else ast.iter_child_nodes(node)
        waiting.extend(children)
    return found


def rooms_imported(source: str) -> set[str]:
    """The rooms of kullback that a file imports, inside functions too."""
    names: set[str] = set()
    for node in runtime_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            whole = node.module == "kullback"
            names |= {f"kullback.{alias.name}" for alias in node.names} if whole else {node.module or ""}
    return {name.split(".")[1] for name in names if name.startswith("kullback.")}


def test_every_room_has_its_layer():
    assert {room(path) for path in FILES} == set(LAYERS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_down(path: Path):
    own = room(path)
    upward = {other for other in rooms_imported(path.read_text()) if other != own and LAYERS[other] >= LAYERS[own]}
    assert not upward, f"{own} (layer {LAYERS[own]}) imports {upward}"


def test_the_reader_of_imports_sees_those_in_functions_and_not_those_of_type_checkers():
    source = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from kullback.cli import main
def f():
    from kullback import losses
    import kullback.account.audit
"""
    assert rooms_imported(source) == {"losses", "account"}


def test_the_table_is_the_documented_one():
    text = (ROOT / "docs" / "architecture.md").read_text()
    documented = {
        name: int(layer)
        for layer, names in re.findall(r"^\| (\d+) \| ([^|]+) \|", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names)
    }
    assert documented == LAYERS


@pytest.mark.parametrize("statement", ["import kullback", "from kullback.cli.main import parser; parser()"])
def test_start_up_loads_nothing_heavy(statement: str):
    heavy = ["torch", "numba", "polars", "matplotlib", "scipy", "sklearn", "pandas", "rich", "jinja2"]
    code = f"{statement}\nimport sys; print([name for name in {heavy} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
