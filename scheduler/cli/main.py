"""The command `yidu`: what a technician types. `yidu serve` and `yidu demo` are added in web/cli.py."""

import logging
import os
import secrets
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from scheduler.cli.clock import now
from scheduler.cli.maintenance import backup, health, replay, restore, rollback, scheduler
from scheduler.cli.output import bar, plan_summary, say, terminal_language
from scheduler.cli.places import areas
from scheduler.cli.solver import check, prove, solve
from scheduler.config import Config, load_config
from scheduler.errors import NotFound, YiduError
from scheduler.localized import LocalizedText, Word
from scheduler.localtime import local_date

Day = click.DateTime(formats=["%Y-%m-%d"])


class Sentences(click.Group):
    """Shows our own errors as one sentence instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except YiduError as error:
            say(error.said, err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            say(LocalizedText("stopped; nothing half done is left"), err=True)
            sys.exit(130)


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", "config_path", type=click.Path(path_type=Path), help="Settings file (default: config.yaml here)."
)
@click.option("--database", type=click.Path(path_type=Path), help="Database file, instead of the one in the settings.")
@click.option("--verbose", is_flag=True, help="Tell more about what happens.")
@click.version_option(package_name="yidu")
@click.pass_context
def main(ctx: click.Context, config_path: Path | None, database: Path | None, verbose: bool) -> None:
    """Yidu (一度): brings volunteers and the people who need them together, week by week, and keeps its promises.

    A first week: `yidu init`, `yidu import week.xlsx`, `yidu plan`, `yidu publish`, `yidu serve`.
    """
    os.umask(0o077)  # whatever a command writes is for its owner
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(asctime)s %(message)s")
    if ctx.invoked_subcommand in ("solve", "check", "prove"):
        return
    config = load_config(config_path)
    ctx.obj = config.model_copy(update={"database": database}) if database else config


for command in (areas, solve, check, prove, scheduler, rollback, replay, backup, restore, health):
    main.add_command(command)


@main.command()
@click.option("--admin", default="admin", show_default=True, help="Login of the first administrator.")
@click.option("--putuo", is_flag=True, help="With the delivered map of Putuo: its streets and 285 committees.")
@click.pass_obj
def init(config: Config, admin: str, putuo: bool) -> None:
    """Set up an empty database: service catalogue, first administrator; areas are added on the pages or by a workbook.

    Doing it again changes nothing that is there. The administrator's password is printed once: write it down.
    """
    from scheduler.access.accounts import create_account
    from scheduler.model.accounts import Role
    from scheduler.needs.catalogue import load_catalogue, load_service_types
    from scheduler.store import open_store
    from scheduler.store.accounts import accounts

    with open_store(config.database) as store:
        (load_catalogue if putuo else load_service_types)(store)
        say(
            LocalizedText(
                "database %(database)s is ready; copy its key file %(key)s to a safe place of its own: "
                "backups do not hold it, and nothing else opens phones and addresses",
                database=config.database,
                key=config.database.with_suffix(".key"),
            )
        )
        if accounts.by(store, role=Role.ADMIN):
            say(LocalizedText("an administrator is there already"))
            return
        password = secrets.token_urlsafe(12)
        create_account(store, login=admin, password=password, role=Role.ADMIN, by="init", now=now())
        say(LocalizedText("login %(login)s, password %(password)s", login=admin, password=password))


@main.command("import")
@click.argument("workbook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask; write if nothing is wrong.")
@click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the messages."
)
@click.pass_obj
def import_(config: Config, workbook: Path, yes: bool, language: str) -> None:
    """Read areas, organisations, volunteers, free times, recipients, needs and pairs from WORKBOOK (.xlsx or .csv).

    Shows first what would be new, changed or refused, and writes only when you agree. With a single mistake nothing is
    written, and each mistake is named with sheet, row and column (exit status 1).
    """
    from scheduler.exchange import importing
    from scheduler.exchange.findings import Shown
    from scheduler.store import open_store

    with open_store(config.database) as store:
        with bar() as shown:
            found = importing.preview(
                workbook,
                store,
                config,
                now=now(),
                by="command line",
                on_progress=lambda text, share: shown.move(share, text),
            )
        for sheet, counts in found.counts.items():
            done = [
                LocalizedText("%(kind)s %(count)s", kind=Word("import", kind), count=n) for kind, n in counts.items()
            ]
            say(LocalizedText("%(sheet)s: %(counts)s", sheet=Shown.title(sheet), counts=done))
        for sentence in found.shown_errors(language):
            click.echo(sentence, err=True)
        if found.errors:
            say(LocalizedText("%(count)s mistakes, nothing was written", count=len(found.errors)), err=True)
            sys.exit(1)
        if not found.can_confirm:
            say(LocalizedText("nothing would change"))
            return
        if yes or click.confirm(LocalizedText("Write this?").to(terminal_language())):
            import_id = importing.confirm(store, found, by="command line", now=now())
            say(LocalizedText("written; to take it back: undo import %(id)s on the page 'Import'", id=import_id))


@main.command()
@click.argument("workbook", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def template(config: Config, workbook: Path) -> None:
    """Write an empty workbook to WORKBOOK (.xlsx): areas, organisations, people, free times, needs, pairs."""
    from scheduler.exchange.workbook import write_template
    from scheduler.store import open_store

    with open_store(config.database) as store:
        write_template(workbook, store)
    say(LocalizedText("written to %(path)s: fill it in, then `yidu import %(path)s`", path=workbook))


@main.command()
@click.option("--publish", "and_publish", is_flag=True, help="Propose the plan to people at once.")
@click.option("--seconds", type=float, help="How long to search (default: solver.seconds of the settings).")
@click.pass_obj
def plan(config: Config, and_publish: bool, seconds: float | None) -> None:
    """Plan the weeks ahead: who visits whom, and when.

    Makes a draft, checks it independently and prints how good it is. Nobody is told before `yidu publish`.
    Ctrl-C stops; the last plan stands.
    """
    from scheduler.planning.publish import publish as tell
    from scheduler.planning.replan import plan_now
    from scheduler.store import open_store

    with open_store(config.database) as store:
        with bar(seconds or config.solver.seconds) as shown:
            made = plan_now(store, config, by="command line", clock=now, on_progress=shown.search, seconds=seconds)
        plan_summary(made)
        if and_publish:
            tell(store, config, made.id, by="command line", now=now())
            say(LocalizedText("published: people are being asked"))
        else:
            say(LocalizedText("a draft; `yidu publish` proposes it to people"))


@main.command()
@click.argument("plan_id", required=False)
@click.pass_obj
def publish(config: Config, plan_id: str | None) -> None:
    """Propose the newest draft (or the plan PLAN_ID) to people: each gets one message.

    Refused if the week changed meanwhile so that the plan no longer fits: then plan again.
    """
    from scheduler.planning.publish import difference
    from scheduler.planning.publish import publish as tell
    from scheduler.store import open_store
    from scheduler.store.plans import latest_plan

    with open_store(config.database) as store:
        draft = latest_plan(store, "draft")
        if plan_id is None and draft is None:
            raise NotFound(LocalizedText("there is no draft: run `yidu plan` first"))
        chosen = plan_id or (draft.id if draft else "")
        changes = difference(store, chosen, now=now())
        tell(store, config, chosen, by="command line", now=now())
        say(
            LocalizedText(
                "published: %(new)s new, %(moved)s moved, %(gone)s taken back, %(kept)s as before; "
                "%(people)s people are told",
                new=len(changes.of("new")),
                moved=len(changes.of("moved")),
                gone=len(changes.of("gone")),
                kept=changes.kept,
                people=len(changes.people),
            )
        )


@main.command()
@click.argument("workbook", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--from", "from_date", type=Day, help="First day (default: today).")
@click.option("--until", "until_date", type=Day, help="Last day (default: six days later).")
@click.option("--private", is_flag=True, help="With phones and addresses: give such a file only to who needs it.")
@click.pass_obj
def export(
    config: Config, workbook: Path, from_date: datetime | None, until_date: datetime | None, private: bool
) -> None:
    """Write the roster to WORKBOOK (.xlsx or .csv): who goes where and when. Edited, it can be imported again."""
    from datetime import timedelta

    from scheduler.exchange import roster
    from scheduler.store import open_store

    first: date = from_date.date() if from_date else local_date(now())
    last: date = until_date.date() if until_date else first + timedelta(days=6)
    with open_store(config.database) as store:
        roster.export(store, workbook, first, last, private=private)
    say(LocalizedText("written to %(path)s: %(first)s to %(last)s", path=workbook, first=first, last=last))
