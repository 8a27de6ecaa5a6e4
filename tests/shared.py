"""The exchange contract beside the repository, when it is there: its evaluator and its instances."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

CONTRACT = Path(__file__).resolve().parents[2] / "shared" / "contract"
needs_contract = pytest.mark.skipif(not CONTRACT.is_dir(), reason="the exchange contract is not beside the repository")


def evaluate(problem: dict[str, Any], assignments: list[dict[str, Any]]) -> tuple[list[str], int, int, dict[str, int]]:
    """What the contract's own evaluator says: violations, coverage, cost, cost by term."""
    spec = importlib.util.spec_from_file_location("evaluate", CONTRACT / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.evaluate(problem, assignments)
