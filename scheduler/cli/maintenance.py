"""Commands for who looks after a running Yidu: the night shift, going back, replaying, backups."""

import os
import sys
from pathlib import Path

import click

from scheduler.cli.clock import now
from scheduler.cli.output import bar, result_of, say, terminal_language
from scheduler.config import Config
from scheduler.errors import NotFound
from scheduler.localized import LocalizedText, Word

File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="End when the program that started it ends.")
@click.pass_obj
def scheduler(config: Config, with_parent: bool) -> None:
    """Run the night shift: plans every night at the set time, serves requests of the pages, sends messages.

    Keep one running beside `yidu serve`. A second one for the same database ends at once (exit status 75).
    """
    from scheduler.operations import scheduler_process

    scheduler_process.quiet_logs()
    say(LocalizedText("nightly plan at %(at)s; Ctrl-C ends", at=config.nightly.at))
    status = scheduler_process.serve(config, clock=now, with_parent=with_parent)
    sys.stdout.flush()
    os._exit(status)  # a search may be running in a thread: its run is taken up again, as after any other end


@click.command()
@click.argument("run_id", required=False)
@click.pass_obj
def rollback(config: Config, run_id: str | None) -> None:
    """Take the published plan back and put the one before it in force again.

    Proposals that the plan made are withdrawn, those it took back are made again where that is still possible, and the
    people concerned are told. What somebody accepted meanwhile stays. RUN_ID: whose plan (default: the newest).
    """
    from scheduler.operations.rollback import roll_back
    from scheduler.store import open_store
    from scheduler.store.plans import latest_plan

    with open_store(config.database) as store:
        plan = latest_plan(store, "published")
        if plan is None:
            raise NotFound(LocalizedText("no plan is published: there is nothing to take back"))
        counts = roll_back(store, config, run_id or plan.run_id, by="command line", now=now())
    say(
        LocalizedText(
            "taken back %(gone)s, made again %(again)s, accepted and kept %(kept)s, not possible any more %(lost)s",
            gone=counts["taken_back"],
            again=counts["restored"],
            kept=counts["kept"],
            lost=counts["lost"],
        )
    )


@click.command()
@click.argument("run_id", required=False)
@click.option("--seconds", type=float, help="How long to search (default: solver.seconds of the settings).")
@click.pass_obj
def replay(config: Config, run_id: str | None, seconds: float | None) -> None:
    """Search the plan of an earlier run again, from the problem and seed kept with it; changes nothing.

    RUN_ID: which run (default: that of the newest plan). Prints both results side by side.
    """
    from scheduler.operations.replay import replay as again
    from scheduler.store import open_store
    from scheduler.store.plans import latest_plan

    with open_store(config.database) as store:
        plan = latest_plan(store, "published") or latest_plan(store, "draft")
        if run_id is None and plan is None:
            raise NotFound(LocalizedText("there is no plan yet: nothing to replay"))
        with bar(seconds or config.solver.seconds) as shown:
            found = again(
                store, config, run_id or (plan.run_id if plan else ""), seconds=seconds, on_progress=shown.search
            )
    for when, result in ((LocalizedText("then"), found.then), (LocalizedText("now"), found.now)):
        if result is not None:
            say(LocalizedText("%(when)s: %(found)s", when=when, found=result_of(result)))
    say(LocalizedText("the same plan") if found.same_plan else LocalizedText("another plan"))
    for package, (then, today) in found.other_versions.items():
        unknown = LocalizedText("unknown")
        say(
            LocalizedText(
                "%(package)s was %(then)s, is %(now)s", package=package, then=then or unknown, now=today or unknown
            )
        )


@click.command()
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="Default: backups beside the database."
)
@click.option("--with-key", is_flag=True, help="Put the key beside the copy: then it opens by itself.")
@click.pass_obj
def backup(config: Config, folder: Path | None, with_key: bool) -> None:
    """Make a checked copy of the database, while everything goes on running.

    Each night does the same. The key that opens phones, addresses and notes is not in it: keep a copy of the key file
    apart, in a place of its own.
    """
    from scheduler.store import open_store
    from scheduler.store.backup import back_up

    with open_store(config.database) as store:
        folder, keep = folder or config.backup_folder, config.nightly.backups_kept
        made = back_up(store, folder, now=now(), keep=keep, with_key=with_key)
    say(LocalizedText("written to %(path)s", path=made))


@click.command()
@click.argument("copy", type=File)
@click.option("--key", type=File, help="Key file of the copy (default: the one beside it, else the database's).")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def restore(config: Config, copy: Path, key: Path | None, yes: bool) -> None:
    """Put the backup COPY in the place of the database. Stop `yidu serve` and `yidu scheduler` first.

    The database as it is now is kept beside it under another name. Refused while anything has the database open, and
    where no key opens the copy. With the database itself as COPY: go on with what is left of it after a loss.
    """
    from scheduler.store import open_store
    from scheduler.store.backup import restore as put_back

    if not yes and not click.confirm(
        LocalizedText("Replace %(database)s by %(copy)s?", database=config.database, copy=copy).to(terminal_language())
    ):
        return
    aside = put_back(copy, config.database, now=now(), key=key)
    open_store(config.database).close()
    kept = LocalizedText("restored; the database of before is %(path)s", path=aside)
    say(kept if aside else LocalizedText("restored"))


@click.command()
@click.pass_obj
def health(config: Config) -> None:
    """Look whether everything is in order, thoroughly: the file, its key, every sealed value, the audit log.

    Exit status 1 if something asks for action. Names the rows whose phone, address, notes or login secret the key does
    not open: enter these anew on their pages.
    """
    from scheduler.operations.health import checks
    from scheduler.store import audit, open_store
    from scheduler.store.unreadable import unreadable

    if not config.database.exists():
        raise NotFound(
            LocalizedText("%(database)s: there is no database yet; make one with: yidu init", database=config.database)
        )
    with open_store(config.database) as store:
        store.must_be_sound()
        found = checks(store, config, now=now())
        closed, broken = unreadable(store), audit.broken_row(store)
    for check in found:
        found_there = check.moment or check.value
        say(
            LocalizedText("ok   %(check)s: %(found)s", check=Word("health", check.name), found=found_there)
            if check.ok
            else LocalizedText("LOOK %(check)s: %(found)s", check=Word("health", check.name), found=found_there)
        )
    for value in closed:
        say(LocalizedText("LOOK %(field)s of %(row)s cannot be opened with the key", field=value.field, row=value.row))
    if broken is not None:
        say(LocalizedText("LOOK the audit log was changed, or cut off, at row %(row)s", row=broken))
    if closed or broken is not None or not all(check.ok for check in found):
        sys.exit(1)
