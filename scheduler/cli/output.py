"""What the command line prints: a bar while something runs, and the summary of a plan."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from scheduler.localized import Localized, LocalizedText, Word
from scheduler.model.plan import Plan

if TYPE_CHECKING:
    from solver.model.solution import Solution

console = Console(highlight=False)


def terminal_language() -> str:
    """ "zh" or "en": what the terminal is set to."""
    locale = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if locale.startswith("zh") else "en"


def say(sentence: Localized, *, err: bool = False) -> None:
    """Prints a sentence as it is, on one line: whoever reads it with a program finds it whole."""
    click.echo(sentence.to(terminal_language()), err=err)


class Bar:
    """A progress bar with a sentence beside it."""

    def __init__(self, progress: Progress, total: float) -> None:
        self.progress, self.total = progress, total
        self.task = progress.add_task("", total=total)

    def move(self, done: float, sentence: Localized) -> None:
        self.progress.update(self.task, completed=min(done, self.total), description=sentence.to(terminal_language()))

    def search(self, report: dict[str, Any]) -> None:
        """Follows the reports of a search."""
        stage = str(report["stage"])
        sentence: Localized = Word("stage", stage)
        if report.get("coverage_bound"):
            sentence = LocalizedText(
                "%(stage)s, coverage %(coverage)s of at most %(bound)s (%(share)s)",
                stage=sentence,
                coverage=report["coverage"],
                bound=report["coverage_bound"],
                share=_percent(report["coverage"], report["coverage_bound"]),
            )
        self.move(self.total if stage == "done" else float(report.get("seconds") or 0), sentence)


@contextmanager
def bar(total: float = 1.0) -> Iterator[Bar]:
    """A bar that is there while the block runs; on a terminal only."""
    columns = (SpinnerColumn(), BarColumn(bar_width=24), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress, total)


def plan_summary(plan: Plan) -> None:
    """Days, visits, people found, coverage with its bound, cost by term, seconds."""
    figures = plan.figures
    rows: list[tuple[Localized, Localized | str]] = [
        (LocalizedText("days"), LocalizedText("%(first)s to %(last)s", first=plan.from_date, last=plan.until_date)),
        (Word("figure", "slots"), f"{figures['slots']}"),
        (
            Word("figure", "filled"),
            LocalizedText(
                "%(filled)s of %(wanted)s (%(share)s)",
                filled=figures["filled"],
                wanted=figures["heads"],
                share=_percent(figures["filled"], figures["heads"]),
            ),
        ),
        (
            Word("figure", "coverage"),
            LocalizedText(
                "%(coverage)s, proven to be at most %(bound)s (%(share)s)",
                coverage=figures["coverage"],
                bound=figures["coverage_bound"],
                share=_percent(figures["coverage"], figures["coverage_bound"]),
            ),
        ),
        (
            Word("figure", "cost"),
            LocalizedText(
                "%(cost)s, proven to be at least %(bound)s", cost=figures["cost"], bound=figures["cost_bound"]
            ),
        ),
        *(
            (LocalizedText("  %(term)s", term=Word("term", name)), str(points))
            for name, points in figures["terms"].items()
        ),
        (
            LocalizedText("search"),
            LocalizedText("%(status)s in %(seconds)s s", status=figures["status"], seconds=f"{figures['seconds']:.1f}"),
        ),
    ]
    table = Table(show_header=False, box=None, padding=(0, 2))
    for name, value in rows:
        table.add_row(name.to(terminal_language()), value if isinstance(value, str) else value.to(terminal_language()))
    console.print(table)


def result_of(found: "Solution") -> LocalizedText:
    """Coverage and cost with their bounds, how the search ended and how long it took."""
    return LocalizedText(
        "%(status)s: coverage %(coverage)s (at most %(most)s), cost %(cost)s (at least %(least)s), %(seconds)s s",
        coverage=found.coverage,
        most=found.coverage_bound,
        cost=found.cost,
        least=found.cost_bound,
        status=found.status,
        seconds=f"{found.seconds:.1f}",
    )


def _percent(part: float, whole: float) -> str | Localized:
    return f"{100 * part / whole:.1f} %" if whole else LocalizedText("nothing to do")
