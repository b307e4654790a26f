"""Compiled routines kept as machine code: to load that takes milliseconds, to load the compiler half a second.

The first use of a routine compiles it, which takes seconds, and keeps the object file in a folder of the user's own.
Its name is a digest of the source, of the compiler and of the processor, so that a change of any of them compiles
anew.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import os
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from scoring.cache_folder import default_cache

Routine = Callable[..., int]  # of numbers and C-contiguous arrays; it runs without Python's lock

_SCALARS: dict[str, Any] = {"int64": ctypes.c_int64, "float64": ctypes.c_double}
_ARGUMENT = re.compile(r"CPointer\((\w+)\)|(\w+)")
_DIGEST_BYTES = hashlib.sha256().digest_size


@dataclass(frozen=True, eq=False)
class MachineCode:
    """The routines of one kernel file: functions of numbers and pointers that cannot fail and allocate nothing."""

    module: str  # "package.module" of the source, imported only to compile it
    signatures: Mapping[str, str]  # of each routine, as numba writes them: "int64(int64, CPointer(float64))"
    needs: tuple[str, ...] = ()  # modules with functions that the routines call

    def __getitem__(self, name: str) -> Routine:
        return self._routines[name]

    @property
    def is_loaded(self) -> bool:
        return "_routines" in vars(self)

    @cached_property
    def _routines(self) -> dict[str, Routine]:
        with _LOADING:
            engine = _engine(self._object_code())
            _ENGINES.append(engine)  # the code lives as long as it does
            return {
                name: _prototype(signature)(engine.get_function_address(name))
                for name, signature in self.signatures.items()
            }

    def _object_code(self) -> bytes:
        """From the cache; where it is not there, or damaged, compiled now and put there."""
        path = _folder() / f"{self.module}-{self._key()}.o"
        known = _checked(path)
        if known is not None:
            return known
        from scoring.kernel_compiler import object_code  # loads the compiler

        source = importlib.import_module(self.module)
        code = object_code({name: (getattr(source, name), text) for name, text in self.signatures.items()}, _machine())
        _keep(path, code)
        return code

    def _key(self) -> str:
        """What the machine code follows from."""
        import llvmlite.binding as llvm  # type: ignore[import-untyped]  # it ships no types

        digest = hashlib.sha256()
        for name in (self.module, *self.needs, "scoring.kernel_compiler", "numba", "llvmlite"):
            spec = find_spec(name)
            assert spec is not None and spec.origin is not None  # noqa: S101  # for the type checker
            origin = Path(spec.origin)
            status = origin.stat()
            digest.update(
                origin.read_bytes() if name.startswith("scoring.") else f"{origin} {status.st_mtime_ns}".encode()
            )
        described = (self.signatures, llvm.llvm_version_info, llvm.get_host_cpu_name())
        digest.update(repr((*described, llvm.get_host_cpu_features().flatten())).encode())
        return digest.hexdigest()


_LOADING = threading.RLock()
_ENGINES: list[Any] = []


def _prototype(signature: str) -> Any:
    """The function's type for ctypes; arrays are checked for their kind of number and for being contiguous.

    >>> _prototype("int64(int64, CPointer(float64))")._argtypes_[0]
    <class 'ctypes.c_long'>
    """
    arguments = [
        np.ctypeslib.ndpointer(dtype=np.dtype(element), flags="C_CONTIGUOUS") if element else _SCALARS[scalar]
        for element, scalar in _ARGUMENT.findall(signature.partition("(")[2])
    ]
    return ctypes.CFUNCTYPE(ctypes.c_int64, *arguments)


def _machine() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3, jit=True
    )


def _engine(code: bytes) -> Any:
    import llvmlite.binding as llvm

    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


def _folder() -> Path:
    """Where numba is told to keep what it compiles; else beside the other things that are made once."""
    return Path(os.environ.get("NUMBA_CACHE_DIR") or default_cache() / "machine-code")


def _checked(path: Path) -> bytes | None:
    """The object code kept there; None where there is none, somebody else's, or a damaged one."""
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            content = stream.read()
    except OSError:
        return None
    is_own = not hasattr(os, "getuid") or (status.st_uid in (os.getuid(), 0) and not status.st_mode & 0o022)
    digest, code = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    return code if is_own and hashlib.sha256(code).digest() == digest else None


def _keep(path: Path, code: bytes) -> None:
    """Put it there, whole or not at all; where nothing can be written, the next process compiles again."""
    import tempfile  # takes longer to load than a routine

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".code-")  # mode 0600
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(code).digest() + code)
        Path(temporary).replace(path)
    except OSError:
        return
