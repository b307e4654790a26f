"""Compiles functions of numbers and pointers to machine code; scoring/machine_code.py keeps and loads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import llvmlite.binding as llvm  # type: ignore[import-untyped]  # it ships no types
from numba import cfunc

# Numba wraps each function in code for one that raises. These do not, so what that code calls is never called.
_NEVER_CALLED = "\n".join(
    f"define void @{name}(ptr %state) {{ unreachable }}" for name in ("numba_gil_ensure", "numba_gil_release")
)


def object_code(functions: Mapping[str, tuple[Callable[..., Any], str]], machine: Any) -> bytes:
    """An object file with these functions (each with its signature) under their own names."""
    whole = llvm.parse_assembly(_NEVER_CALLED)
    for name, (function, signature) in functions.items():
        compiled = cfunc(signature, error_model="numpy")(function)
        part = llvm.parse_assembly(compiled.inspect_llvm())
        part.get_function(compiled.native_name).name = name
        whole.link_in(part)
    code: bytes = machine.emit_object(whole)
    return code
