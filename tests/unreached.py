"""What the product defines and only tests or benchmarks use: dead, or out of reach of every page, command and API.

A name is used where product code reads it outside its own definition, or a template or a data file says it. Names that
a framework calls are left out. It compares names, not objects: one name for two things can hide an unused one.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PACKAGES = ("solver", "scheduler", "web")
# the console script, the application that the tests open, a command for whoever adds a sentence
ENTRIES = ("web.cli", "web.app", "scheduler.translations.__main__")
COMPILER = "solver.compile_kernels"  # imports every kernel in order to compile it
CALLED_BY_A_FRAMEWORK = re.compile(
    r"route|command|group|errorhandler|before_request|after_request|teardown|context_processor|template_|validator|"
    r"schema|property|\.(get|post|put|delete|patch)\b"
)


@dataclass(frozen=True)
class Defined:
    """A function, class, method or constant."""

    module: str
    line: int
    name: str


@dataclass
class Read:
    """What a module defines, and which names it says inside which of its definitions (None: outside all)."""

    defined: list[Defined] = field(default_factory=list)
    said: list[tuple[str, tuple[Defined, ...]]] = field(default_factory=list)
    imported: set[str] = field(default_factory=set)


def unreached(root: Path) -> list[str]:
    """Modules that no entry point imports, and `module:name` of what no reached module uses."""
    paths = {_module(p.relative_to(root)): p for package in PACKAGES for p in (root / package).rglob("*.py")}
    read = {module: _read(module, ast.parse(path.read_text(encoding="utf-8"))) for module, path in paths.items()}
    reached = _reached(read)
    named = set(_named_elsewhere(root))
    defined = [d for module in reached for d in read[module].defined]
    said = [pair for module in reached for pair in read[module].said]
    live: set[Defined] = set()
    while True:  # what only the unused use is unused too
        used = defaultdict(list)
        dead = set(defined) - live
        for name, around in said:
            if not dead.intersection(around):
                used[name].append(around)
        more = {d for d in dead if d.name in named or d.name in used}
        if not more:
            break
        live |= more
    silent = sorted(m for m in paths if m not in reached and m != COMPILER and read[m].defined)
    return silent + sorted(f"{d.module}:{d.name}" for d in defined if d not in live)


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _read(module: str, tree: ast.Module) -> Read:
    found = Read()

    def walk(node: ast.AST, around: tuple[Defined, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            inside = around
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for part in child.decorator_list:
                    walk(ast.Expr(part), around)
                if not child.name.startswith("__") and not _is_called_by_a_framework(child):
                    inside = (*around, Defined(module, child.lineno, child.name))
                    found.defined.append(inside[-1])
            elif isinstance(child, ast.Assign | ast.AnnAssign) and isinstance(node, ast.Module):
                targets = child.targets if isinstance(child, ast.Assign) else [child.target]
                names = [t.id for t in targets if isinstance(t, ast.Name) and not t.id.startswith("__")]
                made = tuple(Defined(module, child.lineno, name) for name in names)
                found.defined += made
                inside = around + made
            found.said += [(name, inside) for name in _says(child)]
            found.imported.update(_imports(child))
            walk(child, inside)

    walk(tree, ())
    return found


def _is_called_by_a_framework(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    overrides = f"super().{node.name}(" in ast.unparse(node)
    return overrides or any(CALLED_BY_A_FRAMEWORK.search(ast.unparse(d)) for d in node.decorator_list)


def _says(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.ImportFrom):
        yield from (alias.name for alias in node.names if alias.asname)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w.:]+", node.value):
        yield from re.findall(r"\w+", node.value)


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module or ""
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"\w+(\.\w+)+", node.value):
        yield node.value  # a module started as a process of its own


def _reached(read: dict[str, Read]) -> set[str]:
    reached: set[str] = set()
    ahead = list(ENTRIES)
    while ahead:
        module = ahead.pop()
        if module in read and module not in reached and module != COMPILER:
            reached.add(module)
            ahead += [module.rpartition(".")[0], *read[module].imported]
    return reached


def _named_elsewhere(root: Path) -> Iterator[str]:
    """Names in templates, scripts and data, and in the project's own settings."""
    paths = [
        p for package in PACKAGES for ending in ("html", "js", "yaml") for p in (root / package).rglob(f"*.{ending}")
    ]
    for path in [*paths, root / "pyproject.toml"]:
        if "vendor" not in path.parts:
            yield from re.findall(r"[A-Za-z_]\w*", path.read_text(encoding="utf-8"))
