"""What the command line says of orphans, and what it asks about them after a restore."""

from collections.abc import Iterator
from typing import Literal

import click
from flask import current_app

import clock
from coaching.host import HostError
from coaching.refusals import explain
from coaching.remedies import spelled
from coaching.rooms.models import Orphan
from coaching.rooms.orphans.actions import Swept, dispose_of, search_everywhere
from coaching.rooms.orphans.queries import existing_orphans
from coaching.rooms.orphans.rules import Disposal

Answer = Literal["ask", "remove", "keep"]
OUTCOMES = {
    Disposal.REMOVED: "removed",
    Disposal.GONE: "was gone already",
    Disposal.NOT_OURS: "left alone: it is not ours any more",
    Disposal.OUT_OF_REACH: "left alone: the bot is not let near it any more",
}
OTHERS = "Servers without a known room were not searched"


def settle_orphans(answer: Answer) -> None:
    """Look on every server for what the restored database does not know, and do with it what is wanted."""
    swept = search_everywhere(current_app.extensions["host"], clock.both())
    for line in unsearched_lines(swept):
        click.echo(line)
    orphans = existing_orphans()
    if not orphans:
        if not swept.refusals:
            click.echo("Nothing stands in Discord that is not in the backup.")
        return
    click.echo("In Discord, but not in the backup; the first are those that still let people in:")
    for orphan in orphans:
        click.echo(f"  {orphan_line(orphan)}")
    if answer == "remove" or (answer == "ask" and _is_wanted(len(orphans))):
        _remove(orphans)
    else:
        remedy = "They stay, and so do the calls in them. Remove them later: `/admin/orphans`"
        click.echo(spelled(remedy, current_app.config["WAYS"]))


def orphan_line(orphan: Orphan) -> str:
    """One of them: whether it is open, what it is, what it is called, where."""
    lets_in = "open  " if orphan.lets_in else "closed"
    return f"{lets_in}  {orphan.kind:<8}  {orphan.name}  on {orphan.guild_name or 'server'} {orphan.discord_guild_id}"


def unsearched_lines(swept: Swept) -> Iterator[str]:
    """What was not searched, and why."""
    for guild_id, refusal in swept.refusals.items():
        some = f"Server {guild_id} was not searched to the end" if guild_id else OTHERS
        yield f"{some}: {explain(refusal)}"


def _is_wanted(count: int) -> bool:
    subject = "it" if count == 1 else f"all {count}"
    try:
        return click.confirm(f"Remove {subject} now? A call that is held there ends", default=False)
    except click.Abort:
        # Nobody is there to answer.
        click.echo()
        return False


def _remove(orphans: list[Orphan]) -> None:
    for orphan in orphans:
        click.echo(f"  {orphan.name}: {_removed(orphan)}")


def _removed(orphan: Orphan) -> str:
    try:
        host = current_app.extensions["host"]
        return OUTCOMES[dispose_of(host, orphan, Disposal.REMOVED, None, clock.both())]
    except HostError as error:
        return f"not removed. {explain(error.kind)}"
