"""`flask figures`: sums by day, which can be made anew from what is recorded."""

import click

import clock
from coaching.figures.refresh_mutations import rebuild_figures
from commands.group import Group

group = Group("figures", help="The sums by day that pages of figures show.")


@group.command()
def rebuild() -> None:
    """Count every day anew. Hours on offer, the worker's runs and channels stay: nothing else remembers them."""
    rebuild_figures(clock.both())
    click.echo("Every day was counted anew.")
