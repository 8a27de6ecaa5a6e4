"""What the command line prints: a bar while something runs, and the summary of a plan."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from scheduler.model.plan import Plan
from scheduler.words import vocabulary

console = Console(highlight=False)


class Bar:
    """A progress bar with a sentence beside it."""

    def __init__(self, progress: Progress, total: float) -> None:
        self.progress, self.total = progress, total
        self.task = progress.add_task("", total=total)

    def move(self, done: float, sentence: str) -> None:
        self.progress.update(self.task, completed=min(done, self.total), description=sentence)

    def search(self, report: dict[str, Any]) -> None:
        """Follows the reports of a search."""
        stage = str(report["stage"])
        sentence = vocabulary("stage").word(stage, "en")
        if report.get("coverage_bound"):
            share = 100 * report["coverage"] / report["coverage_bound"]
            sentence += f", coverage {report['coverage']} of at most {report['coverage_bound']} ({share:.1f} %)"
        self.move(self.total if stage == "done" else float(report.get("seconds") or 0), sentence)


@contextmanager
def bar(total: float = 1.0) -> Iterator[Bar]:
    """A bar that is there while the block runs; on a terminal only."""
    columns = (SpinnerColumn(), BarColumn(bar_width=24), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress, total)


def plan_summary(plan: Plan) -> None:
    """Slots, filled heads, coverage with its bound, cost by term, seconds."""
    figures = plan.figures
    table = Table(show_header=False, box=None, padding=(0, 2))
    filled = f"{figures['filled']} of {figures['heads']}"
    table.add_row("days", f"{plan.from_date} to {plan.until_date}")
    table.add_row("slots", f"{figures['slots']}")
    table.add_row("filled heads", f"{filled} ({_percent(figures['filled'], figures['heads'])})")
    bound = f"{figures['coverage']}, proven to be at most {figures['coverage_bound']}"
    table.add_row("coverage", f"{bound} ({_percent(figures['coverage'], figures['coverage_bound'])})")
    table.add_row("cost", f"{figures['cost']}, proven to be at least {figures['cost_bound']}")
    for name, points in figures["terms"].items():
        table.add_row(f"  {vocabulary('term').word(name, 'en')}", f"{points}")
    table.add_row("search", f"{figures['status']} in {figures['seconds']:.1f} s")
    console.print(table)


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "nothing to do"
