"""How kernels are compiled: without the interpreter's lock, so that threads run side by side, and kept on disk."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """A compiled function that Python code calls."""
    return cast(Function, njit(cache=True, nogil=True)(function))


def inner(function: Function) -> Function:
    """A compiled function for other kernels only: calling it from Python crashes.

    Without wrappers for Python it compiles in half the time.
    """
    bare: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(Function, njit(cache=True, nogil=True, **bare)(function))
