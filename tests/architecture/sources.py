"""The program as text: its files, their trees, what they import and call."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import app

APP = Path(app.__file__).parent


@dataclass(frozen=True)
class Source:
    """One file. `name` is relative to app/, with slashes."""

    name: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def module(self) -> str:
        return "app." + self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def imports(self) -> set[str]:
        """Modules and what is taken from them, each as a dotted name; also those inside functions."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        return found

    @property
    def method_calls(self) -> Iterator[tuple[str, str]]:
        """(`a.b`, `c`) of every call `a.b.c(…)`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield ast.unparse(node.func.value), node.func.attr


@cache
def sources() -> tuple[Source, ...]:
    return tuple(Source(str(path.relative_to(APP)), path.read_text()) for path in sorted(APP.rglob("*.py")))
