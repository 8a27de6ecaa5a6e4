"""The whole command `yidu`: the commands of the scheduler, and those that serve pages."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from scheduler.cli import main, now
from scheduler.cli_show import bar, console, plan_summary
from scheduler.config import Config
from scheduler.errors import ConfigError
from web.server import run

DATABASE_FILES = ("", "-wal", "-shm")
Port = click.IntRange(1, 65535)

__all__ = ["main"]


@main.command()
@click.option("--host", help="Address to listen on (default: web.host of the settings).")
@click.option("--port", type=Port, help="Port to listen on (default: web.port of the settings).")
@click.option("--workers", default=2, show_default=True, help="Processes that answer.")
@click.pass_obj
def serve(config: Config, host: str | None, port: int | None, workers: int) -> None:
    """Serve the pages. Run `yidu scheduler` beside it, so that nights are planned and messages sent."""
    config = _listening(config, host, port)
    console.print(f"Yidu answers at {address(config)}; Ctrl-C ends")
    run(config, workers=workers)


@main.command()
@click.option("--size", type=click.Choice(["small", "street", "district"]), default="street", show_default=True)
@click.option("--port", type=Port, help="Port to listen on (default: web.port of the settings).")
@click.option("--seconds", type=float, help="How long to search (default: solver.seconds of the settings).")
@click.option("--no-serve", is_flag=True, help="Stop after the plan instead of serving pages.")
@click.pass_context
def demo(ctx: click.Context, size: str, port: int | None, seconds: float | None, no_serve: bool) -> None:
    """Try Yidu: load a made-up district, plan its weeks, publish the plan, serve the pages.

    small: a committee and an office building; street: 50 couriers, 150 party members, 300 elders; district: ten streets
    (takes minutes). Everything is made up and starts anew each time, in a database of its own: data/demo-SIZE.db.
    """
    config: Config = ctx.obj
    if ctx.parent is None or ctx.parent.params.get("database") is None:
        config = config.model_copy(update={"database": config.database.with_name(f"demo-{size}.db")})
        if not no_serve:
            config = _listening(config, None, port)
        for end in DATABASE_FILES:
            Path(f"{config.database}{end}").unlink(missing_ok=True)
    elif not no_serve:
        config = _listening(config, None, port)
    accounts = load_and_plan(config, size, seconds)
    for account in accounts:
        console.print(
            f"  {account.role.value:<10} login [bold]{account.login}[/bold]  password [bold]{account.password}[/bold]",
        )
    if no_serve:
        return
    console.print(f"\nYidu answers at [bold]{address(config)}[/bold]; Ctrl-C ends")
    with scheduler_beside(config):
        run(config, workers=2)


def load_and_plan(config: Config, size: str, seconds: float | None) -> Any:
    """Loads the demo, plans it, publishes the plan, prints the summary; returns the demo accounts."""
    from scheduler.demo import load_demo
    from scheduler.planning.publish import publish
    from scheduler.planning.replan import plan_now
    from scheduler.store import open_store

    with open_store(config.database) as store:
        with bar() as shown:
            loaded = load_demo(
                store,
                config,
                size=size,
                now=now(),
                on_progress=lambda name, share: shown.move(share, f"loading {name}"),
            )
        console.print("demo district: " + ", ".join(f"{count} {name}" for name, count in loaded.counts.items()))
        with bar(seconds or config.solver.seconds) as shown:
            plan = plan_now(store, config, by="demo", clock=now, on_progress=shown.search, seconds=seconds)
        publish(store, config, plan.id, by="demo", now=now())
        plan_summary(plan)
    return loaded.accounts


@contextmanager
def scheduler_beside(config: Config) -> Iterator[None]:
    """`yidu scheduler` as a child that ends with this process, however this process ends."""
    command = [sys.executable, "-m", "web.cli", "--database", str(config.database), "scheduler", "--with-parent"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        yield
    finally:
        if child.stdin:
            child.stdin.close()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()


def address(config: Config) -> str:
    """Where a browser finds the pages."""
    return config.web.public_url or f"http://{config.web.host}:{config.web.port}"


def _listening(config: Config, host: str | None, port: int | None) -> Config:
    """The settings with the address to listen on. Raises ConfigError if it is taken."""
    web = config.web.model_copy(update={"host": host or config.web.host, "port": port or config.web.port})
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((web.host, web.port))
        except OSError as error:
            raise ConfigError(f"{web.host}:{web.port} cannot be used ({error.strerror}): choose --port") from error
    return config.model_copy(update={"web": web})


if __name__ == "__main__":
    main()
