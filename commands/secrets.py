"""`flask secrets`: which key opens what the database holds encrypted, and everything brought to the newest."""

import click

import clock
from coaching import resealing
from coaching.accounts.event_mutations import note
from commands.group import Group

group = Group("secrets", help="Check what is encrypted, and encrypt it anew with the newest key.")

ROTATE = "Run `flask secrets rotate`."
LOST = "Put the key they were encrypted with into SECRET_KEY_FALLBACKS, or they stay unreadable."


@group.command()
def rotate() -> None:
    """Encrypt everything with the newest key. It may be broken off and run again."""
    before = resealing.reseal_all()
    note("secrets encrypted anew", clock.machine_now(), detail=f"{before['older'] + before['open']} texts")
    click.echo(f"{_texts(before['older'])} encrypted with an older key, and {before['open']} not at all.")
    click.echo(f"Now {before.total() - before['unreadable']} of {before.total()} are encrypted with SECRET_KEY.")
    if before["unreadable"]:
        raise click.ClickException(f"{_texts(before['unreadable'])} unreadable. {LOST}")


@group.command()
def check() -> None:
    """Fail unless SECRET_KEY alone opens everything that is encrypted."""
    troubles = []
    for column, counts in resealing.standings().items():
        click.echo(
            f"{column:20} {counts['newest']:6} by SECRET_KEY  {counts['older']:6} by an older key  "
            f"{counts['open']:6} not encrypted  {counts['unreadable']:6} unreadable"
        )
        troubles += [standing for standing, count in counts.items() if count]
    if "unreadable" in troubles:
        raise click.ClickException(f"Some cannot be read. {LOST}")
    if "older" in troubles or "open" in troubles:
        raise click.ClickException(f"Some are not encrypted with SECRET_KEY. {ROTATE}")
    click.echo("SECRET_KEY alone opens everything: no older key is needed for it.")


def _texts(count: int) -> str:
    return "1 text was" if count == 1 else f"{count} texts were"
