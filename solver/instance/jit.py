"""How kernels are compiled: without the interpreter's lock, so that threads run side by side, and kept on disk.

Numba counts references to every array that a function is handed, with atomic instructions, twice per call and array: in
small functions that takes many times longer than their work, and longer still when two threads share the arrays. So
kernels borrow: what they are handed stays alive in the caller. In return they cannot make arrays; functions
that do are `allocating`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])
compiled: Any = partial(njit, cache=True, nogil=True, no_cfunc_wrapper=True)


def kernel(function: Function) -> Function:
    """A compiled function that Python code may call; it makes no arrays."""
    return cast(Function, compiled(_nrt=False)(function))


def inner(function: Function) -> Function:
    """A kernel for other compiled functions only: calling it from Python crashes.

    Without a wrapper for Python it compiles in half the time.
    """
    return cast(Function, compiled(_nrt=False, no_cpython_wrapper=True)(function))


def allocating(function: Function) -> Function:
    """A compiled function that makes arrays: best one that is called seldom and works long."""
    return cast(Function, compiled(_nrt=True)(function))


def allocating_inner(function: Function) -> Function:
    """The same for other compiled functions only, as `inner` is."""
    return cast(Function, compiled(_nrt=True, no_cpython_wrapper=True)(function))
