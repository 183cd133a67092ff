"""`flask demo`: the demo's data, its addresses and log-ins, and its clock."""

import json
from datetime import datetime, timedelta
from typing import Any

import click
from flask import current_app

import clock
from coaching import schema
from coaching.operation.actions import run_by_hand
from coaching.operation.mutations import move_clock
from commands import demo_people, demo_world
from commands.addresses import address_of
from commands.db import bring_up_to_date
from commands.group import Group

group = Group("demo", help="The demo's data, log-ins and clock; with DEMO=1 only.")


@group.command()
def load() -> None:
    """Bring the database up to date, and fill it with the demo if it is empty."""
    settings = _demo_settings()
    # Asked first: a database that is no demo's is not changed either.
    if schema.applied() and demo_people.has_others():
        raise click.ClickException(
            "This database holds people of its own, and a demo would mix with them. Name another folder with DATA_DIR=…"
        )
    bring_up_to_date()
    if demo_people.is_planted():
        return
    click.echo("Loading the demo …")
    demo_world.plant(
        settings.demo_passwords,
        settings.discord_guild_id,
        settings.sender.url,
        f"{settings.sandbox_url}/calendars/nova.ics",
        _verify_link,
        clock.now(),
    )


@group.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def info(as_json: bool) -> None:
    """Print where the demo is and who can sign in."""
    facts = _facts()
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo(f"Greenroom  {facts['app_url']}{facts['product_path']}")
    click.echo(f"Sandbox    {facts['sandbox_url']}")
    for name, person in facts["people"].items():
        click.echo(f"{name:<11}{person['email']:<24}{person['password']}")


@group.command("clock")
@click.option("--at", help="An instant with its zone, like 2027-03-01T18:00:00+01:00.")
@click.option("--reset", is_flag=True, help="Back to the machine's time.")
def set_clock(at: str | None, reset: bool) -> None:
    """Tell what time the demo thinks it is, or make it another one and do what is due then."""
    _demo_settings()
    if at and reset:
        raise click.UsageError("Give --at or --reset, not both.")
    if at or reset:
        move_clock(instant(at) - clock.machine_now() if at else timedelta())
        run_by_hand(current_app.extensions["host"], clock.both())
        current_app.extensions["wake_notices"]()
        current_app.extensions["wake_lists"]()
    click.echo(clock.now().isoformat(timespec="seconds"))


def _verify_link(token: str) -> str:
    return address_of("accounts.verify", token=token)


def instant(text: str) -> datetime:
    """The instant an option names, or a usage error."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a time like 2027-03-01T18:00:00+01:00.") from None
    if at.tzinfo is None:
        raise click.BadParameter("The time needs its zone, as in 2027-03-01T18:00:00+01:00 or …Z.")
    if not 2000 <= at.year <= 2100:
        raise click.BadParameter("The year has to be from 2000 to 2100.")
    return at


def _facts() -> dict[str, Any]:
    settings = _demo_settings()
    if not demo_people.is_planted():
        raise click.ClickException("There is no demo in this database yet: load it with `flask demo load`.")
    return {
        "app_url": settings.app_url,
        "sandbox_api_url": f"{settings.sandbox_url}/api/v10",
        "sandbox_url": settings.sandbox_url,
        "bot_token": settings.discord_bot_token,
        "guild_id": settings.discord_guild_id,
        "product_path": demo_world.product_path(),
        "people": {
            person.key: {
                "email": person.email,
                "password": settings.demo_passwords[person.key],
                "discord_id": person.discord_id,
            }
            for person in demo_people.PEOPLE
        },
    }


def _demo_settings() -> Any:
    settings = current_app.extensions["settings"]
    if not settings.demo:
        raise click.ClickException("This works in a demo only (DEMO=1).")
    return settings
