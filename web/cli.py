"""`yidu serve`, `yidu demo` and `yidu practice`: commands beside those of scheduler.cli.main, which knows no web."""

import signal
import subprocess
import sys
from pathlib import Path

import click

from scheduler.cli.clock import now
from scheduler.cli.main import main
from scheduler.cli.output import bar, plan_summary, say
from scheduler.config import Config
from scheduler.errors import InputError
from scheduler.localized import Listing, LocalizedText, Word
from scheduler.store import open_store
from scheduler.store.backup import remove
from scheduler.store.practice import make_practice_copy

DEMO_SECONDS = 30.0
SIZES = "A committee and an office building, one street, or ten."

__all__ = ["main"]


def address_of(config: Config) -> str:
    """Where a person finds the pages."""
    return config.web.address


def listening(config: Config, host: str | None, port: int | None) -> Config:
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    return config.model_copy(update={"web": config.web.model_copy(update=changes)})


@main.command()
@click.option("--host", help="Address to listen on (default: web.host of the settings).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port (default: web.port of the settings).")
@click.pass_obj
def serve(config: Config, host: str | None, port: int | None) -> None:
    """Serve the pages for staff and volunteers.

    Plans are made by `yidu scheduler`: keep one running beside this.
    """
    from web import serve as server

    config = listening(existing(config), host, port)
    server.serve(
        config, started=lambda: say(LocalizedText("serving %(address)s; Ctrl-C ends", address=address_of(config)))
    )


@main.command()
@click.option(
    "--size", type=click.Choice(["small", "street", "district"]), default="street", show_default=True, help=SIZES
)
@click.option("--host", help="Address to listen on (default: web.host of the settings).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port (default: web.port of the settings).")
@click.option("--seconds", type=float, default=DEMO_SECONDS, show_default=True, help="How long to search for a plan.")
@click.option("--serve/--no-serve", "and_serve", default=True, help="Serve the pages afterwards.")
@click.pass_obj
def demo(config: Config, size: str, host: str | None, port: int | None, seconds: float, and_serve: bool) -> None:
    """Load a made-up district, plan its week, show how good the plan is, and serve the pages.

    Uses a database of its own beside the real one, made anew each time. Logins and passwords are printed.
    """
    from scheduler.demo.load import load_demo
    from scheduler.planning.publish import publish
    from scheduler.planning.replan import plan_now

    path = config.database.with_name(f"demo-{size}.db")
    config = listening(config.model_copy(update={"database": path}), host, port)
    remove(path)
    with open_store(path) as store:
        say(LocalizedText("loading the demo district (%(size)s)", size=size))
        summary = load_demo(store, config, size=size, now=now())
        with bar(seconds) as shown:
            plan = plan_now(store, config, by="demo", clock=now, on_progress=shown.search, seconds=seconds)
        publish(store, config, plan.id, by="demo", now=now())
        plan_summary(plan)
    say(
        Listing(
            tuple(
                LocalizedText("%(count)s %(name)s", count=number, name=Word("demo", name))
                for name, number in summary.counts.items()
            )
        )
    )
    for account in summary.accounts:
        say(
            LocalizedText(
                "  login %(login)s password %(password)s %(role)s, %(name)s",
                login=f"{account.login:<10}",
                password=f"{account.password:<16}",
                role=Word("role", account.role),
                name=account.name,
            )
        )
    if and_serve:
        serve_demo(config)
    else:
        say(LocalizedText("to serve it: yidu --database %(path)s serve", path=path))


@main.command()
@click.option("--host", help="Address to listen on (default: web.host of the settings).")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="Port.")
@click.pass_obj
def practice(config: Config, host: str | None, port: int) -> None:
    """Serve a copy of the street to practise on, beside the real one; logins are the same.

    The copy is made anew each time and removed at the end. It tells nobody anything and changes nothing real.
    """
    path = make_practice_copy(existing(config).database, now=now())
    web = listening(config, host, port).web
    commands = ("serve", f"--host={web.host}", f"--port={web.port}"), ("scheduler", "--with-parent")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    running = [beside(path, *command) for command in commands]
    try:
        running[0].wait()
    finally:
        for process in running:
            process.terminate()
            process.wait()
        remove(path)


def existing(config: Config) -> Config:
    """The settings, if their database is there. Raises InputError."""
    if not config.database.exists():
        raise InputError(
            LocalizedText("%(database)s: there is no database yet; make one with: yidu init", database=config.database)
        )
    return config


def serve_demo(config: Config) -> None:
    """The pages, and a scheduler beside them that ends with this process."""
    from web import serve as server

    scheduler = beside(config.database, "scheduler", "--with-parent")
    try:
        server.serve(
            config, started=lambda: say(LocalizedText("open %(address)s (Ctrl-C ends)", address=address_of(config)))
        )
    finally:
        scheduler.terminate()
        scheduler.wait()


def beside(database: Path, *command: str) -> subprocess.Popen[bytes]:
    """A command of yidu in a process beside this one; what it says is seen if it serves pages."""
    said = None if command[0] == "serve" else subprocess.DEVNULL
    whole = (sys.executable, "-m", "web.cli", "--database", str(database), *command)
    return subprocess.Popen(whole, stdin=subprocess.PIPE, stdout=said)


if __name__ == "__main__":
    main()
