"""Puts a mutant into the modules that are loaded: every name that stands for the function then runs the mutant."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from tests.mutation.mutants import Mutant, mutated
from tests.mutation.plain_kernels import without_compiler

PACKAGES = ("scoring", "leaderboard", "tests")


def transplant(mutant: Mutant) -> None:
    """For good: call it in a process of its own."""
    module = sys.modules[mutant.module]
    path = Path(str(module.__file__))
    fresh = ModuleType(mutant.module)
    fresh.__file__ = str(path)
    with without_compiler():
        exec(compile(mutated(path.read_text("utf-8"), mutant), str(path), "exec"), vars(fresh))  # noqa: S102  # our own source
    if mutant.is_constant:
        old = vars(module)[mutant.function]
        for holder in holders(mutant, old):
            vars(holder)[mutant.function] = vars(fresh)[mutant.function]
    ours, theirs = (dict(_functions(vars(it), mutant.module)) for it in (module, fresh))
    for name in ours if mutant.is_constant else [mutant.function]:  # a constant may be a default somewhere
        ours[name].__code__ = theirs[name].__code__
        ours[name].__defaults__, ours[name].__kwdefaults__ = theirs[name].__defaults__, theirs[name].__kwdefaults__


def holders(mutant: Mutant, value: Any) -> list[ModuleType]:
    """The modules that have a constant by its name, its own among them."""
    names = [key for key in sys.modules if key.partition(".")[0] in PACKAGES or key == mutant.module]
    return [sys.modules[key] for key in names if vars(sys.modules[key]).get(mutant.function) is value]


def _functions(namespace: Mapping[str, Any], module: str) -> Iterator[tuple[str, FunctionType]]:
    """Functions of a module and of its classes, properties too, by qualified name."""
    for value in namespace.values():
        found = _bare(value)
        if isinstance(found, type) and found.__module__ == module:
            yield from _functions(vars(found), module)
        elif isinstance(found, FunctionType) and found.__module__ == module:
            yield found.__qualname__, found


def _bare(value: Any) -> Any:
    if isinstance(value, property):
        return value.fget
    if isinstance(value, cached_property):
        return value.func
    if isinstance(value, staticmethod | classmethod):
        return value.__func__
    return getattr(value, "__wrapped__", value)
