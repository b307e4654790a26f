"""The mutants of a module: every node of its functions and constants, and what else could stand there."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.mutation.operators import variants

_COMPOUND = (ast.If, ast.While, ast.For, ast.With, ast.Try, ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change of one module. Its place, its statement and its mutation name it, wherever its line moves."""

    module: str
    function: str  # its qualified name, or the name of a module's constant
    is_constant: bool
    statement: str  # the statement or the head of it, on one line
    mutation: str  # "before → after", numbered where a statement has it twice
    lines: tuple[int, int]  # of the statement, first and last
    digest: str  # of the whole function or constant
    node: int  # which of the module's nodes, in the order of the tree
    variant: int  # which of what could stand in its place

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.module, self.function, self.statement, self.mutation


def mutants_of(module: str, source: str) -> list[Mutant]:
    tree = ast.parse(source)
    numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}
    found: list[Mutant] = []
    seen: Counter[tuple[str, str, str]] = Counter()
    for function, is_constant, top in _mutable(tree):
        digest = hashlib.sha256(ast.unparse(top).encode()).hexdigest()[:16]
        for node, statement in _nodes(top, top):
            for variant, other in enumerate(variants(node)):
                text, mutation = _head(statement), f"{_text(node)} → {_text(other)}"
                seen[function, text, mutation] += 1
                count = seen[function, text, mutation]
                found.append(
                    Mutant(
                        module=module, function=function, is_constant=is_constant, statement=text,
                        mutation=mutation if count == 1 else f"{mutation} ({count})",
                        lines=_lines(statement), digest=digest, node=numbers[id(node)], variant=variant,
                    )
                )  # fmt: skip
    return found


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """The module's tree with the mutant in it."""
    tree = ast.parse(source)
    old = list(ast.walk(tree))[mutant.node]
    new = list(variants(old))[mutant.variant]
    _Replace(old, ast.copy_location(new, old)).visit(tree)
    return ast.fix_missing_locations(tree)


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _mutable(tree: ast.Module) -> Iterator[tuple[str, bool, ast.stmt]]:
    """The outermost functions by qualified name, and the constants; fields and imports compute nothing."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, False, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{it.name}", False, it) for it in node.body if isinstance(it, ast.FunctionDef))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name.strip("_").isupper() and not _is_declaration(node.value):
                yield name, True, node


def _is_declaration(value: ast.expr) -> bool:
    """Machine code is declared by its signatures."""
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "MachineCode"


def _nodes(node: ast.AST, statement: ast.stmt) -> Iterator[tuple[ast.AST, ast.stmt]]:
    """Nodes below with the statement each stands in; not types, decorators, messages and documentation."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "exc", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr | ast.Assert):
                continue
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue
            if isinstance(child, ast.keyword) and child.arg == "strict":  # of zip: an assertion
                continue
            inside = child if isinstance(child, ast.stmt) else statement
            yield child, inside
            yield from _nodes(child, inside)


def _head(statement: ast.stmt) -> str:
    """Of a compound statement its first line alone."""
    if isinstance(statement, _COMPOUND):
        text = ast.unparse(statement)
        return next(line for line in text.splitlines() if not line.startswith("@"))
    return _text(statement)


def _lines(statement: ast.stmt) -> tuple[int, int]:
    if isinstance(statement, _COMPOUND) and not isinstance(statement, ast.Try):
        return statement.lineno, max(statement.lineno, statement.body[0].lineno - 1)
    return statement.lineno, statement.end_lineno or statement.lineno


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.comprehension):
        return ast.unparse(node).strip()
    if isinstance(node, ast.Slice):
        return f"[{ast.unparse(node)}]"
    if isinstance(node, ast.If | ast.While):
        return _head(node)
    if isinstance(node, ast.Pass):
        return "nothing"
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
