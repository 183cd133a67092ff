"""`flask version`: which Greenroom this is."""

import click
from flask import current_app
from flask.cli import with_appcontext


@click.command()
@with_appcontext
def version() -> None:
    """Print the version of Greenroom. (`flask --version` is Flask's own.)"""
    click.echo(f"Greenroom {current_app.config['VERSION']}")
