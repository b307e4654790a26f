"""What a mutation does to one node of a syntax tree: each function yields the nodes to stand in its place."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.MatMult: ast.Mult,
}
_PAIRS = (
    ("min", "max"), ("minimum", "maximum"), ("any", "all"), ("zeros", "ones"), ("floor", "ceil"),
    ("argmin", "argmax"), ("zeros_like", "ones_like"),
)  # fmt: skip
_EITHER_ORDER = {"min", "max", "minimum", "maximum", "hypot"}  # of arguments: all the same
_FUNCTIONS = {name: other for pair in _PAIRS for name, other in (pair, pair[::-1])}


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """Everything to try in place of this node; `ast.Pass` in place of a statement removes it."""
    for kind, mutate in _OPERATORS:
        if isinstance(node, kind):
            yield from mutate(node)


def negated(test: ast.expr) -> Iterator[ast.expr]:
    """A condition the other way round, where no other mutation of it says the same."""
    is_other = isinstance(test, ast.UnaryOp) or (isinstance(test, ast.Compare) and len(test.ops) == 1)
    if not is_other:
        yield ast.UnaryOp(ast.Not(), test)


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for place, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            changed = copy.copy(node)
            changed.ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            yield changed


def _binary(node: ast.BinOp) -> Iterator[ast.AST]:
    yield ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)


def _augmented(node: ast.AugAssign) -> Iterator[ast.AST]:
    yield ast.AugAssign(node.target, _ARITHMETIC[type(node.op)](), node.value)
    yield ast.Pass()


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if not isinstance(node.op, ast.UAdd):
        yield node.operand


def _boolean(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)


def _condition(node: ast.If | ast.While | ast.IfExp) -> Iterator[ast.AST]:
    for test in negated(node.test):
        changed = copy.copy(node)
        changed.test = test
        yield changed


def _comprehension(node: ast.comprehension) -> Iterator[ast.AST]:
    for place, condition in enumerate(node.ifs):
        for test in negated(condition):
            changed = copy.copy(node)
            changed.ifs = [*node.ifs[:place], test, *node.ifs[place + 1 :]]
            yield changed


def _call(node: ast.Call) -> Iterator[ast.AST]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    is_plain = not any(isinstance(argument, ast.Starred) for argument in node.args[:2])
    if len(node.args) > 1 and is_plain and name not in _EITHER_ORDER:
        yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
    for place, keyword in enumerate(node.keywords):
        if keyword.arg is not None and not _is_flag(keyword.value):  # a flag is turned over instead
            yield ast.Call(node.func, node.args, [*node.keywords[:place], *node.keywords[place + 1 :]])
    if name in _FUNCTIONS and not (node.args and _is_empty(node.args[0])):
        other = copy.copy(node.func)
        setattr(other, "id" if isinstance(other, ast.Name) else "attr", _FUNCTIONS[name])
        yield ast.Call(other, node.args, node.keywords)


def _is_flag(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, bool)


def _is_empty(shape: ast.expr) -> bool:
    """Of an array without elements it does not matter which they are."""
    first = shape.elts[0] if isinstance(shape, ast.Tuple) and shape.elts else shape
    return isinstance(first, ast.Constant) and first.value == 0


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    if node.lower is not None:
        yield ast.Slice(None, node.upper, node.step)
    if node.upper is not None:
        yield ast.Slice(node.lower, None, node.step)
    if node.step is not None:
        yield ast.Slice(node.lower, node.upper, None)


def _return(node: ast.Return) -> Iterator[ast.AST]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield ast.Return(ast.Constant(None))


def _effect(node: ast.Expr | ast.Assign | ast.Raise) -> Iterator[ast.AST]:
    """Removed where only its effect tells: without the value of a name, whatever reads it fails at once."""
    if not isinstance(node, ast.Assign) or not all(isinstance(target, ast.Name) for target in node.targets):
        yield ast.Pass()


def _jump(node: ast.Break | ast.Continue) -> Iterator[ast.AST]:
    yield ast.Continue() if isinstance(node, ast.Break) else ast.Break()


_OPERATORS: tuple[tuple[tuple[type[ast.AST], ...], Callable[[Any], Iterator[ast.AST]]], ...] = (
    ((ast.Compare,), _compare),
    ((ast.BinOp,), _binary),
    ((ast.AugAssign,), _augmented),
    ((ast.UnaryOp,), _unary),
    ((ast.BoolOp,), _boolean),
    ((ast.Constant,), _constant),
    ((ast.If, ast.While, ast.IfExp), _condition),
    ((ast.comprehension,), _comprehension),
    ((ast.Call,), _call),
    ((ast.Slice,), _slice),
    ((ast.Return,), _return),
    ((ast.Expr, ast.Assign, ast.Raise), _effect),
    ((ast.Break, ast.Continue), _jump),
)
